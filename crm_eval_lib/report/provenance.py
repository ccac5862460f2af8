"""The footer: what the page rests on."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from crm_eval_lib.report.trace import numbered, ref
from crm_eval_lib.text import column_label, label_of
from crm_eval_lib.text.formats import format_value
from crm_eval_lib.text.safe import shown

_PROTOCOL = ("frozen_at", "sha256")


@dataclass(frozen=True, slots=True)
class InputRow:
    """One input file."""

    table: str
    path: str
    checksum: str
    rows: Markup


@dataclass(frozen=True, slots=True)
class Provenance:
    """Inputs, settings and versions as printed."""

    inputs: tuple[InputRow, ...]
    parameters: tuple[tuple[str, Markup], ...]
    versions: tuple[tuple[str, Markup], ...]
    protocol: tuple[tuple[str, Markup], ...]
    fingerprint: str
    generated_at: str


def provenance_of(data: Mapping[str, Any], lang: str) -> Provenance:
    """Prepare the footer."""
    inputs = tuple(
        InputRow(
            label_of(item["table"], lang),
            str(item.get("path") or ""),
            str(item.get("sha256") or ""),
            numbered(
                format_value(item.get("rows"), "count", lang=lang),
                ref("provenance", "inputs", place, "rows"),
            ),
        )
        for place, item in enumerate(data.get("inputs") or ())
    )
    return Provenance(
        inputs,
        tuple(_flat(data.get("parameters"), lang, ("parameters",))),
        tuple(_flat(data.get("versions"), lang, ("versions",))),
        tuple(_flat(_named(data.get("protocol")), lang, ("protocol",))),
        str(data.get("fingerprint") or ""),
        str(data.get("generated_at") or ""),
    )


def _named(protocol: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what identifies a protocol; the section of its own shows the rest."""
    return {name: protocol[name] for name in _PROTOCOL if name in protocol} if protocol else {}


def _flat(value: Any, lang: str, way: tuple[str, ...]) -> Iterator[tuple[str, Markup]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _flat(part, lang, (*way, str(key)))
    elif value is not None and value != "":
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        name = way[1] if len(way) > 2 else column_label(way[1], lang)
        name = ".".join((name, *way[2:]))
        yield name, numbered(shown(text), ref("provenance", *way))
