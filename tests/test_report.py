"""The page: its structure, its words, and what must never be in it."""

import base64
import hashlib
import itertools
import json
import re
from urllib.parse import unquote_to_bytes

import pytest
from lxml import html as lxml_html
from page_reader import full_path
from report_sample import (
    NASTY,
    code,
    config,
    cost_cells,
    factor,
    prose,
    results,
    write_notebooks,
)

from crm_eval_lib.report import render_page

COMMENTARY = f"In short.\n\n# Cost\nThe <b>client</b> disagrees.\n\n# Elsewhere\n{NASTY}\n"


def rendered(folder, lang="en", *, cells=None, data=None, settings=None, commentary=COMMENTARY):
    return render_page(
        notebooks=write_notebooks(folder, lang, cells),
        results=data or results(lang),
        lang=lang,
        commentary=commentary,
        config=settings or config(),
        cache_dir=folder / "fonts",
    )


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return rendered(tmp_path_factory.mktemp("en"))


@pytest.fixture(scope="module")
def tree(page):
    return lxml_html.fromstring(page)


@pytest.fixture(scope="module")
def chinese(tmp_path_factory):
    return rendered(tmp_path_factory.mktemp("zh"), "zh-Hans")


def text_of(element):
    return " ".join(element.text_content().split())


def one(tree, path):
    (found,) = tree.xpath(path)
    return found


def test_sections_stand_in_the_order_of_the_house_rules(tree):
    ids = tree.xpath("//main//*[self::section or self::footer]/@id")
    assert ids == ["summary", "factor-cost", "factor-problems", "factor-adoption", "scorecard",
                   "data-check", "remarks", "appendix", "glossary", "provenance"]  # fmt: skip


def test_the_factor_section_keeps_one_order(tree):
    section = one(tree, "//section[@id='factor-cost']")
    classes = [e.get("class", e.tag) for e in section if e.get("class", e.tag) != "small"]
    places = [classes.index(name) for name in ("question", "answers", "fig", "scroll", "caveats")]
    assert places == sorted(places)


def test_the_summary_names_the_verdict_and_the_factors_worst_first(tree):
    sheet = one(tree, "//section[@id='summary']")
    assert "The system scores 68 of 100 points: pass." in text_of(sheet)
    assert "It is very likely that the system passes (93%)." in text_of(sheet)
    names = [text_of(e) for e in sheet.xpath(".//table[@class='factors']//th/a")]
    assert names[:2] == ["Cost", "Problems"]
    assert "indicative" in text_of(sheet.xpath(".//table[@class='factors']//tr")[2])


def test_the_summary_has_three_findings_and_three_actions(tree):
    lists = tree.xpath("//section[@id='summary']//ol[@class='list']")
    assert [len(found.xpath("./li")) for found in lists] == [3, 3]
    assert "Owner: controller · Extent: CNY 86,000" in text_of(lists[1])


def test_without_a_total_the_bounds_are_said(tmp_path):
    data = results(score=None) | {"factors": [factor("cost", 70.0), factor("controls", None)]}
    sheet = one(lxml_html.fromstring(rendered(tmp_path, data=data)), "//section[@id='summary']")
    assert "There is no overall score: Controls could not be scored." in text_of(sheet)
    assert "58–76" in text_of(sheet)


def test_a_preparer_who_is_not_independent_is_named(tmp_path, tree):
    settings = config(independence="vendor")
    sheet = lxml_html.fromstring(rendered(tmp_path, settings=settings))
    assert "not independent of the project (vendor)" in text_of(one(sheet, "//p[@class='notice']"))
    assert tree.xpath("//p[@class='notice']") == []


def test_only_drafts_are_watermarked(tmp_path, tree):
    final = lxml_html.fromstring(rendered(tmp_path, settings=config(status="final")))
    assert len(tree.xpath("//*[@class='watermark']")) == 1
    assert final.xpath("//*[@class='watermark']") == []


