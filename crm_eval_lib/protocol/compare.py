"""Present settings against those of a protocol, one line per thing that differs."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from crm_eval_lib.protocol.settings import DESIGN_TABLES
from crm_eval_lib.results import Message
from crm_eval_lib.scoring import numbers
from crm_eval_lib.text.formats import DASH

CHANGED, ADDED, REMOVED, FILLED = "changed", "added", "removed", "filled"
DEVIATIONS = (CHANGED, ADDED, REMOVED)  # FILLED: open when the protocol was fixed, no deviation
COLUMNS = ("part", "item", "fixed", "now", "kind")
BANDS, BLACKOUT, DATES, NAMES = "bands", "blackout", "dates", "key_indicators"
_FACTORS = "factor_weights"
_STANDARD = tuple(numbers()["factor_weights"])
_ABSENT = object()


def differences(fixed: Mapping[str, Any], now: Mapping[str, Any]) -> pd.DataFrame:
    """List what differs between two settings.

    Parameters
    ----------
    fixed, now : mapping
        From `settings_of`.

    Returns
    -------
    DataFrame
        ``part``, ``item``, both values as text, and ``kind``: changed, added, removed, or filled
        where the protocol had left it open: a day that had not come yet, a table not handed in.

    Examples
    --------
    >>> table = differences({"blackout": None}, {"blackout": ["2024-09-02", "2024-11-30"]})
    >>> table[["part", "fixed", "now", "kind"]].iloc[0].tolist()
    ['blackout', '–', '2024-09-02 – 2024-11-30', 'changed']
    """
    rows = [row for part in dict.fromkeys([*fixed, *now]) for row in _part(part, fixed, now)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def deviations(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the differences that a protocol does not allow."""
    return table[table["kind"].isin(DEVIATIONS)].reset_index(drop=True)


def _part(part: str, fixed: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if _is_open(part, fixed) or _is_open(part, now):
        if _is_open(part, fixed) and not _is_open(part, now):
            yield _row(part, "", DASH, _counted(now[part]), FILLED)
        elif not _is_open(part, fixed):
            yield _row(part, "", _counted(fixed[part]), DASH, REMOVED)
        return
    old, new = (dict(_leaves(_as_mapping(part, side[part]))) for side in (fixed, now))
    for path in dict.fromkeys([*old, *new]):
        before, after = old.get(path, _ABSENT), new.get(path, _ABSENT)
        if before != after:
            texts = (_text(part, before), _text(part, after))
            yield _row(part, _item(part, path), *texts, _kind(part, before, after))


def _is_open(part: str, settings: Mapping[str, Any]) -> bool:
    """A table that was not there, or a part that an older protocol did not know."""
    return part not in settings or (part in DESIGN_TABLES and settings[part] is None)


def _as_mapping(part: str, value: Any) -> Any:
    return dict.fromkeys(value, True) if part == NAMES else value


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every single value with the keys that lead to it."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves(part, (*path, str(name)))
    else:
        yield path, value


def _kind(part: str, before: Any, after: Any) -> str:
    if part == DATES and before is None:
        return FILLED
    if before is _ABSENT:
        return ADDED
    return REMOVED if after is _ABSENT else CHANGED


def _row(part: str, item: Any, fixed: str, now: str, kind: str) -> dict[str, Any]:
    return dict(zip(COLUMNS, (part, item, fixed, now, kind), strict=True))


def _item(part: str, path: tuple[str, ...]) -> Any:
    """Name an item: indicators, factors, bands by their reader's names, the rest by its keys."""
    if part == BANDS:
        return Message(f"score.band.{path[0]}", {})
    indicator = next((name for name in path[:2] if "." in name), None)
    if indicator is not None and path[0] != "rules":
        return Message("score.word.indicator", {"id": indicator})
    if len(path) > 1 and path[0] == _FACTORS:
        return Message(f"core.factor.{path[1]}", {}) if path[1] in _STANDARD else path[1]
    return " · ".join(path)


def _text(part: str, value: Any) -> str:
    if value is _ABSENT or value is None:
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        between = " – " if part == BLACKOUT else ", "
        return between.join(_text(part, item) for item in value) or DASH
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _counted(value: Any) -> str:
    return str(len(value)) if isinstance(value, Mapping | list) else json.dumps(value)
