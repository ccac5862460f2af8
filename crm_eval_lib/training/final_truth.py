"""The final case: its client, and what is true of it – verdicts, findings, grades."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from crm_eval_lib.evidence import table_evidence, table_grades
from crm_eval_lib.simulate import Scenario, make_tables, planted_rates
from crm_eval_lib.simulate.exam import exam_scenario
from crm_eval_lib.training.case import Case

FINAL, FINAL_VERSION = "06_final_case", 1
PARTS = ("verdicts", "grades", "findings")
FACTORS = ("cost", "problems", "efficiency", "controls")
MAIN_TABLES = {"cost": "actuals", "problems": "problems", "efficiency": "events",
               "controls": "orders"}  # fmt: skip
OPTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "cost": ("kept", "over", "far_over"), "problems": ("solved", "partly", "unproven"),
    "efficiency": ("faster", "slower", "not_shown"), "controls": ("held", "gaps", "failed"),
})  # fmt: skip
KEPT, FAR_OVER = 0.10, 0.50  # deviation: within the accuracy of estimates; more than half as much
SOLVED, UNPROVEN = 0.80, 0.50  # share of all problems that is solved and shown to be
TIES = ("tied", "none", "apart")  # what becomes of the control total of a factor's main table
APART = 1.05  # a total that differs by a twentieth


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement about the client: whether it is true, and the tables that show it."""

    true: Callable[[Scenario], bool]
    tables: tuple[str, ...]


STATEMENTS: Mapping[str, Statement] = MappingProxyType({
    "budget_replaced": Statement(lambda s: s.rebaselined_month > 0, ("budget",)),
    "seen_late": Statement(lambda s: s.reviews_from_month > s.months_visible, ("reviews",)),
    "scope_short": Statement(lambda s: s.scope_delivered < 0.80, ("scope",)),
    "register_pruned": Statement(lambda s: s.vanished > 0, ("problems",)),
    "no_evidence": Statement(lambda s: s.evidence_share < 2 / 3, ("problems",)),
    "severe_open": Statement(lambda s: s.open_severe > 0, ("problems",)),
    "silent_departments": Statement(lambda s: s.silent_departments > 0,
                                    ("problems", "departments")),
    "mix_moved": Statement(lambda s: abs(s.mix_to - s.mix_from) > 0.2, ("events",)),
    "bypassed": Statement(lambda s: s.in_system_share < 0.80, ("events",)),
    "price_control_off": Statement(lambda s: s.control_off_days > 14, ("control_off",)),
    "sold_unapproved": Statement(lambda s: s.unapproved_after > 0, ("orders", "price_rules")),
    "important_waited": Statement(lambda s: s.inverted > 0.5, ("complaints",)),
    "complaints_dropped": Statement(lambda s: s.dropped_share > 0.10, ("complaints",)),
    "not_independent": Statement(lambda s: s.independence != "independent", ("client.yml",)),
})  # fmt: skip


def final_case(seed: int, language: str) -> Case:
    """Make the client of a seed; the control total of each main table ties, differs or is missing.

    >>> sorted(final_case(7, "en").tables)[:3]
    ['access', 'actuals', 'approval_limits']
    """
    scenario = exam_scenario(seed, language)
    tables = make_tables(scenario)
    totals = tables["control_totals"]
    for table, tie in control_ties(seed).items():
        mine = totals["table"].eq(table)
        if tie == "none":
            totals = totals[~mine]
        elif tie == "apart":
            totals = totals.assign(total=totals["total"].where(~mine, _apart(totals["total"])))
    return Case(scenario, {**tables, "control_totals": totals.reset_index(drop=True)})


def control_ties(seed: int) -> dict[str, str]:
    """Draw what becomes of the control total of each main table."""
    rng = np.random.default_rng([seed, 2025])
    return {table: str(rng.choice(TIES)) for table in MAIN_TABLES.values()}


def _apart(totals: pd.Series) -> pd.Series:
    return (totals * APART).round().astype(totals.dtype)


def verdicts(scenario: Scenario) -> dict[str, str]:
    """Return the true verdict of each factor."""
    proven = planted_rates(scenario)["honest_solved_rate"]
    broken = scenario.unapproved_after > 0 or scenario.control_off_days > 0
    gaps = scenario.inverted > 0.5 or scenario.dropped_share > 0.10
    return {
        "cost": _by(scenario.overrun, KEPT, FAR_OVER, OPTIONS["cost"]),
        "problems": _by(-proven, -SOLVED, -UNPROVEN, OPTIONS["problems"]),
        "efficiency": _by(scenario.crm_effect, -0.1, 0.1, ("faster", "not_shown", "slower")),
        "controls": "failed" if broken else "gaps" if gaps else "held",
    }


def _by(value: float, low: float, high: float, words: tuple[str, ...]) -> str:
    return words[int(value > low) + int(value > high)]


def findings(scenario: Scenario) -> frozenset[str]:
    """Return the names of the statements that are true."""
    return frozenset(name for name, item in STATEMENTS.items() if item.true(scenario))


def grades(case: Case) -> dict[str, str]:
    """Return the grade of evidence of each factor's main table, by the workbook's rule."""
    found = table_grades(table_evidence(case.tables))
    return {factor: found[table] for factor, table in MAIN_TABLES.items()}
