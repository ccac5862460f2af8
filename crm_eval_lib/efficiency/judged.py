"""What people say a case takes: the last resort, named as what it is."""

import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, Cases, title_of
from crm_eval_lib.efficiency.stand_in import StandIn, nothing_in
from crm_eval_lib.efficiency.worked import (
    CHANGE,
    MINUTES_PER_HOUR,
    people_notes,
    rows_of,
    work_of,
)
from crm_eval_lib.results import CONFIDENCE, Caveat, Indicator, Message

TABLE = "estimates"
_LIKELY_WEIGHT = 4  # PERT: mean = (low + 4·likely + high)/6 [Malcolm 1959]
_GUESSES = ("minutes_low", "minutes_likely", "minutes_high")


def estimates(
    cases: Cases, said: pd.DataFrame | None, *, confidence: float = CONFIDENCE
) -> StandIn:  # fmt: skip
    """Tell work per case from what people estimate.

    Parameters
    ----------
    cases : Cases
        From `with_fallbacks`.
    said : DataFrame or None
        Table ``estimates``.
    confidence : float
        Two-sided level of the interval, 0.95 by default.

    Returns
    -------
    StandIn
        Offers ``touch_hours`` of each wave = mean over the respondents of (low + 4·likely +
        high)/6, and ``touch_change``, rung S. The minutes are work on a case, so that they say
        nothing of turnaround. The interval is the spread between respondents: it does not know
        how far all of them may err alike.

    Examples
    --------
    The mean of 10, 20 and 60 minutes: (10 + 4·20 + 60)/6 = 25.
    """
    if said is None or said.empty:
        return StandIn("efficiency.estimates", sentence=nothing_in(TABLE, cases))
    frame, notes = _placed(cases, said)
    offered: list[Indicator] = []
    rows = []
    for process in (name for name in cases.roster.index if frame["process"].eq(name).any()):
        mine = frame[frame["process"].eq(process)]
        found = work_of(process, mine, TABLE, confidence=confidence)
        offered += found
        rows += rows_of(cases, process, mine, found)
        notes += people_notes(process, mine, TABLE)
    told = [item for item in offered if item.base_id == CHANGE and item.value is not None]
    return StandIn(
        "efficiency.estimates",
        (),
        pd.DataFrame(rows) if rows else None,
        _sentence(told, frame, cases),
        Message("efficiency.headline.estimates") if rows else None,
        Message("efficiency.subtitle.estimates") if rows else None,
        caveats=tuple(notes),
        tables={"respondents": _answers(frame)} if rows else {},
        sources=(TABLE,),
        offered=tuple(offered),
    )


def _placed(cases: Cases, said: pd.DataFrame) -> tuple[pd.DataFrame, list[Caveat]]:
    """Leave out estimates that contradict themselves, and count them."""
    frame = said.reset_index(drop=True)
    low, likely, high = (pd.to_numeric(frame[name], errors="coerce") for name in _GUESSES)
    ordered = low.ge(0) & low.le(likely) & likely.le(high)
    known = frame["process"].isin(cases.roster.index)
    if cases.window.live is None:
        known &= frame["wave"].ne(AFTER)
    notes = []
    broken = int((known & ~ordered).sum())
    if broken:
        slots = {"n": broken}
        notes.append(Caveat(Message("efficiency.caveat.estimates_unusable", slots),
                            tables=(TABLE,)))  # fmt: skip
    placed = frame[["process", "wave", "role"]].assign(
        activity="", cluster=frame["respondent_id"], low=low, high=high,
        value=(low + _LIKELY_WEIGHT * likely + high) / (_LIKELY_WEIGHT + 2) / MINUTES_PER_HOUR,
    )  # fmt: skip
    return placed[known & ordered].reset_index(drop=True), notes


def _answers(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "process": frame["process"], "sample": frame["wave"], "role": frame["role"],
        "minutes_low": frame["low"], "minutes_mean": frame["value"] * MINUTES_PER_HOUR,
        "minutes_high": frame["high"],
    })  # fmt: skip


def _sentence(told: list[Indicator], frame: pd.DataFrame, cases: Cases) -> Message:
    if not told:
        return Message("efficiency.sentence.estimates_untold", {"n": len(frame)})
    first = told[0]
    slots = {"process": title_of(cases, first.key), "value": first.value,
             "people": first.parts["people"]}  # fmt: skip
    return Message("efficiency.sentence.estimates", slots)
