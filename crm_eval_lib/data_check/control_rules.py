"""Rows of the tables of control points that contradict themselves, each other or the logs."""

import pandas as pd

from crm_eval_lib.controls.logs import APPROVAL, COMPLAINT_OWNER, PRICE_FLOOR
from crm_eval_lib.controls.points import STRENGTH
from crm_eval_lib.data_check.row_rules import Material, RowRule, filled, no_row, numbers
from crm_eval_lib.scoring import numbers as scoring_numbers

_LOGS = {PRICE_FLOOR: "orders", APPROVAL: "orders", COMPLAINT_OWNER: "complaints"}
_MODES = ("controls.coverage", "controls.mode_gap")
_LIMITS = ("controls.upper_limit", "controls.effective_share")
_SAMPLED = ("controls.price.below_floor_rate", "controls.price.unapproved_rate")
_DUTIES = ("controls.sod_conflicts", "controls.sod_exercised")


def _strength(modes: pd.Series) -> pd.Series:
    return modes.astype("object").map(STRENGTH).astype(float)


def _configured_above(m: Material) -> pd.Series:
    return _strength(m.rows["configured_mode"]) > _strength(m.rows["supported_mode"])


def _critical_unrequired(m: Material) -> pd.Series:
    return m.rows["critical"].eq("yes") & m.rows["required_mode"].eq("none")


def _decided_by_nobody(m: Material) -> pd.Series:
    return filled(m.rows["decided_on"]) & ~filled(m.rows["decided_by_role"])


def _decided_undated(m: Material) -> pd.Series:
    return filled(m.rows["decided_by_role"]) & ~filled(m.rows["decided_on"])


def _log_absent(m: Material) -> pd.Series:
    """Mark points whose log was not handed in."""
    absent = [check for check, table in _LOGS.items() if m.other(table) is None]
    return m.rows["log_check"].isin(absent)


def _population_below(m: Material) -> pd.Series:
    """Mark points with fewer transactions than items were tested of them."""
    tests = m.other("control_tests", "control_id", "method", "result")
    if tests is None:
        return no_row(m.rows)
    counted = tests["method"].isin(["sample", "population"])
    counted &= tests["result"].isin(["pass", "deviation"])
    items = tests.loc[counted, "control_id"].astype("str").value_counts()
    tested = m.rows["control_id"].astype("str").map(items)
    return numbers(m.rows["population_size"]) < tested


def _nothing_left(m: Material) -> pd.Series:
    """Mark points at which as much is expected to fail as may."""
    given = scoring_numbers()["tests"]
    usual = (
        m.rows["critical"]
        .eq("yes")
        .map({True: given["tolerable_rate_critical"], False: given["tolerable_rate_other"]})
    )
    tolerable = numbers(m.rows["tolerable_rate"]).fillna(usual.astype(float))
    return numbers(m.rows["expected_rate"]) >= tolerable


def _exempt_unknown(m: Material) -> pd.Series:
    """Mark exemptions of somebody who neither buys nor enters orders."""
    orders = m.other("orders")
    columns = [] if orders is None else [n for n in ("customer", "creator_role") if n in orders]
    if not columns:
        return no_row(m.rows)
    known = {name for column in columns for name in orders[column].dropna().unique().astype("str")}
    return filled(m.rows["exempt"]) & ~m.rows["exempt"].astype("str").isin(known)


def _advice_unexpected(m: Material) -> pd.Series:
    """Mark advice at points that are set up to give none."""
    points = m.other("controls", "control_id", "configured_mode")
    if points is None:
        return no_row(m.rows)
    silent = points.loc[points["configured_mode"].eq("none"), "control_id"].astype("str")
    return m.rows["control_id"].astype("str").isin(set(silent))


def _permission_unheld(m: Material) -> pd.Series:
    """Mark pairs of permissions of which nobody holds one."""
    access = m.other("access", "permission")
    if access is None:
        return no_row(m.rows)
    held = set(access["permission"].dropna().astype("str"))
    pair = m.rows[["permission_a", "permission_b"]].astype("str")
    return ~pair.isin(held).all(axis=1)


def _permission_itself(m: Material) -> pd.Series:
    return m.rows["permission_a"].astype("str").eq(m.rows["permission_b"].astype("str"))


def _sample_above(m: Material) -> pd.Series:
    return numbers(m.rows["population_n"]) < len(m.rows)


def _approver_unneeded(m: Material) -> pd.Series:
    return m.rows["approval"].eq("none") & filled(m.rows["approver_role"])


def _capture_denied(m: Material) -> pd.Series:
    return m.rows["channel"].eq("crm") & m.rows["in_crm"].eq("no")


CONTROL_RULES = (
    RowRule("configured_above", "controls", ("configured_mode", "supported_mode"),
            _configured_above, _MODES, biases=True),
    RowRule("critical_unrequired", "controls", ("required_mode", "critical"),
            _critical_unrequired, ("controls.critical_failed", *_MODES)),
    RowRule("decided_by_nobody", "controls", ("decided_on", "decided_by_role"),
            _decided_by_nobody, ("controls.listed_before_share",)),
    RowRule("decided_undated", "controls", ("decided_by_role", "decided_on"), _decided_undated,
            ("controls.listed_before_share",)),
    RowRule("log_absent", "controls", ("log_check",), _log_absent, _MODES),
    RowRule("population_below", "controls", ("population_size",), _population_below, _LIMITS),
    RowRule("nothing_left", "controls", ("expected_rate",), _nothing_left,
            ("controls.sample_size",)),
    RowRule("exempt_unknown", "exemptions", ("exempt",), _exempt_unknown,
            ("controls.exempt_share",), biases=True),
    RowRule("advice_unexpected", "decisions", ("control_id",), _advice_unexpected,
            ("controls.advice_followed",)),
    RowRule("permission_unheld", "conflicts", ("permission_b", "permission_a"),
            _permission_unheld, _DUTIES),
    RowRule("permission_itself", "conflicts", ("permission_b", "permission_a"),
            _permission_itself, _DUTIES),
    RowRule("sample_above", "order_samples", ("population_n",), _sample_above, _SAMPLED),
    RowRule("approver_unneeded", "order_samples", ("approval", "approver_role"),
            _approver_unneeded, _SAMPLED[1:]),
    RowRule("capture_denied", "complaint_samples", ("in_crm", "channel"), _capture_denied,
            ("controls.complaints.captured_share",)),
)  # fmt: skip
