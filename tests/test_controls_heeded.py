"""Warnings that wear off, sales under exemptions, duties in one hand: all by hand."""

import numpy as np
import pandas as pd
import pytest
from control_rows import DATES, frame, lines, orders, points
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import Table

from crm_eval_lib import controls
from crm_eval_lib.client import open_client
from crm_eval_lib.simulate import DEMOS
from crm_eval_lib.stats.trend import share_trend
from crm_eval_lib.text import say

WARN = points({"configured_mode": "suggest"}, {"configured_mode": "warn"})


def decisions(dismissed, shown=20, control="C2"):
    """So many of 20 warnings dismissed in each month from January on."""
    rows = [
        {"decided_at": f"2025-{month:02d}-15 10:00",
         "decision": "overridden" if n < k else "followed"}
        for month, k in enumerate(dismissed, 1) for n in range(shown)
    ]  # fmt: skip
    return frame(rows, {"control_id": control})


def heeded(*tables):
    return controls.advice_taken(pd.concat(tables, ignore_index=True), WARN, dates=DATES)


def test_warnings_that_wear_off_are_said_with_their_trend_and_found():
    # U = -1.5*2 - .5*6 + .5*10 + 1.5*14 = 20, V = .4*.6*20*(2.25 + .25 + .25 + 2.25) = 24
    step = heeded(decisions([2, 6, 10, 14]))
    row = step.table.iloc[0]
    assert row["odds_per_month"] == pytest.approx(np.exp(20 / 24))
    assert row[["trend_low", "trend_high"]].tolist() == pytest.approx(
        [np.exp(20 / 24 - 1.959964 / 24**0.5), np.exp(20 / 24 + 1.959964 / 24**0.5)]
    )
    assert (row["first_half_share"], row["second_half_share"]) == (8 / 40, 24 / 40)
    said = "20% in the first half of the time, 60% in the second"
    assert said in say(step.sentence, "en") and "more and more" in say(step.sentence, "en")
    assert "前半段有20%被忽略，后半段升至60%" in say(step.sentence, "zh-Hans")
    [finding] = step.findings
    assert finding.indicator == "controls.warnings_dismissed[C2]"
    assert finding.sentence.slots["second"] == 0.6
    assert step[finding.indicator].parts["second_half_share"] == 0.6


def test_warnings_that_stay_as_they_are_show_no_trend():
    step = heeded(decisions([8, 8, 8, 8]))
    assert step.findings == () and "no trend stands out" in say(step.sentence, "en")
    assert step.table.loc[0, "odds_per_month"] == 1.0 and step.table.loc[0, "p"] == 1.0


def test_advice_that_is_no_warning_causes_no_fatigue():
    step = heeded(decisions([2, 6, 10, 14], control="C1"))
    assert step.findings == () and say(step.sentence, "en").endswith("No warning is among them.")


@pytest.mark.parametrize("dismissed", [[3], [2, 9], [0, 0, 0, 0], [20, 20, 20]])
def test_too_few_months_or_one_outcome_tell_no_trend(dismissed):
    step = heeded(decisions(dismissed))
    assert step.table.loc[0, "odds_per_month"] != step.table.loc[0, "odds_per_month"]
    assert "cannot be told" in say(step.sentence, "en") and step.findings == ()


def test_p_values_are_adjusted_for_the_number_of_controls():
    one = heeded(decisions([2, 6, 10, 14])).table.set_index("control_id")["p"]
    both = heeded(decisions([2, 6, 10, 14]), decisions([8, 8, 8, 8], control="C1"))
    assert both.table.set_index("control_id")["p"]["C2"] == pytest.approx(2 * one["C2"])


def test_each_month_has_its_share_with_an_interval():
    months = heeded(decisions([2, 6])).tables["months"]
    assert months["month"].tolist() == ["2025-01", "2025-02"]
    assert months["dismissed_share"].tolist() == [0.1, 0.3]
    assert (months["low"] < months["dismissed_share"]).all()


def test_the_trend_is_the_cochran_armitage_test_of_statsmodels():
    counts = np.array([[18, 2], [14, 6], [11, 9], [5, 15]])
    y = np.concatenate([[0] * a + [1] * b for a, b in counts])
    t = np.repeat(np.arange(4), counts.sum(axis=1))
    oracle = Table(counts, shift_zeros=False).test_ordinal_association()
    n = len(y)  # statsmodels divides by n - 1, Armitage by n
    z = oracle.zscore * (n / (n - 1)) ** 0.5
    assert share_trend(y, t).p == pytest.approx(2 * stats.norm.sf(abs(z)))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=60))
def test_turning_the_outcomes_round_turns_the_odds_round(rows):
    y, t = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    one, other = share_trend(y, t), share_trend(~y, t)
    assert (one is None) == (other is None)
    if one is not None:
        assert one.odds_ratio * other.odds_ratio == pytest.approx(1)
        assert one.p == pytest.approx(other.p) and one.low <= one.odds_ratio <= one.high


