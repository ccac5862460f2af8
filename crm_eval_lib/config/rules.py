"""Rules of client.yml that name factors and indicators: weights, anchors, vetoes, exemptions."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

import pandas as pd

from crm_eval_lib.config.fields import number, readable_day, switch
from crm_eval_lib.config.section import Mistake, Mistakes, meant, shown
from crm_eval_lib.scoring import numbers

INDICATOR_ID = re.compile(r"([a-z][a-z0-9_]*)((?:\.[a-z0-9_]+)+)(\[[^\]]+\])?")
FULL_SCORE = 100.0
# Months are walked through one by one; an empty date of a spreadsheet (1900) would make 1,500.
LONGEST_PROJECT_YEARS = 30


def standard_weights() -> dict[str, float]:
    """Return the default weights of the factors."""
    return {name: float(weight) for name, weight in numbers()["factor_weights"].items()}


def factors(context: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the factors a client may weigh: the standard ones and its own."""
    return (*numbers()["factor_weights"], *context.get("known_factors", ()))


def weights(value: Any, context: Mapping[str, Any]) -> dict[str, float]:
    """Read factor weights; a standard factor that is not named keeps its default weight.

    >>> weights({"cost": "50"}, {})
    {'cost': 50.0, 'problems': 30.0, 'efficiency': 25.0, 'controls': 25.0}
    """
    given = _mapping(value, "{cost: 20, problems: 30, efficiency: 25, controls: 25}")
    mistakes = list(_numbers_from_zero(given))
    known = factors(context)
    for name in given if _factors_known(context) else ():
        if name not in known:
            text = f"there is no factor {name!r}; {meant(name, known)} A factor of your own needs "
            text += f"a notebook NN_{name}.ipynb in the client's folder notebooks"
            mistakes.append(Mistake((name,), text))
    found = standard_weights() | {name: number(item) for name, item in given.items()}
    if not mistakes and sum(found.values()) <= 0:
        text = "all weights are zero; give at least one factor a weight above 0"
        mistakes.append(Mistake((), text))
    _raise(mistakes)
    return found


def anchors(value: Any, context: Mapping[str, Any]) -> dict[str, tuple[float, ...]]:
    """Read anchors: where an indicator scores nothing and where it scores fully."""
    given = _mapping(value, "{cost.schedule_ratio: [0.5, 0.0]}")
    mistakes = list(_unknown_indicators(given, context))
    found = {}
    for name, points in given.items():
        try:
            found[name] = _anchor(points, numbers()["indicators"].get(name, {}).get("anchors", ()))
        except ValueError as error:
            mistakes.append(Mistake((name,), f"found {shown(points)}; {error}"))
    _raise(mistakes)
    return found


def indicator_weights(value: Any, context: Mapping[str, Any]) -> dict[str, float]:
    """Read weights of indicators inside their factor."""
    given = _mapping(value, "{cost.schedule_ratio: 15}")
    _raise([*_unknown_indicators(given, context), *_numbers_from_zero(given)])
    return {name: float(number(item)) for name, item in given.items()}


def vetoes(value: Any) -> dict[str, bool]:
    """Read which vetoes hold.

    >>> vetoes({"V4": "off"})
    {'V4': False}
    """
    given, known = _mapping(value, "{V4: off}"), list(numbers()["vetoes"])
    mistakes, found = [], {}
    for name, item in given.items():
        if name not in known:
            text = f"there is no veto {name!r}; {meant(name, known)}"
            mistakes.append(Mistake((name,), text))
            continue
        try:
            found[name] = switch(item)
        except ValueError:
            text = f"found {shown(item)}; allowed: on or off"
            mistakes.append(Mistake((name,), text))
    _raise(mistakes)
    return found


def exempt_indicators(raw: Any, context: Mapping[str, Any]) -> Iterator[Mistake]:
    """Check the ids of indicators said not to apply."""
    for name in raw if isinstance(raw, Mapping) else ():
        place = ("not_applicable", name)
        match = INDICATOR_ID.fullmatch(str(name))
        if match is None:
            text = "this is no indicator id; write factor.name, such as cost.schedule_ratio"
            yield Mistake(place, text)
        elif misspelt := _misspelt_factor(match[1], context):
            yield Mistake(place, misspelt)


