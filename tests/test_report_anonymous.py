"""The portfolio beside each other: quartiles, order, and the variant that names nobody."""

import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from report_sample import factor
from test_report_parts import FAILURES, portfolio

from crm_eval_lib.cli.reports import list_reports
from crm_eval_lib.report import render_index
from crm_eval_lib.report.anonymous import render_anonymous
from crm_eval_lib.spread import SMALL_CELL, spreads, without_small_cells

SCORES = (20.0, 30.0, 40.0, 50.0, 55.0, 65.0, 66.0, 70.0, 71.0, 90.0, None)


def clients(scores=SCORES):
    return [
        {"client": f"secret-{place}", "name": f"机密{place}", "folder": f"secret-{place}",
         "score": score, "factors": {"cost": factor("cost", score), "own-secret": {}},
         "status_date": "2025-08-31", "comparable": True}
        for place, score in enumerate(scores)
    ]  # fmt: skip


def cells(page):
    rows = lxml_html.fromstring(page).xpath("//tbody/tr")
    return {row[0].text_content().strip(): [c.text_content().strip() for c in row[1:]]
            for row in rows}  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_the_anonymous_page_names_nobody(lang):
    page = render_anonymous(clients(), lang)
    assert "secret" not in page and "机密" not in page and "2025-08-31" not in page
    assert not lxml_html.fromstring(page).xpath("//a | //img")


def test_the_anonymous_page_shows_bands_and_quartiles_by_hand():
    # 20–55 not met: 5; 65–71 pass: 4, small; 90: 1, small; without a score: 1, small.
    told = cells(render_anonymous(clients(), "en"))["Overall score"]
    assert told[0] == "5" and set(told[1:5]) <= {"0", "not shown"}
    assert told[5:] == ["43", "60", "69"]  # of ten: 42.5, 60, 69.0 by linear interpolation


def test_below_five_clients_nothing_is_shown():
    page = render_anonymous(clients((20.0, 30.0, 40.0, 50.0)), "en")
    assert not lxml_html.fromstring(page).xpath("//table") and "Fewer than 5" in page


@given(st.dictionaries(st.sampled_from("abcde"), st.integers(0, 40), min_size=1))
def test_no_small_cell_is_shown_nor_follows_from_the_others(counts):
    shown = without_small_cells(counts)
    hidden = [counts[name] for name, n in shown.items() if n is None]
    assert not [n for n in shown.values() if n and n < SMALL_CELL]
    if sum(counts.values()) >= SMALL_CELL and hidden:
        assert len(hidden) > 1 and sum(hidden) >= SMALL_CELL


def test_quartiles_leave_out_clients_of_other_rules():
    rows = [*clients((10.0, 20.0, 30.0)), {**clients((99.0,))[0], "comparable": False}]
    total, cost = spreads(rows, ["cost"])
    assert (total.n, total.low, total.median, total.high) == (3, 15.0, 20.0, 25.0)
    assert cost.median == 20.0


def test_the_page_with_names_ends_with_median_and_quartiles():
    tree = lxml_html.fromstring(render_index(portfolio(), "en", failures=FAILURES))
    feet = [[cell.text_content() for cell in row] for row in tree.xpath("//tfoot/tr")]
    assert feet[0][:2] == ["Median", "65"]  # of 41 and 88; "broken" has other rules
    assert feet[1][:2] == ["Quartiles", "53–76"]


def test_one_score_alone_has_no_quartiles():
    tree = lxml_html.fromstring(render_index(portfolio()[:1], "en"))
    assert tree.xpath("//tfoot/tr[2]/td")[0].text_content() == "–"


def test_a_client_without_a_total_is_not_ranked_among_the_weak():
    tree = lxml_html.fromstring(render_index(portfolio(), "en", failures=FAILURES))
    rows = [row for row in tree.xpath("//tbody/tr") if "none" in row[0].text_content()]
    assert rows[0][1].get("data-sort") == "" and "no overall score" in rows[0][2].text_content()


def test_the_list_writes_the_anonymous_page(tmp_path):
    done = CliRunner().invoke(list_reports, ["--anonymous", "--reports", str(tmp_path)])
    page = tmp_path / "portfolio-anonymous.html"
    assert done.output.strip() == str(page) and "Fewer than 5" in page.read_text("utf-8")
    assert json.dumps(sorted(p.name for p in tmp_path.iterdir())) == f'["{page.name}"]'
