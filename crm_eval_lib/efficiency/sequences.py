"""From one event of a case to the next: what takes their order, in arrays, some cases at a time.

Arrays of events stand in the order of cases, and in each in the order of time; what is known of a
case stands in arrays by its number, and ``events["case"]`` leads from the one to the other.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from crm_eval_lib.worktime import MICROSECONDS_PER_DAY

Arrays = dict[str, np.ndarray]
MISSING = np.iinfo(np.int64).min  # numpy's own code of a moment that is none
_NEVER = np.iinfo(np.int64).max
_MONDAY, _DAYS = 3, 7  # the first of January 1970 was a Thursday
_FIRST, _SECOND, _MIXED = (np.uint64(n) for n in (
    0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """What the client said of the activities, by the codes of process and activity.

    ``starts``, ``ends`` and ``works`` have a row per process and a column per activity (the last
    one for no activity); ``bounded_start`` and ``bounded_end`` say whether a process lists any;
    ``apart`` whether it is a comparison process. ``live`` and ``settled`` are microseconds.
    """

    starts: np.ndarray
    ends: np.ndarray
    works: np.ndarray
    bounded_start: np.ndarray
    bounded_end: np.ndarray
    apart: np.ndarray
    live: int
    settled: int


def in_order(events: Arrays) -> Arrays:
    """Sort events by case, end, start and place in the log: quick where they nearly are.

    >>> events = {"case": np.array([1, 0, 1]), "done": np.array([5, 4, 3]),
    ...           "start": np.array([5, 4, 3]), "row": np.arange(3)}
    >>> in_order(events)["row"].tolist()
    [1, 2, 0]
    """
    cases = int(events["case"].max(initial=-1)) + 1
    return in_time(taken(events, grouped(events["case"], cases)[0]))


def grouped(case: np.ndarray, cases: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the order that puts events of one case together, and where each case begins in it.

    >>> [part.tolist() for part in grouped(np.array([1, 0, 1]), 2)]
    [[1, 0, 2], [0, 1, 3]]
    """
    kind = np.min_scalar_type(-len(case) - 1)  # 32 bits for most logs: half the memory
    marks = (np.ones(len(case), dtype=np.int8), case, np.arange(len(case) + 1, dtype=kind))
    told = sparse.csr_array(marks, shape=(len(case), cases)).tocsc()  # counts, compares nothing
    return told.indices, told.indptr


def in_time(events: Arrays) -> Arrays:
    """Sort events that stand by case within each case: only the cases that are not in order."""
    ordered = [events[name] for name in ("case", "done", "start", "row")]
    late = np.zeros(len(ordered[0]), dtype=bool)
    late[1:] = _behind(ordered)
    if not late.any():
        return events
    crooked = np.zeros(int(ordered[0][-1]) + 1, dtype=bool)
    crooked[ordered[0][late]] = True
    places, order = np.flatnonzero(crooked[ordered[0]]), np.arange(len(late))
    order[places] = places[np.lexsort([part[places] for part in reversed(ordered)])]
    return taken(events, order)


def _behind(ordered: list[np.ndarray]) -> np.ndarray:
    """Say which events of a case should stand before the one before them."""
    case, done, start, row = ordered
    same_done, same_start = done[1:] == done[:-1], start[1:] == start[:-1]
    earlier = (done[1:] < done[:-1]) | (same_done & (start[1:] < start[:-1]))
    earlier |= same_done & same_start & (row[1:] < row[:-1])
    return earlier & (case[1:] == case[:-1])


def taken(events: Arrays, chosen: np.ndarray) -> Arrays:
    """Return some of the events."""
    return {name: values[chosen] for name, values in events.items()}


def alike(events: Arrays) -> np.ndarray:
    """Return the places in the log of events that may repeat another one in everything."""
    same = np.ones(max(len(events["case"]) - 1, 0), dtype=bool)
    for name in ("case", "done", "start"):
        same &= events[name][1:] == events[name][:-1]
    either = np.zeros(len(events["case"]), dtype=bool)
    either[1:] |= same
    either[:-1] |= same
    return events["row"][either]


