"""What was agreed after earlier reports, and how far it is: the client's table ``actions``."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crm_eval_lib.results import Message, Step
from crm_eval_lib.scorecard.card import Card
from crm_eval_lib.scorecard.findings import RankedFinding
from crm_eval_lib.scoring import option

DONE, DROPPED, OPEN, OVERDUE = "done", "dropped", "open", "overdue"
ORDER = (OVERDUE, OPEN, DONE, DROPPED)
STILL, GONE, UNMATCHED = "still_found", "no_longer_found", "not_matched"
# Words of the free column `state`; everything else is still to be done.
WORDS = {
    DONE: ("done", "closed", "complete", "completed", "finished", "implemented", "resolved",
           "完成", "已完成", "关闭", "已关闭", "落实", "已落实", "整改完成", "已整改", "办结",
           "已办结", "已解决"),
    DROPPED: ("dropped", "cancelled", "canceled", "rejected", "withdrawn", "取消", "已取消",
              "撤销", "已撤销", "不采纳", "未采纳", "终止", "已终止"),
}  # fmt: skip
COLUMNS = ("standing", "action_id", "answers", "owner_role", "due_on", "state", "found", "response")
_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+(\[.*\])?")


def agreed_actions(card: Card) -> Step:
    """Show the client's agreed actions: overdue first, then open, done and dropped.

    Parameters
    ----------
    card : Card
        From `score`; its client's table ``actions`` and status date are read.

    Returns
    -------
    Step
        No indicator. Table: one row per agreed action: where it stands, its id, what it answers,
        the owner's role, the day it is due, the client's word for its state, whether the finding
        is still there, and the client's response.

    Notes
    -----
    An action is done or dropped by the word in its column ``state``; else it is open, and overdue
    when its day lies before the status date. It is matched to a finding of this report by the
    finding's id, by the id without its key, by its indicator, or by the type of its action.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from crm_eval_lib.scorecard import score
    >>> agreed = pd.DataFrame({"action_id": ["M1", "M2"], "state": ["done", "in work"],
    ...                        "due_on": pd.to_datetime(["2025-01-31", "2025-01-31"])})
    >>> client = SimpleNamespace(tables={"actions": agreed},
    ...                          dates=SimpleNamespace(status_date=pd.Timestamp("2025-03-31")))
    >>> agreed_actions(score([], client=client)).table["action_id"].tolist()
    ['M2', 'M1']
    """
    actions = _table(card)
    if actions is None or actions.empty:
        return Step("agreed.actions", sentence=Message("agreed.sentence.none", {}))
    today = option(card.client, "dates", "status_date")
    rows = [_row(row, card.findings, today) for row in actions.to_dict("records")]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    place = table["standing"].map(ORDER.index)
    table = table.assign(place=place).sort_values(["place", "due_on", "action_id"], kind="stable")
    table = table.drop(columns="place").reset_index(drop=True)
    counts = table["standing"].value_counts()
    again = table[(table["standing"] == DONE) & (table["found"] == STILL)]
    slots = {
        "n": len(table),
        "done": int(counts.get(DONE, 0)),
        "dropped": int(counts.get(DROPPED, 0)),
        "open": int(counts.get(OPEN, 0) + counts.get(OVERDUE, 0)),
        "overdue": int(counts.get(OVERDUE, 0)),
        "again": len(again),
        "ids": again["action_id"].tolist(),
    }
    key = "actions_again" if len(again) else "actions"
    sentence = Message(f"agreed.sentence.{key}", slots)
    return Step("agreed.actions", table=_said(table), sentence=sentence, sources=("actions",))


def standing(state: Any, due_on: Any, today: pd.Timestamp | None) -> str:
    """Say how far an action is.

    >>> standing("已完成", None, None)
    'done'
    >>> standing("in work", "2025-01-01", pd.Timestamp("2025-02-01"))
    'overdue'
    """
    word = unicodedata.normalize("NFKC", _text(state)).casefold()
    for kind, words in WORDS.items():
        if word in words:
            return kind
    late = today is not None and pd.notna(due_on) and pd.Timestamp(due_on) < today
    return OVERDUE if late else OPEN


def _table(card: Card) -> pd.DataFrame | None:
    tables = option(card.client, "tables", default={})
    return tables["actions"] if "actions" in list(tables) else None


def _row(
    action: Mapping[str, Any], findings: Sequence[RankedFinding], today: pd.Timestamp | None
) -> dict[str, Any]:
    named = _text(action.get("finding"))
    match = _match(named, findings)
    found = STILL if match else (GONE if _ID.fullmatch(named) else UNMATCHED)
    return {
        **{name: action.get(name) for name in COLUMNS if name in action},
        "standing": standing(action.get("state"), action.get("due_on"), today),
        "answers": match.sentence if match else named or None,
        "found": found,
    }


def _match(named: str, findings: Sequence[RankedFinding]) -> RankedFinding | None:
    """Return the first finding, in their order, that an action can mean."""
    exact = [item for item in findings if item.finding.id == named]
    near = [
        item
        for item in findings
        if named and named in (item.finding.id.partition("[")[0], _type(item), _indicator(item))
    ]
    return next(iter([*exact, *near]), None)


def _indicator(item: RankedFinding) -> str:
    return item.finding.indicator.partition("[")[0]


def _type(item: RankedFinding) -> str | None:
    return None if item.finding.action is None else item.finding.action.type


def _said(table: pd.DataFrame) -> pd.DataFrame:
    words = {name: Message(f"agreed.label.{name}", {}) for name in (*ORDER, STILL, GONE, UNMATCHED)}
    return table.assign(standing=table["standing"].map(words), found=table["found"].map(words))


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value).strip()
