"""Work timed by an observer, activity by activity, where the log has no work times."""

from collections.abc import Iterable

import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, BEFORE, Cases, title_of
from crm_eval_lib.efficiency.stand_in import StandIn, nothing_in
from crm_eval_lib.efficiency.worked import (
    CHANGE,
    MINUTES_PER_HOUR,
    WAVES,
    common,
    people_notes,
    rows_of,
    work_of,
)
from crm_eval_lib.results import CONFIDENCE, Caveat, Indicator, Message, keyed

TABLE = "time_study"


def time_study(
    cases: Cases, observations: pd.DataFrame | None, *, confidence: float = CONFIDENCE
) -> StandIn:
    """Tell work per case from observed minutes.

    Parameters
    ----------
    cases : Cases
        From `with_fallbacks`.
    observations : DataFrame or None
        Table ``time_study``.
    confidence : float
        Two-sided level of the interval, 0.95 by default.

    Returns
    -------
    StandIn
        Offers ``touch_hours`` of each wave = sum over activities of the mean minutes, and
        ``touch_change`` over the activities observed in both waves, rung S. The observations of
        one worker hang together, so that workers are left out one by one; without workers, or
        with fewer than three, there is no interval. A step that the system took away is recorded
        with 0 minutes; one observed on one side only is named and left out of the change.

    Examples
    --------
    A check of 20 and 40 minutes, 30 on the average, is half an hour of work per case:

    >>> from crm_eval_lib.efficiency import example_cases, with_fallbacks
    >>> watched = pd.DataFrame({
    ...     "process": "offer", "activity": "check", "observation_id": ["1", "2"],
    ...     "wave": "before", "observed_on": pd.Timestamp("2023-03-06"), "minutes": [20.0, 40.0],
    ...     "observer_role": "consultant", "worker": ["W1", "W2"]})
    >>> step = time_study(with_fallbacks(example_cases(), time_study=watched), watched)
    >>> step.offered[0].id, step.offered[0].value
    ('efficiency.touch_hours_before[offer]', 0.5)
    """
    if observations is None or observations.empty:
        return StandIn("efficiency.time_study", sentence=nothing_in(TABLE, cases))
    frame, aside = _placed(cases, observations)
    offered: list[Indicator] = []
    rows, activities, notes = [], [], list(aside)
    for process in (name for name in cases.roster.index if frame["process"].eq(name).any()):
        mine = frame[frame["process"].eq(process)]
        found = work_of(process, mine, TABLE, confidence=confidence)
        offered += found
        rows += rows_of(cases, process, mine, found)
        activities.append(_by_activity(cases, process, mine))
        notes += people_notes(process, mine, TABLE)
        notes += _notes(process, mine)
    told = [item for item in offered if item.base_id == CHANGE and item.value is not None]
    return StandIn(
        "efficiency.time_study",
        (),
        pd.concat(activities, ignore_index=True) if activities else None,
        _sentence(told, frame, cases),
        Message("efficiency.headline.time_study") if activities else None,
        Message("efficiency.subtitle.time_study") if activities else None,
        caveats=tuple(notes),
        tables={"sums": pd.DataFrame(rows)} if rows else {},
        sources=(TABLE,),
        offered=tuple(offered),
    )


def _placed(cases: Cases, observations: pd.DataFrame) -> tuple[pd.DataFrame, list[Caveat]]:
    """Leave out what cannot be an observation of its wave, and count it."""
    window, frame = cases.window, observations.reset_index(drop=True)
    day = pd.to_datetime(frame["observed_on"]).dt.tz_localize(None)
    live, settled, now = (
        None if moment is None else moment.tz_localize(None)
        for moment in (window.live, window.settled, window.now)
    )
    before = frame["wave"].eq(BEFORE)
    wrong = frame["wave"].eq(AFTER) if live is None else (
        (before & (day >= live)) | (frame["wave"].eq(AFTER) & (day < settled))
    )  # fmt: skip
    minutes = pd.to_numeric(frame["minutes"], errors="coerce")
    unusable = minutes.isna() | minutes.lt(0)
    known = frame["process"].isin(cases.roster.index) & ~(day >= now)
    notes = [
        Caveat(Message(f"efficiency.caveat.study_{name}", {"n": int(hit.sum())}), tables=(TABLE,))
        for name, hit in (("unusable", unusable & known), ("wrong_wave", wrong & known & ~unusable))
        if hit.any()
    ]
    worker = frame.get("worker", pd.Series(pd.NA, index=frame.index))
    kept = known & ~unusable & ~wrong.fillna(False)
    placed = frame[["process", "activity", "wave"]].assign(
        cluster=worker.astype(object).where(worker.notna(), ""),
        value=minutes / MINUTES_PER_HOUR,
    )
    return placed[kept].reset_index(drop=True), notes


def _by_activity(cases: Cases, process: str, mine: pd.DataFrame) -> pd.DataFrame:
    grouped = mine.groupby(["activity", "wave"], sort=False)
    told = grouped.agg(minutes=("value", "mean"), n=("value", "size"),
                       people=("cluster", "nunique")).reset_index()  # fmt: skip
    told["minutes"] *= MINUTES_PER_HOUR
    wide = told.pivot(index="activity", columns="wave", values=["minutes", "n", "people"])
    wide = wide.reindex(columns=pd.MultiIndex.from_product([["minutes", "n", "people"], WAVES]))
    wide.columns = [f"{name}_{wave}" for name, wave in wide.columns]
    wide = wide.sort_values("minutes_before", ascending=False, na_position="last").reset_index()
    wide["change_ratio"] = wide["minutes_after"] / wide["minutes_before"].where(
        wide["minutes_before"] > 0
    )
    wide["change_ratio"] -= 1
    wide.insert(0, "title", title_of(cases, process))
    wide.insert(0, "process", process)
    return wide


def _notes(process: str, mine: pd.DataFrame) -> Iterable[Caveat]:
    ids = (keyed(CHANGE, process),)
    if mine["cluster"].eq("").any():
        yield Caveat(Message("efficiency.caveat.no_worker", {"process": process}), ids,
                     tables=(TABLE,))  # fmt: skip
    alone = sorted(set(mine["activity"]) - set(common(mine)["activity"]))
    if alone and mine["wave"].nunique() == len(WAVES):
        slots = {"process": process, "activities": alone}
        yield Caveat(Message("efficiency.caveat.one_sided_activities", slots), ids,
                     tables=(TABLE,))  # fmt: skip


def _sentence(told: list[Indicator], frame: pd.DataFrame, cases: Cases) -> Message:
    if not told:
        return Message("efficiency.sentence.study_untold", {"n": len(frame)})
    first = told[0]
    slots = {"process": title_of(cases, first.key), "value": first.value, "n": first.n,
             "people": first.parts["people"]}  # fmt: skip
    return Message("efficiency.sentence.time_study", slots)
