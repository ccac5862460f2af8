"""Draw every chart in both languages and every awkward case: ``make gallery``.

Writes build/gallery/index.html, the drawings as the report shows them in its own font; with the
system's Chromium also one picture per chart. Nothing is fetched from anywhere.
"""

import shutil
import sys
from html import escape
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "tests"))  # the cases are those of the tests

from chart_cases import CASES, CHARTS, size_of, step_of  # noqa: E402

from crm_eval_lib import charts  # noqa: E402
from crm_eval_lib.report.assets import asset, font_face  # noqa: E402
from crm_eval_lib.report.svg import safe_svg  # noqa: E402
from crm_eval_lib.text import LANGUAGES  # noqa: E402

WIDTH = 1500  # pixels of a picture: two drawings beside each other
_POLICY = "default-src 'none'; font-src data:; style-src 'unsafe-inline'"
_LOOK = """body{margin:16px}.row{display:grid;grid-template-columns:1fr 1fr;gap:12px}
figure{margin:0;border:1px solid #ddd;padding:6px}figcaption{color:#555}
figure:lang(en){--sans:"Segoe UI",Arial,"Liberation Sans","DejaVu Sans","Page Hanzi",sans-serif}"""


def main(only: list[str]) -> None:
    """Draw the charts named, by default all, and write the page that shows them."""
    folder = PROJECT / "build" / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    names = [name for name in CHARTS if not only or name in only]
    parts = [_chart(name) for name in names]
    body = "<h1>Charts</h1>" + "".join(parts)
    style = f"{font_face(body, 'zh-Hans')}{asset('page.css')}{_LOOK}"
    head = (f'<!DOCTYPE html><html lang="zh-Hans" data-theme="light"><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
            f"<title>Charts</title><style>{style}</style>")  # fmt: skip
    page = folder / "index.html"
    page.write_text(f"{head}{body}</html>", encoding="utf-8")
    _pictures(page, names)
    print(page)


def _chart(name: str) -> str:
    """Draw one chart in all cases and languages, case by case beside each other."""
    cells = [_cell(name, case, lang) for case in CASES for lang in LANGUAGES]
    return f'<section id="{name}"><h2>{name}</h2><div class="row">{"".join(cells)}</div></section>'


def _cell(name: str, case: str, lang: str) -> str:
    step = step_of(name, case)
    if step is None:
        return ""
    shown = charts.figure(name, getattr(charts, name), step, lang=lang, size=size_of(name, step),
                          table=CHARTS[name].table)  # fmt: skip
    body = escape(shown.note)
    if shown.svg is not None:
        words = {"title": shown.headline, "description": shown.alt}
        svg = safe_svg(shown.svg, prefix=f"{name}-{case}-{lang}-", **words)
        body = f'<div class="drawing">{svg}</div>'
    return f'<figure lang="{lang}"><figcaption>{case} · {lang}</figcaption>{body}</figure>'


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
