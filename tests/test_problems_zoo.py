"""Factor 2 on hostile registers, its invariants, its words and its charts."""

import re
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problem_rows import CLAIMED, DATES, OPEN, PROVEN, register

from crm_eval_lib import charts, problems
from crm_eval_lib.results import Step
from crm_eval_lib.text import catalogue, indicator_label, language, say

PLAIN_NAMES = (
    "solved_rate", "claimed_rate", "evidence_gap", "raised_rate", "weighted_solved_rate",
    "median_days", "p80_days", "rmst_days[365]", "open_high", "open_five_90", "reopen_rate",
    "late_found_share", "engagement", "attendance", "proactive_share", "traced_share",
    "confirmed_share", "kappa", "pabak", "survey_better_share",
)  # fmt: skip
PLAIN_IDS = {f"problems.{name}" for name in PLAIN_NAMES}
TABLES = ("problems", "departments", "trace", "ratings", "survey", "survey_items",
          "problem_check")  # fmt: skip


def client(dates=DATES, **tables):
    frames = dict.fromkeys(TABLES) | tables
    return SimpleNamespace(tables=SimpleNamespace(**frames), dates=dates)


def mixed_register(n=40, seed=7):
    """Rows of every kind, many columns filled at random."""
    rng = np.random.default_rng(seed)

    def pick(*values):
        return rng.choice(np.array(values, dtype=object), n)

    raised = pd.Timestamp("2024-01-10") + pd.to_timedelta(rng.integers(0, 600, n), unit="D")
    solved = pd.Series(raised + pd.to_timedelta(rng.integers(0, 200, n), unit="D"))
    status = pick("open", "solved", "solved", "solved", "partly", "rejected", "withdrawn",
                  "duplicate")  # fmt: skip
    return pd.DataFrame({
        "problem_id": [f"P{k:02d}" for k in range(n)], "raised_on": raised, "title": "问题",
        "department": pick("销售部", "财务部", None), "process": pick("order", "复核", None),
        "severity": rng.integers(1, 6, n).astype(float), "importance": pick(1.0, 3.0, None),
        "status": status, "solved_on": solved.where(status == "solved"),
        "closed_on": solved.where(status != "open"), "accepted": pick("yes", "no", None),
        "evidence": pick("记录", None), "in_scope": pick("yes", "no", "deferred", None),
        "decided_by_side": pick("client", "vendor", None), "phase": pick("survey", "build", None),
        "origin": pick("register", "recalled", None), "reopened": pick(0.0, 1.0, None),
        "prompted": pick("yes", "no", None), "raised_by_side": pick("client", "vendor"),
        "entered_on": pd.Series(raised + pd.to_timedelta(rng.integers(0, 9, n), unit="D")),
        "confirmed_on": solved + pd.Timedelta(days=30),
    })  # fmt: skip


ZOO = {
    "nothing": {},
    "no rows": {"problems": register(OPEN).iloc[:0], "survey": pd.DataFrame()},
    "one open row": {"problems": register(OPEN)},
    "one proven row": {"problems": register(PROVEN)},
    "all equal": {"problems": register(*[{**PROVEN, "severity": 5, "phase": "survey"}] * 30)},
    "only duplicates": {"problems": register({"status": "duplicate"}, {"duplicate_of": "P1"})},
    "only later rows": {"problems": register({"raised_on": "2026-01-01"})},
    "required columns only": {
        "problems": register(OPEN, CLAIMED)[["problem_id", "raised_on", "title", "severity",
                                             "status"]]
    },
    "Chinese and markup": {
        "problems": register({**OPEN, "severity": 5, "title": "<b>价格</b> {n} 100%",
                              "problem_id": "a]b%{x}", "department": "销售 {部}"})
    },
    "repeated rows": {"problems": pd.concat([register(PROVEN, OPEN)] * 2)},
    "everything mixed": {"problems": mixed_register()},
}  # fmt: skip


