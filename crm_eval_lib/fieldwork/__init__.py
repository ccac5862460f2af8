"""Before fieldwork: what change the planned data could show, and how many items to draw.

Nothing here reads an outcome; client.yml suffices, the tables ``processes``, ``controls`` and
``departments`` make it the client's own.

>>> int(order_plan().table["clean_items"].iloc[0])
149
"""

from typing import Any

from crm_eval_lib.efficiency.planning import sampling_plan
from crm_eval_lib.fieldwork.logs import MONTHS_BEFORE, log_plan, planned_months
from crm_eval_lib.fieldwork.samples import (
    complaint_plan,
    control_test_plan,
    order_plan,
    survey_plan,
)
from crm_eval_lib.results import Step

__all__ = [
    "complaint_plan", "control_test_plan", "log_plan", "order_plan", "plan_steps",
    "planned_months", "survey_plan",
]  # fmt: skip


def plan_steps(
    client: Any, *, months_before: float = MONTHS_BEFORE, months_after: float | None = None
) -> list[Step]:
    """Return all parts of the plan for a client.

    Parameters
    ----------
    client : Client
        Its dates, and the tables that say what is to be judged.
    months_before, months_after : float
        Of the log asked for; after go-live by default up to the status date.
    """
    tables, dates = client.tables, client.dates
    return [
        log_plan(tables["processes"], dates, months_before=months_before,
                 months_after=months_after),
        sampling_plan(),
        control_test_plan(tables["controls"], dates, processes=tables["processes"]),
        order_plan(),
        complaint_plan(),
        survey_plan(tables["departments"]),
    ]  # fmt: skip
