"""A rendition over HTTP says what the newsroom says of the photo, now."""

from pathlib import Path

from cms import worker
from cms.models import Job
from media import metadata
from tests.media import pictures
from tests.web import Web

CORRECT = """
mutation ($id: ID!, $version: Int!) {
  updatePhoto(input: {id: $id, version: $version, credit: "Jo Reporter/AFP", caption: "The other bridge."}) {
    photo { version url(width: 320, format: JPEG) }
  }
}"""


async def test_a_corrected_credit_is_in_every_rendition_from_then_on(editor: Web, tmp_path: Path) -> None:
    data = pictures.saved(tmp_path / "p.jpg", pictures.corners()).read_bytes()
    photo = (await editor.upload(data, credit="STR/KCNA VIA KNS/AFP", caption="A bridge."))["photo"]
    path = f"/images/{photo['id'].removeprefix('photo_')}"
    for format in ("jpeg", "webp", "avif"):
        before = metadata.read((await editor.get(f"{path}/1/w320-cover.{format}")).content)
        assert (before.values["credit_line"], before.values["caption"]) == ("STR/KCNA VIA KNS/AFP", "A bridge.")
    changed = (await editor.ask(CORRECT, id=photo["id"], version=photo["version"]))["updatePhoto"]["photo"]
    assert changed["url"] == f"http://desk.test{path}/2/w320-cover.jpeg"
    for version in (1, 2):  # an old address tells nothing old
        for format in ("jpeg", "webp", "avif"):
            response = await editor.get(f"{path}/{version}/w320-cover.{format}")
            after = metadata.read(response.content)
            assert (after.values["credit_line"], after.values["caption"]) == ("Jo Reporter/AFP", "The other bridge.")
            assert b"KCNA" not in response.content


async def test_renditions_that_say_what_was_corrected_are_reaped(editor: Web, tmp_path: Path) -> None:
    data = pictures.saved(tmp_path / "p.jpg", pictures.corners()).read_bytes()
    photo = (await editor.upload(data, credit="STR/KCNA VIA KNS/AFP", caption="A bridge."))["photo"]
    twin = (await editor.upload(data, credit="STR/KCNA VIA KNS/AFP", caption="A twin.", onDuplicate="ALLOW"))["photo"]
    paths = [f"/images/{one['id'].removeprefix('photo_')}/1/w320-cover.jpeg" for one in (photo, twin)]
    store = editor.services.store
    twins = await _made(editor, paths[1])
    old = await _made(editor, paths[0]) - twins
    assert await Job.filter(kind="photo.reap").count() == 0  # nothing was said before
    await editor.ask(CORRECT, id=photo["id"], version=photo["version"])
    new = await _made(editor, paths[0]) - twins - old
    due = await Job.get(kind="photo.reap")
    assert due.run_at > due.created_at  # when what was being made at that moment is there
    await Job.filter(id=due.id).update(run_at=due.created_at)
    while await worker.work_once(worker.kinds(editor.services), ("photo.reap",)):
        pass
    assert await Job.filter(kind="photo.reap").count() == 0
    assert {key async for key in store.keys("renditions/")} == twins | new
    assert len(old) == len(new) == len(twins) == 1


async def _made(web: Web, path: str) -> set[str]:
    """All renditions that are kept, after asking for one."""
    assert (await web.get(path)).status_code == 200
    return {key async for key in web.services.store.keys("renditions/")}


async def test_terms_of_data_mining_are_in_every_rendition(editor: Web, tmp_path: Path) -> None:
    data = pictures.saved(tmp_path / "p.jpg", pictures.corners()).read_bytes()
    prohibited, allowed = (f"http://ns.useplus.org/ldf/vocab/DMI-{one}" for one in ("PROHIBITED", "ALLOWED"))
    photo = (await editor.upload(data, credit="Jo/AFP", dataMining=prohibited))["photo"]
    read = "query($id: ID!) { photo(id: $id) { dataMining } }"
    assert await editor.ask(read, id=photo["id"]) == {"photo": {"dataMining": prohibited}}
    path = f"/images/{photo['id'].removeprefix('photo_')}"
    for version, term in ((1, prohibited), (2, allowed)):
        for format in ("jpeg", "webp", "avif"):
            told = metadata.read((await editor.get(f"{path}/{version}/w320-cover.{format}")).content)
            assert told.values["data_mining"] == term
        change = "mutation($input: UpdatePhotoInput!) { updatePhoto(input: $input) { errors { code } } }"
        input = {"id": photo["id"], "version": version, "dataMining": allowed}
        assert await editor.ask(change, input=input) == {"updatePhoto": {"errors": []}}


async def test_transparency_is_kept_for_whoever_takes_neither_avif_nor_webp(editor: Web, tmp_path: Path) -> None:
    for name, image, kind in (
        ("half.png", pictures.transparent(), "image/png"),
        ("whole.png", pictures.corners(), "image/jpeg"),
        ("whole.jpg", pictures.corners(), "image/jpeg"),
    ):
        data = pictures.saved(tmp_path / name, image).read_bytes()
        photo = (await editor.upload(data, credit="Desk"))["photo"]
        path = f"/images/{photo['id'].removeprefix('photo_')}/1/w320-cover"
        response = await editor.get(f"{path}.auto", accept="image/*")
        assert (response.headers["content-type"], response.headers["vary"]) == (kind, "Accept")
        assert (await editor.get(f"{path}.png")).headers["content-type"] == kind
        assert (await editor.get(f"{path}.auto", accept="image/webp,*/*")).headers["content-type"] == "image/webp"
        assert pictures.size(response.content) == (320, 240)
