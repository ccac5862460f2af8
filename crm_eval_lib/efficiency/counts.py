"""Events counted in groups, some cases at a time: sums stay whole numbers and so exact."""

import numpy as np

from crm_eval_lib.efficiency.sequences import Arrays, taken

SLOT_MINUTES = 15  # every zone's midnight and every hour begins a slot
SLOT_MICROSECONDS = SLOT_MINUTES * 60_000_000
# Of the moves of `log_tables.COUNTS`: what parts them, what is added up.
_KEYS = ("process", "sample", "finished", "week", "previous", "activity")
_SUMS = ("place", "wait_business", "work_business", "wait_elapsed", "work_elapsed")
_MOST_SUM = 2.0**62  # half of what 64 bits tell: float sums are rounded
_MOST_GROUPS = 2**63  # that 64 bits tell apart; more are numbered anew, by those that occur
_FEW_GROUPS = 2**16  # numbers of so many groups are sorted by their digits


def moves_counted(moves: Arrays) -> Arrays:
    """Count the moves of each process, sample, week and pair of steps; add up what they took."""
    flags = {"starts": moves["place"] == 1, "first_visits": moves["visit"] == 1,
             "second_visits": moves["visit"] == 2}  # fmt: skip
    sums = {name: values.astype(np.int64) for name, values in flags.items()}
    return counted({name: moves[name] for name in _KEYS},
                   sums | {name: moves[name] for name in _SUMS})  # fmt: skip


def slots_counted(seen: Arrays) -> Arrays:
    """Count the events before and after of each process by slots of the clock."""
    compared = (seen["sample"] == 1) | (seen["sample"] == 2)
    keys = {"process": seen["process"], "sample": seen["sample"],
            "slot": seen["_done"] // SLOT_MICROSECONDS}  # fmt: skip
    return counted(keys if compared.all() else taken(keys, compared), {})


def counted(keys: Arrays, sums: Arrays) -> Arrays:
    """Return a row per group of rows alike in all keys: the keys, ``rows`` and the sums.

    A group has two rows where its sums could be too large for one whole number.

    >>> found = counted({"step": np.array([7, 3, 7])}, {"wait": np.array([1, 2, 3])})
    >>> {name: values.tolist() for name, values in found.items()}
    {'step': [3, 7], 'rows': [1, 2], 'wait': [2, 4]}
    """
    group = _numbered(keys)
    large = any(values.sum(dtype=float) > _MOST_SUM for values in sums.values())
    if large and len(group) > 1:
        halves = [slice(None, len(group) // 2), slice(len(group) // 2, None)]
        parts = [counted(taken(keys, half), taken(sums, half)) for half in halves]
        return joined(parts)
    order = np.argsort(group, kind="stable" if group.dtype == np.uint16 else None)
    group = group[order]
    first = np.flatnonzero(np.append(True, group[1:] != group[:-1])[: len(group)])
    found = taken(keys, order[first]) | {"rows": np.diff(first, append=len(group))}
    for name, values in sums.items():
        found[name] = np.add.reduceat(values[order], first, dtype=np.int64) if len(first) else (
            np.zeros(0, dtype=np.int64))  # fmt: skip
    return found


def joined(parts: list[Arrays]) -> Arrays:
    """Return the rows of several parts one after another."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _numbered(keys: Arrays) -> np.ndarray:
    """Give rows alike in all keys one number, in the order of the keys.

    >>> _numbered({"a": np.array([5, 6, 5]), "b": np.array([False, True, True])}).tolist()
    [0, 3, 1]
    """
    number, groups = np.int64(0), 1
    for values in keys.values():
        low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
        if groups * (high - low + 1) > _MOST_GROUPS:
            number = np.unique(number, return_inverse=True)[1]
            groups = len(number)
        number = number * (high - low + 1) + (values.astype(np.int64) - low)
        groups *= high - low + 1
    return number.astype(np.uint16) if groups <= _FEW_GROUPS else number
