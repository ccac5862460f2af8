"""Value: was it worth the money? Beside the score, in no factor's points.

Steps in the order of the notebook: `costs`, `benefits`, `worth`, `tornado`; `assess` runs them.
"""

from collections.abc import Mapping
from typing import Any

from crm_eval_lib.results import FactorResult
from crm_eval_lib.value.benefits import benefits
from crm_eval_lib.value.costs import costs
from crm_eval_lib.value.tornado import tornado
from crm_eval_lib.value.worth import DRAWS, worth

__all__ = ["assess", "benefits", "costs", "tornado", "worth"]


def assess(
    client: Any, results: Mapping[str, FactorResult], *, seed: int = 0, draws: int = DRAWS
) -> FactorResult:
    """Run all steps for one client.

    Parameters
    ----------
    client : Client
        What `open_client` returns.
    results : mapping of str to FactorResult
        What the factors published.
    seed, draws : int
        Of the intervals.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> import pandas as pd
    >>> from crm_eval_lib.tables import TABLES
    >>> client = SimpleNamespace(
    ...     tables=SimpleNamespace(**dict.fromkeys(TABLES)), currency="CNY",
    ...     dates=SimpleNamespace(go_live=None, blackout=None, project_start=None,
    ...                           status_date=pd.Timestamp("2024-12-31")),
    ...     config=SimpleNamespace(finance=SimpleNamespace(discount_rate=0.1, horizon_years=3)))
    >>> assess(client, {})["value.npv"].state
    'not_assessed'
    """
    t, finance = client.tables, client.config.finance
    money = {"dates": client.dates, "currency": client.currency}
    over = {"rate": finance.discount_rate, "years": finance.horizon_years,
            "currency": client.currency}  # fmt: skip
    spent = costs(
        t.budget, t.actuals, summary=t.cost_summary, changes=t.changes, progress=t.progress, **money
    )
    gained = benefits(results, t.benefits, controls=t.controls, processes=t.processes, **money)
    steps = [
        spent,
        gained,
        worth(spent, gained, seed=seed, draws=draws, **over),
        tornado(spent, gained, **over),
    ]
    return FactorResult.collect("value", steps)
