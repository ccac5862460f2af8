"""R3: comparison units take off what happened to both, or are refused with a reason."""

import numpy as np
import pandas as pd
import pytest
from efficiency_rows import ROUND_THE_CLOCK, make_dates, make_events, make_processes

from crm_eval_lib import efficiency
from crm_eval_lib.efficiency.controlled import comparison_of
from crm_eval_lib.text import say

DATES = make_dates("2024-01-01", "2024-12-31")
LISTED = [{"process": "p"}, {"process": "warehouse", "in_crm": "no"}]


def logs(rng, process, *, effect, shocks, drift=0.0, per_day=2, first="2022-01-03", days=1093,
         region="south"):  # fmt: skip
    """Cases of one process; ``shocks`` per month are shared, the effect begins with 2024."""
    starts = pd.Timestamp(first) + pd.to_timedelta(np.repeat(np.arange(days), per_day), unit="D")
    months = np.asarray((starts.year - 2022) * 12 + starts.month - 1)
    logs = 2.5 + shocks[months] + drift * months + rng.normal(0, 0.4, len(starts))
    hours = np.exp(logs + effect * (starts >= pd.Timestamp("2024-01-01")))
    ids = [f"{process}{region}{n}" for n in range(len(starts))]
    begin = pd.DataFrame({"case_id": ids, "activity": "begin", "completed_at": starts})
    ends = (starts + pd.to_timedelta(hours, unit="h")).floor("min")
    end = pd.DataFrame({"case_id": ids, "activity": "end", "completed_at": ends})
    return pd.concat([begin, end], ignore_index=True).assign(process=process, region=region)


def market(seed):
    """Monthly shocks that hit everyone, and a calm market from go-live on: 25 % faster for all."""
    rng = np.random.default_rng(seed)
    shocks = rng.normal(0, 0.05, 36) + np.where(np.arange(36) >= 24, np.log(0.75), 0.0)
    return rng, shocks


def built(*parts, processes=LISTED, **knobs):
    events = make_events(pd.concat(parts, ignore_index=True))
    table = None if processes is None else make_processes(processes)
    return efficiency.build_cases(events, table, dates=DATES, calendar=ROUND_THE_CLOCK, **knobs)


def both(seed, effect, **of_comparison):
    rng, shocks = market(seed)
    own = logs(rng, "p", effect=effect, shocks=shocks)
    return own, logs(rng, "warehouse", effect=0.0, shocks=shocks, **of_comparison)


@pytest.fixture(scope="module")
def helped():
    return efficiency.change(built(*both(1, np.log(0.7))))


def test_a_gain_is_parted_from_what_happened_to_everyone(helped):
    found = helped["efficiency.change[p]"]
    assert found.rung == "R3"
    assert found.low < -0.3 < found.high < 0  # the market's 25 % are no part of it
    rungs = helped.tables["rungs"].set_index("rung")
    assert rungs.index.tolist() == ["R0", "R2", "R3"]
    assert rungs.at["R2", "change_ratio"] < -0.4  # 1 − .7·.75 = .475, both taken together
    assert rungs["reached"].tolist() == [False, False, True]


def test_a_calm_market_alone_is_no_effect_though_the_series_without_comparison_says_so():
    step = efficiency.change(built(*both(2, 0.0)))
    found = step["efficiency.change[p]"]
    assert found.rung == "R3"
    assert found.value is None or found.low <= 0 <= found.high
    rungs = step.tables["rungs"].set_index("rung")
    assert rungs.at["R2", "high_ratio"] < 0


def weekly(seed, **of_comparison):
    """Four cases a day, 28 a week; −25 % is planted, and as much comes to both by itself."""
    rng, shocks = market(seed)
    own = logs(rng, "p", effect=np.log(0.75), shocks=shocks, per_day=4)
    other = logs(rng, "warehouse", effect=0.0, shocks=shocks, per_day=4, **of_comparison)
    return efficiency.change(built(own, other))


