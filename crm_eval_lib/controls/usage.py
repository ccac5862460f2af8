"""Sales under exemptions: the rule should not know persons."""

from typing import Any

import pandas as pd

from crm_eval_lib.controls.windows import (
    NO_ROWS,
    NOT_LIVE,
    column_of,
    recorded,
    settled_from,
)
from crm_eval_lib.results import (
    Finding,
    Message,
    Step,
    measured,
    missing_column,
    missing_table,
    not_assessed,
)

EXEMPT = "controls.exempt_share"
KINDS = {"customer": "customer", "creator_role": "role"}  # who an exemption can name
NOTABLE_SHARE = 0.05  # of sales; above it the exemption is no exception any more
EXEMPT_SEVERITY = 3.0


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
        ``exempt_share`` of the net value since the later of go-live and blackout end; its parts
        tell customers from roles. Table: one row per control and exempt party, with what was sold
        under it and who granted it.

    Examples
    --------
    Customer K1 is exempt and bought 1000 of 4000:

    >>> from types import SimpleNamespace
    >>> from crm_eval_lib.controls import price_lines
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(go_live=day("2024-09-02"), blackout=None,
    ...                         status_date=day("2025-08-31"))
    >>> orders = pd.DataFrame({"order_id": ["A", "B"], "ordered_at": [day("2025-01-15")] * 2,
    ...     "product": "P", "quantity": [10.0, 30.0], "unit_price": 100.0,
    ...     "customer": ["K1", "K2"]})
    >>> exempt = pd.DataFrame({"control_id": ["C1"], "exempt": ["K1"],
    ...                        "from": [day("2024-09-02")], "to": [pd.NaT]})
    >>> lines = price_lines(orders, dates=dates, currency="CNY")
    >>> step = exempt_sales(lines, exempt, dates=dates, currency="CNY")
    >>> step["controls.exempt_share"].value
    0.25
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
    whole = float(current["value"].sum())
    if whole <= 0:
        return Step("controls.exempt_sales",
                    (not_assessed(EXEMPT, "ratio", NO_ROWS, tables=tables),))  # fmt: skip
    covered = _covered(current, exemptions, columns)
    exempt = current.index.isin(covered["line"])
    table = _by_one(covered, current["value"], exemptions)
    used = table[table["lines"] > 0]
    part = float(current.loc[exempt, "value"].sum())
    kinds = {f"{kind}_value": float(current.loc[covered.loc[covered["exempt_kind"] == kind,
             "line"].unique(), "value"].sum()) for kind in KINDS.values()}  # fmt: skip
    parts = {"exempt_value": part, "value": whole, **kinds}
    found = measured(EXEMPT, part / whole, "ratio", n=len(current), tables=tables, parts=parts)
    slots = {"share": found.value, "amount": part, "currency": currency, "n": int(exempt.sum()),
             "exemptions": len(used), "endless": int(used["endless"].sum())}  # fmt: skip
    return Step(
        "controls.exempt_sales",
        (found,),
        table=table,
        sentence=Message("controls.sentence.exempt_sales", slots),
        headline=Message("controls.headline.exempt_sales", slots),
        subtitle=Message("controls.subtitle.exempt_sales"),
        findings=_finding(used, slots),
    )


def _by_one(covered: pd.DataFrame, value: pd.Series, exemptions: pd.DataFrame) -> pd.DataFrame:
    """Return one row per control and exempt party: what was sold under it, who granted it."""
    given = pd.DataFrame({name: column_of(exemptions, name).astype(object)
                          for name in ("control_id", "exempt", "granted_by_role")})  # fmt: skip
    given = given.assign(endless=column_of(exemptions, "to").isna())
    listed = given.groupby(["control_id", "exempt"], as_index=False, dropna=False).agg(
        granted_by_role=("granted_by_role", "first"), endless=("endless", "any")
    )
    once = covered.drop_duplicates(["control_id", "exempt", "line"])
    sold = once.assign(value=value.loc[once["line"]].to_numpy())
    sums = sold.groupby(["control_id", "exempt"], as_index=False, dropna=False).agg(
        exempt_kind=("exempt_kind", "first"), lines=("line", "size"), exempt_amount=("value", "sum")
    )
    table = listed.merge(sums, on=["control_id", "exempt"], how="left")
    table = table.fillna({"lines": 0, "exempt_amount": 0.0}).astype({"lines": int})
    table = table.assign(exempt_share=table["exempt_amount"] / value.sum())
    names = ["control_id", "exempt", "exempt_kind", "granted_by_role", "endless", "lines",
             "exempt_amount", "exempt_share"]  # fmt: skip
    return table[names].sort_values(
        ["lines", "exempt", "control_id"], ascending=[False, True, True], ignore_index=True
    )


def _finding(used: pd.DataFrame, slots: dict[str, Any]) -> tuple[Finding, ...]:
    """Name a share of sales under exemptions that is no longer an exception."""
    if slots["share"] <= NOTABLE_SHARE:
        return ()
    said = {name: slots[name] for name in ("share", "endless")}
    rows = tuple(dict.fromkeys(("exemptions", str(id)) for id in used["control_id"]))
    return (Finding("controls.exempt", "controls", EXEMPT, EXEMPT_SEVERITY,
                    Message("controls.finding.exempt", said), rows),)  # fmt: skip


def _covered(current: pd.DataFrame, exemptions: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Pair order lines with the exemptions that covered them on the day of the order."""
    offers = pd.DataFrame({
        "exempt": exemptions["exempt"].astype(object),
        "first": pd.to_datetime(column_of(exemptions, "from")),
        "last": pd.to_datetime(column_of(exemptions, "to")),
        "control_id": column_of(exemptions, "control_id").astype(object),
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
        kept = pairs[begun & (pairs["last"].isna() | (pairs["day"] <= pairs["last"]))]
        found.append(kept.assign(exempt_kind=KINDS[name]))
    return pd.concat(found, ignore_index=True)
