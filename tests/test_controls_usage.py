"""Advice, exemptions, errors per volume, separated duties: every clause by hand."""

import pandas as pd
import pytest
from control_rows import DATES, NOT_LIVE, SETTLING, frame, lines, orders, points

from crm_eval_lib import controls
from crm_eval_lib.stats.intervals import poisson_ratio
from crm_eval_lib.text import say


def exempt(sold, *rows, dates=DATES):
    step = controls.exempt_sales(lines(sold, dates=dates), frame(list(rows)), dates=dates,
                                 currency="CNY")  # fmt: skip
    return step["controls.exempt_share"]


def errors(*days, human="yes", **common):
    rows = [{"error_id": str(n), "occurred_at": f"{day} 10:00"} for n, day in enumerate(days)]
    return frame(rows, {"human": human, "process": "sales", **common})


def exposure(*rows):
    return frame([{"process": "sales", "period_end": end, "volume": float(volume), **more}
                  for end, volume, more in rows])  # fmt: skip


def test_exempt_sales_are_those_of_exempt_customers_and_roles():
    sold = orders({"customer": "A"}, {"creator_role": "director"}, {"customer": "B"},
                  {"customer": "A", "creator_role": "director", "quantity": 20.0})  # fmt: skip
    found = exempt(sold, {"control_id": "C1", "exempt": "A"}, {"exempt": "director"})
    assert found.value == pytest.approx((1000 + 1000 + 2000) / 5000)  # a line counts once


def test_an_exemption_holds_from_its_first_to_its_last_day():
    sold = orders({"customer": "A"}, {"customer": "B"})
    for days, value in (({"from": "2025-01-15"}, 0.5), ({"from": "2025-01-16"}, 0.0),
                        ({"to": "2025-01-15"}, 0.5), ({"to": "2025-01-14"}, 0.0)):  # fmt: skip
        assert exempt(sold, {"exempt": "A", **days}).value == value


def test_exempt_sales_of_the_blackout_do_not_count():
    sold = orders({"customer": "A", "ordered_at": "2024-10-10 10:00"}, {"customer": "B"})
    assert exempt(sold, {"exempt": "A"}, dates=SETTLING).value == 0.0


def test_without_exemptions_the_share_is_open():
    step = controls.exempt_sales(lines({}), None, dates=DATES, currency="CNY")
    assert step["controls.exempt_share"].reason.slots["tables"] == ["exemptions"]


def test_errors_per_volume_are_compared_exactly_and_only_human_ones():
    seen = pd.concat(
        [
            errors("2024-07-03", "2024-07-04", "2024-08-01"),
            errors("2025-01-05"),
            errors("2025-01-06", human="no"),
            errors("2025-01-07", process="other"),
        ]
    )
    volume = exposure(("2024-07-31", 100, {}), ("2024-08-31", 200, {}), ("2025-01-31", 400, {}))
    found = controls.workload(seen, volume, dates=DATES)["controls.error_ratio"]
    exact = poisson_ratio(1, 400, 3, 300)
    assert found.value == pytest.approx((1 / 400) / (3 / 300))
    assert (found.low, found.high, found.p) == pytest.approx((exact.low, exact.high, exact.p))


def test_errors_outside_every_period_have_no_volume_and_are_left_out():
    seen = errors("2024-06-30", "2024-07-01", "2025-02-01", "2025-01-31")
    volume = exposure(("2024-07-31", 100, {}), ("2025-01-31", 100, {}))
    found = controls.workload(seen, volume, dates=DATES)["controls.error_ratio"]
    assert (found.parts["before"], found.parts["after"]) == (1, 1)


def test_periods_that_end_in_the_blackout_are_left_out():
    volume = exposure(("2024-08-31", 100, {"manual_reviews": 30.0}),
                      ("2024-10-31", 100, {"manual_reviews": 90.0}),
                      ("2024-12-31", 100, {"manual_reviews": 5.0}))  # fmt: skip
    step = controls.workload(None, volume, dates=SETTLING)
    rates = [step[f"controls.manual_review_rate[{p}]"].value for p in ("before", "after")]
    assert rates == [30.0, 5.0]
    assert step["controls.error_ratio"].reason.slots["tables"] == ["errors"]


def test_reviews_not_recorded_for_a_period_take_its_volume_out():
    volume = exposure(("2024-07-31", 100, {"manual_reviews": 30.0}), ("2024-08-31", 900, {}))
    step = controls.workload(None, volume, dates=DATES)
    assert step["controls.manual_review_rate[before]"].value == 30.0
    assert step["controls.manual_review_rate[after]"].state == "not_assessed"