def test_every_printed_indicator_leads_to_results_json(tree):
    data = {item["id"]: item for item in results()["indicators"]}
    cells = tree.xpath("//*[starts-with(@data-ref, 'indicators/')]")
    assert cells
    for cell in cells:
        assert cell.get("data-ref").split("/")[1] in data
    row = "//tr[@data-ref='indicators/cost.deviation_original']"
    value = tree.xpath(f"{row}/td[@data-ref='./value']")
    assert {text_of(cell) for cell in value} == {"12.7%"}


def test_scores_on_the_page_are_those_of_results_json(tree):
    expected = {"cost": "41", "problems": "80", "adoption": "–"}
    for id, score in expected.items():
        found = [e for e in tree.xpath("//*[@data-ref]") if full_path(e) == f"factors/{id}/score"]
        assert {text_of(element) for element in found} == {score}


def test_markup_of_the_client_is_text_everywhere(page, tree):
    assert page.count("<script") == 1
    assert tree.xpath("//img | //iframe | //object | //embed | //foreignobject") == []
    handlers = [name for e in tree.iter() for name in e.attrib if name.startswith("on")]
    assert handlers == [] and "\u202e" not in page
    assert "<img src=x onerror=alert(1)>" in tree.text_content()


def test_headings_questions_and_commentary_are_escaped(tree):
    assert NASTY.replace("\u202e", "[U+202E]") in text_of(one(tree, "//section[@id='remarks']"))
    aside = tree.xpath("//section[@id='factor-cost']//aside")[0]
    assert "The <b>client</b> disagrees." in text_of(aside)
    assert "The consultant's words" in text_of(aside)


def test_nothing_is_fetched_from_anywhere(page, tree):
    addresses = tree.xpath("//@href | //@src | //@action | //@poster | //@srcset")
    allowed = ("#", "data:", "tables/")
    assert [address for address in addresses if not address.startswith(allowed)] == []
    assert "@import" not in page and "<link" not in page and "<base" not in page
    assert re.findall(r"url\((?!#|data:)", page) == []


def test_the_policy_names_the_one_script_and_the_one_style(page, tree):
    policy = one(tree, "//meta[@http-equiv='Content-Security-Policy']").get("content")
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert tree.xpath("//*[@style]") == []


def test_unknown_outputs_do_not_reach_the_page(page, tree):
    assert "alert(2)" not in page and "alert(3)" not in page and "graph" not in tree.text_content()
    assert "text/vnd.mermaid" in tree.text_content()  # named in a note


def test_text_outputs_are_shown_escaped_in_the_fold(tree):
    outputs = [text_of(e) for e in tree.xpath("//details[contains(@class,'method')]//pre")]
    assert any("</script><img src=x onerror=alert(1)>" in text for text in outputs)


def test_pictures_must_be_pictures(tmp_path):
    good = base64.b64encode(b"\x89PNG\r\n\x1a\n123").decode()
    cells = [prose("# Cost"), code("a", {"image/png": good, "text/plain": '"><b>'}),
             code("b", {"image/png": '"><script>alert(1)</script>'})]  # fmt: skip
    tree = lxml_html.fromstring(rendered(tmp_path, cells=cells))
    (picture,) = tree.xpath("//img")
    assert picture.get("src") == f"data:image/png;base64,{good}"
    assert picture.get("alt") == '"><b>'


def test_each_page_keeps_one_language(tree, chinese):
    zh = lxml_html.fromstring(chinese)
    assert zh.get("lang") == "zh-Hans" and tree.get("lang") == "en"
    assert "The method in English." in tree.text_content()
    assert "中文的方法" not in tree.text_content()
    assert "中文的方法" in zh.text_content() and "method in English" not in zh.text_content()
    assert "系统得68分（满分100）：达标。" in zh.text_content()


def test_both_languages_show_the_same_scores(tree, chinese):
    def scores(page):
        cells = page.xpath(
            "//*[starts-with(@data-ref,'factors/') and contains(@data-ref,'/score')]"
        )
        return [(cell.get("data-ref"), text_of(cell)) for cell in cells]

    assert scores(tree) == scores(lxml_html.fromstring(chinese))


def test_a_chinese_page_brings_its_font_and_an_english_one_none(page, chinese):
    assert "@font-face" in chinese and "font/woff2" in chinese
    assert "@font-face" not in page


