"""Factor 2: were the problems that the client raised solved, and can it be shown?

The steps, in the order of the notebook; `assess` runs them all.
"""

from typing import TYPE_CHECKING

from crm_eval_lib.problems.answers import survey
from crm_eval_lib.problems.grouping import by_group
from crm_eval_lib.problems.honesty import register_changes
from crm_eval_lib.problems.ledger import ledger
from crm_eval_lib.problems.raising import engagement, late_found
from crm_eval_lib.problems.rating import agreement
from crm_eval_lib.problems.solving import solved
from crm_eval_lib.problems.standing import register
from crm_eval_lib.problems.still_open import open_problems, reopened
from crm_eval_lib.problems.time_groups import time_by_group
from crm_eval_lib.problems.timing import solution_time
from crm_eval_lib.problems.tracing import proof
from crm_eval_lib.problems.weighting import RESAMPLES, weighted
from crm_eval_lib.results import CONFIDENCE, FactorResult

if TYPE_CHECKING:
    from crm_eval_lib.client import Client

__all__ = [
    "agreement",
    "assess",
    "by_group",
    "engagement",
    "late_found",
    "ledger",
    "open_problems",
    "proof",
    "register",
    "register_changes",
    "reopened",
    "solution_time",
    "solved",
    "survey",
    "time_by_group",
    "weighted",
]


def assess(
    client: "Client",
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> FactorResult:
    """Run every step of the factor on a client's tables.

    Parameters
    ----------
    client : Client
        Has ``tables`` and ``dates``.
    confidence : float
        Of all intervals.
    resamples, seed : int
        Bootstrap of the weighted rate.

    Returns
    -------
    FactorResult
        The same indicators as notebook 02.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> import pandas as pd
    >>> from crm_eval_lib.tables import TABLES
    >>> rows = pd.DataFrame({"problem_id": ["1", "2"], "status": ["solved", "open"],
    ...                      "accepted": ["yes", None], "evidence": ["test 7", None]})
    >>> tables = SimpleNamespace(**dict.fromkeys(TABLES) | {"problems": rows})
    >>> dates = SimpleNamespace(status_date=None, go_live=None)
    >>> assess(SimpleNamespace(tables=tables, dates=dates))["problems.solved_rate"].value
    0.5
    """
    t, known = client.tables, {"dates": client.dates, "confidence": confidence}
    seen = register(t.problems, dates=client.dates)
    steps = [
        solved(seen, check=t.problem_check, **known),
        register_changes(t.problems, dates=client.dates),
        weighted(seen, **known, resamples=resamples, seed=seed),
        by_group(seen, **known),
        open_problems(seen, dates=client.dates),
        ledger(seen, t.trace, dates=client.dates),
        solution_time(seen, **known),
        time_by_group(seen, **known),
        reopened(seen, **known),
        proof(seen, t.trace, **known),
        agreement(t.ratings, problems=t.problems, **known),
        engagement(t.departments, seen, **known),
        late_found(seen, **known),
        survey(t.survey, t.survey_items, confidence=confidence),
    ]
    return FactorResult.collect("problems", steps)
