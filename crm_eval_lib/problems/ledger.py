"""The ledger: the way of every problem from requirement to confirmation, and where it breaks."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.problems.chain import tests_of
from crm_eval_lib.problems.standing import SEVERE, codes, given, recorded, register
from crm_eval_lib.problems.still_open import days_since_raised
from crm_eval_lib.results import Message, Step

LINKS = ("requirement", "test", "reported", "with_evidence", "acceptance", "confirmation")
# What a problem breaks on, in the order of the way; the last two are no breaks.
BREAKS = (
    "set_aside", "no_requirement", "no_test", "test_not_run", "test_failed", "not_reported",
    "no_evidence", "not_accepted", "not_confirmed", "complete_as_recorded", "complete",
)  # fmt: skip
WHOLE = ("complete_as_recorded", "complete")
NOT_RECORDED = "not_recorded"
COLUMNS = (
    "problem_id", "title", "severity", "importance", "department", "raised_by_role",
    "raised_by_side", "prompted", "raised_on", "age_days", "status", *LINKS, "first_break",
    "owner_role",
)  # fmt: skip
LISTED = ("problem_id", "title", "severity", "missing", "owner_role", "raised_by_role",
          "department", "status", "age_days")  # fmt: skip


def ledger(problems: pd.DataFrame | None, trace: pd.DataFrame | None, *, dates: Any) -> Step:
    """Follow every problem from requirement to confirmation and name the first break.

    Parameters
    ----------
    problems, trace : DataFrame or None
    dates : object
        Has ``status_date`` and ``go_live``.

    Returns
    -------
    Step
        No indicators. Table: one row per problem that is no duplicate: who raised it, each link
        of its chain, ``first_break``, owner and age. A link that nobody recorded for any problem
        is ``not_recorded`` and does not break a chain; a problem left out of D has the reason in
        place of a break. ``tables``: ``breaks`` counts D by first break; ``meeting_list`` is what
        to take to the next meeting: severe open problems, severe ones reported solved but not
        proven, then what else is open.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = pd.DataFrame({"problem_id": ["1", "2"], "status": ["solved", "open"],
    ...                      "evidence": ["test 7", None], "accepted": ["no", None]})
    >>> step = ledger(rows, None, dates=SimpleNamespace(status_date=None, go_live=None))
    >>> step.table["first_break"].tolist()
    ['not_accepted', 'not_reported']
    """
    seen = register(problems, dates=dates)
    if seen is None:
        return Step("problems.ledger", sources=("problems",))
    rows = seen[~seen["is_duplicate"]].reset_index(drop=True)
    rows = rows.assign(age_days=days_since_raised(rows, dates.status_date))
    links = _links(seen, rows, trace, dates)
    rows = rows.assign(
        **{name: link for name, (link, _) in links.items()}, first_break=_first_break(rows, links)
    )
    breaks = _breaks(rows)
    return Step(
        "problems.ledger",
        table=rows[list(COLUMNS)],
        tables={"breaks": breaks, "meeting_list": _meeting_list(rows)},
        sources=("problems",) if trace is None else ("problems", "trace"),
        **_describe(breaks, [name for name in LINKS if _unrecorded(links[name])]),
    )


_Links = dict[str, tuple[pd.Series, pd.Series]]


def _links(
    seen: pd.DataFrame, rows: pd.DataFrame, trace: pd.DataFrame | None, dates: Any
) -> _Links:
    """Return for each link what is shown, and the break it means (empty: none)."""
    tests = tests_of(trace, dates.status_date).reindex(rows["problem_id"]).fillna(False)
    tests = tests.astype(bool).reset_index(drop=True)
    traced = trace is not None and recorded(trace, "requirement_id")
    tested = traced and recorded(trace, "test_result")
    live = dates.go_live is not None and not (
        dates.status_date is not None and dates.go_live > dates.status_date
    )
    confirmed = rows["confirmed_on"] > dates.go_live if live else given(rows["confirmed_on"])
    accepted = codes(rows["accepted"]).eq("yes")
    return {
        "requirement": _link(tests["has_requirement"], "no_requirement", traced),
        "test": _test_link(tests, tested),
        "reported": _link(rows["claimed"], "not_reported", True),
        "with_evidence": _link(rows["is_evidenced"], "no_evidence", recorded(seen, "evidence")),
        "acceptance": _link(accepted, "not_accepted", recorded(seen, "accepted")),
        "confirmation": _link(confirmed, "not_confirmed", live and recorded(seen, "confirmed_on")),
    }


def _link(held: pd.Series, missing: str, known: bool) -> tuple[pd.Series, pd.Series]:
    if not known:
        return _everywhere(held, NOT_RECORDED), _everywhere(held, "")
    return _either(held, "yes", "no"), _either(held, "", missing)


def _test_link(tests: pd.DataFrame, known: bool) -> tuple[pd.Series, pd.Series]:
    """A test that passed holds the chain, as the traced share does; one that fails is shown."""
    if not known:
        return _everywhere(tests, NOT_RECORDED), _everywhere(tests, "")
    passes, fails = tests["passes"], tests["fails"]
    kinds = [passes & fails, passes, fails, tests["has_test"]]
    shown = np.select(kinds, ["pass_and_fail", "pass", "fail", "not_run"], default="no")
    broken = np.select(kinds, ["", "", "test_failed", "test_not_run"], default="no_test")
    return pd.Series(shown, tests.index), pd.Series(broken, tests.index)


def _everywhere(like: pd.Series | pd.DataFrame, text: str) -> pd.Series:
    return pd.Series(text, index=like.index, dtype=object)


def _either(held: pd.Series, yes: str, no: str) -> pd.Series:
    return pd.Series(np.where(held, yes, no), index=held.index)


def _unrecorded(link: tuple[pd.Series, pd.Series]) -> bool:
    return bool((link[0] == NOT_RECORDED).any())


def _first_break(rows: pd.DataFrame, links: _Links) -> pd.Series:
    whole = WHOLE[0] if any(_unrecorded(link) for link in links.values()) else WHOLE[1]
    found = _everywhere(rows, whole)
    for name in reversed(LINKS):
        broken = links[name][1]
        found = found.where(broken == "", broken)
    found = found.mask(rows["is_set_aside"], "set_aside")
    return found.where(rows["in_denominator"], rows["left_out"])


def _breaks(rows: pd.DataFrame) -> pd.DataFrame:
    inside = rows[rows["in_denominator"]]
    severe = inside["severity"] >= SEVERE
    table = pd.DataFrame({
        "problems": inside["first_break"].value_counts(),
        "severe": inside.loc[severe, "first_break"].value_counts(),
    })  # fmt: skip
    table = table.reindex([name for name in BREAKS if name in table.index]).fillna(0).astype(int)
    table = table.rename_axis("first_break").reset_index()
    return table.assign(share=table["problems"] / max(len(inside), 1))


def _meeting_list(rows: pd.DataFrame) -> pd.DataFrame:
    inside, severe = rows["in_denominator"], rows["severity"] >= SEVERE
    unproven = inside & rows["claimed"] & ~rows["proven"]
    turns = [rows["is_open"] & severe, unproven & severe, rows["is_open"]]
    turn = np.select(turns, [1, 2, 3], default=0)
    kinds = [rows["is_set_aside"], rows["is_open"],
             (rows["with_evidence"] != "yes") & (rows["acceptance"] != "yes"),
             rows["with_evidence"] != "yes"]  # fmt: skip
    words = ["decision_of_client", "solution", "evidence_and_acceptance", "with_evidence"]
    rows = rows.assign(_turn=turn, missing=np.select(kinds, words, default="acceptance"))
    rows = rows[rows["_turn"] > 0].sort_values(
        ["_turn", "severity", "importance", "age_days", "problem_id"],
        ascending=[True, False, False, False, True],
    )
    return rows[list(LISTED)].reset_index(drop=True)


def _describe(breaks: pd.DataFrame, unrecorded: list[str]) -> dict[str, Message]:
    n = int(breaks["problems"].sum())
    if not n:
        return {}
    broken = breaks[~breaks["first_break"].isin(WHOLE)]
    slots: dict[str, Any] = {"n": n, "k": n - int(broken["problems"].sum())}
    name = "ledger_whole"
    if len(broken):
        worst = broken.loc[broken["problems"].idxmax()]
        slots |= {"where": worst["first_break"], "m": int(worst["problems"])}
        name = "ledger"
    if unrecorded:
        slots["links"] = [Message(f"core.label.{link}") for link in unrecorded]
        name += "_recorded"
    return {"sentence": Message(f"problems.sentence.{name}", slots),
            "headline": Message("problems.headline.ledger", slots),
            "subtitle": Message("problems.subtitle.ledger", slots)}  # fmt: skip
