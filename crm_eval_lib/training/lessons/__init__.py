"""The lessons: each one's client, questions, right answers and named mistakes."""

from collections.abc import Mapping
from types import MappingProxyType

from crm_eval_lib.training.lessons import (
    controls,
    cost,
    efficiency,
    overview,
    problems,
    scorecard,
)
from crm_eval_lib.training.questions import Plan

_PLANS = (
    overview.PLAN,
    cost.PLAN,
    problems.PLAN,
    efficiency.PLAN,
    controls.PLAN,
    scorecard.PLAN,
)
LESSONS: Mapping[str, Plan] = MappingProxyType({plan.name: plan for plan in _PLANS})
