"""Pretended dates and months left out against the slow way: one whole fit each."""

import numpy as np
import pandas as pd
import pytest
from test_stats_interrupted import made

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.stats.event_study import event_study, leads_alike
from crm_eval_lib.stats.interrupted import interrupted_series
from crm_eval_lib.stats.robustness import left_out, pretended_effects


def test_many_pretended_dates_at_once_say_what_each_fit_alone_says():
    data = made(np.random.default_rng(3), before=36, after=10, blackout=0)
    data = data[data["time"].ne(7)].reset_index(drop=True)  # a gap in time
    places = list(range(12, 30))
    alone = [
        interrupted_series(data.assign(after=np.arange(len(data)) >= place)).effect.value
        for place in places
    ]
    assert pretended_effects(data, places) == pytest.approx(alone, abs=1e-10)


def test_no_date_gives_no_effect():
    assert len(pretended_effects(made(np.random.default_rng(3)), [])) == 0


def test_leaving_out_a_group_is_fitting_the_rest():
    data = made(np.random.default_rng(4), effect=-0.3)
    found = left_out(data, data["time"] // 2).set_index("group")
    rest = interrupted_series(data[(data["time"] // 2).ne(5)]).effect
    assert found.loc[5].tolist() == pytest.approx([rest.value, rest.p], abs=1e-12)
    assert len(found) == (data["time"] // 2).nunique()


def flat(rng, periods=36, live=24, effect=0.0):
    time = np.arange(periods)
    value = rng.normal(0, 0.1, periods) + effect * (time >= live)
    return pd.DataFrame({"time": time, "value": value})


def test_leads_of_a_difference_without_news_are_refused_one_time_in_twenty():
    rng = np.random.default_rng(6)
    ps = [leads_alike(flat(rng), live=24, width=3) for _ in range(200)]
    # exact binomial: 200 at .05 lie in 2 … 21 with 99.9 %
    assert 2 <= np.sum(np.array(ps) < 0.05) <= 21


def test_bins_are_counted_from_the_event_in_both_directions():
    data = flat(np.random.default_rng(7), effect=-0.5)
    data = data[~data["time"].between(24, 26)]  # blackout: bin 0 is empty
    found = event_study(data, live=24, width=3).table
    assert found["bin"].tolist() == [*range(-8, 0), 1, 2, 3]
    assert found.set_index("bin").at[1, "first"] == 27
    assert (found.loc[found["bin"] > 0, "high"] < 0).all()


def test_a_lead_that_moves_is_seen():
    data = flat(np.random.default_rng(8))
    data.loc[data["time"] < 12, "value"] += 0.6
    found = event_study(data, live=24, width=3)
    assert found.leads_p == leads_alike(data, live=24, width=3) < 0.05


def test_more_bins_than_periods_carry_are_refused():
    data = flat(np.random.default_rng(9), periods=10, live=6)
    with pytest.raises(CrmEvalError, match="cannot carry"):
        event_study(data, live=6, width=1)
