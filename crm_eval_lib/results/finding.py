"""Findings, the actions they lead to, and caveats about the data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_eval_lib.results.message import Message, to_plain


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
            "size": to_plain(self.size),
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
    ``severity`` 1–5, 5 = most; ``rows`` are (table, key) pairs; ``side`` must act: client, vendor
    or client_and_vendor; None = by the type of finding.
    """

    id: str
    factor: str
    indicator: str
    severity: float
    sentence: Message
    rows: tuple[tuple[str, str], ...] = ()
    action: Action | None = None
    side: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "id": self.id,
            "factor": self.factor,
            "indicator": self.indicator,
            "severity": to_plain(self.severity),
            "sentence": self.sentence.to_dict(),
            "rows": [{"table": table, "key": str(key)} for table, key in self.rows],
            "action": self.action.to_dict() if self.action else None,
            "side": self.side,
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
            data.get("side"),
        )
