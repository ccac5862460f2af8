"""Design and operation of control points apart; what is open; what the next sample needs."""

import pandas as pd
import pytest
from client_folder import make_client
from control_rows import DATES, items, lines, orders, points, together

from crm_eval_lib import controls, data_check
from crm_eval_lib.client import open_client
from crm_eval_lib.errors import CrmEvalError, DataError
from crm_eval_lib.stats.sampling import further_items
from crm_eval_lib.text import say


def assured(rows, *tests):
    return controls.assurance(rows, together(*tests), dates=DATES)


def told(step, column, name="operation"):
    table = step.table if name == "operation" else step.tables[name]
    return dict(zip(table["control_id"], table[column], strict=True))


def test_attempts_and_walkthroughs_judge_the_design_and_never_the_rate():
    early, late = "2024-10-01", "2025-02-01"
    step = assured(points({}, {}, {}, {}, {}, {}),
                   items("C1", 1, 0, "negative"), items("C2", 0, 1, "negative", early),
                   items("C2", 1, 0, "negative", late), items("C3", 1, 0, "negative", early),
                   items("C3", 0, 1, "negative", late), items("C4", 1, 0, "walkthrough"),
                   items("C5", 0, 1, "walkthrough"))  # fmt: skip
    assert told(step, "design", "design") == {
        "C1": "resisted", "C2": "mended", "C3": "broken", "C4": "walked", "C5": "walked_badly",
        "C6": "not_tested"}  # fmt: skip
    assert set(told(step, "items").values()) == {0}
    assert told(step, "last_tested", "design")["C3"] == pd.Timestamp(late)


def test_the_next_sample_is_what_is_still_missing_or_a_whole_one_after_a_failure():
    # clean items at 5 % and 95 %: 59 with none, 93 with one, 124 with two, 153 with three found
    rows = points({}, {}, {}, {}, {"critical": "no"})
    step = assured(rows, items("C1", 25), items("C2", 57, 3), items("C3", 18, 2), items("C4", 59))
    assert told(step, "next_items") == {"C1": 34, "C2": 93, "C3": 59, "C4": 0, "C5": 22}
    assert told(step, "verdict") == {"C1": "not_assured", "C2": "not_assured", "C3": "over",
                                     "C4": "within", "C5": "not_tested"}  # fmt: skip
    assert told(step, "confidence")["C5"] == 0.90


def test_failed_and_not_assured_are_told_apart():
    step = assured(points({}, {}, {}, {}), items("C1", 25), items("C2", 18, 2), items("C3", 59))
    assert say(step.sentence, "en").endswith(
        "1 holds within the tolerable rate, 1 failed, 1 neither failed nor is assured."
    )
    assert say(step.sentence, "zh-Hans").endswith("1个失效，1个既未失效，也不足以证明有效。")


def test_few_deviations_in_a_small_sample_prove_as_little_as_none():
    clean, some, _ = assured(points({}, {}, {}), items("C1", 25), items("C2", 57, 3)).caveats
    assert "C1: 0 of 25" in say(clean.message) and "34 more clean items" in say(clean.message)
    assert "C2: 3 of 60" in say(some.message) and "93 more clean items" in say(some.message)
    assert "C2抽查60笔、3笔偏差" in say(some.message, "zh-Hans")
    assert some.indicators == ("controls.upper_limit[C2]",)


def test_a_control_without_any_test_is_named_with_what_follows():
    rows = points({}, {"critical": "no", "risk": "重复建档"}, {})
    *_, caveat = assured(rows, items("C3", 59)).caveats
    assert say(caveat.message, "en").startswith(
        "2 of 3 control points have no test at all, 1 of them critical: C1 a risk, C2 重复建档."
    )
    assert "关键的按未能确认计" in say(caveat.message, "zh-Hans")


@pytest.mark.parametrize(
    ("k", "n", "population", "more"),
    [
        (0, 25, None, 34),  # 59 in all
        (0, 0, None, 59),
        (0, 25, 100, 14),  # 6 bad of 100: C(94,39)/C(100,39) = .0466, with 38 drawn .0516
        (6, 100, 100, None),  # all were seen, and 6 % are bad
        (0, 59, None, 0),
    ],
)
def test_further_items_are_those_that_bring_the_limit_down(k, n, population, more):
    assert further_items(k, n, 0.05, population=population) == more


