"""Numbers, money and dates in both languages: one module, equal digits.

Rounding is half up on the printed digit and happens here only.
"""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache
from math import floor
from typing import Any

from babel import Locale
from babel.numbers import NumberPattern, format_decimal, get_currency_precision, parse_pattern

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.scoring import numbers

DASH = "–"
_LOCALES = {"en": "en", "zh-Hans": "zh_Hans"}
_REMEMBERED = 4096  # numbers as printed; a result is shown as text, as HTML and in sentences
_DECIMALS = {
    "percent": 1, "percent0": 0, "count": 0, "hours": 1, "days": 0, "months": 1, "number": 2,
    "number0": 0, "number1": 1, "number3": 3, "score": 0, "score1": 1,
}  # fmt: skip
_UNITS = {
    "en": {"hours": "{} h", "days": "{} days", "months": "{} months"},
    "zh-Hans": {"hours": "{}小时", "days": "{}天", "months": "{}个月"},
}
_ONE = {"en": {"days": "{} day", "months": "{} month"}, "zh-Hans": {}}
_DIGITS = 330  # of the longest float64 written out; the usual 28 refuse a larger number
_SMALLEST_P = Decimal("0.001")  # smaller p-values are printed as below this
_SURE = Decimal("0.995")  # probabilities beyond are not printed as 100% or 0%
_GROUPED_FROM, _ONE_UNIT = 1000, 1.0  # of money: from here whole units; below it they print zero
_WHOLE_PERCENTS = (0, 100)  # printed only where they are exact: 99.6 % is not all
UNIT_SPECS = {"ratio": "percent", "money": "money", "hours": "hours", "days": "days",
              "months": "months", "count": "count", "date": "date", "index": "number"}  # fmt: skip


def format_value(
    value: Any, spec: str = "", *, lang: str = "en", currency: str | None = None
) -> str:
    """Format one value by a format word.

    Parameters
    ----------
    value : number, str, bool or None
        None prints as a dash.
    spec : str
        percent, percent0, probability, money, count, hours, days, months, number, number0,
        number1, number3, p, score, score1, year, date, month, or nothing for the text itself.

    >>> format_value(0.1274, "percent"), format_value(1234567.5, "money", currency="CNY")
    ('12.7%', 'CNY 1,234,568')
    >>> format_value(2.5, "hours", lang="zh-Hans")
    '2.5小时'
    >>> format_value(0.996, "percent0"), format_value(1.0, "percent0"), format_value(1, "days")
    ('99.6%', '100%', '1 day')
    >>> format_value(1.0, "probability"), format_value(0.0, "probability"), format_value(2e-9, "p")
    ('>99%', '<1%', '<0.001')
    """
    if value is None:
        return DASH
    if spec == "":
        return str(value)
    if spec in ("date", "month"):
        return str(value)[: 10 if spec == "date" else 7]
    if spec == "year":
        return f"{float(value):.0f}"
    if spec == "probability":
        return _probability(Decimal(str(float(value))), lang)
    if spec == "score":
        value, spec = printed(float(value), numbers()["bands"])
    if spec == "p":
        small = Decimal(str(float(value))) < _SMALLEST_P
        return f"<{_SMALLEST_P}" if small else number(value, 3, lang)
    if spec == "money":
        return format_money(value, currency, lang=lang)
    if spec not in _DECIMALS:
        raise CrmEvalError(f"unknown format word {spec!r}")
    if spec.startswith("percent"):
        return _percent(Decimal(str(float(value))) * 100, _DECIMALS[spec], lang)
    digits = number(value, _DECIMALS[spec], lang)
    units = _UNITS[lang] | (_ONE[lang] if digits in ("1", "1.0") else {})
    return units.get(spec, "{}").format(digits)


