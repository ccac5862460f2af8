"""How steps and results show themselves in a notebook."""

import json

import pandas as pd
import pytest
from report_sample import NASTY, deviation

from crm_eval_lib.results import (
    FactorResult,
    Message,
    Step,
    measured,
    missing_table,
    not_assessed,
    with_state,
)
from crm_eval_lib.text import language, say
from crm_eval_lib.text.cells import column_spec, printed_cell, printed_interval, printed_value
from crm_eval_lib.text.safe import shortened, shown
from crm_eval_lib.view import (
    FACTOR_MIME,
    PUBLISHED_ROWS,
    STEP_MIME,
    payload_of_table,
    plain,
    step_bundle,
)

FACTORS = ("cost", "problems", "efficiency", "controls")


def test_a_step_shows_its_sentence_values_and_states():
    with language("en"):
        text = plain(deviation())
    assert text.splitlines()[0] == "No usable rows in table: progress."
    assert "12.7%" in text and "10.0% to 15.0%" in text and "n=41" in text
    assert "not assessed" in text


@pytest.mark.parametrize(("n", "expected"), [(1, "1 problem is open"), (2, "2 problems are open")])
def test_a_sentence_agrees_with_its_number(n, expected):
    said = say(Message("problems.sentence.open", {"n": n, "high": 0}), "en")
    assert said.startswith(expected)


def test_the_payload_has_no_language_and_is_json():
    bundle = step_bundle(deviation())
    payload = json.loads(json.dumps(bundle[STEP_MIME], allow_nan=False))
    assert payload["sentence"] == {
        "key": "core.reason.missing_table", "slots": {"tables": ["progress"]},
    }  # fmt: skip
    assert payload["indicators"][0]["id"] == "cost.deviation_original"
    assert payload["table"]["columns"] == ["category", "share", "planned_amount"]
    assert payload["table"]["currency"] == "CNY"


def test_markup_in_a_table_is_text_in_the_notebook():
    html = step_bundle(deviation(label=NASTY))["text/html"]
    assert "<img" not in html and "</script>" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;[U+202E]" in html


def test_a_factor_result_shows_its_indicators():
    result = FactorResult.collect("cost", [deviation()])
    bundle = result._repr_mimebundle_()
    assert bundle[FACTOR_MIME]["factor"] == "cost"
    assert "CNY 1,219,000" in bundle["text/html"]


def test_an_indicator_shows_its_state_and_grade_by_itself():
    found = measured("cost.cpi", 0.89, "index", n=12, tables=("budget",))
    graded = with_state(found, grade="C", state="scored", score=80.0)
    with language("en"):
        assert repr(found) == "cost.cpi: 0.89  n=12  measured  (B)"  # a budget is a signed document
        assert repr(graded) == "cost.cpi: 0.89  n=12  scored  C"
        assert "by where the tables come from" in found._repr_html_()
        assert "by where" not in graded._repr_html_() and ">C</td>" in graded._repr_html_()
        # beside long names neither breaks into letters
        assert '<td class="k">scored</td><td class="k">C</td>' in graded._repr_html_()


def test_ids_are_offered_after_an_opening_bracket():
    step = deviation()
    ids = [item.id for item in step.indicators]
    assert step._ipython_key_completions_() == ids
    assert FactorResult.collect("cost", [step])._ipython_key_completions_() == ids


def test_a_step_without_an_answer_is_headed_by_its_title_not_by_its_id():
    missing = not_assessed("cost.cpi", "index", missing_table("budget"))
    page = Step("cost.earned_value", (missing,))._repr_html_()
    assert "<strong>Cost performance (CPI)</strong>" in page and "cost.earned_value" not in page


def test_steps_and_results_have_an_html_of_their_own():
    for shown_object in (deviation(), FactorResult.collect("cost", [deviation()])):
        assert shown_object._repr_html_() == shown_object._repr_mimebundle_()["text/html"]


def test_chinese_notebooks_get_chinese_states():
    with language("zh-Hans"):
        assert "未评估" in plain(deviation())


