"""How single values of client.yml are read: dates, zones, hours, ids, choices."""

import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

import pandas as pd
from pydantic import BeforeValidator

from crm_eval_lib.config.section import meant
from crm_eval_lib.tables.declare import currency as currency_column
from crm_eval_lib.tables.words import currency_codes, plain, value_map

CLIENT_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})([T ]00:00(:00)?)?")
_WINDOW = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—]\s*(\d{1,2}):(\d{2})")
_MINUTES_PER_HOUR = 60
_MINUTES_PER_DAY = 24 * _MINUTES_PER_HOUR
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_SWITCH = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}


def day(value: Any) -> pd.Timestamp | None:
    """Read a date as naive midnight.

    >>> day("2024-09-02")
    Timestamp('2024-09-02 00:00:00')
    """
    if value is None:
        return None
    if isinstance(value, pd.Timestamp):
        return value.tz_localize(None).normalize()
    match = _DAY.fullmatch(str(value).strip())
    if match is None:
        raise ValueError("write it like 2024-09-02")
    year, month, number = (int(part) for part in match.groups()[:3])
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(f"the year must lie between {_FIRST_YEAR} and {_LAST_YEAR}")
    try:
        return pd.Timestamp(year=year, month=month, day=number)
    except ValueError:
        raise ValueError("the calendar has no such day") from None


def readable_day(value: Any) -> pd.Timestamp | None:
    """Read a date, or None when it is none; for rules between keys.

    >>> readable_day("2024-09-02"), readable_day("soon")
    (Timestamp('2024-09-02 00:00:00'), None)
    """
    try:
        return day(value)
    except ValueError:
        return None


def day_pair(value: Any) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """Read two dates in order."""
    if value is None:
        return None
    if not isinstance(value, list | tuple) or len(value) != 2 or None in value:
        raise ValueError("write two dates: [2024-09-02, 2024-11-30]")
    first, last = (day(item) for item in value)
    if first > last:
        raise ValueError("the first day must not come after the last; swap them")
    return first, last


def client_id(value: Any) -> str:
    """Read a client id: it names folders, so only plain characters."""
    text = str(value).strip()
    if not CLIENT_ID.fullmatch(text):
        raise ValueError("choose another id and name the folder like it")
    return text


def currency(value: Any) -> str:
    """Read a currency code."""
    text = str(value).strip()
    if text in currency_codes():
        return text
    word = value_map(currency_column()).get(plain(text))
    raise ValueError(f"did you mean {word!r}?" if word else meant(text.upper(), currency_codes()))


def timezone(value: Any) -> str:
    """Read the name of a time zone."""
    text = str(value).strip()
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError):
        known = sorted(available_timezones())
        by_letters = {name.casefold(): name for name in known}
        exact = by_letters.get(text.casefold())
        raise ValueError(f"did you mean {exact!r}?" if exact else meant(text, known)) from None


def country(value: Any) -> str | None:
    """Read a country code; nothing means no public holidays."""
    from babel import Locale

    if value is None or not str(value).strip():
        return None
    code = str(value).strip().upper()
    if len(code) != 2 or code not in Locale("en").territories:
        raise ValueError("write two letters such as CN, or null for no public holidays")
    return code


def weekdays(value: Any) -> tuple[str, ...]:
    """Read working days."""
    found = tuple(dict.fromkeys(_each(_listed(value), _weekday)))
    if not found:
        raise ValueError("name at least one day")
    return found


def windows(value: Any) -> tuple[str, ...]:
    """Read working hours.

    >>> windows(["9:00-12:00", "13:00 – 24:00"])
    ('09:00-12:00', '13:00-24:00')
    """
    found = tuple(_each(_listed(value), _window))
    if not found:
        raise ValueError("name at least one window")
    return found


def overrides(value: Any) -> dict[pd.Timestamp, str | tuple[str, ...]]:
    """Read the client's own days: off, on, or hours."""
    if not isinstance(value, dict):
        raise ValueError("write {2024-12-31: off}")
    return dict(_each(value.items(), _override))


