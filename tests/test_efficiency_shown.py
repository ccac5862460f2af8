"""What stands beside a change: rungs, horizons, months left out, hours of mix and speed, charts."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from efficiency_rows import make_dates
from test_efficiency_change import built, mixed, steady_log
from test_efficiency_controlled import both
from test_efficiency_controlled import built as compared

from crm_eval_lib import charts, efficiency
from crm_eval_lib.efficiency.estimates import Estimate, placebos_of, share_as_large
from crm_eval_lib.efficiency.medians import Ratio
from crm_eval_lib.efficiency.verdict import verdict_of
from crm_eval_lib.text import say


@pytest.fixture(scope="module")
def faster():
    """Three years, the last faster by 30 %, three months of blackout."""
    dates = make_dates("2024-01-01", "2024-12-31", ("2024-01-01", "2024-03-31"))
    return efficiency.change(built(steady_log(1, effect=np.log(0.7)), dates))


@pytest.fixture(scope="module")
def helped():
    return efficiency.change(compared(*both(1, np.log(0.7))))


def test_the_effect_is_told_where_the_series_reaches(faster):
    # After the blackout the months 3 … 11 are seen; month 12 lies after the status date.
    found = faster.tables["horizons"]
    assert found["months"].tolist() == [3, 6]
    assert (found["low_ratio"] < -0.3).all() and (found["high_ratio"] > -0.3).all()


def test_every_month_is_left_out_once(faster):
    left, series = faster.tables["leave_out"], faster.tables["series"]
    assert left["month"].nunique() == len(left) == series["used"].sum()
    parts = faster["efficiency.change[p]"].parts
    assert parts["leave_out_low"] == left["change_ratio"].min()
    assert parts["leave_out_high"] == left["change_ratio"].max()


def test_a_change_published_by_its_placebo_dates_says_which_way_that_leans(faster):
    (gated,) = (c for c in faster.caveats if c.message.key.endswith("gated"))
    assert gated.indicators == ("efficiency.change[p]",) and not gated.bias
    assert "lean towards more change than there is" in say(gated.message, "en")
    assert "总体偏大" in say(gated.message, "zh-Hans")


def test_a_result_that_hangs_on_one_month_is_named():
    events = steady_log(7, effect=0.0, first="2022-01-01", days=1096)
    spring = events["case_id"].isin(
        events.loc[events["completed_at"].dt.strftime("%Y-%m").eq("2024-12"), "case_id"]
    )
    late = events["activity"].eq("end") & spring & events["completed_at"].ge("2024-11-30")
    events.loc[late, "completed_at"] += pd.Timedelta(hours=40)
    step = efficiency.change(built(events))
    left = step.tables["leave_out"].set_index("month")
    whole = step.table.set_index("measure").at["change", "change_ratio"]
    assert abs(left["change_ratio"] - whole).idxmax() == "2024-12"
    hanging = [c for c in step.caveats if c.message.key.endswith("one_month")]
    value = step["efficiency.change[p]"].value
    assert bool(hanging) == (value is not None and bool(left["overturns"].any()))
    for caveat in hanging:
        assert "2024-12" in say(caveat.message, "en")


def test_placebo_dates_are_listed_with_what_seems_to_happen_there(faster):
    dates = faster.tables["placebo"]
    assert dates["day"].max() < pd.Timestamp("2024-01-01")
    assert len(dates) == faster["efficiency.placebo[p]"].n


def test_mix_and_speed_add_to_the_difference_of_typical_hours():
    cases = built(mixed((0.7, 0.4), ((20.0, 4.0), (10.0, 2.0))), mix=["amount_band"])
    step = efficiency.change(cases, mix=["amount_band"])
    hours = step.tables["split"].set_index("part")["typical_hours"]
    logs = np.log(cases.frame["hours"]).groupby(cases.frame["sample"]).mean()
    assert hours["before"] == pytest.approx(np.exp(logs["before"]))
    assert hours["before"] + hours["mix"] + hours["speed"] == pytest.approx(hours["after"])
    assert hours["mix"] < 0 and hours["speed"] < 0


def test_each_rung_stands_beside_the_naive_figure(faster):
    rungs = faster.tables["rungs"]
    assert rungs["rung"].tolist() == ["R0", "R2"]
    naive = faster.table.set_index("measure").at["naive_change", "change_ratio"]
    assert rungs.loc[0, "change_ratio"] == naive
    assert f"{-naive:.0%}" in say(faster.sentence, "en")


def test_a_failed_placebo_leaves_nothing_to_claim():
    ratio = Ratio(-0.3, -0.4, -0.2, 0.001, 0.1)
    dates = placebos_of(pd.date_range("2023-01-01", periods=10), [0.5] * 2 + [0.1] * 8)
    share = share_as_large(dates, np.log(0.7))
    assert share == 0.2
    assert verdict_of(Estimate("R2", ratio, placebo_share=share, placebos=dates)) == "untold"
    assert verdict_of(Estimate("R2", ratio, placebo_share=0.1, placebos=dates)) == "faster"


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_the_event_study_draws_a_mark_per_quarter(helped, language):
    ax = charts.plot_event_study(helped, lang=language)
    drawn = [line for line in ax.lines if line.get_marker() in ("o", "s")]
    assert [len(line.get_xdata()) for line in drawn] == [8, 4]
    assert any(patch for patch in ax.lines if patch.get_xdata()[0] == 0)


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_the_ladder_draws_a_mark_per_rung(helped, language):
    ax = charts.plot_ladder(helped, lang=language)
    values = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
    assert values == pytest.approx(helped.tables["rungs"]["change_ratio"].tolist())
    assert len(ax.get_yticklabels()) == 3


def test_a_rung_that_placebo_dates_refute_is_drawn_hollow_and_without_a_number(helped):
    refuted = replace(helped, table=helped.table.assign(verdict="cannot_tell"))
    ax = charts.plot_ladder(refuted)
    reached = [line for line in ax.lines if line.get_marker() == "o"][-1]
    assert reached.get_markerfacecolor() == "white"
    assert [text.get_text() for text in ax.texts][len(refuted.tables["rungs"]) - 1] == "cannot tell"


def test_the_counterfactual_has_a_band_and_the_blackout_is_shaded(faster):
    ax = charts.plot_interrupted(faster)
    assert len(ax.collections) == 1
    (shade,) = ax.patches
    assert shade.get_width() == pytest.approx(91)
