"""The charts of factor 4, tested by their artists."""

import pytest
from control_rows import DATES, frame, full, items, lines, orders, points, together

from crm_eval_lib import charts, controls
from crm_eval_lib.charts.style import STATUS


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
    assert {text.get_text() for text in ax.texts} >= {"0 of 25 · not assured", "no sample"}


def test_the_leakage_chart_adds_up_to_the_indicator():
    step = steps_of(full())["plot_leakage"]
    ax = charts.plot_leakage(step)
    total = sum(bar.get_width() for bar in ax.patches)
    assert total == pytest.approx(step["controls.price.leakage"].value)
    assert ax.get_xlim()[0] == 0


def test_orders_without_product_groups_are_drawn_by_product():
    priced = lines(full()["orders"].drop(columns="product_group"))
    step = controls.leakage(priced, dates=DATES, currency="CNY")
    ax = charts.plot_leakage(step)
    assert [label.get_text() for label in ax.get_yticklabels()] == list(step.table["product"])


def test_without_a_table_there_is_a_note_and_no_chart():
    step = controls.leakage(lines({}).head(0), dates=DATES, currency="CNY")
    shown = charts.figure("CTRL-04", charts.plot_leakage, step, lang="en")
    assert shown.svg is None and "orders" in shown.note


def many(count):
    return points(*[{"configured_mode": "none" if n < 20 else "block"} for n in range(count)])


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "28 more: 8 weaker than required, 20 as"), ("zh-Hans", "另有28个：8个弱于要求")],
)
def test_of_forty_points_the_worst_are_drawn_and_the_others_counted(lang, said):
    ax = charts.plot_control_matrix(controls.mode_matrix(many(40), dates=DATES), lang=lang)
    assert any(said in text.get_text() for text in ax.texts)
    assert len(ax.get_yticks()) == 12


def test_of_forty_points_those_with_a_sample_are_drawn_first():
    step = controls.assurance(many(40), items("C35", 25), dates=DATES)
    ax = charts.plot_test_limits(step, lang="en")
    assert ax.get_yticklabels()[0].get_text() == "◆ C35 a risk"
    assert any("0 over it, 0 not assured, 28 not tested" in t.get_text() for t in ax.texts)


def test_the_warnings_of_each_month_are_drawn_as_shares():
    rows = [{"decided_at": f"2025-0{m}-15 10:00", "decision": "overridden" if n < k else "followed"}
            for m, k in ((1, 2), (2, 6), (4, 8)) for n in range(10)]  # fmt: skip
    step = controls.advice_taken(frame(rows, {"control_id": "C1"}), dates=DATES)
    ax = charts.plot_dismissals(step)
    line = ax.lines[0]
    assert line.get_xdata().tolist() == [0, 1, 3]  # nothing was shown in March
    assert line.get_ydata().tolist() == [0.2, 0.6, 0.8]


def test_exemptions_and_duties_are_drawn_with_their_numbers():
    given = frame([{"control_id": "C1", "exempt": "A"}])
    sold = lines(orders({"customer": "A"}, {"customer": "B"}))
    step = controls.exempt_sales(sold, given, dates=DATES, currency="CNY")
    assert {t.get_text() for t in charts.plot_exemptions(step).texts} == {"50.0%"}
    rights = frame([{"user_id": "E1", "permission": p} for p in ("order", "approve")])
    pair = frame([{"permission_a": "order", "permission_b": "approve"}])
    step = controls.separated_duties(rights, pair, dates=DATES)
    assert {t.get_text() for t in charts.plot_duties(step).texts} == {"1 user, 0 used both"}


def test_failed_and_not_assured_have_their_own_colour_mark_and_word():
    tests = together(items("C1", 59), items("C2", 25), items("C3", 18, 2))
    ax = charts.plot_test_limits(controls.assurance(points({}, {}, {}), tests, dates=DATES))
    dots = [line for line in ax.lines if line.get_marker() == "o" and len(line.get_xdata())]
    found = [(dot.get_color(), dot.get_fillstyle()) for dot in dots]
    assert found == [(STATUS["good"], "full"), (STATUS["watch"], "none"), (STATUS["poor"], "full")]
    words = [text.get_text() for text in ax.texts]
    assert words == ["0 of 59", "0 of 25 · not assured", "2 of 20 · over the tolerable rate"]


def lost(*rows, dates=DATES):
    stated = {"loss_low": 50.0, "loss_high": 150.0, "events_per_year_after": 1.0}
    return controls.residual_loss(points(*rows, **stated), dates=dates, currency="CNY")


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_the_loss_chart_sets_the_sum_above_the_dearest_points(lang):
    step = lost(*({"events_per_year_before": float(n), "risk": "未经批准" * 20} for n in range(20)))
    ax = charts.plot_residual_loss(step, lang=lang)
    assert len(ax.get_yticks()) == 7
    assert ax.texts[-1].get_text() == "19,000 → 2,000"  # (0 + … + 19) · 100, then 20 · 100
    shown = charts.figure("CTRL-15", charts.plot_residual_loss, step, table="by_point", lang=lang)
    assert shown.svg.startswith("<svg") and "CNY" in shown.subtitle and shown.alt


def test_the_loss_of_a_single_point_is_drawn_once_under_its_own_name():
    ax = charts.plot_residual_loss(lost({"events_per_year_before": 3.0}))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["C1 a risk"]
    assert [text.get_text() for text in ax.texts] == ["300 → 100"]


def test_a_loss_nobody_stated_is_a_note():
    step = controls.residual_loss(points({}), dates=DATES, currency="CNY")
    shown = charts.figure("CTRL-15", charts.plot_residual_loss, step, table="by_point", lang="en")
    assert shown.svg is None and shown.note.startswith("No control point states")
