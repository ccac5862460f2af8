"""From what a client says to weights: swing points, or a ranking alone; and what each would mean.

Swing weights ask the one question that makes weights comparable: with every factor at nothing,
which would you lift to full marks first, and how much are the other lifts worth beside it?
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from crm_eval_lib.errors import UsageError, nearest
from crm_eval_lib.results import Message, Step
from crm_eval_lib.scorecard.card import Card
from crm_eval_lib.scorecard.factors import SCORED
from crm_eval_lib.scorecard.sensitivity import roc_weights
from crm_eval_lib.scorecard.total import band_of
from crm_eval_lib.scorecard.vetoes import total_cap
from crm_eval_lib.scorecard.wording import number, sentence_of
from crm_eval_lib.scoring import threshold

SET, EQUAL, SWING, RANKED = "set_weights", "equal_weights", "swing_weights", "rank_weights"
Swing = float | Sequence[float]


def swing_weights(swings: Mapping[str, Swing]) -> dict[str, float]:
    """Turn swing points into weights.

    Parameters
    ----------
    swings : mapping of str to float, or to a pair of floats
        What lifting each from nothing to full marks is worth, the dearest lift 100. A pair is the
        range within which people differ; its middle counts.

    Returns
    -------
    dict of str to float
        Points over their sum [Edwards & Barron 1994].

    Examples
    --------
    >>> swing_weights({"cost": 60, "problems": 100, "efficiency": [30, 50]})
    {'cost': 0.3, 'problems': 0.5, 'efficiency': 0.2}
    """
    middles = {name: _middle(name, value) for name, value in swings.items()}
    total = sum(middles.values())
    if total <= 0:
        raise UsageError("swing weights: all points are zero. Give the dearest lift 100.")
    return {name: value / total for name, value in middles.items()}


def swing_spread(swings: Mapping[str, Swing]) -> float:
    """Return how far people differ: half of a range over its middle, the largest one.

    It is what ``scoring: weight_spread`` in client.yml should hold at least.

    >>> swing_spread({"cost": 60, "efficiency": [30, 50]})
    0.25
    """
    ranges = [value for value in swings.values() if not isinstance(value, int | float)]
    return max(((max(r) - min(r)) / (max(r) + min(r)) for r in ranges), default=0.0)


def stated_weights(swing_points: str = "", ranking: str = "") -> dict[str, object]:
    """Read what a notebook's parameters state, as options of `weighings`.

    Parameters
    ----------
    swing_points : str
        Factor and points from 0 up, or a range, separated by commas: "cost 60, problems 80-100".
    ranking : str
        Factors, the most important first, separated by commas.

    Returns
    -------
    dict
        ``swings`` (points or [low, high] by factor) and ``ranking`` (list of str); empty where
        nothing is stated.

    Raises
    ------
    UsageError
        A part is no factor with its points.

    Examples
    --------
    >>> stated_weights("cost 60, problems 100, efficiency 30-50", "problems, cost, efficiency")
    {'swings': {'cost': 60.0, 'problems': 100.0, 'efficiency': [30.0, 50.0]}, \
'ranking': ['problems', 'cost', 'efficiency']}
    """
    parts = [part.split() for part in swing_points.split(",") if part.strip()]
    if any(len(part) != 2 for part in parts):
        raise UsageError(
            f"swing_points: found {swing_points!r}, allowed: a factor and its points, separated by "
            'commas: "cost 60, problems 100, efficiency 70-90, controls 80".'
        )
    ranked = [name.strip() for name in ranking.split(",") if name.strip()]
    return {"swings": {name: _points(text) for name, text in parts}, "ranking": ranked}


def rank_weights(ranking: Sequence[str]) -> dict[str, float]:
    """Turn a ranking, the most important first, into rank-order-centroid weights.

    >>> {name: round(w, 3) for name, w in rank_weights(["problems", "controls", "cost"]).items()}
    {'problems': 0.611, 'controls': 0.278, 'cost': 0.111}
    """
    if len(set(ranking)) < len(ranking):
        raise UsageError(f"rank weights: {list(ranking)} names one twice. Rank each once.")
    return dict(zip(ranking, roc_weights(len(ranking)), strict=True))


def weighings(
    card: Card,
    *,
    swings: Mapping[str, Swing] | None = None,
    ranking: Sequence[str] | None = None,
) -> Step:
    """Show the total under other ways to weigh the factors; the verdict keeps the set weights.

    Parameters
    ----------
    card : Card
    swings : mapping, optional
        Swing points by factor, see `swing_weights`.
    ranking : sequence of str, optional
        Factors, the most important first, see `rank_weights`; without it the order of the set
        weights, equal ones sharing their ranks.

    Returns
    -------
    Step
        One row per way: weights, the total after caps, its band.

    Raises
    ------
    UsageError
        Swings or a ranking name an unknown factor, or leave one out.

    Examples
    --------
    At set weights 0.20 · 60 + 0.80 · 80 = 76; at equal ones 0.25 · 60 + 0.75 · 80 = 75:

    >>> from crm_eval_lib.scorecard import example_card
    >>> weighings(example_card(cost=60)).table["score"].head(2).round(6).tolist()
    [76.0, 75.0]
    """
    weighed = {item.factor: item.weight for item in card.factors if item.weight > 0}
    ways = {SET: weighed, EQUAL: dict.fromkeys(weighed, 1 / len(weighed))}
    if swings:
        ways[SWING] = swing_weights(_known("swings", swings, weighed))
    order = _known("ranking", dict.fromkeys(ranking), weighed) if ranking else {}
    ways[RANKED] = rank_weights(list(order)) if order else _in_order(weighed)
    table = pd.DataFrame([_row(card, way, weights) for way, weights in ways.items()])
    totals = table["score"].dropna()
    slots = {"n": len(table), "low": number(card, totals.min()) if len(totals) else "",
             "high": number(card, totals.max()) if len(totals) else ""}  # fmt: skip
    key = "weighings_none" if totals.empty else "weighings"
    if table["band_code"].nunique() > 1:
        key = "weighings_apart"
    return Step("score.weighings", table=table.drop(columns="band_code"),
                sentence=sentence_of(key, slots))  # fmt: skip


def _row(card: Card, way: str, weights: Mapping[str, float]) -> dict[str, object]:
    scores = {item.factor: item.score for item in card.factors if item.state == SCORED}
    used = {name: weights.get(name, 0.0) for name in scores if weights.get(name)}
    shown = {f"{name}_share": weights.get(name, 0.0) for name in weights}
    row = {"weighing": way, **shown, "score": None, "band": None, "band_code": None}
    if len(used) < threshold("scored_factors"):
        return row
    total = sum(used[name] * scores[name] for name in used) / sum(used.values())
    total = min(total, total_cap(card.vetoes)[0])
    band = band_of(total, card.rules.bands)
    return {**row, "score": total, "band": Message(f"score.band.{band}", {}), "band_code": band}


def _in_order(weights: Mapping[str, float]) -> dict[str, float]:
    """Return rank-order-centroid weights of the order that weights have; equals share."""
    ranked = sorted(weights, key=lambda name: -weights[name])
    centroids = pd.Series(roc_weights(len(ranked)), index=ranked)
    tied = pd.Series({name: round(weights[name], 9) for name in ranked})
    return centroids.groupby(tied).transform("mean")[list(weights)].to_dict()


def _points(text: str) -> Swing:
    try:
        ends = [float(end) for end in text.replace("–", "-").split("-")]
    except ValueError:
        raise UsageError(f"swing_points: found {text!r}, allowed: 80 or 70-90.") from None
    return ends if len(ends) > 1 else ends[0]


def _middle(name: str, value: Swing) -> float:
    ends = [value] if isinstance(value, int | float) else list(value)
    if not 1 <= len(ends) <= 2 or any(not end >= 0 for end in ends):
        raise UsageError(
            f"swing weights: {name}: found {value}, allowed: points from 0 up, or [low, high]."
        )
    return sum(ends) / len(ends)


def _known(place: str, given: Mapping[str, object], factors: Mapping[str, float]) -> dict:
    for name in given:
        if name not in factors:
            raise UsageError(f"{place}: no factor {name!r}; {nearest(name, factors)}")
    missing = [name for name in factors if name not in given]
    if missing:
        raise UsageError(f"{place}: {', '.join(missing)} not named. Name every factor of the card.")
    return dict(given)