def test_only_the_first_rows_travel_and_the_total_is_told():
    payload = payload_of_table(pd.DataFrame({"n": range(120)}))
    assert len(payload["rows"]) == PUBLISHED_ROWS
    assert payload["total"] == 120


def test_cells_become_plain_values():
    moments = pd.to_datetime(["2025-03-01", None, "2025-03-01 10:30"], format="ISO8601")
    table = pd.DataFrame({"day": moments, "x": [1.5, float("nan"), 2], "t": ["a", None, pd.NA]})
    assert payload_of_table(table)["rows"] == [
        ["2025-03-01", 1.5, "a"], [None, None, None], ["2025-03-01T10:30:00", 2.0, None],
    ]  # fmt: skip


def test_a_message_in_a_cell_is_said():
    message = Message("core.reason.missing_table", {"tables": ["x"]})
    value = payload_of_table(pd.DataFrame({"rule": [message]}))["rows"][0][0]
    assert printed_cell(value, "rule", "", "en") == "No usable rows in table: x."


def test_a_named_index_is_a_column():
    table = pd.Series([1, 2], index=pd.Index(["a", "b"], name="process"), name="n").to_frame()
    assert payload_of_table(table)["columns"] == ["process", "n"]


@pytest.mark.parametrize(
    ("name", "values", "spec"),
    [
        ("unbudgeted_share", [0.1, 0.2], "percent"),
        ("wait_hours", [2.25], "number1"),
        ("planned_amount", [1000.5, 2.0], "number0"),
        ("n", [1, 2], "number0"),
        ("eac_budget_rate", [233535593.7, 1.0], "number0"),
        ("rate_amount", [39647.7, 1.0], "number0"),
        ("year", [2012, 2023], "year"),
        ("index", [0.89, 1.1], "number"),
        ("name", ["a"], ""),
    ],
)
def test_columns_are_printed_by_name_and_size(name, values, spec):
    assert column_spec(name, values) == spec


def test_a_year_is_printed_without_a_comma():
    assert printed_cell(2012, "year", "year", "en") == "2012"


@pytest.mark.parametrize("client_id", ["demo-trading", "demo-troubled"])
def test_no_table_of_the_demo_clients_prints_money_or_counts_as_per_cent(client_id, assessed):
    results = [assessed(factor, client_id) for factor in FACTORS]
    wrong = [
        (name, column, values.abs().max())
        for result in results for name, table in result.tables.items()
        for column, values in table.select_dtypes("number").items()
        if column_spec(column, values.dropna().tolist(), "CNY") == "percent"
        and values.abs().max() > 10
    ]  # fmt: skip
    assert wrong == []


def test_bounds_without_a_value_are_printed():
    data = {"value": None, "low": 0.0, "high": 0.4, "unit": "ratio"}
    assert printed_value(data, "en") == "–"
    assert printed_interval(data, "en") == "0.0% to 40.0%"


def test_hidden_characters_are_made_visible_and_long_text_is_cut():
    assert shown("a\u202eb\x00c\u200b") == "a[U+202E]b[U+0000]c[U+200B]"
    assert shown("plain 中文 😀") == "plain 中文 😀"
    assert shortened("中" * 10, 10) == "中中中中…"


def test_a_step_without_table_or_words_still_shows():
    step = Step("cost.x", (measured("cost.cpi", 0.89, "index"),))
    assert "cost.x" in plain(step) and "0.89" in plain(step)
    assert step_bundle(step)[STEP_MIME]["table"]["total"] == 0


def test_a_step_without_rows_says_so_and_one_with_a_sentence_does_not():
    nothing = "Nothing to show"
    assert nothing in Step("efficiency.samples", table=pd.DataFrame())._repr_html_()
    assert nothing not in Step("efficiency.samples", sentence=Message("Four forms."))._repr_html_()
    assert nothing not in Step("efficiency.samples", table=pd.DataFrame({"n": [1]}))._repr_html_()
