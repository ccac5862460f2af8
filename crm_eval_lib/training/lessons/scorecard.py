"""Lesson on the scorecard: points, missing factors, a veto, weights, and two clients compared."""

from collections.abc import Callable

from crm_eval_lib.scoring import numbers
from crm_eval_lib.training.answers import Amount, Choice, Share
from crm_eval_lib.training.case import Case
from crm_eval_lib.training.judged import never, the_true_one
from crm_eval_lib.training.lessons.published import (
    COST,
    DRAWS,
    EFFICIENCY,
    FACTORS,
    PASSING,
    PROBLEMS,
    PUBLISHED,
    SOLVED,
    WEIGHTS,
    both_clients,
    capped_points,
    caps,
    case,
    clipped,
    factor_points,
    pass_mark,
    rule,
    scored_factors,
    straight,
    weighted,
)  # fmt: skip
from crm_eval_lib.training.questions import Plan, Question

ROUNDED = 0.001  # of the amount: points with one decimal count


def _verdict() -> float:
    return min(
        weighted((weight, capped_points(name)) for name, weight in scored_factors()), caps()[1]
    )


def _equally() -> float:
    return weighted((1.0, capped_points(name)) for name, _ in scored_factors())


def _uncapped() -> float:
    return weighted((weight, factor_points(name)) for name, weight in scored_factors())


def _worst(
    missing: float = 0.0, *, within: float | None = 0.0, of: Callable = capped_points
) -> float:
    """Return the total with the missing factor and, within factors, the missing at these points."""
    points = {name: of(name, missing=within) for name, _ in scored_factors()} | {
        EFFICIENCY: missing
    }
    return weighted((weight, points[name]) for name, weight in zip(FACTORS, WEIGHTS, strict=True))


POINTS = Question(
    "q1", "solved_points", Amount(), lambda case: straight(SOLVED),
    code="""\
row = values.set_index("indicator").loc["problems.weighted_solved_rate"]
solved_points = 100 * (row["value"] - row["zero"]) / (row["full"] - row["zero"])""",
    mistakes={
        "value_for_points": lambda case: 100 * PUBLISHED[SOLVED],
        "zero_point_forgotten": lambda case: 100 * PUBLISHED[SOLVED] / rule(SOLVED)["anchors"][1],
        "turned_round": lambda case: 100 - straight(SOLVED),
        "as_ratio": lambda case: straight(SOLVED) / 100,
    },
)  # fmt: skip

FACTOR = Question(
    "q2", "cost_points", Amount(ROUNDED), lambda case: factor_points(COST),
    code="""\
cost = values[values["factor"].eq("cost")].dropna(subset=["value"])
points = 100 * (cost["value"] - cost["zero"]) / (cost["full"] - cost["zero"])
cost_points = (points.clip(0, 100) * cost["weight"]).sum() / cost["weight"].sum()""",
    mistakes={
        "missing_as_zero": lambda case: factor_points(COST, missing=0.0),
        "missing_as_full": lambda case: factor_points(COST, missing=100.0),
        "not_clipped": lambda case: _cost(straight),
        "unweighted": lambda case: _cost(lambda id: clipped(straight(id)), equal=True),
    },
)  # fmt: skip


def _cost(points: Callable, *, equal: bool = False) -> float:
    """Return the mean of the cost indicators that were assessed."""
    ids = [id for id, value in PUBLISHED.items() if id.startswith(COST) and value is not None]
    return weighted((1.0 if equal else rule(id)["weight"], points(id)) for id in ids)


VERDICT = Question(
    "q3", "verdict_points", Amount(ROUNDED), lambda case: _verdict(),
    code="""\
scored = factors.dropna(subset=["points"]).set_index("factor")
capped = scored["points"].copy()
capped["problems"] = min(capped["problems"], 59)
verdict_points = min((capped * scored["weight"]).sum() / scored["weight"].sum(), 74)""",
    mistakes={
        "no_veto": lambda case: _uncapped(),
        "only_the_total_capped": lambda case: min(_uncapped(), caps()[1]),
        "missing_as_zero": lambda case: _worst(within=None),
        "equal_weights": lambda case: _equally(),
        "set_to_the_cap": lambda case: caps()[0],
    },
)  # fmt: skip

