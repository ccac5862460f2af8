"""The scorecard: from what the factors published to one verdict, with its uncertainty.

>>> from crm_eval_lib.results import FactorResult, measured
>>> cost = FactorResult("cost", (measured("cost.deviation_original", 0.127, "ratio"),))
>>> round(score([cost]).indicators["cost.deviation_original"].score, 9)
74.6
"""

from crm_eval_lib.scorecard.agreed import agreed_actions
from crm_eval_lib.scorecard.beside import with_beside
from crm_eval_lib.scorecard.card import Card, score
from crm_eval_lib.scorecard.example import example_card
from crm_eval_lib.scorecard.factors import FactorScore
from crm_eval_lib.scorecard.history import change, last_report
from crm_eval_lib.scorecard.publish import titles_of
from crm_eval_lib.scorecard.published import assess_factors, load_results
from crm_eval_lib.scorecard.rules import Rules, rules_for
from crm_eval_lib.scorecard.sensitivity import roc_weights
from crm_eval_lib.scorecard.steps import (
    actions,
    all_steps,
    evidence,
    factor_scores,
    findings,
    flip_weights,
    indicator_scores,
    matrix,
    sensitivity,
    uncertainty,
    verdict,
    vetoes,
)
from crm_eval_lib.scorecard.total import Overall
from crm_eval_lib.scorecard.value import points
from crm_eval_lib.scorecard.vetoes import Veto
from crm_eval_lib.scorecard.weighing import (
    rank_weights,
    stated_weights,
    swing_spread,
    swing_weights,
    weighings,
)

__all__ = [
    "Card",
    "FactorScore",
    "Overall",
    "Rules",
    "Veto",
    "actions",
    "agreed_actions",
    "all_steps",
    "assess_factors",
    "change",
    "evidence",
    "example_card",
    "factor_scores",
    "findings",
    "flip_weights",
    "indicator_scores",
    "last_report",
    "load_results",
    "matrix",
    "points",
    "rank_weights",
    "roc_weights",
    "rules_for",
    "score",
    "sensitivity",
    "stated_weights",
    "swing_spread",
    "swing_weights",
    "titles_of",
    "uncertainty",
    "verdict",
    "vetoes",
    "weighings",
    "with_beside",
]
