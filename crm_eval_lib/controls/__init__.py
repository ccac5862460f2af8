"""Factor 4, controls: does the system decide, warn and watch where it should, and does it hold?

Each step takes tables and returns a `Step`; `assess` runs the list that the notebook shows.
"""

from typing import Any

import pandas as pd

from crm_eval_lib.controls.approvals import approvals
from crm_eval_lib.controls.assured import assurance
from crm_eval_lib.controls.captured import captured_complaints
from crm_eval_lib.controls.care import complaint_care
from crm_eval_lib.controls.complaints import complaint_times
from crm_eval_lib.controls.critical import critical_points
from crm_eval_lib.controls.displaced import displacement
from crm_eval_lib.controls.duties import separated_duties
from crm_eval_lib.controls.heeded import advice_taken
from crm_eval_lib.controls.matrix import mode_matrix
from crm_eval_lib.controls.order_samples import or_samples
from crm_eval_lib.controls.price import below_floor, leakage
from crm_eval_lib.controls.price_lines import price_lines, read_orders
from crm_eval_lib.controls.ranking import complaint_order
from crm_eval_lib.controls.residual import residual_loss
from crm_eval_lib.controls.switched_off import uptime
from crm_eval_lib.controls.usage import exempt_sales
from crm_eval_lib.controls.workload import workload
from crm_eval_lib.results import CONFIDENCE, FactorResult

__all__ = [
    "advice_taken",
    "approvals",
    "assess",
    "assurance",
    "below_floor",
    "captured_complaints",
    "complaint_care",
    "complaint_order",
    "complaint_times",
    "critical_points",
    "displacement",
    "exempt_sales",
    "leakage",
    "lines_of",
    "mode_matrix",
    "or_samples",
    "price_lines",
    "residual_loss",
    "separated_duties",
    "uptime",
    "workload",
]


def lines_of(client: Any) -> pd.DataFrame:
    """Return the priced order lines of an opened client, by the rules of its client.yml.

    Parameters
    ----------
    client : Client
        From `open_client`: its orders, price rules, approval limits, dates, currency, and ``price``
        of client.yml.

    Returns
    -------
    DataFrame
        One row per order line; its columns: see `price_lines`.

    Examples
    --------
    A client that handed in no orders has no lines; with orders, see the example of `price_lines`.

    >>> from crm_eval_lib import open_client
    >>> len(lines_of(open_client("demo-small")))
    0
    """
    t, price = client.tables, client.config.price
    return price_lines(
        read_orders(t), t.price_rules, t.approval_limits, dates=client.dates,
        currency=client.currency, floor_share_of_list=price.floor_share_of_list,
        approval_before=price.approval_before,
    )  # fmt: skip


def assess(client: Any, *, confidence: float = CONFIDENCE, rank: str = "") -> FactorResult:
    """Run all steps of the factor on an opened client.

    Parameters
    ----------
    client : Client
        From `crm_eval_lib.open_client`.
    confidence : float
        Two-sided level of the intervals; the auditor's upper limits keep their own.
    rank : str
        How complaints are ranked: max, product or importance; empty = as client.yml says.
    """
    from crm_eval_lib.calendar import calendar_of
    from crm_eval_lib.sources.catalogue import read_points

    t, dates, currency = client.tables, client.dates, client.currency
    lines, rank = lines_of(client), rank or client.config.complaints.rank
    logs = {"lines": lines, "complaints": t.complaints, "dates": dates}
    known = read_points(client.language)
    level = {"dates": dates, "confidence": confidence}
    drawn = {"currency": currency, "confidence": confidence}
    money = {"currency": currency, **level}
    steps = [
        mode_matrix(t.controls, t.control_tests, t.control_off, catalogue=known, **logs),
        assurance(t.controls, t.control_tests, dates=dates),
        critical_points(t.controls, t.control_tests, t.control_off, **logs),
        uptime(t.controls, t.control_off, **logs),
        or_samples(below_floor(lines, **level), t.order_samples, **drawn),
        leakage(lines, dates=dates, currency=currency),
        or_samples(approvals(lines, t.controls, **money), t.order_samples, **drawn),
        displacement(lines, **level),
        exempt_sales(lines, t.exemptions, dates=dates, currency=currency),
        workload(t.errors, t.exposure, dates=dates),
        residual_loss(t.controls, **money),
        complaint_times(t.complaints, calendar=calendar_of(client), **level),
        complaint_care(t.complaints, **level),
        captured_complaints(t.complaint_samples, **level),
        complaint_order(t.complaints, t.controls, rank=rank, **level),
        advice_taken(t.decisions, t.controls, dates=dates),
        separated_duties(t.access, t.conflicts, dates=dates),
    ]
    return FactorResult.collect("controls", steps)
