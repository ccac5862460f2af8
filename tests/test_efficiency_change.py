"""Naive and honest change: published figures, planted truths, rungs, placebo, refusals."""

import numpy as np
import pandas as pd
import pytest
from efficiency_rows import ROUND_THE_CLOCK, case, make_dates, make_events, steady_log

from crm_eval_lib import efficiency
from crm_eval_lib.efficiency.medians import quantile_ratio
from crm_eval_lib.efficiency.periods import frequency_of, period_series, week_of
from crm_eval_lib.efficiency.ratio_design import _placebos
from crm_eval_lib.text import say

DATES = make_dates("2024-01-01", "2024-12-31")


def built(events, dates=DATES, processes=None, **knobs):
    return efficiency.build_cases(events, processes, dates=dates, calendar=ROUND_THE_CLOCK, **knobs)


@pytest.fixture(scope="module")
def faster():
    """Three years, two cases a day, 30 % faster from go-live on."""
    return efficiency.change(built(steady_log(1, effect=np.log(0.7))))


@pytest.fixture(scope="module")
def unchanged():
    """The same without any effect, but 1 % faster every month by itself."""
    return built(steady_log(2, drift=-0.01))


def test_brunner_munzel_gives_the_published_figures():
    # Pain scores of Brunner and Munzel 2000, as scipy and R's lawstat print them.
    first = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1]
    second = [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4]
    found = efficiency.brunner_munzel(second, first)
    assert found.statistic == pytest.approx(3.1374674823, abs=1e-6)
    assert found.degrees_of_freedom == pytest.approx(17.683, abs=6e-4)
    assert found.p == pytest.approx(0.0057862086661515, abs=1e-8)
    assert found.probability == pytest.approx(0.788961, abs=1e-6)


def test_cliffs_delta_of_its_r_example_is_one_less_twice_the_superiority():
    # effsize::cliff.delta, its example: −0.25; δ = P(first > second) − P(first < second).
    treatment, control = [10, 10, 20, 20, 20, 30, 30, 30, 40, 50], [10, 20, 30, 40, 40, 50]
    found = efficiency.brunner_munzel(control, treatment)  # P(treatment is smaller)
    assert 1 - 2 * found.probability == pytest.approx(-0.25, abs=1e-9)


def test_wholly_parted_samples_have_probability_one_and_no_interval():
    found = efficiency.brunner_munzel([5, 6, 7], [1, 2, 3])
    assert (found.probability, found.low, found.p) == (1.0, None, 0.0)


def test_naive_change_is_the_ratio_of_medians_less_one():
    rows = [r for n, h in enumerate([8, 10, 12, 14, 16]) for r in case(f"b{n}", "2023-05-01", h)]
    rows += [r for n, h in enumerate([2, 3, 6, 7, 8]) for r in case(f"a{n}", "2024-05-01", h)]
    step = efficiency.naive_change(built(make_events(rows)))
    assert step["efficiency.naive_change[p]"].value == pytest.approx(6 / 12 - 1)
    # 24 of 25 pairs are faster after, one is a tie (8 hours)
    assert step["efficiency.superiority[p]"].value == pytest.approx(24.5 / 25)


def test_a_planted_gain_is_found_on_the_interrupted_rung(faster):
    found = faster["efficiency.change[p]"]
    assert found.rung == "R2"
    assert found.low < -0.3 < found.high < 0
    assert faster["efficiency.placebo[p]"].value <= 0.10
    assert faster["efficiency.mde[p]"].value < 0.3


def test_the_series_shows_the_counterfactual_and_the_window(faster):
    series, window = faster.tables["series"], faster.tables["window"]
    after = series[series["after"] & series["used"]]
    assert (after["fitted"] < after["without_event"]).all()
    assert window["day"].tolist() == [pd.Timestamp("2024-01-01")] * 2


def test_why_the_rung_is_not_higher_is_said(faster):
    why = say(faster["efficiency.change[p]"].reason, "en")
    assert "R2" in why and "comparison" in why


def test_a_trend_fools_before_after_but_not_the_interrupted_series(unchanged):
    naive = efficiency.naive_change(unchanged)["efficiency.naive_change[p]"]
    honest = efficiency.change(unchanged)["efficiency.change[p]"]
    assert naive.high < 0  # eighteen months of drift look like a gain
    assert honest.state == "not_assessed" or honest.low <= 0 <= honest.high


