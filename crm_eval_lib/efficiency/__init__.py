"""Factor 3, efficiency: what the system changed in the hours of the processes.

The steps in the order of the notebook: `build_cases`, `priority`, `measures`, `naive_change`,
`change`, `in_system_share`, `savings`; `assess` runs the same list for a client.
"""

from typing import Any

from crm_eval_lib.calendar import BusinessCalendar, calendar_of
from crm_eval_lib.efficiency.cases import Cases, Window, build_cases
from crm_eval_lib.efficiency.crude import brunner_munzel, naive_change
from crm_eval_lib.efficiency.defects import sample_check
from crm_eval_lib.efficiency.describe import measures
from crm_eval_lib.efficiency.flow import step_times
from crm_eval_lib.efficiency.money import savings
from crm_eval_lib.efficiency.moves import flow_pictures
from crm_eval_lib.efficiency.process_map import process_map
from crm_eval_lib.efficiency.ranking import evaluated, priority
from crm_eval_lib.efficiency.running import work_in_progress
from crm_eval_lib.efficiency.usage import in_system_share
from crm_eval_lib.efficiency.verdict import change
from crm_eval_lib.efficiency.ways import variants
from crm_eval_lib.results import CONFIDENCE, FactorResult, Message

# Words of figures that show something else than their step's first answer.
SERIES_SUBTITLE = Message("efficiency.subtitle.series")
CLAIM_HEADLINE = Message("efficiency.headline.naive_and_honest")

__all__ = [
    "CLAIM_HEADLINE",
    "SERIES_SUBTITLE",
    "BusinessCalendar",
    "Cases",
    "Window",
    "assess",
    "brunner_munzel",
    "build_cases",
    "calendar_of",
    "change",
    "evaluated",
    "flow_pictures",
    "in_system_share",
    "measures",
    "naive_change",
    "priority",
    "process_map",
    "sample_check",
    "savings",
    "step_times",
    "variants",
    "work_in_progress",
]


def assess(client: Any, *, confidence: float = CONFIDENCE, seed: int = 0) -> FactorResult:
    """Run all steps of the factor for an opened client.

    Parameters
    ----------
    client : Client
        From `open_client`.
    confidence : float
        Level of the intervals.
    seed : int
        Of everything that is drawn.
    """
    tables, config = client.tables, client.config.efficiency
    cases = build_cases(
        client.events,
        tables.processes,
        dates=client.dates,
        calendar=calendar_of(client),
        mix=config.mix,
        comparison=config.comparison,
    )
    ranking = priority(cases, tables.processes, tables.estimates)
    chosen = evaluated(ranking, cases)
    honest = change(cases, chosen, mix=config.mix, confidence=confidence, seed=seed)
    steps = [
        ranking,
        measures(cases, confidence=confidence),
        naive_change(cases, confidence=confidence, seed=seed),
        honest,
        in_system_share(cases, chosen, control_totals=tables.control_totals, confidence=confidence),
        savings(
            cases,
            honest,
            chosen,
            realisation=client.config.finance.realisation,
            currency=client.currency,
            seed=seed,
        ),
    ]
    return FactorResult.collect("efficiency", steps)