def ordered_bands(raw: Mapping[str, Any]) -> Iterator[Mistake]:
    """Check that the bands rise from pass to excellent, within the points there are."""
    limits = {name: number(raw.get(name, value)) for name, value in numbers()["bands"].items()}
    if any(limit is None for limit in limits.values()):
        return
    points = [0.0, *limits.values(), FULL_SCORE]
    if any(low > high for low, high in pairwise(points)) or len(set(limits.values())) < len(limits):
        words = ", ".join(f"{name} {limit:g}" for name, limit in limits.items())
        yield Mistake((), f"found {words}; allowed: 0 ≤ pass < good < excellent ≤ 100")


def _anchor(points: Any, usual: Sequence[float] = ()) -> tuple[float, ...]:
    allowed = "allowed: [zero, full], two different numbers, or [zero, full, full, zero] in order"
    values = [number(point) for point in points] if isinstance(points, list | tuple) else []
    if len(values) not in (2, 4) or None in values or values[0] == values[1]:
        raise ValueError(allowed)
    rising = all(left <= right for left, right in pairwise(values))
    falling = all(left >= right for left, right in pairwise(values))
    if not (rising or falling) or values[-2] == values[-1]:
        raise ValueError(allowed)
    if len(values) == len(usual) == 2 and rising != (usual[0] < usual[1]):
        raise ValueError(
            f"allowed: zero and full in the direction of {list(usual)}; the other way round a "
            "better value would score less"
        )
    return tuple(values)


def _unknown_indicators(given: Iterable[str], context: Mapping[str, Any]) -> Iterator[Mistake]:
    """Check ids that are to be scored: those of SCORING, or any of an own notebook's factor."""
    scored = list(numbers()["indicators"])
    for name in given:
        match = INDICATOR_ID.fullmatch(str(name))
        if match is None:
            text = "this is no indicator id; write factor.name, such as cost.schedule_ratio"
            yield Mistake((name,), text)
        elif misspelt := _misspelt_factor(match[1], context):
            yield Mistake((name,), misspelt)
        elif name not in scored and _only_standard(match[1], context):
            text = f"no scored indicator has this id; {meant(name, scored)}"
            yield Mistake((name,), text.rstrip("; "))


def _factors_known(context: Mapping[str, Any]) -> bool:
    """Say whether own factors are known; a configuration read again was checked before."""
    return "known_factors" in context


def _only_standard(name: str, context: Mapping[str, Any]) -> bool:
    """Say whether a factor has no notebook of the client's, so that all its ids are known."""
    own = name in context.get("known_factors", ()) or not _factors_known(context)
    return name in numbers()["factor_weights"] and not own


def _misspelt_factor(name: str, context: Mapping[str, Any]) -> str:
    """Say which known factor is meant; a name like none of them is taken for an own factor."""
    known = factors(context)
    if not _factors_known(context) or name in known or not get_close_matches(name, known, n=1):
        return ""
    return f"there is no factor {name!r}; {meant(name, known)}"


def _numbers_from_zero(given: Mapping[str, Any]) -> Iterator[Mistake]:
    for name, item in given.items():
        found = number(item)
        if found is None or found < 0:
            yield Mistake((name,), f"found {shown(item)}; allowed: a number of at least 0")


def _mapping(value: Any, example: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Mistakes([Mistake((), f"found {shown(value)}; allowed: a mapping such as {example}")])
    return value


def _raise(mistakes: list[Mistake]) -> None:
    if mistakes:
        raise Mistakes(mistakes)


def ordered_dates(raw: Mapping[str, Any]) -> Iterator[Mistake]:
    """A project starts before it ends, and not a lifetime before."""
    names = ("project_start", "go_live", "status_date")
    start, live, status = (readable_day(raw.get(name)) for name in names)
    if start is None:
        return
    if live is not None and live < start:
        text = f"is {live:%Y-%m-%d}, before the project started on {start:%Y-%m-%d}. "
        yield Mistake(("go_live",), text + "Correct one of the two")
    if status is not None and status < start:
        text = f"is {status:%Y-%m-%d}, before the project started on {start:%Y-%m-%d}; "
        text += "there is nothing to judge yet. Correct one of the two"
        yield Mistake(("status_date",), text)
    if status is not None and status > start + pd.DateOffset(years=LONGEST_PROJECT_YEARS):
        text = f"is {start:%Y-%m-%d}, more than {LONGEST_PROJECT_YEARS} years before the status "
        text += f"date {status:%Y-%m-%d}; no project is followed that long. Correct one of the two"
        yield Mistake(("project_start",), text)
