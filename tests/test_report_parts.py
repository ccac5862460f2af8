"""Drawings, prose and the portfolio page."""

import sys
from types import SimpleNamespace

import pytest
from jinja2 import DictLoader, Environment
from lxml import etree
from lxml import html as lxml_html
from report_sample import NASTY, factor

from crm_eval_lib.report import assets, render_index
from crm_eval_lib.report.prose import commentary_by_section, html_of, title_and_question
from crm_eval_lib.report.sections import Answer, led_by
from crm_eval_lib.report.summary import _facts
from crm_eval_lib.report.svg import safe_svg

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def rebuilt(body, attributes="viewBox='0 0 10 10'"):
    return safe_svg(f"{HEAD} {attributes}>{body}</svg>", prefix="p-", title="T", description="D")


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'>x</body></foreignObject>",
        "<image href='data:image/png;base64,AA'/>",
        "<a href='javascript:alert(1)'><text>x</text></a>",
        "<g onclick='alert(1)'/>",
        "<path d='M0 0' style='fill:url(http://evil.example/a)'/>",
        "<use xlink:href='http://evil.example/#a'/>",
        "<style>@import 'http://evil.example'</style>",
        "<animate attributeName='href' values='javascript:alert(1)'/>",
        "<text style='background:url(http://evil.example)'/>",
        "<path d='M0 0' clip-path='url(http://evil.example/#a)'/>",
    ],
)
def test_nothing_but_drawing_survives(body):
    svg = rebuilt(body)
    for word in ("script", "evil", "foreign", "onclick", "image", "@import", "animate", "data:"):
        assert word not in svg


def test_entities_and_non_drawings_give_nothing():
    bomb = (
        '<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + HEAD + "><text>&a;</text></svg>"
    )
    assert "root:" not in (safe_svg(bomb, prefix="p", title="", description="") or "")
    assert safe_svg("<html/>", prefix="p", title="", description="") is None
    assert safe_svg("not xml <", prefix="p", title="", description="") is None


def test_ids_are_prefixed_where_they_are_used_and_dropped_elsewhere():
    svg = rebuilt("<defs><path id='m' d='M0 0'/></defs><g id='x'><use xlink:href='#m'/></g>")
    root = etree.fromstring(svg)
    assert root.xpath("//@id") == ["p-0"]
    assert root.xpath("//@href") == ["#p-0"]


def test_style_becomes_attributes_and_known_colours_get_a_role():
    svg = rebuilt("<text style=\"font: 700 9px 'X'; fill: #262626; font-family: y\">a&lt;b</text>")
    (text,) = etree.fromstring(svg).xpath("//*[local-name()='text']")
    assert dict(text.attrib) == {"font-size": "9", "font-weight": "700", "class": "f-ink"}
    assert text.text == "a<b"


def test_a_drawing_says_what_it_shows():
    root = etree.fromstring(rebuilt("<text>x</text>"))
    assert root.get("role") == "img" and root.get("aria-label") == "D"
    assert [child.text for child in root[:2]] == ["T", "D"]


def test_prose_keeps_its_form_and_loses_what_could_harm():
    page = html_of(
        "## Title\n\n[go](javascript:alert(1)) <b>x</b> ![pic](http://evil.example/x.png)"
    )
    assert "<h3>Title</h3>" in page
    assert "<a" not in page and "<img" not in page and "<b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_tables_of_prose_have_no_styles():
    assert "<td>1</td>" in html_of("| a |\n|:-:|\n| 1 |") and "style" not in html_of("|a|\n|:-:|")


def test_the_title_is_the_first_heading():
    assert title_and_question("# Cost\n\nWhat?\n\n## More") == ("Cost", "What?\n\n## More")
    assert title_and_question("no heading") == ("", "no heading")


def test_commentary_goes_to_its_section_and_the_rest_is_kept():
    found = commentary_by_section("a\n\n# Cost\nb\n\nc\n## Other\nd", {"cost": "cost"})
    assert found == {
        "summary": [("", ["a"])], "cost": [("", ["b", "c"])], "other": [("Other", ["d"])],
    }  # fmt: skip
    assert commentary_by_section(None, {}) == {}


