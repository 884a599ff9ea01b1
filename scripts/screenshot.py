"""Makes docs/images/*.png: the acceptance page of the demo newsroom as Chromium shows it, from its head and at its end.

It serves a demo of its own, in a temporary folder and at a free port: `.venv/bin/python -m scripts.screenshot`
"""

import asyncio
import shutil
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.async_api import async_playwright

from cms.demo.content import ACCEPTANCE_SLUG
from tests.conftest import CHROMIUM_OPTIONS
from tests.e2e.product import ROOT, started

IMAGES = ROOT / "docs" / "images"
WIDTH, HEIGHT = 1280, 1300  # pixels


def main() -> None:
    with TemporaryDirectory(prefix="dateline-screenshot-") as folder, started(Path(folder), "demo") as product:
        asyncio.run(shoot(f"{product.url}/articles/{ACCEPTANCE_SLUG}.html"))


async def shoot(address: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS)
        page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        await page.goto(address, wait_until="networkidle")
        _keep(await page.screenshot(), IMAGES / "article.png")
        similar = page.locator(".similar")
        await similar.scroll_into_view_if_needed()
        # its pictures are loaded only when they come into view
        await similar.locator("img").evaluate_all("images => Promise.all(images.map(image => image.decode()))")
        _keep(await similar.screenshot(), IMAGES / "similar.png")
        await browser.close()


def _keep(png: bytes, path: Path) -> None:
    """As it is, in fewer bytes: Chromium packs in haste."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(BytesIO(png)) as image:
        image.convert("RGB").save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
