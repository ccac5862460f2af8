"""Factor 2: were the problems that the client raised solved, and can it be shown?

The steps, in the order of the notebook; `assess` runs them all.
"""

from typing import TYPE_CHECKING

from crm_eval_lib.problems.answers import survey
from crm_eval_lib.problems.grouping import by_group
from crm_eval_lib.problems.raising import engagement, late_found
from crm_eval_lib.problems.solving import solved
from crm_eval_lib.problems.standing import register
from crm_eval_lib.problems.still_open import open_problems, reopened
from crm_eval_lib.problems.time_groups import time_by_group
from crm_eval_lib.problems.timing import solution_time
from crm_eval_lib.problems.tracing import agreement, proof
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
    "open_problems",
    "proof",
    "register",
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
    """
    t, known = client.tables, {"dates": client.dates, "confidence": confidence}
    steps = [
        solved(t.problems, check=t.problem_check, **known),
        weighted(t.problems, **known, resamples=resamples, seed=seed),
        by_group(t.problems, **known),
        open_problems(t.problems, dates=client.dates),
        solution_time(t.problems, **known),
        time_by_group(t.problems, **known),
        reopened(t.problems, **known),
        proof(t.problems, t.trace, **known),
        agreement(t.ratings, problems=t.problems, **known),
        engagement(t.departments, t.problems, **known),
        late_found(t.problems, **known),
        survey(t.survey, t.survey_items, confidence=confidence),
    ]
    return FactorResult.collect("problems", steps)