def test_a_change_that_placebo_dates_show_too_cannot_be_told(unchanged):
    step = efficiency.change(unchanged)
    assert step["efficiency.placebo[p]"].value > 0.10
    found = step["efficiency.change[p]"]
    assert (found.state, found.value) == ("not_assessed", None)
    assert say(found.reason, "en").startswith("Cannot tell")
    (finding,) = step.findings
    assert finding.id == "efficiency.cannot_tell[p]"
    assert step.table.set_index("measure").at["change", "verdict"] == "cannot_tell"


def test_what_cannot_be_told_asks_for_records_and_names_the_smallest_change(unchanged):
    step = efficiency.change(unchanged)
    (finding,) = step.findings
    detectable = f"{step['efficiency.mde[p]'].value:.0%}"
    spread = np.log(unchanged.of("p", "before")["hours"].astype(float)).std(ddof=1)
    # 80 % power at 5 % for a median 30 % lower: z = 1.95996 + 0.84162, π/2 as many as a mean
    needed = 2 * np.pi / 2 * ((1.95996 + 0.84162) * spread / np.log(0.7)) ** 2
    forms = int(np.ceil(needed / 10) * 10)
    english, chinese = (say(finding.action.sentence, lang) for lang in ("en", "zh-Hans"))
    assert f"{forms} randomly drawn records of p from before and {forms} from after" in english
    assert f"a change smaller than {detectable} cannot be told from chance" in english
    assert f"上线前、上线后的p记录各{forms}份" in chinese
    assert f"小于{detectable}的变化无法与偶然波动区分" in chinese


def test_an_effect_is_rarely_claimed_where_there_is_none():
    claims = 0
    for seed in range(6):
        events = steady_log(seed, days=1095, per_day=1, drift=-0.005)
        found = efficiency.change(built(events))["efficiency.change[p]"]
        claims += found.value is not None and found.high < 0
    assert claims <= 1


def test_a_short_history_stays_on_the_lowest_rung_and_says_why():
    events = steady_log(3, first="2023-10-01", days=300, effect=np.log(0.6))
    found = efficiency.change(built(events))["efficiency.change[p]"]
    assert found.rung == "R0"
    why = say(found.reason, "en")
    assert "12" in why and "mix" in why


def test_no_effect_at_all_is_claimed_from_too_few_cases():
    rows = [r for n in range(4) for r in case(f"b{n}", f"2023-0{n + 1}-01", 5)]
    step = efficiency.change(built(make_events(rows + case("a", "2024-02-01", 2))))
    assert say(step["efficiency.change[p]"].reason, "en").startswith(
        "Too few cases started before go-live: 4;"
    )


def mixed(shares, hours=((20.0, 4.0), (20.0, 4.0)), weeks=24):
    """Large and small cases; each sample its share of large ones; hours per kind and sample."""
    rng = np.random.default_rng(0)
    rows = []
    starts = [(0, "2023-06-05"), (1, "2024-02-05")]
    for after, first in starts:
        for n in range(weeks * 10):
            kind = "large" if n % 10 < 10 * shares[after] else "small"
            typical = hours[after][kind == "small"] * np.exp(rng.normal(0, 0.2))
            start = pd.Timestamp(first) + pd.Timedelta(days=n * 0.7)
            rows += case(f"{after}-{n}", start, typical, amount_band=kind)
    return make_events(rows)


def test_a_change_of_mix_alone_is_no_change_under_one_mix():
    events = mixed((0.8, 0.2))
    cases = built(events, mix=["amount_band"])
    naive = efficiency.naive_change(cases)["efficiency.naive_change[p]"]
    assert naive.value < -0.6
    step = efficiency.change(cases, mix=["amount_band"])
    row = step.table.set_index("measure").loc["change"]
    assert row["rung"] == "R1"
    assert abs(row["change_ratio"]) < 0.15


def test_kitagawa_parts_add_to_the_change_of_mean_log_hours():
    cases = built(mixed((0.7, 0.4), ((20.0, 4.0), (10.0, 2.0))), mix=["amount_band"])
    step = efficiency.change(cases, mix=["amount_band"])
    found = step["efficiency.change[p]"]
    logs = np.log(cases.frame["hours"]).groupby(cases.frame["sample"]).mean()
    total = found.parts["kitagawa_mix"] + found.parts["kitagawa_speed"]
    assert total == pytest.approx(logs["after"] - logs["before"])
    assert found.parts["kitagawa_speed"] == pytest.approx(np.log(0.5), abs=0.1)
    assert found.value == pytest.approx(-0.5, abs=0.08)