def month_end(value: Any) -> str | int:
    """Read the end of a period: the month's last day, or a fixed day."""
    text = str(value).strip()
    if text == "last":
        return text
    if not text.isdecimal() or not 1 <= int(text) <= 31:
        raise ValueError("a month has 28 to 31 days; for its end write last")
    return int(text)


def names(value: Any) -> tuple[str, ...]:
    """Read a list of texts; a single text is a list of one."""
    items = _listed(value)
    if any(item is None or isinstance(item, list | dict) for item in items):
        raise ValueError("every entry is one text")
    return tuple(str(item).strip() for item in items)


def switch(value: Any) -> bool:
    """Read on or off, however YAML took it."""
    word = str(value).strip().casefold()
    if word not in _SWITCH:
        raise ValueError("write on or off")
    return _SWITCH[word]


def one_of(*choices: str) -> Callable[[Any], str]:
    """Return a reader of one word out of a list."""

    def read(value: Any) -> str:
        text = str(value).strip()
        if text not in choices:
            raise ValueError(meant(text, choices) if text else "")
        return text

    return read


def number(value: Any) -> float | None:
    """Return a finite number, or None when it is none; for rules between keys.

    >>> number("0.5"), number("half")
    (0.5, None)
    """
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if abs(found) != float("inf") and found == found else None


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _each(items: Iterable[Any], read: Callable[[Any], Any]) -> list[Any]:
    """Read every item; what is wrong with any of them is said at once."""
    found, wrong = [], []
    for item in items:
        try:
            found.append(read(item))
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        raise ValueError("; ".join(wrong))
    return found


def _weekday(value: Any) -> str:
    name = str(value).strip().casefold()
    if name not in (*WEEKDAYS, *_WEEKDAY_NAMES):
        raise ValueError(f"{str(value)!r} is no weekday, {meant(name, WEEKDAYS)}")
    return name[:3]


def _override(item: tuple[Any, Any]) -> tuple[pd.Timestamp | None, str | tuple[str, ...]]:
    name, rule = item
    word = str(rule).strip().casefold()
    try:
        rule = ("on" if _SWITCH[word] else "off") if word in _SWITCH else windows(rule)
        return day(name), rule
    except ValueError as error:
        raise ValueError(f"{str(name)!r}: {error}") from None


def _window(value: Any) -> str:
    text = str(value).strip()
    match = _WINDOW.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not like '09:00-12:00'")
    hours, minutes = [int(match[1]), int(match[3])], [int(match[2]), int(match[4])]
    opens, closes = (h * _MINUTES_PER_HOUR + m for h, m in zip(hours, minutes, strict=True))
    if max(minutes) >= _MINUTES_PER_HOUR or closes > _MINUTES_PER_DAY:
        raise ValueError(f"{text!r}: the clock runs from 00:00 to 24:00")
    if opens >= closes:
        raise ValueError(
            f"{text!r} ends before it begins; write a night as '22:00-24:00' and '00:00-06:00'"
        )
    return f"{hours[0]:02}:{minutes[0]:02}-{hours[1]:02}:{minutes[1]:02}"


Day = Annotated[pd.Timestamp, BeforeValidator(day)]
OptionalDay = Annotated[pd.Timestamp | None, BeforeValidator(day)]
DayPair = Annotated[tuple[pd.Timestamp, pd.Timestamp] | None, BeforeValidator(day_pair)]
ClientId = Annotated[str, BeforeValidator(client_id)]
CurrencyCode = Annotated[str, BeforeValidator(currency)]
Timezone = Annotated[str, BeforeValidator(timezone)]
Country = Annotated[str | None, BeforeValidator(country)]
Weekdays = Annotated[tuple[str, ...], BeforeValidator(weekdays)]
Windows = Annotated[tuple[str, ...], BeforeValidator(windows)]
Overrides = Annotated[dict[pd.Timestamp, str | tuple[str, ...]], BeforeValidator(overrides)]
MonthEnd = Annotated[str | int, BeforeValidator(month_end)]
Names = Annotated[tuple[str, ...], BeforeValidator(names)]
