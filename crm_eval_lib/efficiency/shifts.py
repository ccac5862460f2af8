"""Did the ruler change at go-live: days, batches, other first steps, another clock, new names."""

import numpy as np
import pandas as pd

from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.efficiency.cases import AFTER, BEFORE, Cases
from crm_eval_lib.efficiency.moves import by_sample
from crm_eval_lib.efficiency.selection import LEAST_CASES, Found
from crm_eval_lib.efficiency.timing import local_micros
from crm_eval_lib.worktime import MICROSECONDS_PER_DAY

SAMPLES = (BEFORE, AFTER)
MIDNIGHT = 0.05  # of a clock in minutes one stamp in 1,440 falls on midnight; 72 times that
ONE_SIDED = 0.10  # starts and ends that differ by less lose as much as they gain
BATCHED = 0.05  # share of events stamped in crowds; fewer move no median
MOVED = 0.25  # share of cases with another first (last) step than before; chance moves less
HOURS_A_DAY = 24
# The profile of the day differs by so much, and turning it by some hours explains half of that.
OUT_OF_STEP, EXPLAINED = 0.30, 0.5
LEAST_TURN = 2  # one hour is summer time or another schedule of the firm
LEAST_EVENTS = 200
VISITED = 0.10  # share of cases in which a step must occur to be missed, and …
GONE = 0.01  # … the share on the other side of go-live at which it is gone
ALIKE_VISITS, ALIKE_PLACE = 1.3, 0.12  # a renamed step is as frequent and stands at the same place


def at_midnight(cases: Cases, process: str) -> list[Found]:
    """Find samples whose moments are days: a share of them falls on midnight exactly."""
    found = []
    for sample in SAMPLES:
        part = cases.of(process, sample)
        if len(part) < LEAST_CASES:
            continue
        starts, ends = (_midnight_share(part[name].dropna()) for name in ("begun", "ended"))
        if max(starts, ends) > MIDNIGHT:
            kind = "both" if abs(starts - ends) < ONE_SIDED else (
                "starts" if starts > ends else "ends")  # fmt: skip
            slots = {"share": max(starts, ends), "sample": sample}
            found.append(Found(f"midnight_{kind}", slots, sample))
    return found


def in_batches(cases: Cases, process: str) -> list[Found]:
    """Find samples in which crowds of cases share one step and one moment."""
    found = []
    for row in cases.picture("batches", process).to_dict("records"):
        batched = 0.0 if pd.isna(row["batched"]) else float(row["batched"])
        if row["events"] >= LEAST_CASES and batched / row["events"] > BATCHED:
            slots = {"share": batched / row["events"], "sample": row["sample"]}
            found.append(Found(f"batches_{row['sample']}", slots, row["sample"]))
    return found


def moved_ends(cases: Cases, process: str, *, renamed: dict[str, str]) -> list[Found]:
    """Find a first or last step that changed at go-live, new names set aside."""
    nodes, lasts = (cases.picture(name, process) for name in ("nodes", "last_steps"))
    found = []
    for end, rows, column in (("start", nodes, "starts"), ("end", lasts, "ends")):
        wide = by_sample(rows, column, renamed)
        if (wide.sum() < LEAST_CASES).any():
            continue
        shares = wide / wide.sum()
        change = shares[AFTER] - shares[BEFORE]
        if change.clip(lower=0).sum() <= MOVED:
            continue
        new, old = str(change.idxmax()), str(change.idxmin())
        way = _direction(end, new, old, by_sample(nodes, "visits", renamed))
        slots = {"activity": new, "old": old, "share": float(change.clip(lower=0).sum())}
        found.append(Found(f"{end}_{way}", slots, AFTER))
    return found


