"""A thin client's section: what cannot be shown is said once, not chart by chart."""

import pytest
from report_sample import code, plot_bars, prose, step_output, write_notebooks

from crm_eval_lib import charts
from crm_eval_lib.report.notebook import read_notebook
from crm_eval_lib.report.sections import section_of
from crm_eval_lib.report.verdict import interval
from crm_eval_lib.results import Message, Step, missing_column, missing_table, not_assessed
from crm_eval_lib.text import language, say


def silent(name, table):
    reason = missing_table(table)
    item = not_assessed(f"cost.{name}", "ratio", reason, tables=(table,))
    said = Message("cost.sentence.not_assessed", {"reason": reason})
    return Step(f"cost.{name}", (item,), sentence=said)


@pytest.fixture
def section(tmp_path):
    steps = [silent("deviation", "budget"), silent("bridge", "budget"), silent("scope", "scope")]
    with language("en"):
        figures = [
            charts.figure(f"COST-0{place}", plot_bars, step)._repr_mimebundle_()
            for place, step in enumerate(steps, start=1)
        ]
        outputs = [step_output(step) for step in steps]
    cells = [prose("# Cost\n\nWas it kept?", "lang-en"), code("x", *outputs), code("y", *figures)]
    paths = write_notebooks(tmp_path, cells=cells)
    return section_of(read_notebook(paths[1], "en"), "en")


def test_figures_without_data_are_gathered_by_their_reason(section):
    assert section.figures == ()
    assert [(item.ids, item.note) for item in section.undrawn] == [
        ("COST-01, COST-02", "No usable rows in table: budget."),
        ("COST-03", "No usable rows in table: scope."),
    ]


def test_a_sentence_that_several_steps_share_is_said_once(section):
    assert [answer.text for answer in section.answers] == [
        "This cannot be answered: No usable rows in table: budget.",
        "This cannot be answered: No usable rows in table: scope.",
    ]


def test_chinese_names_tables_and_columns_with_their_codes():
    assert (
        say(missing_table("budget", "x"), "zh-Hans") == "没有可用的数据表记录：预算（budget）、x。"
    )
    told = say(missing_column("budget", "approved_on"), "zh-Hans")
    assert told == "数据表预算（budget）未记录：批准日期（approved_on）。"


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "not a 95% interval"), ("zh-Hans", "而非95%区间")]
)
def test_a_range_near_an_end_of_the_scale_is_not_called_an_interval(lang, words):
    overall = {"score": 79.1, "low": 70.9, "high": 84.7, "range_kind": "bounds"}
    assert words in interval(overall, "score", lang)