def test_weekly_comparison_holds_the_truth_that_the_series_alone_misses():
    step = weekly(7)
    found, rungs = step["efficiency.change[p]"], step.tables["rungs"].set_index("rung")
    assert (found.rung, found.parts["frequency"]) == ("R3", "week")
    assert found.low < -0.25 < found.high
    assert rungs.at["R2", "high_ratio"] < -0.25  # 1 − .75·.75 = .4375 would be the system's


def test_weekly_comparison_whose_leads_drift_stays_on_the_series_and_says_so():
    found = weekly(8, drift=-0.03)["efficiency.change[p]"]
    assert (found.rung, found.parts["frequency"]) == ("R2", "week")
    assert "did not move alike before go-live" in say(found.reason, "en")
    assert "上线前" in say(found.reason, "zh-Hans")


def test_the_leads_are_flat_and_the_lags_show_the_gain(helped):
    study = helped.tables["event_study"].set_index("quarter")
    assert study.index.tolist() == [*range(-8, 0), 0, 1, 2, 3]
    assert study["phase"].tolist() == ["lead"] * 8 + ["lag"] * 4
    assert study["leads_p"].iloc[0] >= 0.05
    before, after = study.loc[:-1, "change_ratio"], study.loc[0:, "change_ratio"]
    assert after.max() < before.min()
    # geometric means over the quarters: the planted 30 %
    ratio = np.exp(np.log1p(after).mean() - np.log1p(before).mean())
    assert ratio == pytest.approx(0.7, abs=0.05)
    assert np.log1p(before).mean() == pytest.approx(0, abs=1e-9)  # measured from their mean


def test_the_counterfactual_follows_the_comparison(helped):
    series = helped.tables["series"]
    after = series[series["after"] & series["used"]]
    assert (after["hours"] / after["without_event"]).median() == pytest.approx(0.7, abs=0.07)
    assert (after["without_low"] < after["without_event"]).all()
    assert (after["without_event"] < after["without_high"]).all()


def test_the_sentence_names_the_comparison_and_the_tempting_number(helped):
    said = say(helped.sentence, "en")
    assert "measured against units without the system" in said
    assert "as it stands would claim" in said
    assert "对照" in say(helped.sentence, "zh-Hans")


def test_units_that_moved_otherwise_before_go_live_are_refused():
    step = efficiency.change(built(*both(3, np.log(0.7), drift=-0.03)))
    found = step["efficiency.change[p]"]
    assert found.rung == "R2"
    assert "did not move alike before go-live" in say(found.reason, "en")


def test_units_with_too_short_a_history_are_refused():
    parts = both(4, np.log(0.7), first="2023-06-01", days=579)
    found = efficiency.change(built(*parts))["efficiency.change[p]"]
    assert found.rung == "R2"
    assert "share 7 usable periods (months) before and 12 after" in say(found.reason, "en")


def test_units_without_a_case_in_the_log_are_named():
    own, _ = both(5, np.log(0.7))
    found = efficiency.change(built(own))["efficiency.change[p]"]
    assert "no case of the comparison units" in say(found.reason, "en")


def test_cases_under_the_clients_condition_win_over_processes_outside():
    rng, shocks = market(6)
    own = logs(rng, "p", effect=np.log(0.7), shocks=shocks)
    north = logs(rng, "p", effect=0.0, shocks=shocks, region="north")
    other = logs(rng, "warehouse", effect=0.0, shocks=shocks)
    cases = built(own, north, other, comparison="region = 'north'")
    assert set(comparison_of(cases, "p")["process"]) == {"p"}
    found = efficiency.change(cases)["efficiency.change[p]"]
    assert found.rung == "R3" and found.low < -0.3 < found.high
    assert found.parts["comparison_cases"] == north["case_id"].nunique()


def test_work_time_and_tail_use_the_rung_of_the_change(helped):
    assert helped["efficiency.p90_change[p]"].rung == "R3"
    assert helped["efficiency.p90_change[p]"].low < -0.3 < helped["efficiency.p90_change[p]"].high
