"""Public holidays and make-up days that are shipped, each year with its notice."""

from functools import cache
from importlib.resources import files

import pandas as pd

_HOLIDAY_FILES = {"CN": "cn_calendar.csv"}


def listed_days(country: str | None) -> pd.DataFrame:
    """Return holidays and make-up days of a country; empty where none are shipped.

    >>> listed_days("CN").loc["2024-02-18", "working"]
    'on'
    """
    if country in _HOLIDAY_FILES:
        return _read_days(_HOLIDAY_FILES[country])
    empty = pd.DataFrame({"working": [], "festival": [], "notice_year": []}, dtype=object)
    return empty.set_index(pd.DatetimeIndex([], name="day"))


@cache
def _read_days(file_name: str) -> pd.DataFrame:
    source = files("crm_eval_lib") / "data" / file_name
    with source.open(encoding="utf-8") as stream:
        return pd.read_csv(stream, parse_dates=["day"]).set_index("day")
