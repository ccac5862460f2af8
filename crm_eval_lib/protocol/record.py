"""protocol.json: what was settled, when, with hashes that show a later edit by hand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from crm_eval_lib.errors import UsageError
from crm_eval_lib.runner.publish import PROTOCOL

SCHEMA = 1
FILE_NAME = PROTOCOL
CHAIN = "earlier"  # part named where a record does not follow from the one before it
WHOLE = "record"  # part named where something beside the settings was edited
_SHORT = 12  # characters of a hash that a reader compares


class ProtocolError(UsageError):
    """protocol.json cannot be used; nothing is written over it.

    Parameters
    ----------
    reason : str
        broken, newer or foreign: what the report says of it.
    """

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Protocol:
    """Every version of a client's protocol, the oldest first."""

    records: tuple[Mapping[str, Any], ...]

    @property
    def binding(self) -> Mapping[str, Any]:
        """The last version fixed before any outcome could be known, else the very first.

        A protocol that is fixed again once outcomes lie there does not free the client from what
        was settled without knowing them.
        """
        blind = [record for record in self.records if not known_before(record)]
        return blind[-1] if blind else self.records[0]

    def edited(self) -> tuple[str, ...]:
        """Name the parts whose content does not match the hash written beside it."""
        found = [part for record in self.records for part in _edited(record)]
        before = None
        for record in self.records:
            found += [CHAIN] if record["previous"] != before else []
            before = record["sha256"]
        return tuple(dict.fromkeys(found))

    def to_dict(self, client: str) -> dict[str, Any]:
        """Return the content of the file: the newest version, the earlier ones inside."""
        *earlier, newest = (dict(record) for record in self.records)
        return {"schema": SCHEMA, "client": client, **newest, "earlier": earlier}


def digest(value: Any) -> str:
    """Return the SHA-256 of a plain value, independent of the order of its keys.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def short(hash: str) -> str:
    """Return the beginning of a hash, enough to compare by eye."""
    return hash[:_SHORT]


def new_record(
    settings: Mapping[str, Any], circumstances: Mapping[str, Any], *, previous: str | None = None
) -> dict[str, Any]:
    """Hash settings with the circumstances of their fixing.

    Parameters
    ----------
    settings : mapping
        From `settings_of`.
    circumstances : mapping
        ``frozen_at``, ``version``, ``status_date``; ``outcome_tables`` and ``reports`` that were
        there already; ``unread`` tables with the reason.
    previous : str, optional
        Hash of the version before this one.
    """
    record = {
        **circumstances,
        "hashes": {part: digest(content) for part, content in settings.items()},
        "settings": dict(settings),
        "previous": previous,
    }
    return {**record, "sha256": digest(record)}


def known_before(record: Mapping[str, Any]) -> bool:
    """Say whether outcomes could be known when this version was fixed."""
    return bool(record["outcome_tables"] or record["reports"])


def read_protocol(folder: str | Path) -> Protocol | None:
    """Read a client's protocol; None where none was fixed.

    Parameters
    ----------
    folder : path
        The client's folder below the reports, or a run's folder.

    Raises
    ------
    ProtocolError
        The file is no JSON, was made by a newer version, or is no protocol.
    """
    path = Path(folder) / FILE_NAME
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        text = f"{path} cannot be read as JSON ({error}). {_REMEDY}"
        raise ProtocolError(text, "broken") from error
    schema = content.get("schema") if isinstance(content, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise ProtocolError(
            f"{path} has schema {schema}; this version reads up to {SCHEMA}. It was made by a "
            "newer version of crm-eval: use that one.",
            "newer",
        )
    records = _records(content) if schema == SCHEMA else []
    if not records or not all(map(_is_record, records)):
        raise ProtocolError(f"{path} is no protocol of crm-eval. {_REMEDY}", "foreign")
    return Protocol(tuple(records))


_REMEDY = "Put back the file that crm-eval freeze wrote, or move this one away by hand."
_FIELDS = {"frozen_at": str, "status_date": str, "settings": dict, "hashes": dict, "sha256": str,
           "outcome_tables": list, "reports": list}  # fmt: skip


def _records(content: Mapping[str, Any]) -> Sequence[Any]:
    newest = {k: v for k, v in content.items() if k not in ("schema", "client", "earlier")}
    earlier = content.get("earlier")
    return [*(earlier if isinstance(earlier, list) else ()), newest]


def _is_record(record: Any) -> bool:
    if not isinstance(record, dict) or "previous" not in record:
        return False
    return all(isinstance(record.get(name), kind) for name, kind in _FIELDS.items())


def _edited(record: Mapping[str, Any]) -> list[str]:
    settings, hashes = record["settings"], record["hashes"]
    parts = dict.fromkeys([*settings, *hashes])
    wrong = [p for p in parts if p not in settings or hashes.get(p) != digest(settings[p])]
    whole = digest({name: value for name, value in record.items() if name != "sha256"})
    return wrong or ([] if whole == record["sha256"] else [WHOLE])
