"""Is the sample honest: each defect of cases and time stamps, whom it biases, and which way."""

import pandas as pd

from crm_eval_lib.efficiency.cases import Cases, title_of
from crm_eval_lib.efficiency.selection import (
    Found,
    closed_only,
    selected_by_closing,
    split_at_go_live,
)
from crm_eval_lib.efficiency.shifts import (
    another_clock,
    at_midnight,
    in_batches,
    moved_ends,
    renamed_steps,
)
from crm_eval_lib.results import Caveat, Message, Step, keyed

TABLES = ("events",)
TOO_GOOD, TOO_BAD, UNCLEAR = "too_good", "too_bad", "unclear_way"
CHANGES = ("change", "naive_change", "p90_change")
# Which way a defect moves the change shown: too good means more improvement than there is.
_WAYS = {
    "selected_by_closing": TOO_GOOD, "closed_only": TOO_GOOD, "split_at_go_live": TOO_GOOD,
    "midnight_both": UNCLEAR, "batches_before": TOO_GOOD, "batches_after": TOO_BAD,
    "start_shorter": TOO_GOOD, "start_longer": TOO_BAD, "start_unclear": UNCLEAR,
    "end_shorter": TOO_GOOD, "end_longer": TOO_BAD, "end_unclear": UNCLEAR,
    "clock_after": TOO_GOOD, "clock_before": TOO_BAD, "ends_before_start": UNCLEAR,
    "renamed": UNCLEAR,
}  # fmt: skip
# Starts at midnight make hours too long, ends at midnight too short; the side decides.
_ONE_SIDED = {
    ("midnight_starts", "before"): TOO_GOOD, ("midnight_starts", "after"): TOO_BAD,
    ("midnight_ends", "before"): TOO_BAD, ("midnight_ends", "after"): TOO_GOOD,
}  # fmt: skip
# Both ends are days: hours err neither way. All other defects cost a grade.
_HARMLESS = ("midnight_both",)
LEFT_OUT = 0.05  # a larger share of cases without a usable end may have been of another kind
_HOURS = {"before": ("median_hours_before", "p90_hours_before"),
          "after": ("median_hours_after", "p90_hours_after", "sla_met_after")}  # fmt: skip
NEEDED = ("nodes", "steps", "case_weeks", "last_steps", "slots", "batches", "turned")


def sample_check(cases: Cases, processes: tuple[str, ...] | None = None) -> Step:
    """Look for defects that make a comparison of samples dishonest.

    Parameters
    ----------
    cases : Cases
        With the pictures of `flow_pictures`.
    processes : tuple of str, optional
        Default: all of the roster.

    Returns
    -------
    Step
        A row and a caveat for each defect: selection by closing date, closed cases only, cases
        split at go-live, moments that are days, batches, another first or last step, another clock,
        ends before starts, steps with new names. Each caveat names the figures it biases and the
        direction; those that bias them, whichever way, lower the evidence grade.

    Examples
    --------
    >>> from crm_eval_lib.efficiency import example_cases
    >>> sample_check(example_cases()).table[["process", "sample", "direction"]].values.tolist()
    [['quote', 'before', 'too_bad']]
    """
    names = cases.names(processes)
    if cases.absent is not None or not set(NEEDED) <= set(cases.pictures):
        return Step("efficiency.sample_check", sources=TABLES)
    found = [(process, defect) for process in names for defect in _defects(cases, process)]
    rows = [_row(cases, process, defect) for process, defect in found]
    slots = {"n": len(found), "processes": len(names)}
    kind = "defects" if found else "no_defect"
    return Step(
        "efficiency.sample_check",
        table=pd.DataFrame(rows) if rows else None,
        sentence=Message(f"efficiency.sentence.{kind}", slots),
        caveats=tuple(_caveat(cases, process, defect) for process, defect in found),
        sources=TABLES,
    )


def _defects(cases: Cases, process: str) -> list[Found]:
    pairs = renamed_steps(cases, process)
    single = [
        selected_by_closing(cases, process),
        closed_only(cases, process),
        split_at_go_live(cases, process),
        another_clock(cases, process),
        _turned(cases, process),
    ]
    return [
        *(defect for defect in single if defect is not None),
        *at_midnight(cases, process),
        *in_batches(cases, process),
        *moved_ends(cases, process, renamed=dict(pairs)),
        *(Found("renamed", {"old": old, "activity": new}) for old, new in pairs),
    ]


def _turned(cases: Cases, process: str) -> Found | None:
    count = int(cases.picture("turned", process)["cases"].sum())
    share = count / (count + len(cases.of_process(process))) if count else 0.0
    return Found("ends_before_start", {"n": count, "share": share}) if count else None


def _way(defect: Found) -> str:
    return _WAYS.get(defect.name) or _ONE_SIDED[defect.name, str(defect.sample)]


def _biased(process: str, defect: Found) -> tuple[str, ...]:
    if defect.name == "renamed":
        steps = [f"{process}/{defect.slots[name]}" for name in ("old", "activity")]
        return tuple(keyed("efficiency.step_change", step) for step in steps)
    hours = _HOURS.get(str(defect.sample), (*_HOURS["before"], *_HOURS["after"]))
    use = ("in_system_share",) if defect.name == "ends_before_start" else ()
    return tuple(keyed(f"efficiency.{name}", process) for name in (*CHANGES, *hours, *use))


def _row(cases: Cases, process: str, defect: Found) -> dict[str, object]:
    return {"process": process, "title": title_of(cases, process), "defect": defect.name,
            "sample": defect.sample, "direction": _way(defect),
            "remark_name": _said(cases, process, defect)}  # fmt: skip


def _caveat(cases: Cases, process: str, defect: Found) -> Caveat:
    bias = defect.name not in _HARMLESS
    if defect.name == "ends_before_start":
        bias = defect.slots["share"] > LEFT_OUT
    return Caveat(_said(cases, process, defect), _biased(process, defect), bias, TABLES)


def _said(cases: Cases, process: str, defect: Found) -> Message:
    slots = {"process": title_of(cases, process), **defect.slots}
    if defect.name in ("midnight_starts", "midnight_ends"):
        return Message(f"efficiency.caveat.{defect.name}_{defect.sample}", slots)
    return Message(f"efficiency.caveat.{defect.name}", slots)
