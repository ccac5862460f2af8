"""What the verdict hangs on: lost points, swings of indicators, weights that would flip it."""

from collections.abc import Mapping, Sequence

import pandas as pd

from crm_eval_lib.scorecard.factors import NOT_ASSESSED, SCORED, FactorScore
from crm_eval_lib.scorecard.rules import Rules
from crm_eval_lib.scorecard.terms import WEAKEST_GRADE, Term
from crm_eval_lib.scorecard.total import Overall, band_of
from crm_eval_lib.scorecard.value import FULL, points
from crm_eval_lib.scoring import numbers

CONTRIBUTION_COLUMNS = ("factor", "indicator", "state", "score", "weight", "points", "lost", "open")
TORNADO_COLUMNS = ("indicator", "factor", "kind", "down", "up", "swing")
FLIP_COLUMNS = ("factor", "weight", "flips_at", "band", "change")
MIDDLE = FULL / 2
MISSING, WEAK = "missing_table", "weak_table"
STRONG_GRADES = ("A", "B")
BY_INTERVAL, IF_ASSESSED = "by_interval", "if_assessed"


def contributions(factors: Sequence[FactorScore]) -> pd.DataFrame:
    """Return what every indicator gives to, and keeps from, the total of 100.

    ``points`` + ``lost`` + ``open`` (not assessed) add to the indicator's share of the total.
    """
    rows = []
    for factor in factors:
        for term, share in _shares(factor):
            full = FULL * share
            has_points = term.score is not None and factor.state != NOT_ASSESSED
            earned = share * term.score if has_points else 0.0
            lost = full - earned if has_points else 0.0
            values = (factor.factor, term.id, term.indicator.state, term.score, share, earned,
                      lost, 0.0 if has_points else full)  # fmt: skip
            rows.append(dict(zip(CONTRIBUTION_COLUMNS, values, strict=True)))
    return pd.DataFrame(rows, columns=list(CONTRIBUTION_COLUMNS))


def lost_points(factors: Sequence[FactorScore]) -> dict[str, float]:
    """Return the points of the total lost on each indicator, by id."""
    table = contributions(factors)
    return dict(zip(table["indicator"], table["lost"], strict=True))


def tornado(factors: Sequence[FactorScore], rules: Rules) -> pd.DataFrame:
    """Return how far one indicator alone could move the total, largest swing first.

    An assessed one moves between the ends of its interval, a missing one between 0 and 100.
    """
    rows = []
    for factor in factors:
        centre = factor.uncapped if factor.uncapped is not None else MIDDLE
        for term, share in _shares(factor):
            if term.score is None or factor.state == NOT_ASSESSED:
                kind, low, high = IF_ASSESSED, -centre, FULL - centre
            else:
                kind, (low, high) = BY_INTERVAL, _reach(term, rules)
            values = (term.id, factor.factor, kind, share * low, share * high, share * (high - low))
            rows.append(dict(zip(TORNADO_COLUMNS, values, strict=True)))
    table = pd.DataFrame(rows, columns=list(TORNADO_COLUMNS))
    moving = table[table["swing"] > 0]
    return moving.sort_values("swing", ascending=False, kind="stable").reset_index(drop=True)