def spans_of(events: Arrays, process: np.ndarray, rules: Rules) -> Arrays:
    """Return what is known of each case from the order of all its events.

    A case starts at its first event (or start activity) and ends at its first end activity after
    that; without end activities at its last event.
    """
    case, activity, done = events["case"], events["activity"], events["done"]
    counts = np.bincount(case, minlength=len(process))
    first = np.cumsum(counts) - counts
    kind = process[case]
    begins = rules.starts[kind, activity] | ~rules.bounded_start[kind]
    begun = _least(events["start"], begins, first)
    ends = rules.ends[kind, activity]
    closes = ends & (done >= begun[case])
    bounded, known = rules.bounded_end[process], begun < _NEVER
    ended = np.where(bounded, _least(done, closes, first), np.maximum.reduceat(done, first))
    compared = _any(events["compared"], events, process)
    spans = {
        "process": process, "begun": np.where(known, begun, MISSING),
        "ended": np.where(ended < _NEVER, ended, MISSING),
        "worked_begun": _least(events["worked_start"], begins, first),
        "last_system": events["system"][first + counts - 1], "compared": compared,
        "ends": _any(ends, events, process), "apart": compared | rules.apart[process],
    }  # fmt: skip
    done_after = _any(closes, events, process)
    spans["backwards"] = bounded & spans["ends"] & known & ~done_after
    return spans | _sampled(spans, rules) | _attributes(events, first, len(process))


