"""Indicators: one number of the contract with its state and its uncertainty."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from crm_eval_lib.errors import CrmEvalError, nearest
from crm_eval_lib.results.message import Message, to_plain

UNITS = ("ratio", "money", "hours", "days", "months", "count", "date", "index")
STATES = ("scored", "measured", "judged", "not_applicable", "not_assessed", "failed")
VALUED_STATES = ("scored", "measured", "judged")
CONFIDENCE = 0.95  # two-sided level of every interval unless a step says otherwise
RECORDED = "recorded"  # among `parts`, False: a zero that keeps a sum whole and was never measured


@dataclass(frozen=True, slots=True)
class Indicator:
    """One number of the contract (INDICATORS.md) with its state and its uncertainty.

    Parameters
    ----------
    id : str
        ``factor.name``, a key in brackets behind it: ``efficiency.change[quotation]``.
    state : str
        One of `STATES`; `measured`, `not_assessed` and `not_applicable` set it.
    unit : str
        One of `UNITS`: ratios 0–1, money in ``currency``, dates as ISO text.
    value : float, int, str or None
        None unless the state is scored, measured or judged.
    low, high : float or None
        Interval at ``confidence`` (two-sided), in the unit; without a value they are bounds.
    p : float or None
        Of no change, all processes asked together.
    n : int or None
        What was counted: rows, cases, items, as the indicator says.
    score : float or None
        Points, 0–100; the scorecard gives them.
    grade : str or None
        Evidence, A to D; the scorecard gives it.
    rung : str or None
        How a change was compared: S, R0 … R3.
    tables : tuple of str
        Client tables it rests on.
    reason : Message or None
        Why there is no value, or what to know of it.

    Examples
    --------
    >>> Indicator("cost.cpi", "measured", "index", 0.89, n=12)
    cost.cpi: 0.89  n=12  measured
    """

    id: str
    state: str
    unit: str
    value: float | int | str | None = None
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    p: float | None = None
    n: int | None = None
    score: float | None = None
    grade: str | None = None
    rung: str | None = None
    tables: tuple[str, ...] = ()
    reason: Message | None = None
    parts: Mapping[str, Any] | None = None
    currency: str | None = None

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise CrmEvalError(f"{self.id}: state {self.state!r} is none of {', '.join(STATES)}")
        if self.unit not in UNITS:
            raise CrmEvalError(f"{self.id}: unit {self.unit!r} is none of {', '.join(UNITS)}")
        if (self.value is not None) != (self.state in VALUED_STATES):
            raise CrmEvalError(f"{self.id}: state {self.state} does not go with {self.value!r}")

    def __repr__(self) -> str:
        from crm_eval_lib import view

        return view.indicator_line(self)

    def _repr_html_(self) -> str:
        from crm_eval_lib import view

        return view.indicator_html(self)

    @property
    def base_id(self) -> str:
        """The id without its key in brackets."""
        return self.id.split("[", 1)[0]

    @property
    def key(self) -> str | None:
        """The unescaped key in brackets, or None."""
        if "[" not in self.id:
            return None
        return self.id.split("[", 1)[1][:-1].replace("%5D", "]").replace("%25", "%")

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types; the reason stays a message."""
        data = {k: to_plain(getattr(self, k)) for k in self.__slots__ if k != "reason"}
        data["tables"] = list(self.tables)
        data["reason"] = self.reason.to_dict() if self.reason else None
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Indicator":
        """Read what `to_dict` wrote."""
        known = {k: data[k] for k in cls.__slots__ if k in data}
        known["tables"] = tuple(data.get("tables") or ())
        known["reason"] = Message.from_dict(data.get("reason"))
        return cls(**known)


def measured(id: str, value: float | int | str | pd.Timestamp, unit: str, **more: Any) -> Indicator:
    """Build an indicator that has a value; non-finite values are an error.

    >>> measured("cost.cpi", 0.89, "index", n=12, tables=("budget", "actuals")).value
    0.89
    """
    value, low, high = (
        _number(id, v) for v in (value, more.pop("low", None), more.pop("high", None))
    )
    tables = tuple(more.pop("tables", ()))
    if low is not None or high is not None:
        more.setdefault("confidence", CONFIDENCE)
    return Indicator(id, "measured", unit, value=value, low=low, high=high, tables=tables, **more)


def not_assessed(id: str, unit: str, reason: Message, **more: Any) -> Indicator:
    """Build an indicator without a value, saying why; ``low``/``high`` may carry bounds.

    >>> not_assessed("cost.cpi", "index", missing_table("progress")).state
    'not_assessed'
    """
    low, high = (_number(id, more.pop(k, None)) for k in ("low", "high"))
    tables = tuple(more.pop("tables", ()))
    return Indicator(
        id, "not_assessed", unit, low=low, high=high, tables=tables, reason=reason, **more
    )


def not_applicable(id: str, unit: str, reason: Message, **more: Any) -> Indicator:
    """Build an indicator that has no meaning for this client, saying why."""
    tables = tuple(more.pop("tables", ()))
    return Indicator(id, "not_applicable", unit, tables=tables, reason=reason, **more)


def missing_table(*tables: str) -> Message:
    """Say that the named tables were not handed in (or hold no rows)."""
    return Message("core.reason.missing_table", {"tables": list(tables)})


def missing_column(table: str, *columns: str) -> Message:
    """Say that the named columns of a table were not recorded."""
    return Message("core.reason.missing_column", {"table": table, "columns": list(columns)})


def keyed(id: str, key: object, *, dimension: str | None = None) -> str:
    """Put a key in brackets behind an id, ``]`` and ``%`` percent-escaped.

    >>> keyed("problems.solved_rate", "A]B", dimension="department")
    'problems.solved_rate[department=A%5DB]'
    """
    text = str(key).replace("%", "%25").replace("]", "%5D")
    return f"{id}[{dimension}={text}]" if dimension else f"{id}[{text}]"


def find_indicator(indicators: Iterable[Indicator], indicator_id: str) -> Indicator:
    """Return the indicator with this id; a KeyError names the nearest."""
    by_id = {indicator.id: indicator for indicator in indicators}
    if indicator_id not in by_id:
        raise KeyError(f"no indicator {indicator_id!r}: {nearest(indicator_id, by_id)}")
    return by_id[indicator_id]


def with_state(indicator: Indicator, **changes: Any) -> Indicator:
    """Return a copy with some fields changed."""
    return replace(indicator, **changes)


def _number(id: str, value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, float) and not math.isfinite(number):
        raise CrmEvalError(f"{id}: {number} is not a finite number; say not_assessed instead.")
    return number
