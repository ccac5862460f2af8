"""Step 6: what the tables add up to, held against the totals of ERP or ledger."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.data_check.row_rules import Tables
from crm_eval_lib.evidence import table_evidence
from crm_eval_lib.results import Message, Step, measured
from crm_eval_lib.scoring import numbers, threshold
from crm_eval_lib.totals import compared_totals, every_total

COLUMNS = ["table_name", "process", "period_start", "period_end", "measure_name", "source_system",
           "stated_value", "counted_value", "difference_share", "follows"]  # fmt: skip


def ties(tables: Tables, *, dates: Any, capped: bool = True) -> Step:
    """Tie each table to the totals stated for it, and say what follows for the evidence.

    Parameters
    ----------
    tables : mapping of str to DataFrame
    dates : Dates
        ``status_date`` of the client.
    capped : bool
        False where the client has switched rule V7 off: a difference then only costs the A.

    Returns
    -------
    Step
        Table: a row per total, (found − total)/total and its consequence; ``untied``: tables that
        could be tied and have no total, so that they stay below grade A.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> totals = pd.DataFrame({"table": ["orders"], "measure": ["rows"], "total": [100.0]})
    >>> tables = {"orders": pd.DataFrame({"order_id": range(93)}), "control_totals": totals}
    >>> step = ties(tables, dates=SimpleNamespace(status_date=None))
    >>> row = step.table.iloc[0]
    >>> row["follows"].key, round(float(row["difference_share"]), 2)
    ('data_check.tie.capped', -0.07)
    """
    status = getattr(dates, "status_date", None)
    totals = every_total(tables, status_date=status)
    evidence = table_evidence(
        tables, status_date=status, totals_cap=capped, totals=compared_totals(totals)
    ).set_index("table")
    follows = [_follows(row, evidence, capped) for row in totals.to_dict("records")]
    table = totals.rename(columns={"table": "table_name", "measure": "measure_name",
                                   "total": "stated_value", "found": "counted_value",
                                   "difference": "difference_share"})  # fmt: skip
    table["difference_share"] = table["difference_share"].replace([np.inf, -np.inf], np.nan)
    table["measure_name"] = [Message(f"data_check.measure.{m}") for m in totals["measure"]]
    table["follows"] = pd.Series([Message(f"data_check.tie.{code}", slots)
                                  for code, slots in follows], dtype=object)  # fmt: skip
    untied = _untied(evidence, set(totals["table"]))
    tied = int(evidence["tied"].fillna(False).sum())
    off = int((evidence["difference"].abs() > threshold("tie")).sum())
    said = {
        "n": tied,
        "m": tied + len(untied) + off,
        "off": off,
        "names": list(evidence.index[evidence["difference"].abs() > threshold("tie")]),
    }
    name = "ties_none" if totals.empty else ("ties_off" if off else "ties")
    return Step(
        "data_check.ties",
        (measured("data_check.untied_tables", off, "count"),),
        table=table[COLUMNS],
        sentence=Message(f"data_check.sentence.{name}", said),
        headline=Message(f"data_check.headline.{name}", said),
        subtitle=Message("data_check.subtitle.ties"),
        tables={"untied": untied} if len(untied) else {},
    )  # fmt: skip


def _follows(row: dict[str, Any], evidence: pd.DataFrame, capped: bool) -> tuple[str, dict]:
    """Return what follows from one total: a key and its slots."""
    if row["why_not"] is not None:
        return row["why_not"], {}
    away, limit = abs(row["difference"]), {"limit": threshold("tie")}
    if away <= threshold("tie"):
        return ("tied" if evidence.at[row["table"], "tied"] else "agrees"), limit
    if not capped:
        return "off", limit
    factor = numbers()["tables"].get(row["table"], {}).get("factor")
    if away > threshold("untrustworthy") and factor:
        name = Message("score.word.factor", {"factor": factor})
        return "refused", {"factor": name, "limit": threshold("untrustworthy")}
    return "capped", limit


def _untied(evidence: pd.DataFrame, named: set[str]) -> pd.DataFrame:
    """Tables that a total could lift to grade A and that have none."""
    known = numbers()["tables"]
    can = [name for name in evidence.index if name in known and known[name].get("ties", True)
           and evidence.at[name, "base_grade"] == "B" and name not in named]  # fmt: skip
    rows = [(name, int(evidence.at[name, "rows"]), evidence.at[name, "grade"]) for name in can]
    return pd.DataFrame(rows, columns=["table_name", "rows", "evidence_grade"])
