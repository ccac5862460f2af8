"""The charts of factor 4, tested by their artists."""

import pytest
from control_rows import DATES, full, lines

from crm_eval_lib import charts, controls


def steps_of(tables):
    priced = lines(tables["orders"])
    logs = {"lines": priced, "complaints": tables["complaints"], "dates": DATES}
    listed, tests = tables["controls"], tables["control_tests"]
    return {
        "plot_control_matrix": controls.mode_matrix(listed, tests, tables["control_off"], **logs),
        "plot_test_limits": controls.assurance(listed, tests, dates=DATES),
        "plot_below_floor": controls.below_floor(priced, dates=DATES),
        "plot_leakage": controls.leakage(priced, dates=DATES, currency="CNY"),
        "plot_complaint_waits": controls.complaint_times(tables["complaints"], dates=DATES),
    }


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
@pytest.mark.parametrize("name", list(steps_of(full())))
def test_each_chart_is_drawn_in_both_languages_with_two_titles(name, lang):
    step = steps_of(full())[name]
    shown = charts.figure("CTRL-01", getattr(charts, name), step, lang=lang)
    assert (shown.svg.startswith("<svg") and shown.headline != "") or name == "plot_below_floor"
    assert shown.subtitle and "controls." not in shown.subtitle + shown.headline + shown.svg


def test_the_limit_chart_shows_each_limit_beside_the_tolerable_rate():
    step = steps_of(full())["plot_test_limits"]
    ax = charts.plot_test_limits(step)
    drawn = {float(x) for line in ax.lines if line.get_marker() == "o" for x in line.get_xdata()}
    assert drawn == {step.table["upper_limit_rate"][0]}
    assert {text.get_text() for text in ax.texts} >= {"0 of 25", "no sample"}


def test_the_leakage_chart_adds_up_to_the_indicator():
    step = steps_of(full())["plot_leakage"]
    ax = charts.plot_leakage(step)
    total = sum(bar.get_width() for bar in ax.patches)
    assert total == pytest.approx(step["controls.price.leakage"].value)
    assert ax.get_xlim()[0] == 0


def test_without_a_table_there_is_a_note_and_no_chart():
    step = controls.leakage(lines({}).head(0), dates=DATES, currency="CNY")
    shown = charts.figure("CTRL-04", charts.plot_leakage, step, lang="en")
    assert shown.svg is None and "orders" in shown.note