WORST = Question(
    "q4", "worst_total", Amount(ROUNDED), lambda case: _worst(),
    code="""\
worst = factors.set_index("factor")["worst"].copy()
worst["problems"] = min(worst["problems"], 59)
weight = factors.set_index("factor")["weight"]
worst_total = (worst * weight).sum() / weight.sum()""",
    mistakes={
        "dropped": lambda case: _verdict(),
        "within_the_factor_forgotten": lambda case: _worst(within=None),
        "in_the_middle": lambda case: _worst(50.0),
        "at_its_best": lambda case: min(_worst(100.0, within=100.0), caps()[1]),
        "no_veto": lambda case: _worst(of=factor_points),
    },
)  # fmt: skip


def _flip(own: float) -> float:
    """Return the weight of problems at which the total falls to the pass mark."""
    rest = weighted(
        (weight, capped_points(name)) for name, weight in scored_factors() if name != PROBLEMS
    )
    return (pass_mark() - rest) / (own - rest)


def _own_share(total: float) -> float:
    return WEIGHTS[FACTORS.index(PROBLEMS)] / total


FLIP = Question(
    "q5", "flip_weight", Share(), lambda case: _flip(capped_points(PROBLEMS)),
    code="""\
others = factors[factors["factor"].isin(["cost", "controls"])]
rest = (others["points"] * others["weight"]).sum() / others["weight"].sum()
flip_weight = (60 - rest) / (59 - rest)""",
    mistakes={
        "veto_forgotten": lambda case: _flip(factor_points(PROBLEMS)),
        "weight_today": lambda case: _own_share(sum(weight for _, weight in scored_factors())),
        "weight_set": lambda case: _own_share(sum(WEIGHTS)),
        "weight_of_the_others": lambda case: 1 - _flip(capped_points(PROBLEMS)),
        "per_cents": lambda case: 100 * _flip(capped_points(PROBLEMS)),
    },
)  # fmt: skip


def _word(share: float) -> str:
    """Return the letter of the word for a probability."""
    words = numbers()["likelihood"]
    named = {"virtually_certain": "a", "very_likely": "b", "likely": "c", "as_likely_as_not": "d"}
    return next(letter for word, letter in named.items() if share >= words[word])


WORD = Question(
    "q6", "word", Choice(), lambda case: _word(PASSING / DRAWS),
    code="""\
share = (totals >= 60).mean()
word = "a" if share >= 0.99 else "b" if share >= 0.90 else "c" if share >= 0.66 else "d\"""",
    mistakes={"certain": lambda case: "a", "too_low": lambda case: "c",
              "good_asked": lambda case: "d"},
)  # fmt: skip


def _leaders(case: Case) -> tuple[int, int]:
    """Return which client leads: by the weights of each, and by equal ones."""
    rows = [rows for _, rows in both_clients(case).groupby("client", sort=False)]
    own = [weighted(zip(part["weight"], part["points"], strict=True)) for part in rows]
    equal = [part["points"].mean() for part in rows]
    return own.index(max(own)), equal.index(max(equal))


SENTENCE = Question(
    "q7", "sentence", Choice(),
    the_true_one(
        a=lambda case: _leaders(case) == (1, 1),
        b=lambda case: _leaders(case) == (0, 0),
        c=never,
        d=lambda case: len(set(_leaders(case))) > 1,
    ),
    code='sentence = "d"',
    mistakes={"own_weights": lambda case: "a", "equal_as_law": lambda case: "b",
              "nothing": lambda case: "c"},
)  # fmt: skip

PLAN = Plan(
    "05_scorecard", 1, case, (POINTS, FACTOR, VERDICT, WORST, FLIP, WORD, SENTENCE), minutes=30
)