def _sampled(spans: Arrays, rules: Rules) -> Arrays:
    """Codes of `log_tables.SAMPLES`; whether the end lies before the cut; Monday of the start."""
    begun, ended = spans["begun"], spans["ended"]
    sample = np.where(begun < rules.live, 2, np.where(begun < rules.settled, 3, 1))
    sample[(begun == MISSING) | spans["apart"] | spans["backwards"]] = 0
    finished = (ended != MISSING) & ((begun >= rules.live) | (ended <= rules.live))
    day = begun // MICROSECONDS_PER_DAY
    week = np.where(begun == MISSING, 0, (day + _MONDAY) // _DAYS * _DAYS - _MONDAY)
    return {"sample": sample.astype(np.int8), "finished": finished,
            "week": week.astype(np.int32)}  # fmt: skip


def _attributes(events: Arrays, first: np.ndarray, count: int) -> Arrays:
    """Place in the log of the first event of a case that has an attribute; −1 for none."""
    found = {}
    for name in (name for name in events if name.startswith("has_")):
        place = _least(np.arange(len(events["case"])), events[name], first)
        rows = events["row"][np.where(place < _NEVER, place, 0)]
        found[name.replace("has_", "row_")] = np.where(place < _NEVER, rows, -1)
    return found


def seen_of(events: Arrays, spans: Arrays, rules: Rules) -> Arrays:
    """Return the events up to the moment at which the sample of their case is cut off."""
    begun = spans["begun"][events["case"]]
    cut = (begun != MISSING) & (begun < rules.live) & (events["done"] > rules.live)
    seen = taken(events, ~cut) if cut.any() else dict(events)
    kind = spans["process"][seen["case"]]
    works = seen["known"] & rules.works[kind, seen["activity"]]
    return seen | {"works": works, "visit": visits_of(seen["case"], seen["activity"])}


def work_of(seen: Arrays, spans: Arrays) -> Arrays:
    """Return work, repetitions and handovers of each case."""
    case, works = seen["case"], seen["works"]
    elapsed, worked = seen["done"] - seen["start"], seen["worked_done"] - seen["worked_start"]
    some = _any(works, seen, spans["process"])
    resource, alone = seen["resource"], np.full(1, False)
    passed = np.append(alone, (case[1:] == case[:-1]) & _differ(resource[1:], resource[:-1]))
    handovers = _sum(passed, seen, spans["process"])
    named = _any(resource >= 0, seen, spans["process"])
    return {
        "touch": np.where(some, _sum(worked * works, seen, spans["process"]), np.nan),
        "touch_elapsed": np.where(some, _sum(elapsed * works, seen, spans["process"]), np.nan),
        "rework": _any(seen["visit"] > 1, seen, spans["process"]),
        "handovers": np.where(named, handovers, np.nan),
    }


def moves_of(seen: Arrays, spans: Arrays) -> tuple[np.ndarray, Arrays]:
    """Return which events lie between start and end of their case, and what each of them took.

    Each event takes the time since the one before it: up to its start waiting, the rest work. Work
    that overlaps an earlier event's counts once, so that the parts of all events add up to the time
    of the case, whatever the log holds.
    """
    sample, begun, ended = (spans[name][seen["case"]] for name in ("sample", "begun", "ended"))
    inside = ((sample == 1) | (sample == 2)) & (seen["done"] >= begun)
    inside &= (ended == MISSING) | (seen["done"] <= ended)
    run = seen if inside.all() else taken(seen, inside)
    case = run["case"]
    place = _places(case)
    return inside, {
        "case": case, "activity": run["activity"], "place": place,
        "visit": run["visit"] if inside.all() else visits_of(case, run["activity"]),
        "previous": _before(run["activity"], place, -1),
        "previous_role": _before(run["role"], place, -1),
        **_passed(run["resource"], place),
        **_parts(run, place, spans, ("begun", "done", "start", "elapsed")),
        **_parts(run, place, spans, ("worked_begun", "worked_done", "worked_start", "business")),
    }  # fmt: skip


def _parts(run: Arrays, place: np.ndarray, spans: Arrays, names: tuple[str, ...]) -> Arrays:
    """Part the time since the event before into waiting and work, on one clock."""
    begun, done, start, clock = names
    since = _before(run[done], place, spans[begun][run["case"]])
    work = np.where(run["works"], run[start], run[done])
    turn = np.minimum(np.maximum(work, since), run[done])
    return {f"wait_{clock}": turn - since, f"work_{clock}": run[done] - turn}


def _passed(resource: np.ndarray, place: np.ndarray) -> Arrays:
    """Say which events another person did than the one before, and which went back to a person."""
    before, earlier = (_before(resource, place, -1, back) for back in (1, 2))
    passed = _differ(resource, before)
    return {"handover": passed, "back": passed & (resource == earlier)}


def runs_of(moves: Arrays, count: int) -> Arrays:
    """Return of each case what its moves add up to; the way is a hash of steps and places."""
    like = np.empty(count)
    mixed = moves["activity"].astype(np.uint64) * _FIRST + moves["place"].astype(np.uint64)
    for factor in (_SECOND, _MIXED):
        mixed = (mixed ^ (mixed >> np.uint64(30))) * factor
    mixed ^= mixed >> np.uint64(31)
    steps = np.bincount(moves["case"], minlength=count)
    some = steps > 0
    first = (np.cumsum(steps) - steps)[some]
    way, last = np.zeros(count, dtype=np.uint64), np.full(count, -1)
    if some.any():
        way[some] = np.add.reduceat(mixed, first)
        last[some] = moves["activity"][first + steps[some] - 1]
    return {
        "steps": steps.astype(np.int32),
        "moved": _sum(moves["handover"], moves, like).astype(np.int32),
        "returns": _sum(moves["back"], moves, like).astype(np.int32),
        "repeats": _any(moves["visit"] > 1, moves, like), "way": way, "last_step": last,
    }  # fmt: skip


def visits_of(case: np.ndarray, activity: np.ndarray) -> np.ndarray:
    """Number the visits of each case to each activity; 1 where there is no activity.

    >>> visits_of(np.array([0, 0, 0, 1]), np.array([2, 1, 2, 2])).tolist()
    [1, 1, 2, 1]
    """
    visit = np.ones(len(case), dtype=np.int32)
    kinds = int(activity.max(initial=0)) + 1
    key = case.astype(np.int64) * kinds + activity
    known = activity >= 0
    ordered = np.sort(key[known])
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    if len(again):
        winding = np.zeros(int(case[-1]) + 1, dtype=bool)
        winding[again // kinds] = True
        places = np.flatnonzero(winding[case] & known)
        places = places[np.argsort(key[places], kind="stable")]
        visit[places] = _places(key[places])
    return visit


def _places(groups: np.ndarray) -> np.ndarray:
    """Number the members of each group of neighbours from one."""
    number = np.arange(len(groups), dtype=np.int32)
    opens = np.ones(len(groups), dtype=bool)
    opens[1:] = groups[1:] != groups[:-1]
    return number - np.maximum.accumulate(np.where(opens, number, 0)) + 1


def _before(
    values: np.ndarray, place: np.ndarray, otherwise: np.ndarray | int, back: int = 1
) -> np.ndarray:
    """Return the value some events before in the same case."""
    moved = np.empty_like(values)
    moved[:back], moved[back:] = -1, values[: max(len(values) - back, 0)]
    return np.where(place > back, moved, otherwise)


def _differ(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return (first != second) & (first >= 0) & (second >= 0)


def _least(values: np.ndarray, mask: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the least of some values of each case; of none what never comes."""
    chosen = values if mask.all() else np.where(mask, values, _NEVER)
    return np.minimum.reduceat(chosen, first)


def _any(mask: np.ndarray, events: Arrays, like: np.ndarray) -> np.ndarray:
    found = np.zeros(len(like), dtype=bool)
    found[events["case"][mask]] = True
    return found


def _sum(values: np.ndarray, events: Arrays, like: np.ndarray) -> np.ndarray:
    return np.bincount(events["case"], weights=values, minlength=len(like))
