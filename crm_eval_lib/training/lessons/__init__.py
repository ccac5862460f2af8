"""The lessons: each one's client, questions, right answers and named mistakes."""

from collections.abc import Mapping
from types import MappingProxyType

from crm_eval_lib.training.lessons import cost, problems
from crm_eval_lib.training.questions import Plan

LESSONS: Mapping[str, Plan] = MappingProxyType(
    {plan.name: plan for plan in (cost.PLAN, problems.PLAN)}
)
