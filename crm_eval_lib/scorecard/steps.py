"""The scorecard's steps: each shows one part of a card, in the order of the notebook."""

from crm_eval_lib.results import Step
from crm_eval_lib.scorecard.agreed import agreed_actions
from crm_eval_lib.scorecard.card import Card
from crm_eval_lib.scorecard.conclusions import actions, findings, matrix
from crm_eval_lib.scorecard.history import change
from crm_eval_lib.scorecard.parts import evidence, factor_scores, indicator_scores, vetoes
from crm_eval_lib.scorecard.verdicts import flip_weights, sensitivity, uncertainty, verdict
from crm_eval_lib.scorecard.weighing import weighings

__all__ = [
    "actions",
    "all_steps",
    "evidence",
    "factor_scores",
    "findings",
    "flip_weights",
    "indicator_scores",
    "matrix",
    "sensitivity",
    "uncertainty",
    "verdict",
    "vetoes",
]


def all_steps(card: Card) -> list[Step]:
    """Return every step of a card, in the notebook's order."""
    steps = (evidence, indicator_scores, factor_scores, vetoes, verdict, uncertainty, sensitivity,
             flip_weights, weighings, matrix, findings, actions, change,
             agreed_actions)  # fmt: skip
    return [step(card) for step in steps]