def test_an_english_page_with_chinese_names_brings_just_those(tmp_path):
    settings = config()
    settings.name = "喆镕 Trading"
    page = rendered(tmp_path, settings=settings)
    (data,) = re.findall(r"font/woff2;base64,([^)]*)\)", page)
    assert len(base64.b64decode(data)) < 5000


def saved_text(link):
    head, _, data = link.get("href").partition(",")
    assert head == "data:text/csv;charset=utf-8"
    return unquote_to_bytes(data).decode("utf-8-sig")


def test_figures_have_words_a_role_and_their_table(tree):
    figure = one(tree, "//figure[@id='fig-cost-1']")
    drawing = one(figure, ".//*[local-name()='svg']")
    assert drawing.get("role") == "img" and drawing.get("aria-label") == "12.7% over"
    assert "COST-01" in text_of(figure) and "Source:" in text_of(figure)
    assert 'charts.figure("COST-01", plot, deviation)' in figure.text_content()
    link = one(figure, ".//a[@download]")
    saved = saved_text(link)
    assert saved.splitlines()[0] == "category,share,planned_amount"
    assert link.get("download") == "cost.deviation.csv"


def test_no_cell_of_a_saved_table_starts_a_formula(tmp_path):
    cells = cost_cells("en")
    payload = cells[6]["outputs"][0]["data"]["application/vnd.crm-eval.figure+json"]
    payload["table"]["rows"][0][0] = '=HYPERLINK("x")'
    tree = lxml_html.fromstring(rendered(tmp_path, cells=cells))
    (link, *_) = tree.xpath("//figure//a[@download]")
    saved = saved_text(link)
    assert "\"'=HYPERLINK" in saved


def test_at_most_eight_indicators_stand_in_the_body(tmp_path):
    data = results()
    item = data["indicators"][1]
    data["indicators"] += [item | {"id": f"cost.other_{place}"} for place in range(20)]
    tree = lxml_html.fromstring(rendered(tmp_path, data=data))
    body = tree.xpath("//section[@id='factor-cost']//table[@class='indicators']//tbody/tr")
    rest = tree.xpath("//section[@id='appendix']//table[@class='indicators']//tbody/tr")
    assert len(body) == 8 and len(rest) == 15
    assert body[0].get("data-ref") == "indicators/cost.deviation_original"


def test_a_cap_and_a_missing_score_are_explained(tmp_path):
    entries = [factor("cost", 59.0, uncapped=74.0, capped_by="V4"),
               factor("problems", None, reason="Too little evidence.")]  # fmt: skip
    tree = lxml_html.fromstring(rendered(tmp_path, data=results() | {"factors": entries}))
    cost, problems = (one(tree, f"//section[@id='factor-{id}']") for id in ("cost", "problems"))
    assert "Held at 59 by rule V4; without it 74." in text_of(cost)
    assert "Not scored: Too little evidence." in text_of(problems)


def test_status_is_always_a_word_beside_its_mark(tree):
    for mark in tree.xpath("//main//*[local-name()='svg'][contains(@class,'mark')]"):
        assert text_of(mark.getparent())


def test_headings_descend_without_gaps(tree):
    levels = [int(e.tag[1]) for e in tree.iter() if re.fullmatch(r"h[1-6]", str(e.tag))]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_ids_are_unique_and_links_lead_somewhere(tree):
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    targets = {href[1:] for href in tree.xpath("//@href") if href.startswith("#")}
    assert targets <= set(ids)


def test_the_footer_names_inputs_checksums_and_versions(tree):
    footer = text_of(one(tree, "//footer"))
    for expected in ("0f" * 32, "actuals.csv", "ab" * 32, "0.1.0", "2026-01-01T00:00:00+00:00"):
        assert expected in footer


def test_the_same_input_gives_the_same_bytes(tmp_path, page):
    assert rendered(tmp_path) == page


def test_a_notebook_of_nothing_and_results_of_nothing_still_give_a_page(tmp_path):
    path = tmp_path / "01_cost.ipynb"
    path.write_text(json.dumps({"cells": []}), encoding="utf-8")
    page = render_page(notebooks=[path], results={"client": "x"}, lang="en", config=None)
    assert "There is no overall score" in page
