"""What stands beside the score: published and graded like the rest, in no factor's points."""

from dataclasses import replace

from crm_eval_lib.evidence import default_grades, table_grades
from crm_eval_lib.results import Caveat, FactorResult
from crm_eval_lib.scorecard.card import Card
from crm_eval_lib.scorecard.terms import Evidence, assess_indicators
from crm_eval_lib.scoring import option

UNMATCHED = "score.caveat.unmatched"


def with_beside(card: Card, result: FactorResult) -> Card:
    """Return the card with further indicators, its scores untouched.

    Parameters
    ----------
    card : Card
        From `score`.
    result : FactorResult
        Its indicators get a grade and may be declared not applicable, but no points; an id that a
        factor has published already stays the factor's.

    Returns
    -------
    Card
        A new one with the indicators and caveats of the result; points, total and vetoes as before.

    Examples
    --------
    >>> from crm_eval_lib.results import measured
    >>> from crm_eval_lib.scorecard import score
    >>> cost = FactorResult("cost", (measured("cost.deviation_original", 0.127, "ratio"),))
    >>> worth = FactorResult("value", (measured("value.roi", 0.3, "ratio"),))
    >>> with_beside(score([cost]), worth).indicators["value.roi"].state
    'measured'
    """
    new = {item.id: item for item in result.indicators if item.id not in card.indicators}
    grades = default_grades() if card.client is None else table_grades(card.tables)
    caveats = (*(c for c in card.caveats if not _answered(c, new)), *result.caveats)
    assessed = assess_indicators(
        new,
        replace(card.rules, factor_weights={}),
        Evidence(grades, caveats),
        waived=dict(option(card.client, "config", "not_applicable", default={})),
    )
    known = card.assessment
    assessment = replace(
        known,
        indicators={**known.indicators, **assessed.indicators},
        moved_by={**known.moved_by, **assessed.moved_by},
    )
    beside = (*card.beside, result)
    return replace(card, assessment=assessment, caveats=caveats, beside=beside)


def _answered(caveat: Caveat, new: dict) -> bool:
    """Say whether a complaint that nobody published an id is answered by now."""
    return caveat.message.key == UNMATCHED and bool(set(caveat.indicators) & set(new))