def test_kinds_seen_on_one_side_only_keep_the_rung_low():
    cases = built(mixed((1.0, 0.0)), mix=["amount_band"])
    step = efficiency.change(cases, mix=["amount_band"])
    assert step.table.set_index("measure").at["change", "rung"] == "R0"


def test_attributes_that_were_not_recorded_are_named():
    events = steady_log(3, first="2023-10-01", days=300, effect=np.log(0.6))
    cases = built(events, mix=["region"])
    assert "efficiency.caveat.mix_not_recorded" in [c.message.key for c in cases.caveats]
    why = efficiency.change(cases, mix=["region"])["efficiency.change[p]"].reason
    assert "not in the events" in say(why, "en")


def test_twenty_cases_a_median_week_make_the_series_weekly():
    for per_day, expected in ((2, "month"), (3, "week")):
        cases = built(steady_log(1, days=200, per_day=per_day))
        assert frequency_of(cases.frame) == expected


def test_weeks_begin_on_monday():
    days = pd.Series(pd.to_datetime(["2024-01-07", "2024-01-08", "2024-01-14"]).tz_localize("UTC"))
    sunday, monday, next_sunday = week_of(days)
    assert (monday - sunday, next_sunday - monday) == (1, 0)


def test_the_blackout_is_no_part_of_the_fit():
    dates = make_dates("2024-01-01", "2024-12-31", ("2024-01-01", "2024-03-31"))
    cases = built(steady_log(1), dates)
    series = period_series(cases.frame, "month", ROUND_THE_CLOCK)
    out = series.loc[~series["used"], "start"].dt.strftime("%Y-%m")
    assert out.tolist() == ["2024-01", "2024-02", "2024-03"]


def test_slow_learning_inside_the_blackout_changes_nothing():
    dates = make_dates("2024-01-01", "2024-12-31", ("2024-01-01", "2024-03-31"))
    events = steady_log(4, effect=np.log(0.7))
    begun = events["completed_at"].dt.strftime("%Y-%m").isin(["2024-01", "2024-02"])
    slower = events.copy()
    ends = begun & events["activity"].eq("end")
    slower.loc[ends, "completed_at"] += pd.Timedelta(hours=30)
    found = [efficiency.change(built(e, dates))["efficiency.change[p]"].value
             for e in (events, slower)]  # fmt: skip
    assert found[1] == pytest.approx(found[0])


def test_the_bootstrap_is_repeatable_and_covers_a_known_ratio():
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(25):
        week = rng.integers(0, 60, 600)
        mood = rng.normal(0, 0.15, 60)[week]
        data = pd.DataFrame({"week": week, "after": week >= 30, "stratum": "", "observed": True})
        data["hours"] = np.exp(2 + mood + rng.normal(0, 0.5, 600) - 0.4 * data["after"])
        found = quantile_ratio(data, seed=1)
        hits += found.low <= np.exp(-0.4) - 1 <= found.high
    assert hits >= 20  # 25 at .95
    assert quantile_ratio(data, seed=1) == found


def test_processes_outside_the_eighty_per_cent_are_published_without_value(unchanged):
    step = efficiency.change(unchanged, ())
    assert say(step["efficiency.change[p]"].reason, "en").startswith("Not among the processes")


def test_placebo_dates_counted_in_one_pass_are_those_of_splitting_the_cases_at_each_week():
    rng = np.random.default_rng(3)
    week = np.repeat(np.arange(2000, 2040), 6)
    before = pd.DataFrame({
        "week": week, "hours": rng.integers(1, 40, len(week)) / 2, "after": False,
        "observed": rng.random(len(week)) < 0.9, "stratum": rng.choice(["a", "b"], len(week)),
    })  # fmt: skip
    rest = before[before["week"].ne(2017)]
    found = _placebos(rest, 0.5)
    expected = [
        np.log1p(quantile_ratio(rest.assign(after=rest["week"].ge(date), week=0)).value)
        for date in range(2013, 2028)
    ]
    assert found["log_effect"].tolist() == pytest.approx(expected)
    assert found["day"].iloc[0] == pd.Timestamp("2008-07-28")  # Monday of week 2013 since 1970