def test_the_headline_leads_the_answers():
    first = Answer("a", "cost.baseline", ("cost.baseline_complete",))
    second = Answer("b", "cost.deviation", ("cost.deviation_original",))
    assert led_by((first, second), {}, "cost") == (second, first)
    own = (
        Answer("a", "adoption.x", ("adoption.x",)),
        Answer("b", "adoption.y", ("adoption.y[k]",)),
    )
    assert led_by(own, {"adoption.y": 5.0}, "adoption")[0].text == "b"
    assert led_by((), {}) == ()


def portfolio():
    def row(client, score, **more):
        numbers = {"score": score, "low": None, "high": None, "worst": 0.0, "best": 100.0}
        factors = {"cost": factor("cost", score)}
        found = {"status_date": "2025-08-31", "band": "pass", "comparable": True}
        return {"client": client, "name": client, "factors": factors, **numbers, **found, **more}

    return [
        row("strong", 88.0),
        row("none", None, assessed_score=19.0),
        row("weak", 41.0, name=f"Weak {NASTY}"),
        row("broken", 70.0, comparable=False),
    ]


FAILURES = {"broken": f"budget.csv, row 3 {NASTY}", "new": "no dates"}


def test_the_portfolio_lists_the_weakest_first_with_links():
    tree = lxml_html.fromstring(render_index(portfolio(), "en", failures=FAILURES))
    links = tree.xpath("//tbody//th/a/@href")
    assert links == ["weak/report.html", "broken/report.html", "strong/report.html",
                     "none/report.html"]  # fmt: skip
    assert len(tree.xpath("//tbody/tr")) == 5


def test_a_failed_client_keeps_its_last_good_report():
    tree = lxml_html.fromstring(render_index(portfolio(), "en", failures=FAILURES))
    rows = {row.xpath("string(./th)"): " ".join(row.text_content().split())
            for row in tree.xpath("//tbody/tr")}  # fmt: skip
    assert "failed The last good report is of 2025-08-31." in rows["broken"]
    assert "scored by other rules than most" in rows["broken"]
    assert "no report yet" in rows["new"] and "no dates" in rows["new"]
    assert "complete" in rows["strong"]


def test_the_portfolio_escapes_and_fetches_nothing():
    page = render_index(portfolio(), "zh-Hans", failures=FAILURES)
    assert page.count("<script") == 1 and "<img" not in page
    assert "default-src 'none'" in page and "http://" not in page.replace("http://evil", "")


def test_an_empty_portfolio_says_what_to_do():
    assert "crm-eval run --all" in render_index([], "en")


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("2024-06-30", "expected 2024-08-01 · planned 2024-07-01"),
        ("2024-12-31", "2024-09-02 · planned 2024-07-01"),
    ],
)
def test_the_head_of_the_page_knows_no_go_live_after_its_status_date(status, shown):
    dates = SimpleNamespace(project_start=None, planned_go_live="2024-07-01",
                            forecast_go_live="2024-08-01", go_live="2024-09-02")  # fmt: skip
    facts = dict(_facts({"status_date": status}, SimpleNamespace(dates=dates, report=None), "en"))
    assert facts["Go-live"] == shown


def from_kept(folder) -> Environment:
    kept = assets._Compiled(str(folder), "%s")
    return Environment(loader=DictLoader({"a": "{{ 1 + 1 }}"}), bytecode_cache=kept)


def test_a_template_is_compiled_once_and_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    from_kept(tmp_path / "kept").get_template("a")
    again = from_kept(tmp_path / "kept")
    monkeypatch.setattr(again, "compile", None)
    assert again.get_template("a").render() == "2"


@pytest.mark.parametrize("bytes_left", [0, 17, 20, 40, 80])
def test_a_damaged_template_is_compiled_anew(tmp_path, monkeypatch, bytes_left):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    from_kept(tmp_path).get_template("a")
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:bytes_left])
    assert from_kept(tmp_path).get_template("a").render() == "2"


@pytest.mark.parametrize("never", [True, False])
def test_a_template_is_rendered_where_nothing_may_be_kept(tmp_path, monkeypatch, never):
    monkeypatch.setattr(sys, "dont_write_bytecode", never)
    folder = tmp_path / "kept" if never else tmp_path / "nowhere" / "kept"
    assert from_kept(folder).get_template("a").render() == "2"
    assert not folder.exists()
