"""The outside view: where cost and duration stand among finished projects of other people."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_eval_lib.cost.measure import indicator, unanswered
from crm_eval_lib.results import Indicator, Message, Step, keyed
from crm_eval_lib.stats.intervals import wilson
from crm_eval_lib.tables.reference import QUANTILE

ID = "cost.outside_view"
INDICATOR = "cost.reference_percentile"
# Cost in money, open terms, each number can be made again; its plans were often re-set on the way,
# so a project measured against its first budget looks worse in it. Printed with the class.
DEFAULT_CLASS = "us_it_dashboard_cost"
MEDIAN = 0.5
_ABOUT = ["class_id", "title", "measure", "form", "n", "year", "source", "licence", "baseline"]


@dataclass(frozen=True)
class Position:
    """A place in a class as a share of its projects, or only bounds of it."""

    share: float | None
    low: float | None
    high: float | None


def outside_view(
    classes: pd.DataFrame,
    *,
    cost: Indicator,
    schedule: Indicator,
    default_class: str = DEFAULT_CLASS,
) -> Step:
    """Place the project's cost and duration, over their plans, in classes of finished projects.

    Parameters
    ----------
    classes : DataFrame
        Quantiles of reference classes, as ``client.reference_classes`` holds them.
    cost, schedule : Indicator
        ``cost.deviation_original`` and ``cost.schedule_ratio``: final over planned, less one.
    default_class : str
        The class of the indicator without a key.

    Returns
    -------
    Step
        ``cost.reference_percentile`` in the default class and ``cost.reference_percentile[class]``
        in every class of the same measure: the share of its projects at or below the own ratio,
        interpolated between quantiles. Beyond the outermost quantile, and in classes of which only
        tail shares are published, not assessed with bounds. ``low`` and ``high`` are Wilson's
        interval for a class of n projects drawn at random from many like them; they do not cover
        that the class may be unlike this project.

    Notes
    -----
    Quantiles only, never the mean of a class: the tail of IT cost follows a power law so heavy that
    the mean is made by a few disasters and does not settle as projects are added [Flyvbjerg et al.
    2022, arXiv:2210.01573].

    Examples
    --------
    >>> from crm_eval_lib.results import measured
    >>> about = {"title": "Demo", "form": "quantile", "n": 100, "measure": "cost"}
    >>> rows = pd.DataFrame({"class_id": "demo", "p": [0.5, 0.9], "value": [1.0, 1.2], **about})
    >>> own = measured("cost.deviation_original", 0.1, "ratio")
    >>> late = measured("cost.schedule_ratio", 0.0, "ratio")
    >>> step = outside_view(rows, cost=own, schedule=late, default_class="demo")
    >>> round(step["cost.reference_percentile[demo]"].value, 6)
    0.7
    """
    rows = classes.reindex(columns=[*_ABOUT, "p", "value"]).sort_values(["class_id", "p"])
    own = {"cost": cost, "schedule": schedule}
    ids = rows.drop_duplicates("class_id").set_index("class_id")["measure"]
    order = sorted(ids.index, key=lambda name: (name != default_class, ids[name], name))
    keys = [_in_class(_of(rows, name), own) for name in order]
    whole = _whole(keys[0] if order[:1] == [default_class] else None, cost, default_class)
    found = (whole, *keys)
    if all(item.low is None and item.value is None for item in found):
        return unanswered(ID, found)
    table = pd.DataFrame([_row(_of(rows, name), own, item)
                          for name, item in zip(order, keys, strict=True)])  # fmt: skip
    quantiles = rows.rename(columns={"p": "class_share", "value": "multiple"})
    names = ["class_id", "title", "measure", "form", "class_share", "multiple"]
    return Step(
        ID, found, table, _sentence(whole, cost, table, default_class), _headline(whole),
        Message("reference.subtitle.outside_view"),
        tables={"quantiles": quantiles[names].reset_index(drop=True)},
    )  # fmt: skip


def position(shares: np.ndarray, values: np.ndarray, ratio: float, *, form: str) -> Position:
    """Return the share of a class at or below a ratio, or bounds of it.

    Parameters
    ----------
    shares, values : array of float
        Quantiles in rising order: the share of the class at or below each value.
    ratio : float
        The own value.
    form : str
        ``quantile``: interpolated; ``tail_share``: bounded by the two shares around it.

    Where many projects share a value, the middle of their shares is taken, the ends as low and
    high.

    >>> position(np.array([0.2, 0.6]), np.array([1.0, 1.0]), 1.0, form="quantile")
    Position(share=0.4, low=0.2, high=0.6)
    >>> position(np.array([0.82]), np.array([1.5]), 1.2, form="tail_share")
    Position(share=None, low=0.0, high=0.82)
    """
    at_or_below = shares[values <= ratio]
    above = shares[values > ratio]
    low = float(at_or_below[-1]) if len(at_or_below) else 0.0
    high = float(above[0]) if len(above) else 1.0
    ties = shares[values == ratio]
    if form == QUANTILE and len(ties):
        first, last = float(ties[0]), float(ties[-1])
        return Position((first + last) / 2, first, last)
    if form != QUANTILE or not len(at_or_below) or not len(above):
        return Position(None, low, high)
    below_value, above_value = values[values <= ratio][-1], values[values > ratio][0]
    share = low + (high - low) * (ratio - below_value) / (above_value - below_value)
    return Position(float(share), float(share), float(share))


def _of(rows: pd.DataFrame, class_id: str) -> pd.DataFrame:
    return rows.loc[rows["class_id"] == class_id]


def _in_class(rows: pd.DataFrame, own: dict[str, Indicator]) -> Indicator:
    """Return the own place in one class."""
    about = rows.iloc[0]
    source = own[about["measure"]]
    count = None if pd.isna(about["n"]) else int(about["n"])
    more = {"n": count, "tables": source.tables, "parts": {"measure": about["measure"]}}
    name = keyed(INDICATOR, about["class_id"])
    if source.value is None:
        return indicator(name, None, "ratio", reason=source.reason, **more)
    shares, values = rows["p"].to_numpy(float), rows["value"].to_numpy(float)
    place = position(shares, values, 1 + source.value, form=about["form"])
    if place.share is None:
        key = "beyond" if about["form"] == QUANTILE else "tail_only"
        reason = Message(f"reference.reason.{key}", {"low": place.low, "high": place.high})
        return indicator(name, None, "ratio", reason=reason, low=place.low, high=place.high, **more)
    return indicator(name, place.share, "ratio", **_interval(place, count), **more)


def _interval(place: Position, count: int | None) -> dict[str, float]:
    """Return what a class of so few projects, and projects alike, leave open."""
    if count is not None:
        return {"low": wilson(place.low * count, count)[0],
                "high": wilson(place.high * count, count)[1]}  # fmt: skip
    return {"low": place.low, "high": place.high} if place.low < place.high else {}


def _whole(default: Indicator | None, cost: Indicator, class_id: str) -> Indicator:
    """Return the indicator without a key: the place in the default class."""
    if default is None:
        reason = cost.reason or Message("reference.reason.no_class", {"class": class_id})
        return indicator(INDICATOR, None, "ratio", reason=reason, tables=cost.tables)
    more = {name: getattr(default, name) for name in ("low", "high", "n", "tables", "reason")}
    parts = {**default.parts, "class": class_id}
    return indicator(INDICATOR, default.value, "ratio", parts=parts, **more)


def _row(rows: pd.DataFrame, own: dict[str, Indicator], found: Indicator) -> dict[str, object]:
    about = rows.iloc[0].to_dict()
    source = own[about["measure"]]
    named = {name: about[name] for name in ("class_id", "title", "measure")}
    described = {name: about[name] for name in ("n", "year", "baseline", "source", "licence")}
    return {
        **named,
        "own_multiple": None if source.value is None else 1 + source.value,
        "median_multiple": _median(rows),
        "position_share": found.value,
        "low_share": found.low,
        "high_share": found.high,
        **described,
    }


def _median(rows: pd.DataFrame) -> float | None:
    middle = rows.loc[rows["p"] == MEDIAN, "value"]
    return None if middle.empty else float(middle.iloc[0])


def _sentence(
    whole: Indicator, cost: Indicator, table: pd.DataFrame, default_class: str
) -> Message:
    """Say the place in the default class, or why there is none, and why no mean is used."""
    title = table.set_index("class_id")["title"].get(default_class)
    slots = {"share": whole.value, "low": whole.low, "high": whole.high, "n": whole.n,
             "title": title, "reason": whole.reason,
             "multiple": None if cost.value is None else 1 + cost.value}  # fmt: skip
    if whole.value is not None:
        name = "placed" if whole.n else "placed_uncounted"
    elif cost.value is None or whole.low is None:
        name = "not_placed"
    else:
        name = "above" if whole.high == 1 else "below"
    why = Message("reference.sentence.why_quantiles")
    place = Message(f"reference.sentence.{name}", slots)
    return Message("reference.sentence.outside_view", {"place": place, "why": why})


def _headline(whole: Indicator) -> Message:
    if whole.value is not None:
        return Message("reference.headline.placed", {"share": whole.value})
    if whole.low is None:
        return Message("reference.headline.classes")
    return Message(f"reference.headline.{'above' if whole.high == 1 else 'below'}",
                   {"low": whole.low, "high": whole.high})  # fmt: skip
