"""Small ways to make this factor's indicators: a value, or the reason why there is none."""

from typing import Any

from crm_eval_lib.results import Indicator, Message, Step, measured, not_assessed

AGREED_DATE = Message("cost.word.agreed_date")  # set by the client, never by the program
PROJECT_OWNER = Message("cost.word.project_owner")
MONEY_UNITS = "money"
SEVEREST, MILDEST = 5.0, 2.0
DAYS_A_MONTH = 30.4375


def indicator(
    name: str, value: Any, unit: str, *, reason: Message | None = None, **more: Any
) -> Indicator:
    """Return the indicator with its value, or with the reason where there is one.

    >>> indicator("cost.cpi", None, "index", reason=Message("cost.reason.zero_cost")).state
    'not_assessed'
    """
    if unit != MONEY_UNITS:
        more.pop("currency", None)
    if reason is not None:
        return not_assessed(name, unit, reason, **more)
    return measured(name, value, unit, **more)


def ratio(
    name: str,
    terms: tuple[float, float],
    *,
    zero: Message,
    reason: Message | None = None,
    less: float = 0.0,
    unit: str = "ratio",
    **more: Any,
) -> Indicator:
    """Return numerator / denominator − less; a denominator of zero or below has no ratio.

    >>> ratio("cost.cpi", (2400.0, 2700.0), zero=Message("cost.reason.zero_cost")).value
    0.8888888888888888
    """
    numerator, denominator = terms
    reason = reason or (None if denominator > 0 else zero)
    value = None if reason else float(numerator) / float(denominator) - less
    return indicator(name, value, unit, reason=reason, **more)


def unanswered(name: str, indicators: tuple[Indicator, ...], **more: Any) -> Step:
    """Return a step without a table; its sentence is the first reason."""
    reason = next((item.reason for item in indicators if item.reason), None)
    said = Message("cost.sentence.not_assessed", {"reason": reason}) if reason else None
    return Step(name, indicators, sentence=said, headline=Message("cost.headline.none"), **more)


def without_indicators(name: str, reason: Message) -> Step:
    """Return a step that has no indicators of its own and cannot be answered either."""
    said = Message("cost.sentence.not_assessed", {"reason": reason})
    return Step(name, sentence=said, headline=Message("cost.headline.none"))


def severity(value: float, steps: tuple[float, ...]) -> float:
    """Return 2 to 5 by how many of three rising limits a value exceeds.

    >>> severity(0.06, (0.01, 0.05, 0.10))
    4.0
    """
    return min(SEVEREST, MILDEST + sum(value > limit for limit in steps))