def narrowing_tables(
    factors: Sequence[FactorScore],
    swings: pd.DataFrame,
    *,
    grades: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return which missing or weak table would narrow the verdict most: the next one to obtain.

    Parameters
    ----------
    swings : DataFrame
        From `tornado`.
    grades : mapping of str to str, optional
        Grade of each table handed in. A table that is there and strong is not to be obtained:
        what waits for its neighbour is the neighbour's.

    Returns
    -------
    DataFrame
        Per table whether it is missing or weak, the points of the total that its indicators
        could move, and how many these are; the most points first.
    """
    by_id = {term.id: term for factor in factors for term in factor.terms}
    rows = [
        {"table": name, "state": state, "points": row["swing"], "indicators": row["indicator"]}
        for row in swings.to_dict("records")
        for name, state in _wanting(by_id[row["indicator"]], grades or {}).items()
    ]
    table = pd.DataFrame(rows, columns=["table", "state", "points", "indicators"])
    summed = table.groupby(["table", "state"], as_index=False).agg(
        {"points": "sum", "indicators": "nunique"}
    )
    return summed.sort_values(["points", "table"], ascending=[False, True], ignore_index=True)


def _wanting(term: Term, grades: Mapping[str, str]) -> dict[str, str]:
    """Return the tables an indicator waits for, each missing or weak."""
    names, reason = list(term.indicator.tables), term.indicator.reason
    if term.score is None:
        named = reason.slots.get("tables", ()) if reason is not None else ()
        missing = [name for name in dict.fromkeys((*names, *named)) if name not in grades]
        return dict.fromkeys(missing, MISSING) or dict.fromkeys(names, WEAK)
    if term.credit > numbers()["credit"]["C"]:
        return {}
    weak = [name for name in names if grades.get(name, WEAKEST_GRADE) not in STRONG_GRADES]
    return dict.fromkeys(weak or names, WEAK)


def flip_weights(
    factors: Sequence[FactorScore], overall: Overall, rules: Rules, *, cap: float = FULL
) -> pd.DataFrame:
    """Return the weight of each factor at which the total would enter another band.

    The other factors keep their proportions; the nearest such weight is shown, or none.
    """
    scored = [f for f in factors if f.state == SCORED and f.weight > 0]
    if overall.assessed_score is None:
        return pd.DataFrame(columns=list(FLIP_COLUMNS))
    total = sum(f.weight for f in scored)
    rows = []
    for factor in scored:
        weight = factor.weight / total
        rest = sum(f.weight * f.score for f in scored if f is not factor) / (total - factor.weight)
        flip = _nearest_flip(weight, factor.score, rest, rules, cap)
        at, band = flip if flip else (None, None)
        change = None if at is None else at - weight
        rows.append(dict(zip(FLIP_COLUMNS, (factor.factor, weight, at, band, change), strict=True)))
    return pd.DataFrame(rows, columns=list(FLIP_COLUMNS))


def roc_weights(count: int) -> list[float]:
    """Return rank-order-centroid weights: what a ranking alone says about weights.

    w_k = (1/n) Σ_{i=k}^{n} 1/i [Barron & Barrett 1996].

    >>> [round(weight, 4) for weight in roc_weights(4)]
    [0.5208, 0.2708, 0.1458, 0.0625]
    """
    return [sum(1 / i for i in range(rank, count + 1)) / count for rank in range(1, count + 1)]


def _shares(factor: FactorScore) -> list[tuple[Term, float]]:
    weighed = [term for term in factor.terms if term.applicable and term.weight > 0]
    total = sum(term.weight for term in weighed)
    return [(term, factor.weight * term.weight / total) for term in weighed]


def _reach(term: Term, rules: Rules) -> tuple[float, float]:
    indicator, anchors = term.indicator, rules.anchors[term.indicator.base_id]
    ends = [float(points(end, anchors)) for end in (indicator.low, indicator.high)
            if end is not None and indicator.state == "scored"]  # fmt: skip
    return min([*ends, term.score]) - term.score, max([*ends, term.score]) - term.score


def _nearest_flip(
    weight: float, own: float, rest: float, rules: Rules, cap: float
) -> tuple[float, str] | None:
    now = band_of(min(weight * own + (1 - weight) * rest, cap), rules.bands)
    flips = []
    for edge in rules.bands.values():
        if own == rest or edge > cap:
            continue
        at = (edge - rest) / (own - rest)
        if not 0 <= at <= 1:
            continue
        beyond = at + (1e-6 if at > weight else -1e-6)  # just past the edge, away from today
        band = band_of(min(beyond * own + (1 - beyond) * rest, cap), rules.bands)
        if band != now:
            flips.append((abs(at - weight), at, band))
    return min(flips)[1:] if flips else None
