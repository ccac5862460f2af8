"""What comes of a gap: coverage by process, a finding with its action, what passes by design."""

import pandas as pd

from crm_eval_lib.controls.advice import named_point, role_of
from crm_eval_lib.controls.points import strength
from crm_eval_lib.results import Action, Caveat, Finding, Indicator, Message, keyed, measured

GAP_SEVERITY = 3.0  # as grave as a point nobody has decided on
NAMED_POINTS = 5  # in the sentence; the rows behind it are all of them
COVERAGE = "controls.coverage"


def by_process(wanted: pd.DataFrame, tables: tuple[str, ...]) -> list[Indicator]:
    """Return the coverage of each process: of the points that require something there.

    Parameters
    ----------
    wanted : DataFrame
        Points with ``process``, ``risk_weight`` and the modes ``required_mode`` and ``mode``.
    """
    held = strength(wanted["mode"]) >= strength(wanted["required_mode"])
    risks = wanted.assign(held=wanted["risk_weight"].where(held, 0.0))
    return [
        measured(
            keyed(COVERAGE, str(process), dimension="process"),
            float(rows["held"].sum() / rows["risk_weight"].sum()), "ratio", n=len(rows),
            tables=tables, parts={"points_covered": int((rows["held"] > 0).sum())},
        )
        for process, rows in risks.groupby("process")
        if rows["risk_weight"].sum() > 0
    ]  # fmt: skip


def weaker_points(points: pd.DataFrame, *, decisions_known: bool) -> tuple[Finding, ...]:
    """Name the points that do less than was required; failed critical ones are named elsewhere.

    Parameters
    ----------
    points : DataFrame
        Control points with their ``gap``.
    decisions_known : bool
        Whether it is recorded when points were decided on. Those without a decision then have a
        finding and an action of their own.
    """
    failed = points["critical"] & ((points["mode"] == "none") | points["off_now"])
    weaker = points[(points["gap"] != "") & ~failed]
    if weaker.empty:
        return ()
    weaker = weaker.sort_values(["risk_weight", "control_id"], ascending=[False, True])
    rows = tuple(("controls", str(id)) for id in weaker["control_id"])
    decided = weaker[weaker["decided_on"].notna()] if decisions_known else weaker
    return (Finding("controls.weaker", "controls", COVERAGE, GAP_SEVERITY, _said(weaker), rows,
                    _settle(decided, of=len(weaker))),)  # fmt: skip


def _said(weaker: pd.DataFrame) -> Message:
    """Name the weightiest points, each with its gap; a gap that all of them share is said once."""
    shared = len(weaker) > 1 and weaker["gap"].nunique() == 1
    gap = Message(f"controls.word.alike_{weaker['gap'].iloc[0]}")
    named = [
        named_point(row) if shared else
        Message("controls.word.weaker_point", {"point": named_point(row),
                "gap": Message(f"controls.word.gap_{row['gap']}")})
        for row in weaker.head(NAMED_POINTS).to_dict("records")
    ]  # fmt: skip
    key = "weaker" + "_alike" * shared + "_first" * (len(weaker) > NAMED_POINTS)
    slots = {"n": len(weaker), "points": named} | ({"gap": gap} if shared else {})
    return Message(f"controls.finding.{key}", slots)


def _settle(points: pd.DataFrame, *, of: int) -> Action | None:
    """Have it settled whether points, some or all of the weaker ones, do what was required."""
    if points.empty:
        return None
    owner, n = role_of(points, "owner_role"), len(points)
    key = "undecided_weaker_part" if n < of else "undecided_weaker"
    slots = {"n": n, "owner": owner, "date": None} | ({"all": of} if n < of else {})
    sentence = Message(f"controls.action.{key}", slots)
    return Action("controls.undecided", sentence, owner, n, "count")


def let_through(points: pd.DataFrame, passed: dict[str, int]) -> tuple[Caveat, ...]:
    """Say what the logs hold against points whose mode lets it pass by design, so is not refuted.

    Parameters
    ----------
    points : DataFrame
        Control points with ``log_check``.
    passed : dict of str to int
        Rows that speak against each check, from `logs.passed`.
    """
    open_to_it = (strength(points["configured_mode"]) > 0) & (points["refuted_by"] == "")
    found = [
        Message(f"controls.word.passed_{row.log_check}",
                {"control_id": str(row.control_id), "n": passed[row.log_check]})
        for row in points[open_to_it].itertuples()
        if passed.get(row.log_check)
    ]  # fmt: skip
    if not found:
        return ()
    message = Message("controls.caveat.let_through", {"points": found})
    return (Caveat(message, (COVERAGE,), tables=("controls",)),)
