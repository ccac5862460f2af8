"""What every factor returns: indicators, steps and factor results, frozen and language-free.

A step computes; `crm_eval_lib.text` says it, `crm_eval_lib.charts` draws it, the report renders it.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from crm_eval_lib.errors import CrmEvalError

UNITS = ("ratio", "money", "hours", "days", "months", "count", "date", "index")
STATES = ("scored", "measured", "judged", "not_applicable", "not_assessed", "failed")
VALUED_STATES = ("scored", "measured", "judged")
CONFIDENCE = 0.95  # two-sided level of every interval unless a step says otherwise


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence of the catalogue with its slots; `crm_eval_lib.text.say` turns it into words.

    Parameters
    ----------
    key : str
        Dotted key: catalogue file, section, name (``cost.sentence.deviation``).
    slots : mapping of str to str, int, float, bool, None, list or Message
        Values for the named slots; plain JSON types (dates as ISO text) or nested messages.
    """

    key: str
    slots: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {"key": self.key, "slots": {k: _plain(v) for k, v in self.slots.items()}}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any] | None) -> "Message | None":
        """Read what `to_dict` wrote."""
        if data is None:
            return None
        slots = {k: _message_or_value(v) for k, v in data["slots"].items()}
        return cls(data["key"], slots)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One number of the contract (INDICATORS.md) with its state and its uncertainty.

    ``value`` is in the unit named: ratios 0–1, money in ``currency``, dates as ISO text. It is
    None unless the state is scored, measured or judged; low and high without a value are bounds.
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
        data = {k: _plain(getattr(self, k)) for k in self.__slots__ if k != "reason"}
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


@dataclass(frozen=True, slots=True)
class Caveat:
    """A named consequence of a defect in the data; `biased` ids lose one evidence grade."""

    message: Message
    indicators: tuple[str, ...] = ()
    bias: bool = False
    tables: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "message": self.message.to_dict(),
            "indicators": list(self.indicators),
            "bias": self.bias,
            "tables": list(self.tables),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Caveat":
        """Read what `to_dict` wrote."""
        return cls(
            Message.from_dict(data["message"]),
            tuple(data["indicators"]),
            data["bias"],
            tuple(data["tables"]),
        )


