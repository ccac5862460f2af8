"""The page in a real browser: it opens, asks for nothing, logs nothing, fits a phone."""

from pathlib import Path

import pytest
from report_sample import config, results, write_notebooks
from test_report_parts import FAILURES, portfolio

from crm_eval_lib.report import render_index, render_page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as engine:
        started = engine.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module", params=["en", "zh-Hans"])
def report(request, tmp_path_factory):
    lang = request.param
    folder = tmp_path_factory.mktemp("page")
    page = render_page(notebooks=write_notebooks(folder, lang), results=results(lang), lang=lang,
                       commentary="# Cost\n" + "long " * 2000, config=config())  # fmt: skip
    (folder / "report.html").write_text(page, encoding="utf-8")
    (folder / "index.html").write_text(
        render_index(portfolio(), lang, failures=FAILURES), encoding="utf-8"
    )
    return folder / "report.html"


def opened(browser, path, viewport, **more):
    page = browser.new_page(viewport=viewport, **more)
    seen = {"messages": [], "requests": []}
    page.on("console", lambda message: seen["messages"].append(message.text))
    page.on("pageerror", lambda error: seen["messages"].append(str(error)))
    page.on("dialog", lambda dialog: (seen["messages"].append("dialog"), dialog.dismiss()))
    page.on("request", lambda request: seen["requests"].append(request.url))
    page.goto(path.as_uri())
    return page, seen


def sideways(page):
    return page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.parametrize("name", ["report.html", "index.html"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_the_page_opens_quietly_and_fits(browser, report, name, viewport):
    path = report.with_name(name)
    page, seen = opened(browser, path, viewport)
    assert seen == {"messages": [], "requests": [path.as_uri()]}
    assert not sideways(page)
    page.close()


def test_it_fits_a_phone_with_every_fold_open(browser, report):
    page, seen = opened(browser, report, PHONE)
    page.locator("#tools button").first.click()
    assert page.locator("details:not([open])").count() == 0
    assert not sideways(page) and seen["messages"] == []
    page.close()


def test_it_can_be_read_without_scripts(browser, report):
    context = browser.new_context(java_script_enabled=False, viewport=DESK)
    page = context.new_page()
    page.goto(report.as_uri())
    assert page.locator("#factor-cost figure svg").first.is_visible()
    assert page.locator("#tools").is_hidden()
    context.close()


def test_the_theme_can_be_switched(browser, report):
    page, _ = opened(browser, report, DESK, color_scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(background)
    page.locator("#tools button").nth(1).click()
    assert page.evaluate(background) != before
    page.close()


def test_paper_stays_light_and_hides_code(browser, report):
    page, _ = opened(browser, report, DESK, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("nav.contents").is_hidden()
    assert page.locator("details.code-fold").first.is_hidden()
    page.close()


def test_the_summary_is_one_sheet_of_paper(browser, report):
    page, _ = opened(browser, report, {"width": 673, "height": 1004})  # A4 less the margins
    page.emulate_media(media="print")
    box = page.locator("#summary").bounding_box()
    assert box["height"] < 1004
    page.close()


def test_the_portfolio_sorts_and_filters_without_a_server(browser, report):
    page, seen = opened(browser, report.with_name("index.html"), DESK)
    page.locator("thead button").first.click()
    names = page.locator("tbody th").all_inner_texts()
    assert [name.split()[0] for name in names] == ["broken", "new", "none", "strong", "Weak"]
    page.locator("#filter").fill("strong")
    assert page.locator("tbody tr:visible").count() == 1
    assert seen["messages"] == []
    page.close()
