"""Odd clients: nothing given, one row, zeros, Chinese text, huge sums; and the future unseen."""

from types import SimpleNamespace

import pandas as pd
import pytest
from cost_histories import histories, known_by
from cost_rows import changes, days, entries, lines, open_days, progress, straight_plan
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_eval_lib import cost
from crm_eval_lib.sources.reference import read_classes

TABLES = ("budget", "actuals", "changes", "progress", "plan", "scope", "milestones", "reviews",
          "cost_summary", "labour_estimate")  # fmt: skip
PLAIN = {
    "deviation_original", "deviation_current", "unbudgeted_share", "retrospective_share",
    "contingency_used", "committed", "baseline_complete", "review_coverage", "accepted_share",
    "cpi", "spi", "cv", "sv", "eac", "eac_budget_rate", "eac_cpi_spi", "vac", "tcpi",
    "earned_schedule", "spi_time", "ieac_time", "slip_days[go_live]", "slip_days[last_milestone]",
    "schedule_ratio", "scope_delivered", "scope_adjusted", "knowable_on", "reaction_days",
    "reference_percentile",
    *(f"bridge[{p}]" for p in
      ("unbudgeted", "scope", "unapproved", "rate", "quantity", "fx", "other")),
}  # fmt: skip


def client(dates=None, **tables):
    config = SimpleNamespace(
        periods=SimpleNamespace(month_end="last"), not_applicable=tables.pop("waived", {})
    )
    return SimpleNamespace(
        tables=SimpleNamespace(**{**dict.fromkeys(TABLES), **tables}),
        config=config, dates=dates or days(), currency="CNY", reference_classes=read_classes([]),
    )  # fmt: skip


def found(one):
    return {item.id.removeprefix("cost."): item for item in cost.assess(one).indicators}


def test_every_indicator_is_published_even_without_any_table():
    items = found(client())
    assert set(items) == PLAIN
    assert all(item.reason is not None for item in items.values() if item.value is None)
    assert {n for n, i in items.items() if i.value is not None} == {
        "slip_days[go_live]", "schedule_ratio"
    }  # fmt: skip


def test_tables_with_headers_only_are_like_none():
    empty = {
        "budget": lines(), "actuals": entries(), "changes": changes(), "progress": progress(),
        "plan": straight_plan("A", 1.0, 1)[:0],
    }  # fmt: skip
    assert found(client(**empty)) == found(client())


@pytest.mark.parametrize(
    "missing", ["project_start", "planned_go_live", "go_live", "forecast_go_live"]
)
def test_a_missing_date_stops_nothing(missing):
    tables = {
        "budget": lines(("A", "services", 10.0)),
        "progress": progress(("A", "2024-03-31", 1)),
    }
    spent = entries(("A", "2024-03-01", 12.0, "invoice"))
    dates = days(**{missing: None})
    assert set(found(client(dates, actuals=spent, **tables))) == PLAIN | {"deviation[services]"}


@pytest.mark.parametrize("amount", [0.0, 1e-9, 1e15])
def test_very_small_and_very_large_sums_stay_finite(amount):
    budget = lines(("软件]%", "licence", amount), ("C", "contingency", amount))
    spent = entries(("软件]%", "2024-03-01", amount, "invoice"))
    done = progress(("软件]%", "2024-03-31", 0.5))
    items = found(client(open_days(), budget=budget, actuals=spent, progress=done))
    assert (items["cpi"].value is None) == (amount == 0)


def test_parts_declared_not_applicable_leave_the_plan():
    scope = pd.DataFrame({"item_id": ["1"], "title": ["x"], "delivered": [1.0],
                          "decided_on": pd.to_datetime(["2023-12-01"])})  # fmt: skip
    budget = lines(("A", "services", 1.0), ("L", "licence", 1.0)).assign(
        approved_on="2023-12-01", planned_start="2024-01-01", planned_finish="2024-03-01"
    )
    waived = {"cost.baseline_complete[hardware]": SimpleNamespace(reason="hosted", role="owner")}
    with_part = found(client(budget=budget, scope=scope))["baseline_complete"]
    without = found(client(budget=budget, scope=scope, waived=waived))["baseline_complete"]
    assert (with_part.value, without.value, without.n) == (0.8, 1.0, 4)


@settings(max_examples=5, deadline=None)
@given(histories(), st.booleans())
def test_what_is_dated_after_the_status_date_changes_nothing(tables, live):
    dates = days(status_date="2024-06-15", go_live="2024-05-20" if live else "2024-09-01")
    known = known_by(tables, dates.status_date)
    now, then = (cost.assess(client(dates, **rows)) for rows in (tables, known))
    assert now.indicators == then.indicators
    assert set(now.tables) == set(then.tables)
    for name in ("cost.month_by_month", "cost.bridge.categories", "cost.bridge.largest_lines"):
        if name in now.tables:
            pd.testing.assert_frame_equal(now.tables[name], then.tables[name])


def test_inputs_are_left_as_they_were():
    tables = {
        "budget": lines(("A", "services", 10.0)),
        "progress": progress(("A", "2024-03-31", 1)),
        "actuals": entries(("A", "2024-03-01", 12.0, "invoice")),
    }
    before = {name: table.copy(deep=True) for name, table in tables.items()}
    cost.assess(client(**tables))
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, before[name])