@dataclass(frozen=True, slots=True)
class Action:
    """What to do about a finding: a sentence of ACTIONS.md, who owns it, how large it is."""

    type: str
    sentence: Message
    owner_role: str | None = None
    size: float | None = None
    size_unit: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "type": self.type,
            "sentence": self.sentence.to_dict(),
            "owner_role": self.owner_role,
            "size": _plain(self.size),
            "size_unit": self.size_unit,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any] | None) -> "Action | None":
        """Read what `to_dict` wrote."""
        return (
            None
            if data is None
            else cls(**{**data, "sentence": Message.from_dict(data["sentence"])})
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about one indicator, with the rows it rests on.

    Its sentence may hold a ``{verb}`` slot: the evidence grade fills it (shows, indicates …).
    ``severity`` 1–5, 5 = most; ``rows`` are (table, key) pairs.
    """

    id: str
    factor: str
    indicator: str
    severity: float
    sentence: Message
    rows: tuple[tuple[str, str], ...] = ()
    action: Action | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "id": self.id,
            "factor": self.factor,
            "indicator": self.indicator,
            "severity": _plain(self.severity),
            "sentence": self.sentence.to_dict(),
            "rows": [{"table": table, "key": str(key)} for table, key in self.rows],
            "action": self.action.to_dict() if self.action else None,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Finding":
        """Read what `to_dict` wrote."""
        return cls(
            data["id"],
            data["factor"],
            data["indicator"],
            data["severity"],
            Message.from_dict(data["sentence"]),
            tuple((row["table"], row["key"]) for row in data["rows"]),
            Action.from_dict(data["action"]),
        )


@dataclass(frozen=True)
class Step:
    """What one step of a factor found.

    Parameters
    ----------
    name : str
        ``factor.step``, as the function is called: ``cost.deviation``.
    indicators : tuple of Indicator
    table : DataFrame or None
        The table the sentence and the figure rest on; one row per thing shown.
    sentence : Message or None
        The answer in one sentence.
    headline, subtitle : Message or None
        Titles of the figure: the finding in 15 words; measure, scope, period, unit.
    tables : mapping of str to DataFrame
        Further tables (largest lines, offending rows …), published as CSV.
    """

    name: str
    indicators: tuple[Indicator, ...] = ()
    table: pd.DataFrame | None = None
    sentence: Message | None = None
    headline: Message | None = None
    subtitle: Message | None = None
    findings: tuple[Finding, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def __getitem__(self, indicator_id: str) -> Indicator:
        """Return one indicator by its id (``step["cost.cpi"]``)."""
        return find_indicator(self.indicators, indicator_id)

    def __repr__(self) -> str:
        return _plain_view(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from crm_eval_lib import view

        return view.step_bundle(self)


@dataclass(frozen=True)
class FactorResult:
    """All that one factor says: the same shape for standard and own factors."""

    factor: str
    indicators: tuple[Indicator, ...]
    findings: tuple[Finding, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    steps: tuple[str, ...] = ()

    @classmethod
    def collect(cls, factor: str, steps: Sequence[Step]) -> "FactorResult":
        """Gather steps into one result; an indicator id may appear once only.

        >>> step = Step("cost.demo", (measured("cost.cpi", 1.0, "index"),))
        >>> FactorResult.collect("cost", [step])["cost.cpi"].value
        1.0
        """
        if not re.fullmatch(r"[a-z][a-z0-9_]*", factor):
            raise CrmEvalError(f"Factor id {factor!r}: use small letters, digits and _ only.")
        indicators = [indicator for step in steps for indicator in step.indicators]
        ids = [indicator.id for indicator in indicators]
        twice = sorted({i for i in ids if ids.count(i) > 1}) if len(set(ids)) < len(ids) else []
        if twice:
            raise CrmEvalError(f"Factor {factor}: indicators published twice: {', '.join(twice)}.")
        foreign = [i for i in ids if not i.startswith(f"{factor}.") and factor != "data_check"]
        if foreign:
            raise CrmEvalError(f"Factor {factor}: ids must start with '{factor}.': {foreign[0]}.")
        tables = {step.name: step.table for step in steps if step.table is not None}
        tables |= {f"{s.name}.{name}": t for s in steps for name, t in s.tables.items()}
        return cls(
            factor,
            tuple(indicators),
            tuple(finding for step in steps for finding in step.findings),
            tuple(caveat for step in steps for caveat in step.caveats),
            tables,
            tuple(step.name for step in steps),
        )

    def __getitem__(self, indicator_id: str) -> Indicator:
        """Return one indicator by its id."""
        return find_indicator(self.indicators, indicator_id)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types, without the tables."""
        return {
            "factor": self.factor,
            "indicators": [indicator.to_dict() for indicator in self.indicators],
            "findings": [finding.to_dict() for finding in self.findings],
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "steps": list(self.steps),
        }

    def publish(self, run_dir: str | Path | None = None) -> "FactorResult":
        """Write ``results/<factor>.json`` and ``tables/*.csv`` below run_dir; show the result.

        Without a run folder (a notebook run by hand) nothing is written.
        """
        if run_dir:
            folder = Path(run_dir)
            (folder / "results").mkdir(parents=True, exist_ok=True)
            (folder / "tables").mkdir(parents=True, exist_ok=True)
            text = json.dumps(self.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)
            (folder / "results" / f"{self.factor}.json").write_text(text, encoding="utf-8")
            for name, table in self.tables.items():
                write_table(table, folder / "tables" / f"{name}.csv")
        return self

    @classmethod
    def load(cls, path: str | Path) -> "FactorResult":
        """Read what `publish` wrote; the tables stay on disk."""
        data = json.loads(Path(path).read_text(encoding="utf-8"))
        return cls(
            data["factor"],
            tuple(Indicator.from_dict(item) for item in data["indicators"]),
            tuple(Finding.from_dict(item) for item in data["findings"]),
            tuple(Caveat.from_dict(item) for item in data["caveats"]),
            {},
            tuple(data["steps"]),
        )

    def __repr__(self) -> str:
        return _plain_view(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from crm_eval_lib import view

        return view.factor_bundle(self)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV for spreadsheets: UTF-8 with BOM, no cell that starts a formula."""
    safe = table.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column].dtype):
            safe[column] = safe[column].map(_defuse)
    safe.columns = [_defuse(column) for column in safe.columns]
    safe.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def find_indicator(indicators: Iterable[Indicator], indicator_id: str) -> Indicator:
    """Return the indicator with this id; a KeyError names the nearest."""
    from crm_eval_lib.errors import nearest

    by_id = {indicator.id: indicator for indicator in indicators}
    if indicator_id not in by_id:
        raise KeyError(f"no indicator {indicator_id!r}: {nearest(indicator_id, by_id)}")
    return by_id[indicator_id]


def with_state(indicator: Indicator, **changes: Any) -> Indicator:
    """Return a copy with some fields changed."""
    return replace(indicator, **changes)


def _defuse(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def _number(id: str, value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, float) and not math.isfinite(number):
        raise CrmEvalError(f"{id}: {number} is not a finite number; say not_assessed instead.")
    return number


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return {"message": value.to_dict()}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(v) for v in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    number = value.item() if hasattr(value, "item") else value
    return None if isinstance(number, float) and not math.isfinite(number) else number


def _message_or_value(value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == {"message"}:
        return Message.from_dict(value["message"])
    if isinstance(value, list):
        return [_message_or_value(item) for item in value]
    return value


def _plain_view(result: Step | FactorResult) -> str:
    from crm_eval_lib import view

    return view.plain(result)
