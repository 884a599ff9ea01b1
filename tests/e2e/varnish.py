"""The HTTP cache that deploy/varnish.vcl sets up, in front of a product that was started."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.e2e.product import ROOT, free_port

START_S = 30
MISSING = "there is no varnishd here (Debian: varnish and varnish-modules): nothing was tried behind a cache"


def there() -> bool:
    return shutil.which("varnishd") is not None and any(Path("/usr/lib").glob("*/varnish/vmods/libvmod_xkey.so"))


@contextmanager
def varnish(folder: Path, url: str, port: int | None = None) -> Iterator[str]:
    """Its address, in front of the server at `url`; ended with the block."""
    place = folder / "varnish"
    place.mkdir()
    config = (ROOT / "deploy" / "varnish.vcl").read_text()
    (folder / "varnish.vcl").write_text(config.replace('"8000"', f'"{url.rpartition(":")[2]}"'))
    port = port or free_port()
    command = ["varnishd", "-F", "-j", "none", "-n", str(place), "-a", f"127.0.0.1:{port}", "-s", "malloc,64m"]
    with (folder / "varnish.log").open("wb") as log:
        process = subprocess.Popen([*command, "-f", str(folder / "varnish.vcl")], stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + START_S
            while not _answers(f"http://127.0.0.1:{port}"):
                assert process.poll() is None, (folder / "varnish.log").read_text()
                assert time.monotonic() < deadline, (folder / "varnish.log").read_text()
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(START_S)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live", timeout=2).status_code == 200
    except httpx.TransportError:
        return False
