"""The footer: what the page rests on."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crm_eval_lib.text import column_label, label_of
from crm_eval_lib.text.formats import format_value

_PROTOCOL = ("frozen_at", "sha256")


@dataclass(frozen=True, slots=True)
class InputRow:
    """One input file."""

    table: str
    path: str
    checksum: str
    rows: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Inputs, settings and versions as printed."""

    inputs: tuple[InputRow, ...]
    parameters: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    protocol: tuple[tuple[str, str], ...]
    fingerprint: str
    generated_at: str


def provenance_of(data: Mapping[str, Any], lang: str) -> Provenance:
    """Prepare the footer."""
    inputs = tuple(
        InputRow(
            label_of(item["table"], lang),
            str(item.get("path") or ""),
            str(item.get("sha256") or ""),
            format_value(item.get("rows"), "count", lang=lang),
        )
        for item in data.get("inputs") or ()
    )
    return Provenance(
        inputs,
        tuple(_flat(data.get("parameters"), lang)),
        tuple(_flat(data.get("versions"), lang)),
        tuple(_flat(_named(data.get("protocol")), lang)),
        str(data.get("fingerprint") or ""),
        str(data.get("generated_at") or ""),
    )


def _named(protocol: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what identifies a protocol; the section of its own shows the rest."""
    return {name: protocol[name] for name in _PROTOCOL if name in protocol} if protocol else {}


def _flat(value: Any, lang: str, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _flat(part, lang, f"{name}.{key}" if name else str(key))
    elif value is not None and value != "":
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield (name if "." in name else column_label(name, lang)), text
