"""The names of register versions: which day they mean, and which of two is the older one."""

import re
from calendar import monthrange
from dataclasses import dataclass
from typing import Final

import pandas as pd

from crm_eval_lib.letters import folded

_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_NAME = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?<!\d)(?P<y>(?:19|20)\d\d)"
_MIDNIGHT = r"(?:[t ]00:00(?::00(?:\.0+)?)?z?)?"
# Whole dates first, then spans, which mean their last day. `a` and `b`: day and month, or turned.
_FORMS: Final = tuple(re.compile(form) for form in (
    rf"{_YEAR}\s?[-/.年_]\s?(?P<m>\d\d?)\s?[-/.月_]\s?(?P<d>\d\d?)(?:日|号|(?!\d)){_MIDNIGHT}",
    rf"{_YEAR}(?P<m>\d\d)(?P<d>\d\d)(?!\d)",
    r"(?<![\w.])(?P<d>\d\d?)\.(?P<m>\d\d?)\.(?P<y>(?:19|20)\d\d)(?!\d)",
    rf"(?<!\d)(?P<d>\d\d?)(?:st|nd|rd|th)?[-\s./]*{_NAME}[-\s.,/]*(?P<y>(?:19|20)\d\d)(?!\d)",
    rf"\b{_NAME}[-\s]*(?P<d>\d\d?)(?:st|nd|rd|th)?[-\s,]+(?P<y>(?:19|20)\d\d)(?!\d)",
    rf"{_YEAR}[-\s./]*{_NAME}[-\s.]*(?P<d>\d\d?)(?!\d)",
    r"(?<![\d.])(?P<a>\d\d?)[-/](?P<b>\d\d?)[-/](?P<y>(?:19|20)\d\d)(?!\d)",
    rf"{_YEAR}[-\s/年]*(?:第?(?P<q>[1-4一二三四])季度?|q(?P<q2>[1-4]))(?!\d)",
    r"(?<!\w)(?:q(?P<q>[1-4])|(?P<q2>[1-4])q)[-\s/']*(?P<y>(?:19|20)?\d\d)(?!\d)",
    rf"\b{_NAME}[-\s./']*(?P<y>(?:19|20)\d\d)(?!\d)",
    rf"{_YEAR}[-\s./]*{_NAME}",
    rf"{_YEAR}(?:\s?[-/.]\s?(?P<m>\d\d?)(?![\d.])|\s?年\s?(?P<m2>\d\d?)\s?月)",
))  # fmt: skip
_CENTURY: Final = 2000  # of a year of two digits after a quarter
_QUARTERS: Final = {"一": 1, "二": 2, "三": 3, "四": 4}


@dataclass(frozen=True, slots=True)
class Label:
    """What the name of a version says: its day, else none, and all it says as an order."""

    day: pd.Timestamp | None
    is_ambiguous: bool
    key: tuple


def read_label(text: str) -> Label:
    """Read the name of one version.

    Year first, German and Chinese dates, names of months and quarters are read; a span means its
    last day. 12/1/2023 can mean two days: the earlier one is taken, and the label is ambiguous.

    >>> [str(read_label(text).day)[:10] for text in ("v2 2025-12-1", "2025年12月", "Q1 2025")]
    ['2025-12-01', '2025-12-31', '2025-03-31']
    >>> read_label("12/1/2023").is_ambiguous, read_label("V2").key == read_label("v2").key
    (True, True)
    """
    plain = folded(text)
    for form in _FORMS:
        found = form.search(plain)
        days = _days(found.groupdict()) if found else []
        if days:
            rest = (plain[: found.start()] + " " + plain[found.end() :]).strip()
            day = min(days)
            return Label(day, len(days) > 1, (1, day, *_natural(rest)))
    return Label(None, False, (0, *_natural(re.sub(r"^(\d+)\.0$", r"\1", plain))))


def read_labels(versions: pd.Series) -> dict[str, Label]:
    """Read each different label once; empty ones are left out.

    Parameters
    ----------
    versions : Series of str
        Trimmed, empty for none.
    """
    return {label: read_label(label) for label in versions.unique() if label}


def version_rank(versions: pd.Series) -> pd.Series:
    """Rank version labels: 9 before 10, v1.9 before v1.10, dates by day, no label before all.

    What is no date comes before all dates. Labels that say the same, as V2 and v2, are one version.

    >>> version_rank(pd.Series(["15.03.2024", "01.12.2024", "", "v10", "V9"])).tolist()
    [2, 3, -1, 1, 0]
    """
    keys = {label: found.key for label, found in read_labels(versions).items()}
    rank = {key: place for place, key in enumerate(sorted(set(keys.values())))}
    return versions.map({"": -1} | {label: rank[key] for label, key in keys.items()}).astype(int)


def version_day(versions: pd.Series) -> pd.Series:
    """Return the day each label means, NaT where it means none."""
    days = {label: found.day for label, found in read_labels(versions).items()}
    return pd.to_datetime(versions.map(days))


def _natural(text: str) -> tuple:
    parts = re.split(r"(\d+)", text)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)


def _days(parts: dict[str, str | None]) -> list[pd.Timestamp]:
    """Return the days the parts of a date can mean."""
    year = int(parts["y"] or 0)
    year += _CENTURY if year < 100 else 0
    month, quarter = (parts.get(x) or parts.get(f"{x}2") for x in ("m", "q"))
    if parts.get("a"):
        pairs = {(int(parts["a"]), int(parts["b"])), (int(parts["b"]), int(parts["a"]))}
        return [day for pair in pairs for day in _day(year, *pair)]
    if quarter:
        return _day(year, 3 * int(_QUARTERS.get(quarter, quarter)), None)
    if parts.get("name"):
        month = 1 + _MONTHS.index(parts["name"][:3])
    return _day(year, int(month), parts.get("d"))


def _day(year: int, month: int, day: int | str | None) -> list[pd.Timestamp]:
    """Return the day, the last one of the month for none, as far as it exists."""
    if not 1 <= month <= 12:
        return []
    last = monthrange(year, month)[1]
    wanted = last if day is None else int(day)
    return [pd.Timestamp(year, month, wanted)] if 1 <= wanted <= last else []
