"""What to do about open and unproven problems: findings with their rows and actions."""

import pandas as pd

from crm_eval_lib.problems.standing import SEVERE, codes
from crm_eval_lib.results import Action, Finding, Message

MOST_FINDINGS = 20  # beyond, the severe open problems are named together: a list, not advice
RETEST_SEVERITY = 3.0  # weight of the finding when no severe problem is among the unproven

SIDES = {"configuration": "vendor", "development": "vendor", "process": "client",
         "training": "client"}  # fmt: skip
_DATE = Message("problems.word.date_of_client")
_OWNER = Message("problems.word.owner")
_RAISER = Message("problems.word.raiser")


def open_severe(waiting: pd.DataFrame) -> tuple[Finding, ...]:
    """Name each severe open problem, the worst and oldest first.

    Parameters
    ----------
    waiting : DataFrame
        Open problems with ``open_days``, sorted worst first.
    """
    severe = waiting[waiting["severity"] >= SEVERE]
    named = [_one_open(row) for row in severe.head(MOST_FINDINGS).to_dict("records")]
    rest = severe.iloc[MOST_FINDINGS:]
    return (*named, *([_many_open(rest)] if len(rest) else []))


def retest(seen: pd.DataFrame) -> tuple[Finding, ...]:
    """Name the problems reported solved without evidence."""
    rows = seen[seen["in_denominator"] & seen["claimed"] & ~seen["is_evidenced"]]
    if rows.empty:
        return ()
    severe = int((rows["severity"] >= SEVERE).sum())
    name = "no_evidence" if severe else "no_evidence_mild"
    slots = {"n": len(rows), "m": severe, "owner": _common_role(rows["owner_role"]), "date": _DATE}
    action = Action(
        "problems.no_evidence",
        Message(f"problems.action.{name}", slots),
        owner_role=_single(rows["owner_role"]),
        size=len(rows),
        size_unit="count",
    )
    return (
        Finding(
            "problems.no_evidence",
            "problems",
            "problems.evidence_gap",
            float(rows["severity"].max()) if severe else RETEST_SEVERITY,
            Message("problems.finding.no_evidence", {"n": len(rows), "m": severe}),
            tuple(("problems", id) for id in rows["problem_id"]),
            action,
        ),
    )


def _one_open(row: dict) -> Finding:
    days = None if pd.isna(row["open_days"]) else int(row["open_days"])
    owner, raiser = _text(row["owner_role"]), _text(row["raised_by_role"])
    slots = {"problem_id": row["problem_id"], "title": _text(row["title"]) or "",
             "severity": int(row["severity"]), "days": days, "owner": owner or _OWNER,
             "raiser": raiser or _RAISER, "date": _DATE}  # fmt: skip
    name = "open_severe" if days is not None else "open_severe_undated"
    return Finding(
        f"problems.open_severe[{_escaped(row['problem_id'])}]",
        "problems",
        "problems.open_high",
        float(row["severity"]),
        Message(f"problems.finding.{name}", slots),
        (("problems", row["problem_id"]),),
        Action("problems.open_severe", Message(f"problems.action.{name}", slots),
               owner_role=owner, size=days, size_unit="days"),
        SIDES.get(row.get("solution_kind")),
    )  # fmt: skip


def _many_open(rows: pd.DataFrame) -> Finding:
    return Finding(
        "problems.open_severe",
        "problems",
        "problems.open_high",
        float(rows["severity"].max()),
        Message("problems.finding.open_severe_more", {"n": len(rows)}),
        tuple(("problems", id) for id in rows["problem_id"]),
    )


def _common_role(roles: pd.Series) -> str | Message:
    return _single(roles) or _OWNER


def _single(roles: pd.Series) -> str | None:
    named = set(codes(roles)) - {""}
    return named.pop() if len(named) == 1 else None


def _text(value: object) -> str | None:
    return None if pd.isna(value) or not str(value).strip() else str(value)


def _escaped(key: object) -> str:
    return str(key).replace("%", "%25").replace("]", "%5D")
