"""Take the pictures of the documentation from the reports that stand: ``make pictures``.

Needs the system's Chromium; run ``make reports`` first. Each demo client is made again in the
language it was not, in a folder of its own, so that screen and print stand in both.
"""

import subprocess
import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import sync_playwright

from crm_eval_lib.report.pdf import find_chromium

CLIENTS = ("demo-services", "demo-trading", "demo-troubled")
LANGUAGES = {"en": "en", "zh": "zh-Hans"}  # in file names, and of the command line
SCREEN = {"width": 1300, "height": 1300}
PAPER = {"width": 673, "height": 1004}  # A4 less the margins, in pixels of a browser
COLOURS = 256  # of a picture, chosen by range, lest small marks lose theirs


def main() -> None:
    """Write docs/images/<client>-<language>-<screen or print>.png."""
    images = Path(__file__).resolve().parent / "images"
    with TemporaryDirectory() as scratch, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for short, language in LANGUAGES.items():
            reports = Path(scratch) / short
            reports.mkdir()
            command = ["crm-eval", "run", *CLIENTS, "--lang", language, "--reports", str(reports)]
            subprocess.run([Path(sys.executable).with_name(command[0]), *command[1:]], check=True)
            for client in CLIENTS:
                take(browser, reports / client / "report.html", images / f"{client}-{short}")
        browser.close()


def take(browser, report: Path, target: Path) -> None:
    """Take one report as it opens and its first printed sheet."""
    for medium, size in (("screen", SCREEN), ("print", PAPER)):
        page = browser.new_page(viewport=size)
        page.goto(report.as_uri())
        page.emulate_media(media=medium)
        picture = (
            Image.open(BytesIO(page.screenshot()))
            .convert("RGB")
            .quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
        )
        picture.save(target.with_name(f"{target.name}-{medium}.png"), optimize=True)
        page.close()


if __name__ == "__main__":
    main()
