"""R3: the series of a process against units that did not get the system.

What happened to both at the same time – a law, a slump, a bad winter – is in both series and falls
out of their difference. That is only worth something where the two moved alike before go-live,
which is tested, and not assumed.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from crm_eval_lib.efficiency.cases import BETWEEN, Cases
from crm_eval_lib.efficiency.estimates import R3, Estimate, Measure, Options
from crm_eval_lib.efficiency.mix import MOST_STRATA, freed_of_mix
from crm_eval_lib.efficiency.periods import (
    MONTH,
    WEEK,
    enough,
    period_of,
    period_series,
    too_short,
)
from crm_eval_lib.efficiency.series_design import interrupted, unlearnt
from crm_eval_lib.results import Message
from crm_eval_lib.stats.event_study import LEAST_FREEDOM, EventStudy, event_study

LEADS_P = 0.05  # leads less likely than this by chance are not flat; a steady drift that few
# periods cannot refute is taken off by the trend of the difference
QUARTER = {WEEK: 13, MONTH: 3}  # periods in a bin of the event study


def comparison_of(cases: Cases, process: str) -> pd.DataFrame:
    """Return the comparison cases of a process.

    Cases that the client's condition marks win over processes outside the CRM; those of the same
    process win over those of others.
    """
    frame = cases.comparison
    marked = frame[~frame["process"].isin(cases.compared)]
    if marked.empty:
        return frame
    mine = marked[marked["process"].eq(process)]
    return marked if mine.empty else mine


def controlled(
    series: pd.DataFrame,
    frequency: str,
    cases: Cases,
    *,
    against: pd.DataFrame,
    measure: Measure,
    options: Options,
) -> tuple[Estimate | None, Message | None]:
    """Estimate the change of the difference between a process and its comparison units.

    Parameters
    ----------
    series : DataFrame
        Of the process, from `period_series`.
    against : DataFrame
        Comparison cases as the designs need them, with ``process``.

    Returns
    -------
    tuple
        The estimate, or the reason for none: the interrupted series of log median − log median of
        the comparison, where its leads (the quarters before go-live) are jointly flat.
    """
    if against.empty:
        return None, _no_comparison(cases)
    both = _paired(series, _series_of(against, frequency, cases, measure))
    used = both[both["used"]]
    before, after = int((~used["after"]).sum()), int(used["after"].sum())
    if not enough(before, after, frequency):
        return None, too_short("comparison_short", before, after, frequency)
    live = int(period_of(pd.Series([cases.window.live]), frequency).iloc[0])
    bins = used["time"].sub(live).floordiv(QUARTER[frequency]).nunique()
    if len(used) < bins + LEAST_FREEDOM:
        return None, too_short("comparison_short", before, after, frequency)
    study = event_study(used, live=live, width=QUARTER[frequency], confidence=options.confidence)
    if study.leads_p < LEADS_P:
        slots = {"p": study.leads_p, "least": LEADS_P}
        return None, Message("efficiency.reason.comparison_leads", slots)
    found = interrupted(both, frequency, cases.window, options=options, rung=R3)
    parts = {
        "comparison_cases": int(against["sample"].ne(BETWEEN).sum()),
        "leads_p": study.leads_p,
        "leads": int(study.table["bin"].lt(0).sum()),
    }
    tables = {"event_study": _told(study, used)} if options.detail else {}
    parts, tables = {**found.parts, **parts}, {**found.tables, **tables}
    return replace(found, parts=parts, tables=tables), None


def _series_of(
    against: pd.DataFrame, frequency: str, cases: Cases, measure: Measure
) -> pd.DataFrame:
    """The comparison's series, as if every case were of average process and kind."""
    data = unlearnt(against, cases.window)
    kind = data["process"].astype("str")
    fine = kind + "\n" + data["stratum"].astype("str")
    kind = fine if fine.nunique() <= MOST_STRATA else kind
    even = freed_of_mix(data.assign(stratum=kind), period_of(data["begun"], frequency))
    return period_series(data.assign(hours=even), frequency, cases.calendar, share=measure.share)


def _paired(series: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    other = other.loc[other["used"], ["time", "value", "hours"]]
    other = other.rename(columns={"value": "carried", "hours": "comparison_hours"})
    both = series.merge(other, on="time", how="left")
    return both.assign(
        value=both["value"] - both["carried"], used=both["used"] & both["carried"].notna()
    )


def _told(study: EventStudy, used: pd.DataFrame) -> pd.DataFrame:
    starts = used.set_index("time")["start"]
    table = study.table
    kinds = np.where(table["bin"] < 0, "lead", "lag")
    return pd.DataFrame(
        {"quarter": table["bin"], "start": starts.reindex(table["first"]).to_numpy(),
         "phase": kinds, "periods": table["periods"],
         "change_ratio": np.expm1(table["value"]), "low_ratio": np.expm1(table["low"]),
         "high_ratio": np.expm1(table["high"]), "leads_p": study.leads_p}
    )  # fmt: skip


def _no_comparison(cases: Cases) -> Message:
    name = "comparison_empty" if cases.has_comparison else "no_comparison"
    return Message(f"efficiency.reason.{name}")
