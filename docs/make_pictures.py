"""Take the pictures of the documentation from the reports that stand: ``make pictures``.

Needs the system's Chromium; run ``make reports`` first.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURES = {"report-en.png": "demo-services", "report-zh.png": "demo-trading"}
SIZE = {"width": 1300, "height": 1300}


def main() -> None:
    """Write docs/images/*.png."""
    project = Path(__file__).resolve().parents[1]
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is not installed; no pictures were taken.")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, client in PICTURES.items():
            page = browser.new_page(viewport=SIZE)
            page.goto((project / "reports" / client / "report.html").as_uri())
            page.screenshot(path=project / "docs" / "images" / name)
        browser.close()


if __name__ == "__main__":
    main()
