"""A finished page on paper: the summary on one sheet, the body on twelve, headlines short."""

import re
import tempfile
from pathlib import Path

from lxml import html

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
BODY_PAGES = 12
LONGEST = {"en": 15, "zh-Hans": 30}  # words; characters, a number or a Latin word as one
_PIECE = re.compile(r"[\w.,%−&/+-]+", re.ASCII)


def long_headlines(page):
    """List the headlines of figures that are longer than a reader takes in at a glance."""
    said = html.fromstring(page.text).xpath("//figcaption/*[@class='headline']")
    texts = [" ".join(item.text_content().split()) for item in said]
    return [text for text in texts if length(text, page.lang) > LONGEST[page.lang]]


def length(text, lang):
    """Count words in English; in Chinese characters, with a number or Latin word as one.

    >>> length("The project cost 12.7% more", "en"), length("项目多花12.7%", "zh-Hans")
    (5, 5)
    """
    if lang == "en":
        return len([piece for piece in text.split() if re.search(r"\w", piece)])
    return len(_PIECE.sub("9", text).replace(" ", ""))


def too_much_paper(pages):
    """List what takes more sheets than it may: the summary one, the body twelve; in one browser."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        tab, found = browser.new_page(), []
        for name, page in pages.items():
            path = Path(folder) / f"{name}.html"
            path.write_text(page.text, encoding="utf-8")
            tab.goto(path.as_uri())
            body = sheets(tab, "#data-check, #data-check ~ *")
            summary = sheets(tab, "#summary ~ *")
            counted = {"summary": (summary, 1), "body": (body, BODY_PAGES)}
            found += [(name, part, n) for part, (n, most) in counted.items() if not 0 < n <= most]
        browser.close()
    return found


def sheets(tab, left_out):
    """Count the printed pages without these parts."""
    tab.evaluate(
        "selector => document.querySelectorAll(selector).forEach(p => p.remove())", left_out
    )
    printed = tab.pdf(prefer_css_page_size=True)
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", printed))
