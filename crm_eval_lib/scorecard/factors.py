"""The score of one factor: weighted mean of what was assessed, bounds for what was not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_eval_lib.results import Message
from crm_eval_lib.scorecard.terms import Term
from crm_eval_lib.scorecard.value import DIGITS, FULL
from crm_eval_lib.scoring import threshold

SCORED, INDICATIVE, NOT_ASSESSED = "scored", "indicative", "not_assessed"
_ROUNDING = 1e-9  # weights that add to exactly one half must count as one half


@dataclass(frozen=True)
class FactorScore:
    """What one factor got.

    Parameters
    ----------
    score, uncapped : float or None
        Points after and before the vetoes; None unless scored.
    low, high : float or None
        Interval by simulation.
    kind : str or None
        interval, or bounds where too much is near an anchor for an interval.
    bounds : tuple of float
        With everything missing at 0 and at 100, over all applicable weight.
    weight : float
        Share of the total.
    evidence : float
        Σ weight × credit of the assessed indicators / applicable weight.
    """

    factor: str
    state: str
    score: float | None
    uncapped: float | None
    bounds: tuple[float, float]
    weight: float
    evidence: float
    terms: tuple[Term, ...] = ()
    low: float | None = None
    high: float | None = None
    kind: str | None = None
    capped_by: str | None = None
    reason: Message | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Ids that carry weight and have no points."""
        return tuple(t.id for t in self.terms if t.applicable and t.weight and t.score is None)


def factor_score(
    factor: str, terms: Sequence[Term], *, weight: float, distrusted: bool = False
) -> FactorScore:
    """Score one factor, before vetoes.

    Parameters
    ----------
    terms : sequence of Term
        The factor's indicators with their weights.
    weight : float
        The factor's share of the total.
    distrusted : bool
        True where a table differs so much from its control totals that nothing may be said.

    Notes
    -----
    score = Σ w·s / Σ w over the assessed; it counts as scored when Σ w·credit of the assessed is
    at least half of the applicable weight. Credit never moves the score itself.
    """
    weighed = [term for term in terms if term.applicable and term.weight > 0]
    total = sum(term.weight for term in weighed)
    found = [] if distrusted else [term for term in weighed if term.score is not None]
    if not found or total <= 0:
        reason = "distrusted" if distrusted else "no_points"
        return FactorScore(
            factor, NOT_ASSESSED, None, None, (0.0, FULL), weight, 0.0, tuple(terms),
            reason=Message(f"score.reason.{reason}", {}),
        )  # fmt: skip
    earned = sum(term.weight * term.score for term in found)
    assessed = sum(term.weight for term in found)
    evidence = sum(term.weight * term.credit for term in found) / total
    bounds = (_points(earned / total), _points((earned + FULL * (total - assessed)) / total))
    if evidence < threshold("scored_credit") - _ROUNDING:
        reason = Message("score.reason.too_little", {"share": evidence})
        return FactorScore(
            factor, INDICATIVE, None, None, bounds, weight, evidence, tuple(terms), reason=reason
        )
    score = _points(earned / assessed)
    return FactorScore(factor, SCORED, score, score, bounds, weight, evidence, tuple(terms))


def distrusted_factors(differences: Mapping[str, float], factors: Mapping[str, str]) -> set[str]:
    """Return the factors one of whose tables is more than 10 % off its control totals."""
    limit = threshold("untrustworthy")
    return {factors[t] for t, gap in differences.items() if abs(gap) > limit and t in factors}


def _points(value: float) -> float:
    return round(min(max(value, 0.0), FULL), DIGITS)
