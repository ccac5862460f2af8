"""Strings that break programs in every text of a client: they appear as text, whatever shows them.

The first client is made of our own list, the second of the strings of others (shared data) put
through every text column of a demo client with nearly all tables.
"""

import csv
import io
import json
import re

import pytest
from lxml import html as lxml_html
from nasty_client import LONG, NASTY, nasty_client
from page_reader import Page, untraced, wrong_references
from test_report import saved_text
from test_report_browser import CHROMIUM, PHONE, browser, opened, sideways  # noqa: F401

from crm_eval_lib.cli import main
from crm_eval_lib.text import SLOT_COLUMNS
from crm_eval_lib.text.safe import shown

WIDE = {"width": 1440, "height": 900}
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
ARMED = tuple(f"'{sign}" for sign in FORMULA)
needs_browser = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")
pytestmark = pytest.mark.slow


def naughty_strings(shared_data):
    """Return the strings of the shared list, one a line, comments left out."""
    path = shared_data / "naughty_strings" / "blns.txt"
    if not path.exists():
        pytest.skip("the naughty strings are not beside this project")
    lines = path.read_text("utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("#")]


@pytest.fixture(scope="module", params=["own", "naughty"])
def reports(request, tmp_path_factory, demo_clients):
    """The reports folder after the run of one nasty client."""
    own = request.param == "own"
    strings = NASTY if own else naughty_strings(request.getfixturevalue("shared_data"))
    demos = [demo_clients / name for name in ("demo-troubled", "demo-small")][own:]
    folder = tmp_path_factory.mktemp(request.param)
    nasty_client(folder / "clients", demos, strings)
    clients, made = str(folder / "clients"), folder / "reports"
    with pytest.raises(SystemExit) as stop:
        main(["run", "nasty", "--clients", clients, "--reports", str(made)])
    assert stop.value.code == 0
    return made


@pytest.fixture(scope="module")
def page(reports):
    results = json.loads((reports / "nasty" / "results.json").read_text("utf-8"))
    text = (reports / "nasty" / "report.html").read_text("utf-8")
    return Page(text, results, results["language"])


@needs_browser
@pytest.mark.browser
@pytest.mark.parametrize("name", ["nasty/report.html", "index.html"])
@pytest.mark.parametrize("viewport", [PHONE, WIDE], ids=["phone", "wide"])
def test_nothing_runs_nothing_is_requested_and_nothing_breaks_the_layout(
    browser, reports, name, viewport  # noqa: F811
):  # fmt: skip
    shown_page, seen = opened(browser, reports / name, viewport)
    folds = shown_page.locator("#tools button")
    if folds.count():
        folds.first.click()
    assert seen == {"messages": [], "requests": [(reports / name).as_uri()]}
    assert not sideways(shown_page)
    assert shown_page.locator("details:not([open])").count() == 0
    shown_page.close()


def test_what_was_typed_is_text_on_the_page_and_on_the_portfolio(page, reports):
    for text in (page.text, (reports / "index.html").read_text("utf-8")):
        tree = lxml_html.fromstring(text)
        assert len(tree.xpath("//script")) == len(tree.xpath("//head/title")) == 1
        assert tree.xpath("//img | //iframe | //object | //embed | //form | //base") == []
        assert not [name for e in tree.iter() for name in e.attrib if name.startswith("on")]
        assert shown(page.results["name"]) in tree.text_content()
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)


def test_commentary_is_shown_whole_and_as_text(page, reports):
    typed = reports.parent / "clients" / "nasty" / "commentary.md"
    lines = [line for line in typed.read_text("utf-8").splitlines() if not line.startswith("#")]
    said = " ".join(lxml_html.fromstring(page.text).xpath("string(//main)").split())
    missing = [line[:60] for line in lines if " ".join(shown(line).split()) not in said]
    assert len(lines) > 2 * len(NASTY) and missing == []


def test_numbers_still_lead_to_their_values(page):
    assert wrong_references(page) == []
    assert untraced(page) == []


def test_no_cell_of_a_saved_table_starts_a_formula(page, reports):
    files = [path.read_text("utf-8-sig") for path in (reports / "nasty" / "tables").glob("*.csv")]
    files += [saved_text(link) for link in lxml_html.fromstring(page.text).xpath("//a[@download]")]
    rows = (row for text in files for row in csv.reader(io.StringIO(text, newline="")))
    cells = [cell for row in rows for cell in row]
    bad = [cell for cell in cells if cell.startswith(FORMULA)]
    assert len(cells) > 1000 and any(cell.startswith(ARMED) for cell in cells)
    assert [cell for cell in bad if not re.fullmatch(r"-[\d.]+(e[+-]\d+)?", cell)] == []


def test_a_sentence_stays_readable_whatever_stands_in_it(page):
    tree = lxml_html.fromstring(page.text)
    said = tree.xpath("//div[@class='answers']/p | //*[@class='headline'] | //li[@data-ref]")
    assert said and max(len(text.text_content()) for text in said) < 10 * SLOT_COLUMNS < LONG
