"""Hand-made factor results and clients for the tests of the scorecard."""

from types import SimpleNamespace
from typing import Any

import pandas as pd

from crm_eval_lib.results import FactorResult, Indicator, measured, missing_table, not_assessed

# a table of grade B in each factor, so that nothing but the value decides
STRONG = {"cost": "budget", "problems": "complaints", "efficiency": "events", "controls": "orders"}
# (id, value that scores full, value that scores nothing), copied by hand from the contract
SCORED = [
    ("cost.deviation_original", 0.0, 0.50),
    ("cost.schedule_ratio", 0.0, 0.50),
    ("cost.scope_delivered", 1.0, 0.50),
    ("cost.accepted_share", 1.0, 0.50),
    ("cost.baseline_complete", 1.0, 0.40),
    ("cost.review_coverage", 0.90, 0.25),
    ("cost.unbudgeted_share", 0.0, 0.20),
    ("cost.retrospective_share", 0.0, 0.20),
    ("problems.weighted_solved_rate", 0.95, 0.40),
    ("problems.open_high", 0, 4),
    ("problems.engagement", 1.0, 0.50),
    ("problems.proactive_share", 0.80, 0.30),
    ("problems.late_found_share", 0.10, 0.40),
    ("problems.survey_better_share", 0.80, 0.50),
    ("problems.reopen_rate", 0.02, 0.20),
    ("efficiency.change[quote]", -0.30, 0.0),
    ("efficiency.touch_change[quote]", -0.30, 0.0),
    ("efficiency.p90_change[quote]", -0.30, 0.0),
    ("efficiency.sla_met_after[quote]", 0.95, 0.60),
    ("efficiency.rework_rate_after[quote]", 0.02, 0.20),
    ("efficiency.in_system_share[quote]", 0.98, 0.50),
    ("controls.coverage", 0.95, 0.50),
    ("controls.effective_share", 1.0, 0.50),
    ("controls.tested_share", 0.80, 0.20),
    ("controls.price.unapproved_rate", 0.0, 0.02),
    ("controls.complaints.dropped_share", 0.01, 0.15),
    ("controls.complaints.inversion_share[response]", 0.10, 0.50),
    ("controls.complaints.sla_response", 0.95, 0.60),
    ("controls.uptime[C1]", 1.0, 0.95),
]
UNSCORED = [("efficiency.priority[quote]", 1.0), ("problems.open_five_90", 0),
            ("controls.critical_failed", 0), ("controls.critical_unassured", 0)]  # fmt: skip
COUNTS = ("problems.open_high", "problems.open_five_90", "controls.critical_failed",
          "controls.critical_unassured")  # fmt: skip


def indicator(id: str, value: float, **more: Any) -> Indicator:
    """One measured indicator on a strong table of its factor."""
    more.setdefault("tables", (STRONG.get(id.split(".", 1)[0], "own"),))
    return measured(id, value, "count" if id in COUNTS else "ratio", **more)


def absent(id: str, **more: Any) -> Indicator:
    """One indicator without a value."""
    unit = "count" if id in COUNTS else "ratio"
    return not_assessed(id, unit, missing_table("events"), **more)


def case(*changed: Indicator, without: tuple[str, ...] = ()) -> list[FactorResult]:
    """All factors at full marks, but for the indicators given; ``without`` are left out whole."""
    found = {id: indicator(id, full) for id, full, _ in SCORED}
    found |= {id: indicator(id, value) for id, value in UNSCORED}
    found |= {item.id: item for item in changed}
    kept = [item for item in found.values() if item.id not in without]
    factors = sorted({item.id.split(".", 1)[0] for item in kept})
    return [
        FactorResult(name, tuple(i for i in kept if i.id.startswith(f"{name}.")))
        for name in factors
    ]


def client(tables: dict[str, pd.DataFrame] | None = None, **config: Any) -> SimpleNamespace:
    """A client with the named settings of client.yml; by default all strong tables are there."""
    if tables is None:
        tables = {name: pd.DataFrame({"row": [1]}) for name in STRONG.values()}
    return SimpleNamespace(
        id="acme", name="Acme", language="en", currency="CNY", caveats=(), inputs=[],
        dates=SimpleNamespace(status_date=pd.Timestamp("2025-08-31")),
        tables=tables, config=config,
    )  # fmt: skip
