"""C2PA manifests: told for what they are worth, and never for more."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from media.decode import Workshop
from tests.media import pictures
from tests.media.metadata.files import raw_xmp

SIGNED = pictures.SHARED / "c2pa-CA.jpg"
beside = pytest.mark.skipif(not SIGNED.exists(), reason="the reference photos are not beside this checkout")


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with Workshop(processes=1) as workshop:
        yield workshop


async def state(workshop: Workshop, path: Path, data: bytes) -> str:
    await asyncio.to_thread(path.write_bytes, data)
    return (await workshop.examine(path)).content_credentials


@beside
async def test_whole_manifest_is_valid_by_a_signer_unknown_to_us(workshop: Workshop, tmp_path: Path) -> None:
    assert await state(workshop, tmp_path / "photo.jpg", SIGNED.read_bytes()) == "VALID_UNTRUSTED"


@beside
@pytest.mark.parametrize("place", [-5000, 30_000], ids=["a pixel", "the manifest"])
async def test_changed_byte_makes_it_invalid(workshop: Workshop, tmp_path: Path, place: int) -> None:
    data = bytearray(SIGNED.read_bytes())
    data[place] ^= 1
    assert await state(workshop, tmp_path / "photo.jpg", bytes(data)) == "INVALID"


@beside
async def test_manifest_put_into_another_photo_is_invalid(workshop: Workshop, tmp_path: Path) -> None:
    signed = SIGNED.read_bytes()
    segments, place = b"", 2
    while signed[place + 1] != 0xDA:
        end = place + 2 + int.from_bytes(signed[place + 2 : place + 4], "big")
        segments += signed[place:end] if signed[place + 1] == 0xEB else b""
        place = end
    other = pictures.content(pictures.saved(tmp_path / "other.jpg", pictures.corners()))
    assert await state(workshop, tmp_path / "photo.jpg", other[:2] + segments + other[2:]) == "INVALID"


@beside
async def test_manifest_that_cannot_be_read_is_present_and_no_more(workshop: Workshop, tmp_path: Path) -> None:
    data = SIGNED.read_bytes().replace(b"jumd", b"jump", 1)
    assert await state(workshop, tmp_path / "photo.jpg", data) == "PRESENT"


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "avif", "gif", "tif"])
async def test_photo_without_a_manifest_has_none(workshop: Workshop, tmp_path: Path, ending: str) -> None:
    path = pictures.saved(tmp_path / f"photo.{ending}", pictures.corners())
    assert (await workshop.examine(path)).content_credentials == "NONE"
    # the word alone is no manifest
    assert await state(workshop, path, pictures.content(path) + (b"c2pa" if ending == "jpg" else b"")) == "NONE"


async def test_manifest_on_another_machine_is_not_fetched(workshop: Workshop, tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append("once")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/photo"
        xmp = (
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            f'<rdf:Description xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="{address}"/>'
            "</rdf:RDF></x:xmpmeta>"
        )
        plain = pictures.content(pictures.saved(tmp_path / "plain.jpg", pictures.corners()))
        data = plain[:2] + raw_xmp(xmp.encode()) + plain[2:]
        assert await state(workshop, tmp_path / "photo.jpg", data) == "PRESENT"
    assert asked == []
