"""Step 2: how much of each column is filled, and what the gaps cost."""

from collections.abc import Mapping, Set

import pandas as pd

from crm_eval_lib.data_check.rows import examples, filled_cells, placed, stacked, usable
from crm_eval_lib.data_check.rules import MISSING_SHARE_LIMIT, USES, Use
from crm_eval_lib.results import Caveat, Message, Step, measured

COLUMNS = ["table_name", "column_name", "rows", "filled", "filled_share", "recorded", "weakens"]


def completeness(tables: Mapping[str, pd.DataFrame | None]) -> Step:
    """Show how full each column is; name the indicators that lose part of their evidence.

    A column that is empty throughout is "not recorded": its indicators are not assessed, which
    they say themselves. A column with more than 20 % empty cells biases what rests on it.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The client's tables by name; None where a table is missing.

    Returns
    -------
    Step
        ``columns_with_gaps``: columns with too many empty cells. Table: one row per column: rows,
        filled, their share 0–1, whether anything is recorded and whether gaps weaken an indicator.

    Examples
    --------
    >>> lines = pd.DataFrame({"line_id": ["A", "B"], "amount": [100.0, None]})
    >>> step = completeness({"budget": lines})
    >>> step.table[["column_name", "filled_share"]].values.tolist()
    [['line_id', 1.0], ['amount', 0.5]]
    """
    caveats, behind, weak = [], [], set()
    for use in USES:
        frame = usable(tables, use.table, use.column)
        if frame is None:
            continue
        applies = _applies(frame, use)
        missing = applies & frame[use.column].isna()
        share = float(missing.sum() / applies.sum()) if applies.any() else 0.0
        if share > MISSING_SHARE_LIMIT:
            caveats.append(_caveat(frame, use, missing, applies))
            weak.add((use.table, use.column))
            behind.append(placed(frame, use.table, missing, use.column, f"{use.column} empty"))
    rows = [row for name in tables for row in _columns(name, tables[name], weak)]
    slots = {"n": len(caveats), "limit": MISSING_SHARE_LIMIT}
    name = "gaps" if caveats else "no_gaps"
    return Step(
        "data_check.completeness",
        (measured("data_check.columns_with_gaps", len(caveats), "count"),),
        table=pd.DataFrame(rows, columns=COLUMNS),
        sentence=Message(f"data_check.sentence.{name}", slots),
        headline=Message(f"data_check.headline.{name}", slots),
        subtitle=Message("data_check.subtitle.completeness"),
        caveats=tuple(caveats),
        tables=stacked(behind),
        sources=tuple(dict.fromkeys(row["table_name"] for row in rows)),
    )


def _columns(
    name: str, frame: pd.DataFrame | None, weak: Set[tuple[str, str]]
) -> list[dict[str, object]]:
    """Describe the columns of one table; those never recorded come too."""
    if frame is None or frame.empty:
        return []
    return [
        {
            "table_name": name,
            "column_name": column,
            "rows": len(frame),
            "filled": filled,
            "filled_share": filled / len(frame),
            "recorded": "yes" if filled else "no",
            "weakens": "yes" if (name, column) in weak else "no",
        }
        for column, filled in filled_cells(frame, name).items()
    ]


def _applies(frame: pd.DataFrame, use: Use) -> pd.Series:
    """Mark the rows in which the column ought to be filled."""
    if use.when is None:
        return pd.Series(True, index=frame.index)
    column, value = use.when
    if column not in frame:
        return pd.Series(False, index=frame.index)
    return frame[column].notna() if value is None else frame[column].eq(value).fillna(False)


def _caveat(frame: pd.DataFrame, use: Use, missing: pd.Series, applies: pd.Series) -> Caveat:
    slots = {
        "table": use.table,
        "column": use.column,
        "n": int(missing.sum()),
        "rows": int(applies.sum()),
        "share": float(missing.sum() / applies.sum()),
        "limit": MISSING_SHARE_LIMIT,
        "examples": examples(frame, use.table, missing),
    }
    message = Message("data_check.caveat.missing", slots)
    return Caveat(message, indicators=use.indicators, bias=True, tables=(use.table,))
