"""A card whose numbers can be checked by hand: for examples and for trying the steps on."""

from crm_eval_lib.results import FactorResult, measured
from crm_eval_lib.scorecard.card import Card, score
from crm_eval_lib.scorecard.value import value_at
from crm_eval_lib.scoring import numbers

DRAWS = 200  # simulated verdicts: enough to show a table, quick enough for an example
EVERY = 80.0  # points; in the band "good"
# a table of grade B in each factor, so that nothing but the values decides
_TABLES = {"cost": "budget", "problems": "complaints", "efficiency": "events", "controls": "orders"}
_CLEAR = ("problems.open_five_90", "controls.critical_failed", "controls.critical_unassured")
_KEYS = {"controls.uptime": "C1", "controls.complaints.inversion_share": "response"}


def example_card(
    *,
    cost: float | None = EVERY,
    problems: float | None = EVERY,
    efficiency: float | None = EVERY,
    controls: float | None = EVERY,
) -> Card:
    """Return a card on which every scored indicator of a factor has the same points.

    Parameters
    ----------
    cost, problems, efficiency, controls : float or None
        Points of each indicator, 0–100, and so of the factor (default 80); None: a factor that
        published nothing.

    Returns
    -------
    Card
        Of a client without name or tables, in one process ``quote``; no veto holds.

    Examples
    --------
    0.20 · 60 + 0.30 · 80 + 0.25 · 80 + 0.25 · 80 = 76:

    >>> round(example_card(cost=60).overall.score, 6)
    76.0
    >>> example_card(controls=None).overall.score is None
    True
    """
    factors = {"cost": cost, "problems": problems, "efficiency": efficiency, "controls": controls}
    shown = {name: points for name, points in factors.items() if points is not None}
    return score([_result(name, points) for name, points in shown.items()], draws=DRAWS)


def _result(factor: str, points: float) -> FactorResult:
    values = {
        _keyed(id): value_at(points, rule["anchors"])
        for id, rule in numbers()["indicators"].items()
        if id.startswith(f"{factor}.")
    }
    values |= {id: 0 for id in _CLEAR if id.startswith(f"{factor}.")}
    tables = (_TABLES[factor],)
    return FactorResult(
        factor, tuple(measured(id, value, "ratio", tables=tables) for id, value in values.items())
    )


def _keyed(id: str) -> str:
    key = "quote" if id.startswith("efficiency.") else _KEYS.get(id)
    return f"{id}[{key}]" if key else id