def another_clock(cases: Cases, process: str) -> Found | None:
    """Find stamps whose hours of the day turn at go-live by two hours or more."""
    rows = cases.picture("slots", process)
    local = rows["slot"].dt.tz_localize("UTC").dt.tz_convert(cases.calendar.timezone)
    counts = [
        np.bincount(local.dt.hour[side], rows["events"][side], minlength=HOURS_A_DAY)
        for side in (rows["sample"].eq(sample) for sample in SAMPLES)
    ]
    if min(count.sum() for count in counts) < LEAST_EVENTS:
        return None
    before, after = (count / count.sum() for count in counts)
    turns = np.arange(-HOURS_A_DAY // 2 + 1, HOURS_A_DAY // 2 + 1)
    apart = np.array([np.abs(np.roll(before, turn) - after).sum() / 2 for turn in turns])
    best, unturned = int(turns[apart.argmin()]), float(apart[turns == 0][0])
    if abs(best) < LEAST_TURN or unturned < OUT_OF_STEP or apart.min() > EXPLAINED * unturned:
        return None
    working = _working_hours(cases.calendar)
    inside = [float(profile[working].sum()) for profile in (before, after)]
    side = "after" if inside[1] < inside[0] else "before"
    return Found(f"clock_{side}", {"hours": float(best)}, AFTER if side == "after" else BEFORE)


def renamed_steps(cases: Cases, process: str) -> list[tuple[str, str]]:
    """Pair steps that end at go-live with ones that begin there, as frequent and at their place."""
    shares = by_sample(cases.picture("steps", process), "cases")
    totals = cases.picture("case_weeks", process).groupby("sample")["cases"].sum()
    totals = totals.reindex(SAMPLES).fillna(0)
    if (totals < LEAST_CASES).any():
        return []
    shares = shares / totals.to_numpy()
    gone = shares.index[(shares[BEFORE] >= VISITED) & (shares[AFTER] <= GONE)]
    new = shares.index[(shares[AFTER] >= VISITED) & (shares[BEFORE] <= GONE)]
    if not (len(gone) and len(new)):
        return []
    places = _places(cases, process)
    pairs, taken = [], set()
    for old in gone:
        alike = [name for name in new if name not in taken and _alike(old, name, shares, places)]
        if alike:
            nearest = min(alike, key=lambda name: abs(places[AFTER][name] - places[BEFORE][old]))
            taken.add(nearest)
            pairs.append((str(old), str(nearest)))
    return pairs


def _alike(old: str, new: str, shares: pd.DataFrame, places: pd.DataFrame) -> bool:
    ratio = shares.at[new, AFTER] / shares.at[old, BEFORE]
    apart = abs(places.at[new, AFTER] - places.at[old, BEFORE])
    return 1 / ALIKE_VISITS <= ratio <= ALIKE_VISITS and apart <= ALIKE_PLACE


def _places(cases: Cases, process: str) -> pd.DataFrame:
    """Mean place of each step in a case, as a part of the mean length of a case."""
    nodes = cases.picture("nodes", process)
    places, visits, starts = (by_sample(nodes, column) for column in ("places", "visits", "starts"))
    return (places / visits) / (visits.sum() / starts.sum())


def _direction(end: str, new: str, old: str, visits: pd.DataFrame) -> str:
    """Say whether cases are now measured over a shorter or longer stretch.

    When the new first (last) step stood inside the case before, a piece was cut off; when the old
    one stands inside it now, a piece was added.
    """
    was_inside = bool(visits.at[new, BEFORE] > 0) if new in visits.index else False
    is_inside = bool(visits.at[old, AFTER] > 0) if old in visits.index else False
    if was_inside == is_inside:
        return "unclear"
    return "shorter" if was_inside else "longer"


def _midnight_share(moments: pd.Series) -> float:
    return (
        float((local_micros(moments) % MICROSECONDS_PER_DAY == 0).mean()) if len(moments) else 0.0
    )


def _working_hours(calendar: BusinessCalendar) -> np.ndarray:
    hours = np.arange(HOURS_A_DAY)
    return np.array([any(opens <= 60 * hour + 30 < closes for opens, closes in calendar.windows)
                     for hour in hours])  # fmt: skip
