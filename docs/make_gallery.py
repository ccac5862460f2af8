"""Draw every chart in both languages and every awkward case: ``make gallery``.

Writes build/gallery/index.html and one SVG file per drawing; with the system's Chromium also one
picture per chart. Nothing is fetched from anywhere.
"""

import shutil
import sys
from html import escape
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "tests"))  # the cases are those of the tests

from chart_cases import CASES, CHARTS, size_of, step_of  # noqa: E402

from crm_eval_lib import charts  # noqa: E402
from crm_eval_lib.text import LANGUAGES  # noqa: E402

WIDTH = 1500  # pixels of a picture: two drawings beside each other
_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
_LOOK = """body{font:14px sans-serif;margin:16px}.row{display:grid;grid-template-columns:1fr 1fr;
gap:12px}figure{margin:0;border:1px solid #ddd;padding:6px}img{width:100%}figcaption{color:#555}"""


def main(only: list[str]) -> None:
    """Draw the charts named, by default all, and write the page that shows them."""
    folder = PROJECT / "build" / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    names = [name for name in CHARTS if not only or name in only]
    parts = [_chart(name, folder) for name in names]
    head = (f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Charts</title>'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
            f"<style>{_LOOK}</style><h1>Charts</h1>")  # fmt: skip
    page = folder / "index.html"
    page.write_text(head + "".join(parts) + "</html>", encoding="utf-8")
    _pictures(page, names)
    print(page)


def _chart(name: str, folder: Path) -> str:
    """Draw one chart in all cases and languages, case by case beside each other."""
    cells = [_cell(name, case, lang, folder) for case in CASES for lang in LANGUAGES]
    return f'<section id="{name}"><h2>{name}</h2><div class="row">{"".join(cells)}</div></section>'


def _cell(name: str, case: str, lang: str, folder: Path) -> str:
    step = step_of(name, case)
    if step is None:
        return ""
    shown = charts.figure(name, getattr(charts, name), step, lang=lang, size=size_of(name, step),
                          table=CHARTS[name].table)  # fmt: skip
    body = escape(shown.note)
    if shown.svg is not None:
        file = folder / f"{name}-{case}-{lang}.svg"
        file.write_text(shown.svg, encoding="utf-8")
        body = f'<img src="{file.name}" alt="{escape(shown.alt)}">'
    return f"<figure><figcaption>{case} · {lang}</figcaption>{body}</figure>"


def _pictures(page: Path, names: list[str]) -> None:
    """Take a picture of each chart's part of the page."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("Chromium is not installed; no pictures were taken.", file=sys.stderr)
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": WIDTH, "height": 900})
        opened.goto(page.as_uri())
        for name in names:
            opened.locator(f"#{name}").screenshot(path=page.with_name(f"{name}.png"))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
