"""Data check: what was received, what each defect makes doubtful.

>>> import pandas as pd
>>> received({"budget": pd.DataFrame({"line_id": ["1"]})}).indicators[1].value
1
"""

from typing import Any

from crm_eval_lib.data_check.completing import completeness
from crm_eval_lib.data_check.consistent import consistency
from crm_eval_lib.data_check.linking import linkage
from crm_eval_lib.data_check.plausible import plausibility
from crm_eval_lib.data_check.reading import reading_caveats
from crm_eval_lib.data_check.receiving import received
from crm_eval_lib.data_check.tying import ties
from crm_eval_lib.results import FactorResult, Step
from crm_eval_lib.scoring import option

__all__ = [
    "assess",
    "completeness",
    "consistency",
    "linkage",
    "plausibility",
    "reading_caveats",
    "received",
    "ties",
    "ties_of",
]


def assess(client: Any) -> FactorResult:
    """Run every step of the data check on a client.

    Parameters
    ----------
    client : Client
        As `open_client` gives it.
    """
    return FactorResult.collect("data_check", steps(client))


def steps(client: Any) -> list[Step]:
    """Run the steps as the notebook does."""
    tables = client.tables
    return [
        received(tables, readings=client.readings, notes=client.notes, dates=client.dates),
        completeness(tables),
        plausibility(tables, dates=client.dates, timezone=client.timezone),
        linkage(tables),
        consistency(tables, dates=client.dates, currency=client.currency),
        ties_of(client),
    ]


def ties_of(client: Any) -> Step:
    """Tie the tables of an opened client, by the rules of its client.yml.

    Parameters
    ----------
    client : Client
        From `open_client`: its tables, dates, and ``scoring.veto`` of client.yml.

    Returns
    -------
    Step
        What `ties` returns: how far each table agrees with its control totals.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> client = SimpleNamespace(tables={}, config=None, dates=SimpleNamespace(status_date=None))
    >>> ties_of(client).name
    'data_check.ties'
    """
    capped = option(client.config, "scoring", "veto", default={}).get("V7", True)
    return ties(client.tables, dates=client.dates, capped=capped)
