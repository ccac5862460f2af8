"""Sentences as data: a catalogue key and its slots, without a language."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PLAIN_TYPES = {str, int, bool, type(None)}  # of JSON, whatever their value


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
        return {"key": self.key, "slots": {k: to_plain(v) for k, v in self.slots.items()}}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any] | None) -> "Message | None":
        """Read what `to_dict` wrote."""
        if data is None:
            return None
        slots = {k: _message_or_value(v) for k, v in data["slots"].items()}
        return cls(data["key"], slots)


def to_plain(value: Any) -> Any:
    """Return plain JSON types: dates as ISO text, non-finite numbers as None."""
    if type(value) in PLAIN_TYPES:  # as most are
        return value
    if type(value) is float:
        return value if math.isfinite(value) else None
    if isinstance(value, Message):
        return {"message": value.to_dict()}
    if isinstance(value, Mapping):
        return {str(k): to_plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set):
        return [to_plain(v) for v in value]
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
