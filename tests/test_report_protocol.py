"""The page's section on the protocol, and what of it reaches the summary."""

import json

import pytest
from lxml import html as lxml_html
from report_sample import NASTY, code, config, results, step_output, write_notebooks
from score_cases import SCORED, case, client, indicator

from crm_eval_lib import scorecard
from crm_eval_lib.protocol import against_protocol, new_record, settings_of
from crm_eval_lib.protocol.record import Protocol
from crm_eval_lib.report import render_page
from crm_eval_lib.scorecard import score
from crm_eval_lib.text import language

AT = "2024-01-05T08:00:00+00:00"
LANGUAGES = ("en", "zh-Hans")


def page(folder, lang, told, *, edited=False):
    """Render a page whose protocol was fixed at standard weights."""
    standard = client()
    record = new_record(settings_of(standard, {}),
                        {"frozen_at": AT, "status_date": "2025-08-31", "outcome_tables": [],
                         "reports": []})  # fmt: skip
    content = Protocol((record,)).to_dict("acme")
    if edited:
        content["settings"]["bands"]["pass"] = 10
    (folder / "protocol.json").write_text(json.dumps(content), encoding="utf-8")
    none = [indicator(id, zero) for id, _, zero in SCORED if id.startswith("cost.")]
    told.language = lang
    found = {result.factor: result for result in case(*none)}
    card = score(found, client=told)
    check = against_protocol(card, found, folder)
    steps = (check.step, scorecard.change(card), scorecard.agreed_actions(card))
    with language(lang):
        cells = [code(f"show({place})", step_output(s)) for place, s in enumerate(steps)]
    data = results(lang)
    data["provenance"]["protocol"] = check.to_dict()
    notebooks = write_notebooks(folder, lang)
    book = json.loads(notebooks[-1].read_text(encoding="utf-8"))
    book["cells"] += cells
    notebooks[-1].write_text(json.dumps(book), encoding="utf-8")
    text = render_page(notebooks=notebooks, results=data, lang=lang, config=config(),
                       cache_dir=folder / "fonts")  # fmt: skip
    return lxml_html.fromstring(text)


def words(element):
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_section_shows_what_differs_and_the_verdict_under_both(tmp_path, lang):
    tree = page(tmp_path, lang, client(weights={"cost": 80}))
    section = tree.get_element_by_id("protocol")
    heads = [words(h) for h in section.iter("h2", "h3")]
    assert heads[:2] == {"en": ["Protocol and deviations", "The verdict under both"],
                         "zh-Hans": ["评价方案与改动", "两种取舍下的结论"]}[lang]  # fmt: skip
    rows = [[words(cell) for cell in row.iter("td")] for row in section.iter("tr")]
    assert any(row[1:2] == ["80"] for row in rows) and any(row[1:2] == ["50"] for row in rows)
    assert tree.xpath("//nav//a[@href='#protocol']")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_another_verdict_stands_on_page_one(tmp_path, lang):
    tree = page(tmp_path, lang, client(weights={"cost": 80}))
    notes = words(tree.get_element_by_id("summary"))
    assert {"en": "As fixed on 2024-01-05 the verdict would be: 80 points",
            "zh-Hans": "若按2024-01-05固定的方案，结论应为：80分"}[lang] in notes  # fmt: skip


def test_a_kept_protocol_stays_off_page_one_and_out_of_the_scorecards_answers(tmp_path):
    tree = page(tmp_path, "en", client())
    assert "2024-01-05" not in words(tree.get_element_by_id("summary"))
    assert "fixed on 2024-01-05" not in words(tree.get_element_by_id("scorecard"))
    assert "fixed on 2024-01-05" in words(tree.get_element_by_id("protocol"))


def test_an_edit_by_hand_stands_on_page_one(tmp_path):
    tree = page(tmp_path, "en", client(), edited=True)
    assert "edited by hand" in words(tree.get_element_by_id("summary"))
    assert "(bands)" in words(tree.get_element_by_id("protocol"))


def test_what_a_client_typed_into_a_setting_stays_text(tmp_path):
    waived = {"cost.schedule_ratio": {"reason": NASTY, "role": NASTY}}
    tree = page(tmp_path, "en", client(not_applicable=waived))
    section = tree.get_element_by_id("protocol")
    assert not list(section.iter("script", "img", "b")) and NASTY.strip()[:5] in words(section)


def test_the_footer_names_the_protocol_by_time_and_hash(tmp_path):
    footer = words(page(tmp_path, "en", client()).get_element_by_id("provenance"))
    assert AT in footer and "SHA-256" in footer