def test_a_level_of_its_own_in_each_group_is_no_trend():
    # one group early and never, the other late and always: nothing moves within either
    y, t = [0] * 9 + [1] * 9, [1, 2, 3] * 3 + [4, 5, 6] * 3
    assert share_trend(y, t).odds_ratio > 1
    assert share_trend(y, t, strata=["a"] * 9 + ["b"] * 9) is None


def test_exemptions_are_listed_with_what_was_sold_under_them_and_who_granted_them():
    sold = orders({"customer": "A"}, {"customer": "B"}, {"creator_role": "director"},
                  {"customer": "C", "quantity": 70.0})  # fmt: skip
    given = frame([{"control_id": "C1", "exempt": "A", "granted_by_role": "board"},
                   {"control_id": "C1", "exempt": "director", "to": "2025-12-31"},
                   {"control_id": "C2", "exempt": "nobody"}])  # fmt: skip
    step = controls.exempt_sales(lines(sold), given, dates=DATES, currency="CNY")
    rows = step.table.set_index("exempt")
    assert rows["exempt_amount"].to_dict() == {"A": 1000.0, "director": 1000.0, "nobody": 0.0}
    assert rows.loc["A", ["exempt_kind", "granted_by_role", "endless"]].tolist() == [
        "customer", "board", True]  # fmt: skip
    assert step["controls.exempt_share"].parts["role_value"] == 1000.0
    assert "2 exemptions, 1 of which has no end" in say(step.sentence, "en")
    assert say(step.sentence, "zh-Hans").endswith("其中1项没有期限；规则应当对事不对人。")
    [finding] = step.findings  # 2,000 of 10,000
    assert finding.rows == (("exemptions", "C1"),)


def test_a_small_exempt_share_is_no_finding():
    sold = orders({"customer": "A"}, {"customer": "B", "quantity": 190.0})
    given = frame([{"control_id": "C1", "exempt": "A"}])
    step = controls.exempt_sales(lines(sold), given, dates=DATES, currency="CNY")
    assert step["controls.exempt_share"].value == 0.05 and step.findings == ()


def rights(*rows):
    return frame([{"user_id": u, "permission": p, "used_at": at} for u, p, at in rows])


def test_duties_really_used_by_one_person_are_a_finding_without_a_name():
    held = rights(("E1", "order", "2025-01-05"), ("E1", "approve", "2025-01-06"),
                  ("E2", "order", None), ("E2", "approve", "2025-01-06"))  # fmt: skip
    pair = pd.DataFrame({"permission_a": ["order"], "permission_b": ["approve"], "risk": ["own"]})
    step = controls.separated_duties(held, pair, dates=DATES)
    assert say(step.sentence, "en") == (
        "2 users hold duties that exclude each other, in 2 pairs; in 1 of them both were used."
    )
    [finding] = step.findings
    assert finding.rows == (("conflicts", "approve + order"),)
    assert "E1" not in str(finding.to_dict())
    assert step.table.loc[0, "risk"] == "own"


def test_duties_held_and_not_used_are_no_finding():
    held = rights(("E1", "order", "2025-01-05"), ("E1", "approve", None))
    pair = pd.DataFrame({"permission_a": ["order"], "permission_b": ["approve"]})
    step = controls.separated_duties(held, pair, dates=DATES)
    assert step.findings == () and "in none of them both were used" in say(step.sentence, "en")


@pytest.mark.parametrize(("demo", "wears_off"), [("demo-troubled", True), ("demo-trading", False)])
def test_warnings_wear_off_in_the_demo_client_in_which_that_is_planted(demo, wears_off):
    client, truth = open_client(demo), DEMOS[demo]
    decisions, dates = client.tables.decisions, client.dates
    step = controls.advice_taken(decisions, client.tables.controls, dates=dates)
    assert bool(step.findings) is wears_off
    found = step["controls.warnings_dismissed[C04]"]  # a straight line from the first to the last
    assert found.low < (truth.dismissed_first + truth.dismissed_last) / 2 < found.high


def test_the_exempt_customers_of_a_demo_client_are_those_planted():
    client, truth = open_client("demo-troubled"), DEMOS["demo-troubled"]
    step = controls.exempt_sales(
        controls.lines_of(client), client.tables.exemptions, dates=client.dates, currency="EUR"
    )
    orders, first = client.tables.orders, pd.Timestamp(truth.blackout_end, tz=client.timezone)
    current = orders[orders["ordered_at"] >= first + pd.Timedelta(days=1)]
    worth = current["unit_price"] * current["quantity"]
    for off in {"rebate", "freight"} & set(current):  # sales are net of both
        worth = worth - current[off].fillna(0)
    sold = worth.groupby(current["customer"]).sum()
    share = sold[list(client.tables.exemptions["exempt"])].sum() / sold.sum()
    assert step["controls.exempt_share"].value == pytest.approx(share)
    assert len(step.table) == truth.exempt_customers == 6
