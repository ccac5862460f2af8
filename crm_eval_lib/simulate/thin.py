"""A synthetic client without registers: one page of cost, samples, estimates, checks by hand."""

import numpy as np
import pandas as pd

from crm_eval_lib.simulate.clock import DAY_MINUTES, WorkingClock, working_days
from crm_eval_lib.simulate.scenario import Scenario

# item, category, share of the budget, basis, source document
_ITEMS = (
    ("K1", "software", 0.34, "contract", "contract 2024-07"),
    ("K2", "services", 0.40, "invoice", "invoices of the implementer"),
    ("K3", "hardware", 0.16, "invoice", "purchase orders"),
    ("K4", "training", 0.10, "payment", "bank statements"),
)
_GROWING = {"K2": 0.8, "K4": 0.2}  # where the overrun went
# role, persons, weeks, share of time, cost per hour, least and most hours, method
_ROLES = (
    ("sales manager", 1, 20, 0.2, 120.0, 130.0, 220.0, "interview"),
    ("order clerk", 3, 14, 0.3, 55.0, 420.0, 620.0, "calendar"),
    ("administrator", 1, 24, 0.5, 80.0, 430.0, 520.0, "timesheet"),
)
_BEFORE_HOURS, _SAMPLED = 12.0, 45  # working hours; forms of a wave
_WAVE_DAYS = 120  # from which the forms of a wave are drawn
_FLOOR = 100.0
_CHANNELS = ("crm", "phone", "group_chat", "mail")


def thin_tables(scenario: Scenario, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Make the fallback tables a small client can give."""
    return {
        "cost_summary": _cost_summary(scenario),
        "labour_estimate": pd.DataFrame(
            _ROLES, columns=["role", "persons", "weeks", "share_of_time", "hourly_cost",
                             "hours_low", "hours_high", "method"]),
        "problem_check": _problem_check(scenario),
        "processes": pd.DataFrame({"process": ["order_approval"], "title": ["Order approval"],
                                   "importance": [4], "difficulty": [3], "repetitive": ["yes"],
                                   "annual_volume": [1800], "hourly_cost": [55.0]}),
        "case_samples": _case_samples(scenario, rng),
        "order_samples": _order_samples(scenario, rng),
        "complaint_samples": _complaint_samples(scenario, rng),
    }  # fmt: skip


def _cost_summary(scenario: Scenario) -> pd.DataFrame:
    extra = scenario.budget_total * scenario.overrun
    rows = [
        {"item_id": item, "category": category,
         "planned_amount": round(scenario.budget_total * share, 2),
         "actual_amount": round(scenario.budget_total * share + extra * _GROWING.get(item, 0), 2),
         "currency": scenario.currency, "tax": "excluded", "basis": basis,
         "planned_on": scenario.planned_go_live, "finished_on": scenario.go_live,
         "source_document": paper}
        for item, category, share, basis, paper in _ITEMS
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _problem_check(scenario: Scenario) -> pd.DataFrame:
    """Statements of the survey report, each looked at again: solved, and shown to be so."""
    count = scenario.problems
    solved = round(count * scenario.solved_share)
    proven = round(solved * scenario.evidence_share)
    numbers = np.arange(count)
    day = pd.Timestamp(scenario.status_date) - pd.Timedelta(days=20)
    return pd.DataFrame(
        {
            "problem_id": [f"S{number + 1:02d}" for number in numbers],
            "checked_on": day + pd.to_timedelta(numbers % 4, unit="D"),
            "checked_by_role": "consultant",
            "method": np.where(numbers < proven, "live_demo", "oral"),
            "result": np.where(
                numbers < solved, "solved", np.where(numbers % 2, "partly", "not_solved")
            ),
            "evidence": [f"test record {n + 1:03d}" if n < proven else "" for n in numbers],
        }
    )


def _case_samples(scenario: Scenario, rng: np.random.Generator) -> pd.DataFrame:
    live = pd.Timestamp(scenario.go_live)
    waves = (("before", "paper", live - pd.Timedelta(days=200), _BEFORE_HOURS),
             ("after", "crm", pd.Timestamp(scenario.blackout_end) + pd.Timedelta(days=5),
              _BEFORE_HOURS * (1 + scenario.crm_effect)))  # fmt: skip
    parts, minutes = [], rng.spawn(1)[0]
    for wave, source, first, typical in waves:
        drawn = first + pd.to_timedelta(np.sort(rng.integers(0, _WAVE_DAYS, _SAMPLED)), unit="D")
        days = working_days(first, first + pd.Timedelta(days=2 * _WAVE_DAYS), scenario.country)
        clock = WorkingClock(days)
        begun = days.searchsorted(drawn) * DAY_MINUTES + minutes.integers(0, DAY_MINUTES, _SAMPLED)
        hours = typical * np.exp(rng.normal(0, scenario.sigma, _SAMPLED))
        parts.append(pd.DataFrame({
            "process": "order_approval", "case_ref": [f"{wave[0].upper()}{n:03d}" for n in
                                                      range(_SAMPLED)],
            "wave": wave, "source": source, "selection": "systematic", "population_n": 900,
            "submitted_at": clock.at(begun), "resolution": "half_day",
            "decided_at": clock.at(begun + (hours * 60).round()),
        }))  # fmt: skip
    rows = pd.concat(parts, ignore_index=True)
    rows.insert(0, "sample_id", [f"CS{n:03d}" for n in range(1, len(rows) + 1)])
    return rows


def _order_samples(scenario: Scenario, rng: np.random.Generator) -> pd.DataFrame:
    count = scenario.order_lines
    below = np.arange(count) < round(count * scenario.below_floor_after)
    price = np.where(below, _FLOOR * 0.94, _FLOOR * (1 + rng.uniform(0.01, 0.2, count))).round(2)
    return pd.DataFrame(
        {
            "sample_id": [f"OS{n:03d}" for n in range(1, count + 1)],
            "order_id": [f"A{n * 7:04d}" for n in range(1, count + 1)],
            "selection": "random",
            "population_n": 2600,
            "unit_price": price,
            "floor_price": _FLOOR,
            "floor_source": "price_list",
            "approval": np.where(below & (np.arange(count) % 2 == 0), "none", "before_shipment"),
            "approver_role": np.where(np.arange(count) % 2 == 0, "", "sales manager"),
        }
    )


def _channel(number: int, is_kept: bool) -> str:
    """Name a channel; what was heard in the CRM itself is always in it."""
    channel = _CHANNELS[number % len(_CHANNELS)]
    return channel if is_kept or channel != "crm" else "phone"


def _complaint_samples(scenario: Scenario, rng: np.random.Generator) -> pd.DataFrame:
    count = scenario.complaints
    heard = pd.Timestamp(scenario.blackout_end) + pd.to_timedelta(
        np.sort(rng.integers(0, 150, count)), unit="D"
    )
    heard += pd.Timedelta(hours=10)
    kept = np.arange(count) >= round(count * scenario.dropped_share)
    return pd.DataFrame(
        {
            "ref": [f"B{n:03d}" for n in range(1, count + 1)],
            "channel": [_channel(n, bool(kept[n])) for n in range(count)],
            "heard_at": heard,
            "customer_class": "A",
            "first_response_at": heard + pd.to_timedelta(rng.integers(1, 30, count), unit="h"),
            "in_crm": np.where(kept, "yes", "no"),
        }
    )
