"""Factor 3, efficiency: what the system changed in the hours of the processes.

The steps in the order of the notebook: `build_cases`, `sample_check`, what stands in for a log
(`samples`, `time_study`, `estimates`, `sampling_plan`), `priority`, `measures`, `step_times`,
`process_map`, `variants`, `work_in_progress`, `naive_change`, `change`, `in_system_share`,
`savings`; `assess` runs the same list for a client.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from crm_eval_lib.calendar import BusinessCalendar, calendar_of
from crm_eval_lib.efficiency.captions import claim_headline, ladder_words
from crm_eval_lib.efficiency.cases import Cases, Window, build_cases
from crm_eval_lib.efficiency.crude import brunner_munzel, naive_change
from crm_eval_lib.efficiency.defects import sample_check
from crm_eval_lib.efficiency.describe import measures
from crm_eval_lib.efficiency.example import example_cases
from crm_eval_lib.efficiency.flow import step_times
from crm_eval_lib.efficiency.judged import estimates
from crm_eval_lib.efficiency.money import savings
from crm_eval_lib.efficiency.moves import flow_pictures
from crm_eval_lib.efficiency.planning import sampling_plan
from crm_eval_lib.efficiency.process_map import process_map
from crm_eval_lib.efficiency.ranking import evaluated, priority
from crm_eval_lib.efficiency.running import work_in_progress
from crm_eval_lib.efficiency.samples import samples
from crm_eval_lib.efficiency.stand_in import with_fallbacks
from crm_eval_lib.efficiency.time_study import time_study
from crm_eval_lib.efficiency.usage import in_system_share
from crm_eval_lib.efficiency.verdict import change
from crm_eval_lib.efficiency.ways import variants
from crm_eval_lib.results import CONFIDENCE, FactorResult, Message

# Words of figures that show something else than their step's first answer.
SERIES_SUBTITLE = Message("efficiency.subtitle.series")
STUDY_WORDS = {"headline": Message("efficiency.headline.event_study"),
               "subtitle": Message("efficiency.subtitle.event_study"),
               "table": "event_study", "note": Message("efficiency.reason.no_study")}  # fmt: skip

__all__ = [
    "SERIES_SUBTITLE",
    "STUDY_WORDS",
    "BusinessCalendar",
    "Cases",
    "Window",
    "assess",
    "brunner_munzel",
    "build_cases",
    "calendar_of",
    "change",
    "claim_headline",
    "estimates",
    "evaluated",
    "example_cases",
    "flow_pictures",
    "in_system_share",
    "ladder_words",
    "measures",
    "naive_change",
    "priority",
    "process_map",
    "sample_check",
    "samples",
    "sampling_plan",
    "savings",
    "step_times",
    "time_study",
    "variants",
    "with_fallbacks",
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
        pictures=flow_pictures(),
    )
    handed = (tables.case_samples, tables.time_study, tables.estimates)
    logged, cases = cases, with_fallbacks(cases, *handed, targets=tables.targets)
    known, drawn = {"confidence": confidence}, {"confidence": confidence, "seed": seed}
    fallbacks = (
        samples(cases, handed[0], **drawn),
        time_study(cases, handed[1], **known),
        estimates(cases, handed[2], **known),
    )
    ranking = priority(cases, tables.processes, tables.estimates, fallbacks=fallbacks)
    chosen = evaluated(ranking, cases)
    with ThreadPoolExecutor(1) as aside:  # what takes longest, while the others are worked out
        changed = aside.submit(change, cases, chosen, mix=config.mix, fallbacks=fallbacks, **drawn)
        crude = naive_change(cases, **drawn)
        first = [sample_check(logged), *fallbacks, sampling_plan(cases, **known), ranking]
        shown = [
            measures(cases, fallbacks=fallbacks, **known),
            step_times(cases, chosen, controls=tables.controls, **known),
            process_map(cases, chosen),
            variants(cases, chosen),
            work_in_progress(cases, chosen),
        ]
        used = in_system_share(cases, chosen, control_totals=tables.control_totals, **known)
        honest = changed.result()
    money = {"realisation": client.config.finance.realisation, "currency": client.currency}
    saved = savings(cases, honest, chosen, fallbacks=fallbacks, seed=seed, **money)
    steps = [*first, *shown, crude, honest, used, saved]
    return FactorResult.collect("efficiency", steps)
