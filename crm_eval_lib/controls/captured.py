"""Complaints heard around the house: how many of them ever reached the system."""

from typing import Any

import pandas as pd

from crm_eval_lib.controls.shares import share
from crm_eval_lib.controls.windows import (
    NOT_LIVE,
    in_force,
    recorded,
    settled_from,
    unknown,
    until_status,
)
from crm_eval_lib.results import CONFIDENCE, Caveat, Message, Step, missing_table
from crm_eval_lib.stats.intervals import wilson

CAPTURED = "controls.complaints.captured_share"
TABLES = ("complaint_samples",)
CRM = "crm"


def captured_complaints(
    samples: pd.DataFrame | None, *, dates: Any, confidence: float = CONFIDENCE
) -> Step:
    """Say what share of the complaints heard anywhere stands in the system.

    Parameters
    ----------
    samples : DataFrame or None
        The table ``complaint_samples``.
    dates : object
        Has ``go_live``, ``status_date`` and ``blackout``.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.

    Returns
    -------
    Step
        ``captured_share`` = in the CRM/heard, since the later of go-live and blackout end. Table:
        one row per channel. What was heard in the CRM itself is there by nature; the parts tell
        the other channels apart.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(go_live=day("2024-09-02"), blackout=None,
    ...                         status_date=day("2025-08-31"))
    >>> heard = pd.DataFrame({"heard_at": [day("2025-01-15")] * 4, "channel": "phone",
    ...                       "in_crm": ["yes", "yes", "yes", "no"]})
    >>> captured_complaints(heard, dates=dates)["controls.complaints.captured_share"].value
    0.75
    """
    seen = until_status(samples, "heard_at", dates)
    missing = seen is None or seen.empty
    if missing or settled_from(dates) is None:
        reason = missing_table("complaint_samples") if missing else NOT_LIVE
        found = unknown({CAPTURED: "ratio"}, reason, tables=TABLES)
        return Step("controls.captured_complaints", tuple(found))
    rows = seen[in_force(seen["heard_at"], dates) & seen["in_crm"].notna()]
    rows = rows.assign(is_captured=rows["in_crm"].astype(object) == "yes")
    outside = rows[rows["channel"].astype(object) != CRM]
    parts = {"heard_elsewhere": len(outside),
             "captured_elsewhere": int(outside["is_captured"].sum())}  # fmt: skip
    found = share(CAPTURED, rows["is_captured"].sum(), len(rows), tables=TABLES,
                  confidence=confidence, parts=parts)  # fmt: skip
    if found.value is None:
        return Step("controls.captured_complaints", (found,))
    slots = {"n": len(rows), "k": int(rows["is_captured"].sum()), "share": found.value}
    return Step(
        "controls.captured_complaints",
        (found,),
        table=_by_channel(rows, confidence),
        sentence=Message("controls.sentence.captured_complaints", slots),
        headline=Message("controls.headline.captured_complaints", slots),
        subtitle=Message("controls.subtitle.captured_complaints"),
        caveats=_by_nature(rows, outside),
    )


def _by_channel(rows: pd.DataFrame, confidence: float) -> pd.DataFrame:
    rows = rows.assign(channel=rows["channel"].astype(object).fillna("unknown"))
    answered = recorded(rows, "first_response_at")
    silent = rows["first_response_at"].isna() if answered else False
    table = rows.assign(silent=silent).groupby("channel", as_index=False).agg(
        heard=("is_captured", "size"), captured=("is_captured", "sum"), unanswered=("silent", "sum")
    )  # fmt: skip
    limits = [wilson(k, n, confidence=confidence)
              for k, n in zip(table["captured"], table["heard"], strict=True)]  # fmt: skip
    table = table.assign(
        captured_share=table["captured"] / table["heard"],
        low_share=[low for low, _ in limits],
        high_share=[high for _, high in limits],
    )
    if not answered:
        table = table.assign(unanswered=None)
    return table.sort_values(["captured_share", "channel"], ignore_index=True)


def _by_nature(rows: pd.DataFrame, outside: pd.DataFrame) -> tuple[Caveat, ...]:
    """Say how much of the share is owed to complaints that came in through the system itself."""
    if len(outside) == len(rows) or outside.empty:
        return ()
    slots = {"n": len(rows) - len(outside), "of": len(rows), "heard": len(outside),
             "share": float(outside["is_captured"].mean())}  # fmt: skip
    return (Caveat(Message("controls.caveat.captured", slots), (CAPTURED,), tables=TABLES),)