def test_nothing_tolerated_can_only_be_shown_by_seeing_everything():
    assert further_items(0, 25, 0.0) is None
    assert further_items(0, 25, 0.0, population=40) == 13  # one bad of 40: 38 drawn miss it .05


def test_more_deviations_than_items_are_refused():
    with pytest.raises(CrmEvalError, match="found 3 of 2"):
        further_items(3, 2, 0.05)


def test_the_rows_that_refute_a_mode_stand_behind_the_matrix():
    low = {"unit_price": 80.0, "created_by": "E1", "shipped_at": "2025-01-16 09:00"}
    approved = {**low, "approved_by": "M1", "approver_role": "director",
                "approved_at": "2025-01-15 11:00"}  # fmt: skip
    sold = lines(orders(approved, low, low))
    step = controls.mode_matrix(points({"log_check": "price_floor"}), lines=sold, dates=DATES)
    assert step.tables["refuting"]["key"].tolist() == ["S2/1", "S3/1"]
    assert step.table.loc[0, ["observed_mode", "refuted_by"]].tolist() == ["none", "log"]


def test_the_matrix_says_who_decided_and_when():
    step = controls.mode_matrix(
        points({"decided_by_role": "board"}, {"decided_on": None}), dates=DATES
    )
    decided = step.tables["decided"]
    assert decided["control_id"].tolist() == ["C2", "C1"]  # what is still open comes first
    assert decided.loc[1, ["decided_by_role", "override_role"]].tolist() == [
        "board", "sales director"]  # fmt: skip
    assert decided.loc[1, "decided_on"] == pd.Timestamp("2024-06-01")


HEAD = "control_id,risk,required_mode,likelihood,tolerable_rate\n"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("C1,x,strict,3,\n", "row 2, column required_mode – found 'strict' – allowed: block"),
        ("C1,x,block,7,\n", "row 2, column likelihood – found 7 – allowed: a number"),
        ("C1,x,block,0,\n", "found 0 – allowed: a number such as 1234.56, from 1 to 5"),
        ("C1,x,block,3,5\n", "column tolerable_rate – found 5 – allowed: a share"),
        ("C1,x,block,3,\nC1,y,warn,3,\n", "row 3, column control_id – found 'C1' again"),
    ],
)
def test_a_list_that_breaks_the_contract_is_refused_with_place_and_remedy(tmp_path, rows, said):
    make_client(tmp_path, {"controls.csv": HEAD + rows})
    with pytest.raises(DataError) as error:
        open_client("acme", clients_dir=tmp_path).validate()
    assert said in str(error.value)


def test_decisions_and_tests_dated_later_are_named_and_not_used(tmp_path):
    make_client(tmp_path, {
        "controls.csv": "control_id,risk,required_mode,configured_mode,decided_on\n"
                        "C1,x,block,block,2025-12-01\n",
        "control_tests.csv": "control_id,test_id,tested_on,method,result\n"
                             "C1,T1,2025-12-02,negative,deviation\n",
    })  # fmt: skip
    client = open_client("acme", clients_dir=tmp_path).validate()
    dates = data_check.plausibility(client.tables, dates=client.dates, timezone=client.timezone)
    said = " ".join(say(item.message, "en") for item in dates.caveats)
    assert "C1: 2025-12-01" in said and "C1: 2025-12-02" in said
    result = controls.assess(client)
    assert result["controls.coverage"].value == 1.0
    assert result["controls.listed_before_share"].value == 0.0


@pytest.mark.parametrize(
    ("row", "english", "chinese"),
    [({}, "every point weighs the same", "各点权重相同"),
     ({"impact": 4.0}, "weighed by their impact alone", "实际只按影响加权"),
     ({"likelihood": 4.0}, "weighed by their likelihood alone", "实际只按可能性加权")],
)  # fmt: skip
def test_a_risk_that_was_never_rated_is_said_to_weigh_nothing(row, english, chinese):
    [caveat] = controls.mode_matrix(points(row, row), dates=DATES).caveats
    assert english in say(caveat.message, "en") and chinese in say(caveat.message, "zh-Hans")
    rated = points({"likelihood": 4.0, "impact": 2.0}, {})
    assert controls.mode_matrix(rated, dates=DATES).caveats == ()