def printed(score: float | None, bands: Mapping[str, float]) -> tuple[float | None, str]:
    """Return a score as it is printed everywhere, and its format word.

    Scores are whole numbers; where rounding would carry one into another band it keeps a decimal,
    and where that would too it is cut off.

    >>> printed(59.7, {"pass": 60}), printed(59.97, {"pass": 60}), printed(61.4, {"pass": 60})
    ((59.7, 'score1'), (59.9, 'score1'), (61.4, 'score'))
    """
    if score is None:
        return None, "score"
    band = _band(score, bands)
    if _band(floor(score + 0.5), bands) == band:
        return score, "score"
    tenth = round(score, 1)
    return (tenth if _band(tenth, bands) == band else floor(score * 10) / 10), "score1"


def _band(score: float, bands: Mapping[str, float]) -> int:
    return sum(score >= least for least in bands.values())


def _probability(share: Decimal, lang: str) -> str:
    """Print a probability that was simulated: never as certain or impossible."""
    if share > _SURE:
        return ">99%"
    return "<1%" if share < 1 - _SURE else number(share * 100, 0, lang) + "%"


def _percent(value: Decimal, decimals: int, lang: str) -> str:
    """Print a per cent; nearly all and nearly nothing get a decimal to show that they are not."""
    rounded = abs(_rounded(value, 0))
    if decimals == 0 and rounded in _WHOLE_PERCENTS and rounded != abs(value):
        decimals = 1
    return number(value, decimals, lang) + "%"


def format_money(
    value: float, currency: str | None, *, lang: str = "en", decimals: int | None = None
) -> str:
    """Print an amount behind its currency code, alone or with the decimals of its table.

    >>> format_money(150, "EUR"), format_money(150.5, "EUR"), format_money(0, "EUR", decimals=2)
    ('EUR 150', 'EUR 150.50', 'EUR 0.00')
    """
    if not currency:
        raise CrmEvalError(f"an amount ({value}) cannot be printed without its currency code")
    if decimals is None:
        decimals = money_decimals([value], currency)
    return f"{currency} {number(value, decimals, lang)}"


def money_decimals(amounts: Iterable[float], currency: str) -> int:
    """Return the decimals of amounts that stand together: whole units, or all with minor ones.

    Minor units where none reaches a thousand and one has cents, or where one would print as zero.

    >>> money_decimals([150, 0], "EUR"), money_decimals([150.5, 0], "EUR")
    (0, 2)
    >>> money_decimals([150.5, 2000], "EUR"), money_decimals([0.2, 2000], "EUR")
    (0, 2)
    """
    sizes = [abs(float(amount)) for amount in amounts]
    vanishing = any(0 < size < _ONE_UNIT for size in sizes)
    large = any(size >= _GROUPED_FROM for size in sizes)
    if not vanishing and (large or all(size.is_integer() for size in sizes)):
        return 0
    return get_currency_precision(currency)


def format_indicator(
    value: Any, unit: str, *, lang: str = "en", currency: str | None = None
) -> str:
    """Print an indicator's value by its unit.

    >>> format_indicator(0.127, "ratio")
    '12.7%'
    """
    return format_value(value, UNIT_SPECS[unit], lang=lang, currency=currency)


def number(value: Any, decimals: int, lang: str = "en") -> str:
    """Round half up and group by thousands; a rounded zero has no sign."""
    return _number(value if isinstance(value, Decimal) else float(value), decimals, lang)


@lru_cache(_REMEMBERED, typed=True)  # equal ones of two types may lie on two sides of a half
def _number(value: Decimal | float, decimals: int, lang: str) -> str:
    rounded = _rounded(value if isinstance(value, Decimal) else Decimal(str(value)), decimals)
    if rounded == 0:
        rounded = abs(rounded)
    with localcontext(prec=_DIGITS):
        text = format_decimal(rounded, format=_pattern(decimals), locale=_locale(lang))
    return text.replace("-", "−")


@lru_cache
def _pattern(decimals: int) -> NumberPattern:
    return parse_pattern("#,##0" + ("." + "0" * decimals if decimals else ""))


@lru_cache
def _locale(lang: str) -> Locale:
    return Locale.parse(_LOCALES[lang])


def _rounded(value: Decimal, decimals: int) -> Decimal:
    """Round half up, however long the number.

    >>> len(str(_rounded(Decimal("1e300"), 2)))
    304
    """
    with localcontext(prec=_DIGITS):
        return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
