"""Duties that one person should not hold together, and whether anyone used both."""

from typing import Any

import pandas as pd

from crm_eval_lib.controls.windows import column_of, moments_of, recorded, unknown
from crm_eval_lib.results import (
    Finding,
    Message,
    Step,
    measured,
    missing_column,
    missing_table,
    not_assessed,
)

CONFLICTS, EXERCISED = "controls.sod_conflicts", "controls.sod_exercised"
TABLES = ("access", "conflicts")
EXERCISED_SEVERITY = 4.0


def separated_duties(
    access: pd.DataFrame | None, conflicts: pd.DataFrame | None = None, *, dates: Any
) -> Step:
    """Count the users who hold two permissions that exclude each other.

    Parameters
    ----------
    access, conflicts : DataFrame or None
    dates : object
        Has ``status_date``.

    Returns
    -------
    Step
        ``sod_conflicts`` = pairs of user and conflict; ``sod_exercised`` = those who used both
        permissions. Table: one row per conflict; users are counted, not named.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rights = pd.DataFrame({"user_id": ["1", "1"], "permission": ["order", "approve"]})
    >>> pairs = pd.DataFrame({"permission_a": ["approve"], "permission_b": ["order"]})
    >>> dates = SimpleNamespace(status_date=pd.Timestamp("2025-01-31"))
    >>> separated_duties(rights, pairs, dates=dates)["controls.sod_conflicts"].value
    1
    """
    missing = [name for name, table in zip(TABLES, (access, conflicts), strict=True)
               if table is None or table.empty]  # fmt: skip
    if missing:
        ids = {CONFLICTS: "count", EXERCISED: "count"}
        reasons = unknown(ids, missing_table(*missing), tables=TABLES)
        return Step("controls.separated_duties", tuple(reasons))
    rights = pd.DataFrame({
        "user": access["user_id"].astype(object), "permission": access["permission"].astype(object),
        "used": moments_of(access, "used_at", dates.status_date).notna(),
    }).groupby(["user", "permission"], as_index=False)["used"].any()  # fmt: skip
    held = _pairs(rights, conflicts)
    table = _table(held, conflicts)
    n, users = len(held), int(held["user"].nunique())
    first = measured(CONFLICTS, n, "count", n=rights["user"].nunique(), tables=TABLES)
    if recorded(access, "used_at") or n == 0:
        second = measured(EXERCISED, int(held["both_used"].sum()), "count", tables=TABLES)
    else:
        reason = missing_column("access", "used_at")
        second = not_assessed(EXERCISED, "count", reason, low=0, high=n, tables=TABLES)
    slots = {"n": n, "users": users, "used": second.value}
    ending = "_nobody" if n == 0 else "_unused" if second.value is None else ""
    key = f"separated_duties{ending}"
    return Step(
        "controls.separated_duties",
        (first, second),
        table=table,
        sentence=Message(f"controls.sentence.{key}", slots),
        headline=Message("controls.headline.separated_duties", slots),
        subtitle=Message("controls.subtitle.separated_duties"),
        findings=_finding(table) if second.value else (),
    )


def _finding(table: pd.DataFrame) -> tuple[Finding, ...]:
    """Name the conflicts of which one person used both sides."""
    used = table[table["both_used"] > 0]
    pairs = [f"{row.permission_a} + {row.permission_b}" for row in used.itertuples()]
    said = {"n": int(used["both_used"].sum()), "pairs": pairs}
    return (Finding("controls.sod_exercised", "controls", EXERCISED, EXERCISED_SEVERITY,
                    Message("controls.finding.sod_exercised", said),
                    tuple(("conflicts", pair) for pair in pairs)),)  # fmt: skip


def _distinct(conflicts: pd.DataFrame) -> pd.DataFrame:
    """Conflicts once each, whichever permission is named first."""
    pairs = conflicts[["permission_a", "permission_b"]].astype(object)
    risk = column_of(conflicts, "risk")
    ordered = pd.DataFrame({"a": pairs.min(axis=1), "b": pairs.max(axis=1), "risk": risk})
    ordered = ordered[ordered["a"] != ordered["b"]]
    return ordered.drop_duplicates(["a", "b"], ignore_index=True)


def _pairs(rights: pd.DataFrame, conflicts: pd.DataFrame) -> pd.DataFrame:
    held = _distinct(conflicts).merge(rights, left_on="a", right_on="permission")
    held = held.merge(rights, left_on=["b", "user"], right_on=["permission", "user"],
                      suffixes=("_a", "_b"))  # fmt: skip
    return held.assign(both_used=held["used_a"] & held["used_b"])


def _table(held: pd.DataFrame, conflicts: pd.DataFrame) -> pd.DataFrame:
    counts = held.groupby(["a", "b"]).agg(users=("user", "nunique"), both_used=("both_used", "sum"))
    table = _distinct(conflicts).join(counts, on=["a", "b"]).fillna({"users": 0, "both_used": 0})
    table = table.rename(columns={"a": "permission_a", "b": "permission_b"})
    names = ["permission_a", "permission_b", "risk", "users", "both_used"]
    table = table.astype({"users": int, "both_used": int})[names]
    return table.sort_values(["users", "permission_a"], ascending=[False, True], ignore_index=True)
