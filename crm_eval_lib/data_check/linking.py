"""Step 4: ids that have no partner in the table they refer to."""

from collections.abc import Mapping

import pandas as pd

from crm_eval_lib.data_check.rows import placed, stacked, usable
from crm_eval_lib.data_check.rules import EXAMPLES, LINKS, Link
from crm_eval_lib.problems.standing import names
from crm_eval_lib.results import Caveat, Message, Step, measured

COLUMNS = ["table_name", "column_name", "partner_name", "rows", "unmatched", "unmatched_share"]


def linkage(tables: Mapping[str, pd.DataFrame | None]) -> Step:
    """Check that every id has its partner, wherever both tables were handed in.

    Parameters
    ----------
    tables : mapping of str to DataFrame

    Returns
    -------
    Step
        ``lost_ids``: ids without a partner. Table: one row per link that could be checked: ids
        given, unmatched ones and their share 0–1.

    Examples
    --------
    >>> plan = pd.DataFrame({"line_id": ["A"]})
    >>> paid = pd.DataFrame({"txn_id": ["1", "2"], "line_id": ["A", "B"]})
    >>> step = linkage({"budget": plan, "actuals": paid})
    >>> step["data_check.lost_ids"].value
    1
    """
    rows, caveats, behind = [], [], []
    for link in LINKS:
        frame = usable(tables, link.table, link.column)
        partner = usable(tables, link.partner, link.partner_column)
        if frame is None or partner is None:
            continue
        given = frame[link.column].notna()
        asked, held = frame[link.column], partner[link.partner_column]
        if link.by_name:
            asked, held = names(asked), names(held)
        lost = given & ~asked.isin(held)
        rows.append(_row(link, given, lost))
        if lost.any():
            caveats.append(_caveat(link, frame, lost))
            check = f"{link.column} → {link.partner}"
            behind.append(placed(frame, link.table, lost, link.column, check))
    slots = {"n": sum(row["unmatched"] for row in rows), "checks": len(rows)}
    name = "lost_ids" if slots["n"] else "no_lost_ids"
    return Step(
        "data_check.linkage",
        (measured("data_check.lost_ids", slots["n"], "count"),),
        table=pd.DataFrame(rows, columns=COLUMNS),
        sentence=Message(f"data_check.sentence.{name}", slots),
        headline=Message(f"data_check.headline.{name}", slots),
        subtitle=Message("data_check.subtitle.linkage"),
        caveats=tuple(caveats),
        tables=stacked(behind),
    )


def _row(link: Link, given: pd.Series, lost: pd.Series) -> dict[str, object]:
    return {
        "table_name": link.table,
        "column_name": link.column,
        "partner_name": f"{link.partner}.{link.partner_column}",
        "rows": int(given.sum()),
        "unmatched": int(lost.sum()),
        "unmatched_share": float(lost.sum() / given.sum()),
    }


def _caveat(link: Link, frame: pd.DataFrame, lost: pd.Series) -> Caveat:
    """Name the ids that have no partner, and what follows."""
    ids = [str(item) for item in frame.loc[lost, link.column].unique()[:EXAMPLES]]
    slots = {
        "table": link.table,
        "column": link.column,
        "partner": link.partner,
        "n": int(lost.sum()),
        "rows": int(frame[link.column].notna().sum()),
        "examples": ids,
        "consequence": Message(f"data_check.consequence.{link.consequence}"),
    }
    message = Message("data_check.caveat.no_partner", slots)
    return Caveat(message, indicators=link.indicators, tables=(link.table, link.partner))
