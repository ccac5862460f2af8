"""Charts of processes without a log: what is drawn, by its artists."""

import matplotlib
import pytest
from efficiency_rows import make_processes
from sample_rows import forms, lost, minutes, sampled, studied

from crm_eval_lib import charts
from crm_eval_lib.efficiency.planning import sampling_plan

matplotlib.use("Agg")
LANGUAGES = ("en", "zh-Hans")


def words(ax):
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize(("lang", "said"), [("en", "before 6.0 h"), ("zh-Hans", "上线前 6.0小时")])
def test_the_medians_of_both_waves_are_labelled(lang, said):
    step, _ = sampled(forms("before", 2, 4, 6, 8, 10) + forms("after", 1, 2, 3, 4, 5))
    ax = charts.plot_samples(step, lang=lang)
    assert said in words(ax) and len(ax.texts) == 2


def test_what_lost_forms_could_do_is_dotted():
    step, _ = sampled(forms("before", *range(1, 11)) + lost("before", 2))
    dotted = [x for x in charts.plot_samples(step).lines if x.get_linestyle() == ":"]
    assert dotted[0].get_xdata().tolist() == [4, 6]


def test_a_wave_without_forms_draws_nothing():
    told = make_processes([{"process": "p", "title": "很长的流程名称" * 9}])
    step, _ = sampled(forms("before", 2, 4, 6, 8, 10), told)
    ax = charts.plot_samples(step, lang="zh-Hans")
    assert len(ax.texts) == 1
    assert ax.get_yticklabels()[0].get_text().endswith("…")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_minutes_of_an_activity_seen_once_stand_alone(lang):
    step, _ = studied(minutes("before", "a", 20) + minutes("after", "a", 10)
                      + minutes("before", "a", 5, activity="seal"))  # fmt: skip
    ax = charts.plot_time_study(step, lang=lang)
    assert sorted(bar.get_width() for bar in ax.patches) == [0, 5, 10, 20]
    assert len(ax.texts) == 3


@pytest.mark.parametrize("lang", LANGUAGES)
def test_more_forms_show_smaller_changes(lang):
    ax = charts.plot_sampling_plan(sampling_plan(), lang=lang)
    lines = [x.get_ydata() for x in ax.lines if len(x.get_ydata()) > 2]
    assert len(lines) == 3
    assert all(list(y) == sorted(y) for y in lines)