@pytest.mark.parametrize("name", ZOO)
def test_every_plain_indicator_is_published_whatever_comes_in(name):
    result = problems.assess(client(**ZOO[name]))
    ids = {indicator.id for indicator in result.indicators}
    assert ids >= PLAIN_IDS
    assert any(id.startswith("problems.survey_shift") for id in ids)
    for indicator in result.indicators:
        assert indicator.state in ("measured", "not_assessed")
        assert (indicator.reason is not None) == (indicator.state == "not_assessed")


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
@pytest.mark.parametrize("name", ZOO)
def test_everything_said_can_be_said_in_both_languages(name, lang):
    result = problems.assess(client(**ZOO[name]))
    said = [indicator.reason for indicator in result.indicators if indicator.reason]
    said += [caveat.message for caveat in result.caveats]
    said += [finding.action.sentence for finding in result.findings if finding.action]
    for message in said:
        assert say(message, lang)
    for finding in result.findings:
        slots = {**finding.sentence.slots, "verb": "shows"}
        assert say(type(finding.sentence)(finding.sentence.key, slots), lang)


def test_a_repeated_row_counts_once():
    result = problems.assess(client(**ZOO["repeated rows"]))
    assert result["problems.solved_rate"].n == 2


def test_a_register_without_columns_says_which_are_missing():
    result = problems.assess(client(**ZOO["required columns only"]))
    assert result["problems.reopen_rate"].reason.slots["columns"] == ["reopened"]
    assert result["problems.solved_rate"].reason.slots["columns"] == ["accepted", "evidence"]
    assert result["problems.claimed_rate"].value == 0.5


@pytest.fixture(scope="module")
def unshuffled():
    return problems.assess(client(problems=mixed_register())).to_dict()


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_shuffled_rows_change_nothing(unshuffled, seed):
    shuffled = mixed_register().sample(frac=1, random_state=seed)
    assert problems.assess(client(problems=shuffled)).to_dict() == unshuffled


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60))
def test_claimed_is_never_below_solved_and_shares_stay_shares(seed, n):
    result = problems.assess(client(problems=mixed_register(n, seed)), resamples=50)
    solved, claimed = result["problems.solved_rate"], result["problems.claimed_rate"]
    if solved.value is not None:
        gap = result["problems.evidence_gap"].value
        assert claimed.value >= solved.value
        assert gap == pytest.approx(claimed.value - solved.value)
    for item in result.indicators:
        if item.unit == "ratio" and item.value is not None:
            assert 0 <= item.low <= item.value + 1e-12
            assert item.value <= item.high + 1e-12 <= 1 + 2e-12


def test_nothing_after_the_status_date_has_an_influence():
    frame = mixed_register(80)
    early = SimpleNamespace(status_date=pd.Timestamp("2024-12-31"), go_live=DATES.go_live)
    later = frame["raised_on"] > early.status_date
    changed = frame.mask(later, frame.assign(severity=5.0, status="solved", accepted="yes"))
    future = pd.Timestamp("2026-05-05")
    changed = changed.assign(
        solved_on=frame["solved_on"].mask(frame["solved_on"] > early.status_date, future)
    )
    first = problems.assess(client(early, problems=frame))
    assert first.to_dict() == problems.assess(client(early, problems=changed)).to_dict()


def test_the_input_is_not_changed():
    frame = mixed_register()
    before = frame.copy(deep=True)
    problems.assess(client(problems=frame))
    pd.testing.assert_frame_equal(frame, before)


def test_both_catalogues_have_the_same_keys_and_slots():
    english, chinese = (
        {k: set(re.findall(r"{(\w+)", v)) for k, v in catalogue(lang).items()
         if k.startswith("problems.")}
        for lang in ("en", "zh-Hans")
    )  # fmt: skip
    assert english == chinese


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_every_indicator_has_a_name_for_readers(lang):
    labels = catalogue(lang)
    for id in (*PLAIN_IDS, "problems.survey_shift[Q1]"):
        assert f"problems.indicator.{id.removeprefix('problems.').partition('[')[0]}" in labels
    assert "销售部" in indicator_label("problems.solved_rate[department=销售部]", lang)


