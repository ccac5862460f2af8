"""Printed values: an indicator with its interval, a table cell by its column.

Takes the plain JSON form of results, so that the notebook's view and the page print alike.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crm_eval_lib.results import RECORDED, Message
from crm_eval_lib.text import (
    catalogue,
    column_label,
    indicator_label,
    label_of,
    process_name,
    say,
    word,
)
from crm_eval_lib.text.formats import (
    DASH,
    UNIT_SPECS,
    format_money,
    format_value,
    money_decimals,
    number,
)
from crm_eval_lib.text.safe import shortened, shown

HEADING_COLUMNS = 60
CELL_COLUMNS = 300  # wider text is cut on the page; the CSV file has it whole
_PERCENT = re.compile(r"(^|_)(share|rate|ratio|percent|probability|coverage)$")
_MONEY = re.compile(r"^eac(_|$)|(^|_)(amount|money|cost|price|leakage|budget|actual|planned|"
                    r"variance)$")  # fmt: skip
_FREE_TEXT = re.compile(r"(^|_)(id|key|ref|title|name|description|department|customer|product|"
                        r"vendor|evidence)$")  # fmt: skip
SCORE_AREA = "score"  # in whose tables these columns hold scores of 0–100
SCORES = frozenset({"score", "low", "high", "uncapped", "bound_low", "bound_high", "worst", "best",
                    "cost", "problems", "efficiency", "controls",
                    "common_weights_score", "score_now"})  # fmt: skip
_GROUPED_FROM = 1000  # columns that reach this are printed in whole units
_TENTHS_FROM = 10


def words(said: Any, lang: str) -> str:
    """Return a message (object or plain form) in words; text stays text, made safe to show.

    A key the catalogue lacks (of an own factor) is printed itself rather than hidden.
    """
    if isinstance(said, Mapping):
        said = Message.from_dict(said)
    if isinstance(said, Message):
        said = say(said, lang) if said.key in catalogue(lang) else said.key
    return shown(said or "")


def printed_value(
    indicator: Mapping[str, Any], lang: str, *, decimals: Mapping[str, int] | None = None
) -> str:
    """Print an indicator's value in its unit; a dash where there is none.

    A zero that stands for what nobody recorded is said in words.

    Parameters
    ----------
    decimals : mapping of str to int, optional
        Of money by currency, where the value stands in a table; see `shared_decimals`.

    Examples
    --------
    >>> printed_value({"value": 0.127, "unit": "ratio"}, "en")
    '12.7%'
    >>> printed_value({"value": 0.0, "unit": "money", "parts": {"recorded": False}}, "en")
    'not recorded'
    """
    if (indicator.get("parts") or {}).get(RECORDED) is False:
        return word("core.label.not_recorded", lang)
    return _in_unit(indicator.get("value"), indicator, lang, decimals)


def shared_decimals(indicators: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return the decimals of the money of one table, by currency.

    >>> money = {"unit": "money", "currency": "EUR"}
    >>> shared_decimals([{**money, "value": 0.0}, {**money, "value": 150.5}])
    {'EUR': 2}
    """
    amounts: dict[str, list[float]] = {}
    for item in indicators:
        if item.get("unit") == "money" and item.get("currency"):
            ends = (item.get(name) for name in ("value", "low", "high"))
            amounts.setdefault(item["currency"], []).extend(end for end in ends if end is not None)
    return {currency: money_decimals(found, currency) for currency, found in amounts.items()}


def printed_interval(indicator: Mapping[str, Any], lang: str) -> str:
    """Print low to high; one end alone as a bound, nothing where both are missing.

    >>> printed_interval({"low": 0.1, "high": None, "unit": "ratio"}, "en")
    'at least 10.0%'
    """
    known = [indicator.get(end) for end in ("low", "high") if indicator.get(end) is not None]
    ends = [_in_unit(end, indicator, lang) for end in known]
    if len(ends) == 1:
        return say(one_sided(ends[0], low=indicator.get("low") is not None), lang)
    return f" {word('report.table.to', lang)} ".join(ends)


def one_sided(printed: str, *, low: bool) -> Message:
    """Say an interval of which only one end is known: "at least", or "at most", what is printed.

    >>> one_sided("3 days", low=True).key
    'report.table.at_least'
    """
    return Message(f"report.table.at_{'least' if low else 'most'}", {"value": printed})


def column_spec(
    name: str, values: Sequence[Any], currency: str | None = None, area: str | None = None
) -> str:
    """Choose the format word of a column of numbers by its name, else by its size."""
    numbers = [abs(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if not numbers:
        return ""
    if area == SCORE_AREA and name in SCORES:
        return "score"
    if name == "year":
        return "year"
    if _PERCENT.search(name) and not _MONEY.search(name):  # eac_budget_rate is money
        return "percent"
    if name in ("p", "p_unadjusted"):
        return "p"
    if name.endswith("_hours") or name == "hours":
        return "number1"
    largest = max(numbers)
    whole = all(float(v).is_integer() for v in numbers)
    if whole or largest >= _GROUPED_FROM:
        return "number0"
    if currency and _MONEY.search(name):
        return "number"
    return "number1" if largest >= _TENTHS_FROM else "number"


def heading(name: str, lang: str, area: str | None = None, currency: str | None = None) -> str:
    """Return a column's heading, the currency behind it where the column holds money."""
    label = shortened(shown(column_label(name, lang, area)), HEADING_COLUMNS)
    if currency and _MONEY.search(name) and currency not in label:
        return f"{label} ({currency})"
    return label


def printed_cell(value: Any, name: str, spec: str, lang: str) -> str:
    """Print one cell of a table."""
    if value is None or value == "":
        return DASH
    if isinstance(value, bool):
        return label_of("yes" if value else "no", lang)
    if isinstance(value, int | float):
        return format_value(value, spec or "number", lang=lang)
    if isinstance(value, Mapping | list):
        return words(value, lang) if isinstance(value, Mapping) and "key" in value else str(value)
    if name == "factor":  # its name, and not what the same code means elsewhere
        return shown(word(f"core.factor.{value}", lang, label_of(value, lang)))
    if name == "process":
        return shortened(shown(process_name(str(value), lang)), CELL_COLUMNS)
    if name == "indicator":
        return shown(indicator_label(str(value), lang))
    text = str(value) if _FREE_TEXT.search(name) else label_of(value, lang)
    return shortened(shown(text), CELL_COLUMNS)


def _in_unit(
    value: Any,
    indicator: Mapping[str, Any],
    lang: str,
    decimals: Mapping[str, int] | None = None,
) -> str:
    if value is None:
        return DASH
    unit, currency = indicator.get("unit", "index"), indicator.get("currency")
    if isinstance(value, str):
        return shown(value[:10] if unit == "date" else value)
    if unit == "money" and not currency:
        return number(value, 0, lang)
    if unit == "money":
        return format_money(value, currency, lang=lang, decimals=(decimals or {}).get(currency))
    return format_value(value, UNIT_SPECS.get(unit, "number"), lang=lang, currency=currency)
