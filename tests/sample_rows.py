"""Make drawn forms, observations and estimates for tests, and run the steps that use them."""

import pandas as pd
from efficiency_rows import ROUND_THE_CLOCK, make_dates

from crm_eval_lib import efficiency
from crm_eval_lib.efficiency.judged import estimates
from crm_eval_lib.efficiency.samples import samples
from crm_eval_lib.efficiency.stand_in import with_fallbacks
from crm_eval_lib.efficiency.time_study import time_study

GO_LIVE, STATUS = "2024-07-01", "2024-12-31"
STARTS = {"before": "2024-03-04T08:00", "after": "2024-09-02T08:00"}


def forms(wave, *hours, **more):
    """Forms of one wave, handed in a day apart and decided so many hours later."""
    rows = []
    for n, taken in enumerate(hours):
        start = pd.Timestamp(STARTS[wave]) + pd.Timedelta(days=n)
        rows.append({"process": "p", "case_ref": f"{wave}{n}", "wave": wave, "submitted_at": start,
                     "decided_at": start + pd.Timedelta(hours=taken), **more})  # fmt: skip
    return rows


def lost(wave, count, **more):
    """Forms that were drawn and not found."""
    return [{"process": "p", "case_ref": f"{wave} lost {n}", "wave": wave,
             "not_found_reason": "folder missing", **more} for n in range(count)]  # fmt: skip


def make_forms(rows):
    """Case samples as the reader of files gives them."""
    frame = pd.DataFrame(rows)
    frame.insert(0, "sample_id", [str(n) for n in range(len(frame))])
    defaults = {"source": "paper", "selection": "random", "resolution": "minute"}
    for name, value in defaults.items():
        frame[name] = frame.get(name, value)
    for name in ("submitted_at", "decided_at"):
        given = frame[name] if name in frame else pd.Series(pd.NaT, index=frame.index)
        frame[name] = pd.to_datetime(given).astype("datetime64[us]").dt.tz_localize("UTC")
    for name in ("process", "wave", "case_ref", "source", "selection", "resolution"):
        frame[name] = frame[name].astype("str")
    return frame


def cases_with(processes=None, events=None, *, dates=None, calendar=ROUND_THE_CLOCK, **tables):
    """Cases of a client with these tables; those of the fallbacks join the roster."""
    targets = tables.pop("targets", None)
    cases = efficiency.build_cases(
        events, processes, dates=dates or make_dates(GO_LIVE, STATUS), calendar=calendar
    )
    return with_fallbacks(cases, **tables, targets=targets)


def sampled(rows, processes=None, events=None, **more):
    """The step on these forms, and the cases beside it."""
    frame = make_forms(rows)
    cases = cases_with(processes, events, case_samples=frame, **more)
    return samples(cases, frame), cases


def offer(step, indicator_id):
    """One figure that a stand-in offers."""
    return next(item for item in step.offered if item.id == indicator_id)


def minutes(wave, worker, *values, activity="check", **more):
    """Observed minutes of one worker."""
    day = {"before": "2024-03-04", "after": "2024-09-02"}[wave]
    return [{"process": "p", "activity": activity, "observation_id": f"{wave}{worker}{activity}{n}",
             "wave": wave, "observed_on": pd.Timestamp(day), "minutes": float(value),
             "observer_role": "consultant", "worker": worker, **more}
            for n, value in enumerate(values)]  # fmt: skip


def studied(rows, processes=None, events=None):
    """The step on these observations, and the cases beside it."""
    frame = pd.DataFrame(rows)
    cases = cases_with(processes, events, time_study=frame)
    return time_study(cases, frame), cases


def guess(wave, respondent, low, likely, high):
    """What one person says."""
    return {"process": "p", "respondent_id": respondent, "role": "clerk", "wave": wave,
            "minutes_low": float(low), "minutes_likely": float(likely),
            "minutes_high": float(high)}  # fmt: skip


def guessed(rows, processes=None):
    """The step on these estimates, and the cases beside it."""
    frame = pd.DataFrame(rows)
    cases = cases_with(processes, estimates=frame)
    return estimates(cases, frame), cases
