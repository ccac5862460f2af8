"""Step 5: rows that contradict themselves, each other or another table."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from crm_eval_lib.data_check.complaint_rules import COMPLAINT_RULES
from crm_eval_lib.data_check.control_rules import CONTROL_RULES
from crm_eval_lib.data_check.cost_rules import COST_RULES
from crm_eval_lib.data_check.price_rules import PRICE_RULES
from crm_eval_lib.data_check.problem_rules import PROBLEM_RULES
from crm_eval_lib.data_check.row_rules import (
    BIAS_SHARE_LIMIT,
    Material,
    RowRule,
    Tables,
    numbers,
)
from crm_eval_lib.data_check.rows import placed, shown, stacked, usable, whole
from crm_eval_lib.data_check.total_rules import TOTAL_RULES
from crm_eval_lib.results import Caveat, Message, Step, measured

ROW_RULES = (
    *COST_RULES, *PROBLEM_RULES, *CONTROL_RULES, *PRICE_RULES, *COMPLAINT_RULES, *TOTAL_RULES,
)  # fmt: skip
COLUMNS = ["check", "table_name", "column_name", "rows", "odd", "odd_share", "weakens"]


@dataclass(frozen=True)
class _Conflict:
    """The rows of one table that break one rule."""

    rule: RowRule
    frame: pd.DataFrame
    mask: pd.Series

    @cached_property
    def count(self) -> int:
        return int(self.mask.sum())

    @property
    def share(self) -> float:
        """Share of the rows, or of the money of the rule's column."""
        if not self.rule.weight:
            return self.count / len(self.frame)
        weight = numbers(self.frame[self.rule.weight]).abs()
        return float(weight[self.mask].sum() / weight.sum()) if weight.sum() else 0.0

    @property
    def biased(self) -> bool:
        return self.rule.biases and self.share > BIAS_SHARE_LIMIT


def consistency(tables: Tables, *, dates: Any, currency: str = "") -> Step:
    """Look for rows that cannot both be true, and say what becomes of them.

    Nothing is repaired: each contradiction is named with table, row, column and value, and with
    what the factors do with the row. Where many rows or much of the money are concerned, the
    indicators resting on them lose one evidence grade.

    Parameters
    ----------
    tables : mapping of str to DataFrame
    dates : Dates
        go_live of the client.
    currency : str
        The client's.

    Returns
    -------
    Step
        ``contradictions``: rows concerned. Table: one row per rule that some rows break: table,
        column, rows, how many and which share, and whether it weakens an indicator.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = pd.DataFrame({"line_id": ["A", "A"], "percent_complete": [0.5, 0.4],
    ...                      "period_end": pd.to_datetime(["2024-01-31", "2024-02-29"])})
    >>> step = consistency({"progress": rows}, dates=SimpleNamespace(go_live=None))
    >>> step.table[["table_name", "column_name", "odd"]].values.tolist()
    [['progress', 'percent_complete', 1]]
    """
    found = list(_conflicts(tables, dates, currency))
    odd = [item for item in found if item.count]
    slots = {"n": sum(item.count for item in odd), "checks": len(found)}
    name = "contradictions" if odd else "no_contradictions"
    return Step(
        "data_check.consistency",
        (measured("data_check.contradictions", slots["n"], "count"),),
        table=pd.DataFrame([_row(item) for item in odd], columns=COLUMNS),
        sentence=Message(f"data_check.sentence.{name}", slots),
        headline=Message(f"data_check.headline.{name}", slots),
        subtitle=Message("data_check.subtitle.consistency"),
        caveats=tuple(_caveat(item) for item in odd),
        tables=stacked([_rows(item) for item in odd]),
    )


def _conflicts(tables: Tables, dates: Any, currency: str) -> Iterator[_Conflict]:
    materials: dict[str, Material] = {}  # one per table: its rules share what they ask of it
    for rule in ROW_RULES:
        frame = usable(tables, rule.table, *rule.columns)
        if frame is not None:
            if rule.table not in materials:
                rows = whole(frame, rule.table)
                materials[rule.table] = Material(rows, tables, dates, currency)
            mask = rule.marks(materials[rule.table])
            yield _Conflict(rule, frame, mask if mask.dtype == bool else _certain(mask))


def _certain(mask: pd.Series) -> pd.Series:
    return mask.fillna(False).astype(bool)


def _caveat(item: _Conflict) -> Caveat:
    """Say what contradicts, where, and what follows."""
    rule = item.rule
    slots = {
        "table": rule.table,
        "what": Message(f"data_check.conflict.{rule.name}"),
        "n": item.count,
        "rows": len(item.frame),
        "examples": shown(item.frame, rule.table, item.mask, rule.columns[0]),
        "consequence": Message(f"data_check.outcome.{rule.name}"),
    }
    name = "conflict_biased" if item.biased else "conflict"
    message = Message(f"data_check.caveat.{name}", slots)
    return Caveat(message, indicators=rule.indicators, bias=item.biased, tables=(rule.table,))


def _row(item: _Conflict) -> dict[str, object]:
    return {
        "check": Message(f"data_check.conflict.{item.rule.name}"),
        "table_name": item.rule.table,
        "column_name": item.rule.columns[0],
        "rows": len(item.frame),
        "odd": item.count,
        "odd_share": item.count / len(item.frame),
        "weakens": "yes" if item.biased else "no",
    }


def _rows(item: _Conflict) -> pd.DataFrame:
    return placed(item.frame, item.rule.table, item.mask, item.rule.columns[0], item.rule.name)
