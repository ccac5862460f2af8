"""How people live with the controls: advice followed, warnings dismissed, exempt sales."""

from typing import Any

import pandas as pd

from crm_eval_lib.controls.shares import share
from crm_eval_lib.controls.windows import (
    NO_ROWS,
    NOT_LIVE,
    column_of,
    recorded,
    settled_from,
    unknown,
    until_status,
)
from crm_eval_lib.results import (
    Indicator,
    Message,
    Step,
    keyed,
    measured,
    missing_column,
    missing_table,
    not_assessed,
)

NO_WARNINGS = Message("controls.reason.no_warnings")
EXEMPT = "controls.exempt_share"
FOLLOWED, DISMISSED = "controls.advice_followed", "controls.warnings_dismissed"


def advice_taken(
    decisions: pd.DataFrame | None, controls: pd.DataFrame | None = None, *, dates: Any
) -> Step:
    """Say how often advice was followed and warnings were dismissed.

    Parameters
    ----------
    decisions : DataFrame or None
        One row per advice shown.
    controls : DataFrame or None
        Tells which points are set up to warn.
    dates : object
        Has ``status_date``.

    Returns
    -------
    Step
        ``advice_followed`` per control = followed/shown; ``warnings_dismissed`` per control set
        up to warn = overridden/shown. Table: one row per control.
    """
    seen = until_status(decisions, "decided_at", dates)
    if seen is None or seen.empty:
        ids = {FOLLOWED: "ratio", DISMISSED: "ratio"}
        reasons = unknown(ids, missing_table("decisions"), tables=("decisions",))
        return Step("controls.advice_taken", tuple(reasons))
    followed = seen["decision"].astype(object) == "followed"
    unexplained = ~followed & column_of(seen, "reason").isna()
    rows = pd.DataFrame({"control_id": seen["control_id"].astype(object), "shown": 1,
                         "followed": followed, "unexplained": unexplained})  # fmt: skip
    table = rows.groupby("control_id", as_index=False).sum()
    table = table.assign(followed_share=table["followed"] / table["shown"])
    if not recorded(seen, "reason"):
        table = table.assign(unexplained=None)
    facts = table.to_dict("records")
    taken = [share(keyed(FOLLOWED, row["control_id"]), row["followed"], row["shown"],
                   tables=("decisions",)) for row in facts]  # fmt: skip
    warned = _warned(facts, controls)
    n, k = int(table["shown"].sum()), int(table["followed"].sum())
    slots = {"share": k / n, "n": n}
    return Step(
        "controls.advice_taken",
        (*taken, *warned),
        table=table.sort_values(["followed_share", "control_id"], ignore_index=True),
        sentence=Message("controls.sentence.advice_taken", slots),
        headline=Message("controls.headline.advice_taken", slots),
        subtitle=Message("controls.subtitle.advice_taken"),
    )


def exempt_sales(
    lines: pd.DataFrame, exemptions: pd.DataFrame | None = None, *, dates: Any, currency: str
) -> Step:
    """Say what share of sales ran under exemptions of customers or roles.

    Parameters
    ----------
    lines : DataFrame
        From `price_lines`.
    exemptions : DataFrame or None
        ``exempt`` names a customer or the role that entered the order, from day to day.
    dates, currency : object, str

    Returns
    -------
    Step
        ``exempt_share`` of the net value since the later of go-live and blackout end. Table: one
        row per exemption in force.
    """
    tables = ("orders", "exemptions")
    missing = [name for name, table in zip(tables, (lines, exemptions), strict=True)
               if table is None or table.empty]  # fmt: skip
    columns = [name for name in ("customer", "creator_role") if recorded(lines, name)]
    reason = missing_table(*missing) if missing else None
    if reason is None and settled_from(dates) is None:
        reason = NOT_LIVE
    if reason is None and not columns:
        reason = missing_column("orders", "customer", "creator_role")
    if reason is not None:
        return Step("controls.exempt_sales",
                    (not_assessed(EXEMPT, "ratio", reason, tables=tables),))  # fmt: skip
    current = lines[lines["in_force"].astype(bool)]
    covered = _covered(current, exemptions, columns)
    exempt = current.index.isin(covered["line"])
    whole, part = float(current["value"].sum()), float(current.loc[exempt, "value"].sum())
    if whole <= 0:
        return Step("controls.exempt_sales",
                    (not_assessed(EXEMPT, "ratio", NO_ROWS, tables=tables),))  # fmt: skip
    parts = {"exempt_value": part, "value": whole}
    found = measured(EXEMPT, part / whole, "ratio", n=len(current), tables=tables, parts=parts)
    by_one = covered.groupby("exempt", as_index=False).agg(lines=("line", "nunique"))
    slots = {"share": found.value, "amount": part, "currency": currency, "n": int(exempt.sum())}
    return Step(
        "controls.exempt_sales",
        (found,),
        table=by_one.sort_values(["lines", "exempt"], ascending=[False, True], ignore_index=True),
        sentence=Message("controls.sentence.exempt_sales", slots),
        headline=Message("controls.headline.exempt_sales", slots),
        subtitle=Message("controls.subtitle.exempt_sales"),
    )


def _warned(facts: list[dict[str, Any]], controls: pd.DataFrame | None) -> list[Indicator]:
    warns = set()
    if controls is not None and not controls.empty:
        configured = column_of(controls, "configured_mode").astype(object)
        warns = set(controls.loc[configured == "warn", "control_id"])
    shown = [row for row in facts if row["control_id"] in warns]
    if not shown:
        return [not_assessed(DISMISSED, "ratio", NO_WARNINGS, tables=("decisions", "controls"))]
    return [
        share(keyed(DISMISSED, row["control_id"]), row["shown"] - row["followed"], row["shown"],
              tables=("decisions", "controls"))
        for row in shown
    ]  # fmt: skip


def _covered(current: pd.DataFrame, exemptions: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Pair order lines with the exemptions that covered them on the day of the order."""
    offers = pd.DataFrame({
        "exempt": exemptions["exempt"].astype(object),
        "first": pd.to_datetime(column_of(exemptions, "from")),
        "last": pd.to_datetime(column_of(exemptions, "to")),
    })  # fmt: skip
    day = current["ordered_at"]
    day = day.dt.tz_localize(None) if getattr(day.dtype, "tz", None) else day
    day = day.dt.normalize()
    found = []
    for name in columns:
        asked = pd.DataFrame({"exempt": current[name].astype(object), "day": day,
                              "line": current.index}).dropna(subset=["exempt"])  # fmt: skip
        pairs = asked.merge(offers, on="exempt")
        begun = pairs["first"].isna() | (pairs["first"] <= pairs["day"])
        found.append(pairs[begun & (pairs["last"].isna() | (pairs["day"] <= pairs["last"]))])
    return pd.concat(found, ignore_index=True)
