"""The summary on paper: one sheet of A4, whatever a client typed."""

import pytest
from report_sample import config, factor, results, write_notebooks
from test_report_browser import browser as browser
from test_report_browser import pytestmark as pytestmark

from crm_eval_lib.report import render_page
from crm_eval_lib.report.notebook import Cell, Notebook, Output
from crm_eval_lib.report.summary import summary_of
from crm_eval_lib.report.worth import worth_of
from crm_eval_lib.scorecard.rules import rules_for

PAPER = {"width": 673, "height": 1004}  # A4 less the margins, in CSS pixels
LONG = {"en": "An unusually long-winded description of what happened in the branch offices ",
        "zh-Hans": "各分公司在上线之后仍然沿用原来的纸质审批单据并事后补录的情况说明"}  # fmt: skip
FACTORS = ("cost", "problems", "efficiency", "controls")
OWN = tuple(f"a_factor_of_the_clients_own_{number}" for number in range(60))


def awkward(lang, own=OWN):
    """Return results with long sentences everywhere, sixty own factors and twelve processes."""
    long = LONG[lang] * 5
    found = results(lang, capped_by="V1", range_kind="bounds")
    found["factors"] = [factor(name, 30.0 + place, reason=long)
                        for place, name in enumerate(FACTORS + own)]  # fmt: skip
    for item in found["findings"]:
        item |= {"sentence": long, "grade": "A", "side": "client_and_vendor"}
        item["action"] |= {"sentence": long, "owner_role": LONG[lang]}
    found["matrix"] = [
        {"process": f"{number} {long}",
         **{key: value for name in FACTORS for key, value in
            ((name, 50.0 + number), (f"{name}_state", "poor"))}}
        for number in range(12)
    ]  # fmt: skip
    return found


def settings(lang):
    """Return a client whose every text is long."""
    words = LONG[lang] * 2
    made = config(independence="vendor", project=words,
                  decision_sought=words * 4, prepared_by=words,
                  reviewed_by=words, confidentiality=words, consultancy=words)  # fmt: skip
    made.name = words * 3
    return made


@pytest.mark.parametrize(("own", "lines"), [(OWN, 5), ((), 4)], ids=["sixty", "none"])
@pytest.mark.parametrize("lang", LONG)
def test_the_summary_stays_one_sheet_whatever_was_typed(browser, tmp_path, lang, own, lines):
    page = render_page(notebooks=write_notebooks(tmp_path, lang), results=awkward(lang, own),
                       lang=lang, config=settings(lang))  # fmt: skip
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    tab = browser.new_page(viewport=PAPER)
    tab.emulate_media(media="print")
    tab.goto((tmp_path / "report.html").as_uri())
    assert tab.locator("#summary table.matrix tbody tr").count() == 6
    assert tab.locator("#summary table.factors tr:visible").count() == lines
    assert tab.locator("#summary").bounding_box()["height"] < PAPER["height"]
    tab.close()


def sheet(lang="en", **changes):
    """Return the summary of the small sample client, its results changed."""
    found = {**results(lang), **changes}
    return summary_of(found, [], None, config=config(), rules=rules_for(None), lang=lang)


def test_factors_without_a_score_stand_worst_range_first():
    ranged = [factor("cost", None, bounds=[41.0, 87.0]), factor("controls", 20.0),
              factor("problems", None, bounds=[15.0, 45.0])]  # fmt: skip
    assert [line.id for line in sheet(factors=ranged).factors] == ["controls", "problems", "cost"]


def test_a_chance_of_passing_is_not_promised_for_a_part_of_the_factors():
    whole, part = sheet(), sheet(overall={**results()["overall"], "score": None})
    assert any("93%" in note for note in whole.notes)
    assert not any("93%" in note or "passes" in note for note in part.notes)


def test_a_capped_score_names_the_rule_and_what_it_would_be_without():
    capped = sheet(overall={**results()["overall"], "capped_by": "V1"})
    assert "Held down by a rule: V1 a critical control failed. Without it: 73." in [
        note.striptags() for note in capped.notes
    ]


def test_the_project_stands_on_the_sheet_where_it_has_a_name():
    def facts(name):
        made = summary_of(results(), [], None, config=config(project=name), rules=rules_for(None),
                          lang="en")  # fmt: skip
        return dict(made.facts)

    assert facts("One view of the customer")["Project"] == "One view of the customer"
    assert "Project" not in facts("")


def test_findings_of_one_kind_do_not_fill_the_sheet_and_their_actions_stand_beside_them():
    def found(id, kind):
        action = {"type": kind, "sentence": f"Do {id}.", "owner_role": "", "size": None,
                  "size_unit": None}  # fmt: skip
        return {"id": id, "factor": "cost", "sentence": id, "rows": [], "action": action}

    many = [found("problems.open_severe[P1]", "a"), found("problems.open_severe[P2]", "a"),
            found("controls.undecided", "b"), found("cost.scope", "c")]  # fmt: skip
    made = sheet(findings=many)
    assert [line.text for line in made.findings] == [
        "problems.open_severe[P1]", "controls.undecided", "cost.scope"
    ]  # fmt: skip
    assert [made.answers[line.ref] for line in made.actions] == [1, 2, 3]


def test_money_says_invested_and_yearly_benefit_in_few_words():
    def step(name, **slots):
        sentence = {"key": f"value.sentence.{name}", "slots": {"currency": "CNY", **slots}}
        return Output("step", {"name": f"value.{name.partition('_')[0]}", "sentence": sentence})

    told = (step("costs", invested=500000.0, run=72000.0, n=3, months=14.0),
            step("benefits", amount=90000.0, n=1, apart=0, missing=0))  # fmt: skip
    book = Notebook("05_scorecard", (Cell("code", "", outputs=told),))
    assert worth_of(book, "en").striptags() == (
        "Invested: CNY 500,000 up to go-live, and CNY 72,000 a year to run it. "
        "Yearly benefit that counts: CNY 90,000."
    )
    assert worth_of(None, "en") == ""