def test_advice_followed_and_warnings_dismissed():
    rows = [{"control_id": c, "decision": d, "decided_at": "2025-01-15 10:00"} for c, d in
            (("C1", "followed"), ("C1", "overridden"), ("C2", "overridden"), ("C2", "overridden"),
             ("C2", "followed"), ("C2", "overridden"))]  # fmt: skip
    late = {"control_id": "C1", "decision": "overridden", "decided_at": "2025-09-01 10:00"}
    plan = points({"configured_mode": "suggest"}, {"configured_mode": "warn"})
    step = controls.advice_taken(frame([*rows, late]), plan, dates=DATES)
    assert step["controls.advice_followed[C1]"].value == 0.5
    assert step["controls.advice_followed[C2]"].value == 0.25
    assert step["controls.warnings_dismissed[C2]"].value == 0.75
    assert "controls.warnings_dismissed[C1]" not in {item.id for item in step.indicators}


def duties(rights, *pairs):
    table = frame([{"user_id": u, "permission": p, "used_at": at} for u, p, at in rights])
    conflicts = pd.DataFrame(pairs, columns=["permission_a", "permission_b"])
    step = controls.separated_duties(table, conflicts, dates=DATES)
    return step["controls.sod_conflicts"], step["controls.sod_exercised"]


def test_a_conflict_is_a_user_who_holds_both_and_exercised_who_used_both():
    rights = [("1", "order", "2025-01-05"), ("1", "approve", "2025-01-06"), ("2", "order", None),
              ("2", "approve", "2025-01-06"), ("3", "order", "2025-01-05")]  # fmt: skip
    held, used = duties(rights, ("approve", "order"))
    assert (held.value, used.value) == (2, 1)


def test_a_conflict_named_twice_the_other_way_round_counts_once():
    rights = [("1", "order", None), ("1", "approve", None), ("1", "order", "2025-01-05")]
    held, used = duties(rights, ("approve", "order"), ("order", "approve"))
    assert (held.value, used.value) == (1, 0)


def test_use_after_the_status_date_has_not_happened():
    rights = [("1", "order", "2025-09-05"), ("1", "approve", "2025-01-06")]
    assert duties(rights, ("approve", "order"))[1].value == 0


def test_use_recorded_nowhere_leaves_the_second_count_open():
    held, used = duties([("1", "order", None), ("1", "approve", None)], ("approve", "order"))
    assert (held.value, used.state, used.high) == (1, "not_assessed", 1)


def test_an_open_project_has_no_ratio_of_errors():
    volume = exposure(("2024-07-31", 100, {}))
    step = controls.workload(errors("2024-07-03"), volume, dates=NOT_LIVE)
    assert step["controls.error_ratio"].reason.key == "controls.reason.not_live"


def test_reviews_have_the_exact_interval_of_their_number():
    volume = exposure(("2024-07-31", 100, {"manual_reviews": 10.0}),
                      ("2025-01-31", 400, {"manual_reviews": 0.0}))  # fmt: skip
    step = controls.workload(None, volume, dates=DATES)
    before, after = (step[f"controls.manual_review_rate[{p}]"] for p in ("before", "after"))
    assert (before.low, before.high) == pytest.approx((4.80, 18.39), abs=0.005)  # Garwood's table
    assert (after.value, after.low) == (0.0, 0.0) and after.high == pytest.approx(
        3.689 / 4, abs=1e-3
    )
    assert "10.0 to 0.0 per 100 orders" in say(step.sentence, "en")


def test_errors_are_compared_by_kind_too_with_p_adjusted_for_their_number():
    # R: poisson.test(c(2, 10), c(400, 400)) gives p = 0.03857; the other kind is 3 to 3, p = 1.
    days = {"before": "2024-07-", "after": "2025-01-"}
    seen = pd.concat([
        errors(*[f"{days[when]}{n:02}" for n in range(1, count + 1)], kind=kind)
        for kind, when, count in (("price", "before", 10), ("price", "after", 2),
                                  ("address", "before", 3), ("address", "after", 3))
    ])  # fmt: skip
    volume = exposure(("2024-07-31", 400, {}), ("2025-01-31", 400, {}))
    kinds = controls.workload(seen, volume, dates=DATES).tables["kinds"].set_index("error_kind")
    assert list(kinds.index) == ["price", "address"]
    assert kinds.loc["price", "after_over_before"] == pytest.approx(0.2)
    assert kinds.loc["price", "p"] == pytest.approx(2 * 0.03857, abs=1e-4)


def test_human_errors_without_a_volume_are_named():
    seen = pd.concat([errors("2024-07-03", "2025-01-04"), errors("2025-01-06", process="other")])
    volume = exposure(("2024-07-31", 100, {}), ("2025-01-31", 100, {}))
    step = controls.workload(seen, volume, dates=DATES)
    (caveat,) = step.caveats
    assert caveat.message.slots == {"n": 1, "m": 3, "processes": ["other"]}


def test_of_what_went_through_while_a_control_was_off_all_is_counted_and_the_first_named():
    off = frame([{"control_id": "C1", "off_from": "2025-01-01", "off_to": "2025-02-01"}])
    listed = points({"log_check": "price_floor"})
    step = controls.uptime(listed, off, lines=lines(*([{}] * 250)), dates=DATES)
    [found] = step.findings
    assert found.action.sentence.slots["n"] == 250
    assert found.rows[:2] == (("controls", "C1"), ("orders", "S1/1"))
    assert len(found.rows) == 1 + 200
