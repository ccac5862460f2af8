"""Factor 1, cost: what was planned, what it became, and whether anybody looked.

Public steps take tables and return a `Step`; `assess` runs the list the notebook runs.
"""

from crm_eval_lib.cost.bridge import bridge
from crm_eval_lib.cost.contingency import contingency
from crm_eval_lib.cost.delivery import delivery
from crm_eval_lib.cost.deviation import deviation
from crm_eval_lib.cost.early_warning import early_warning
from crm_eval_lib.cost.earned_schedule import earned_schedule
from crm_eval_lib.cost.earned_value import earned_value
from crm_eval_lib.cost.labour import own_labour, week_hours
from crm_eval_lib.cost.month_by_month import month_by_month
from crm_eval_lib.cost.outside_view import outside_view
from crm_eval_lib.cost.oversight import oversight
from crm_eval_lib.cost.overview import overview
from crm_eval_lib.cost.planning import planning
from crm_eval_lib.cost.schedule import schedule
from crm_eval_lib.cost.spending import spending
from crm_eval_lib.cost.standard import assess, fallbacks, parts_not_needed

__all__ = [
    "assess",
    "bridge",
    "contingency",
    "delivery",
    "deviation",
    "early_warning",
    "earned_schedule",
    "earned_value",
    "fallbacks",
    "month_by_month",
    "outside_view",
    "oversight",
    "overview",
    "own_labour",
    "parts_not_needed",
    "planning",
    "schedule",
    "spending",
    "week_hours",
]