SURVEY = pd.DataFrame(
    [(f"R{n}", wave, item, score + (n % 3 if wave == "after" else 0))
     for n in range(12) for item, score in (("Q1", 2), ("Q2", 1)) for wave in ("before", "after")],
    columns=["respondent_id", "wave", "item_id", "score"],
)  # fmt: skip
ITEMS = pd.DataFrame({"item_id": ["Q1", "Q2"], "text": ["查询订单快", "找不到客户"],
                      "higher_is_better": ["yes", "no"]})  # fmt: skip


def drawn(name, lang):
    frame = mixed_register(60)
    step = {
        "plot_funnel": lambda: problems.solved(frame, dates=DATES),
        "plot_groups": lambda: problems.by_group(frame, dates=DATES),
        "plot_solution_time": lambda: problems.solution_time(frame, dates=DATES),
        "plot_survey": lambda: problems.survey(SURVEY, ITEMS),
        "plot_breaks": lambda: problems.ledger(frame, None, dates=DATES),
    }[name]()
    return step, getattr(charts, name)(step, ax=plt.figure().subplots(), lang=lang)


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
@pytest.mark.parametrize("name", ["plot_funnel", "plot_groups", "plot_solution_time",
                                  "plot_survey", "plot_breaks"])  # fmt: skip
def test_charts_become_figures_in_both_languages(name, lang):
    step, ax = drawn(name, lang)
    plt.close("all")
    with language(lang):
        shown = charts.figure("PROB-01", getattr(charts, name), step)
    assert "<svg" in shown.svg
    assert shown.headline
    assert ax.get_xlabel()


def test_the_funnel_draws_the_numbers_of_its_table():
    step, ax = drawn("plot_funnel", "en")
    table = step.table[step.table["count"] > 0]  # a reason nobody used has no bar
    assert [bar.get_width() for bar in ax.patches] == table["count"].tolist()
    assert ax.get_xlim()[0] == 0
    starts = dict(zip(table["stage"], (bar.get_x() for bar in ax.patches), strict=True))
    inside = table.set_index("stage")["count"]["in_denominator"]
    assert starts["left_by_client"] == inside  # what leaves ends where the denominator begins
    plt.close("all")


def test_a_funnel_without_proof_says_so_instead_of_drawing_a_zero():
    step = problems.solved(register(CLAIMED, OPEN), dates=DATES)
    ax = charts.plot_funnel(step, ax=plt.figure().subplots())
    assert "not on record" in [text.get_text() for text in ax.texts]
    plt.close("all")


def test_the_curve_shows_the_numbers_still_watched_below_the_axis():
    step, ax = drawn("plot_solution_time", "en")
    texts = [text.get_text() for text in ax.texts]
    assert "Under observation" in texts
    assert {f"{int(n)}" for n in step.tables["at_risk"]["watched"]} <= set(texts)
    plt.close("all")


def test_departments_without_proof_are_said_to_be_not_assessed():
    frame = register({**CLAIMED, "department": "A"}, {"department": "B"})
    step = problems.by_group(frame, dates=DATES)
    ax = charts.plot_groups(step, ax=plt.figure().subplots())
    assert [text.get_text() for text in ax.texts] == ["not assessed"] * 2
    plt.close("all")


def test_survey_items_say_better_or_worse_in_words():
    _, ax = drawn("plot_survey", "en")
    assert {text.get_text() for text in ax.texts} == {"better", "worse"}
    plt.close("all")


def test_a_step_that_could_not_be_computed_shows_a_note():
    step = problems.solved(None, dates=DATES)
    assert isinstance(step, Step)
    shown = charts.figure("PROB-01", charts.plot_funnel, step)
    assert (shown.svg, bool(shown.note)) == (None, True)
