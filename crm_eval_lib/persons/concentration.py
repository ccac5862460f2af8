"""Whose lines below the floor without valid approval are more than chance gives to anyone."""

import numpy as np
import pandas as pd
from scipy import stats

from crm_eval_lib.controls.price_approvals import NOT_APPROVED
from crm_eval_lib.controls.price_rows import priced_lines
from crm_eval_lib.results import CONFIDENCE
from crm_eval_lib.stats.intervals import benjamini_hochberg, poisson_interval


def concentration(lines: pd.DataFrame, *, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Hold each person's lines without valid approval against the rate of all.

    Parameters
    ----------
    lines : DataFrame
        Priced lines with ``created_by``, of the period looked at; those without a floor or a
        person are left out.
    confidence : float
        Of the interval; a person stands out below its complement.

    Returns
    -------
    DataFrame
        One row per person, the least likely first. ``expected`` = the person's lines × rate of
        all; ``p_unadjusted`` = P(Poisson(expected) ≥ not_approved), exact; ``p`` adjusted over all
        persons [Benjamini & Hochberg 1995]. Lines of one order hang together: ``order_p`` is the
        same by orders, and ``stands_out`` needs both.

    Examples
    --------
    >>> lines = pd.DataFrame({"created_by": ["A"] * 10 + ["B"] * 90, "order_no": range(100),
    ...     "floor": 9.0, "approval": ["unapproved"] * 10 + [None] * 90})
    >>> concentration(lines)[["created_by", "not_approved", "expected"]].to_numpy().tolist()
    [['A', 10, 1.0], ['B', 0, 9.0]]
    """
    known = priced_lines(lines).dropna(subset="created_by")
    rows = pd.DataFrame({
        "created_by": known["created_by"].astype(str), "order": known["order_no"],
        "hit": known["approval"].isin(NOT_APPROVED),
    })  # fmt: skip
    by_order = rows.groupby(["created_by", "order"], as_index=False)["hit"].any()
    single, whole = _counted(rows), _counted(by_order)
    low, high = poisson_interval(single["hits"], confidence=confidence)
    expected = single["expected"].where(single["expected"] > 0)
    p, order_p = (benjamini_hochberg(side["p"]) for side in (single, whole))
    table = pd.DataFrame({
        "created_by": single.index, "lines": single["units"].to_numpy(),
        "not_approved": single["hits"].to_numpy(), "expected": single["expected"].to_numpy(),
        "observed_to_expected": (single["hits"] / expected).to_numpy(),
        "low": (low / expected).to_numpy(), "high": (high / expected).to_numpy(),
        "p_unadjusted": single["p"].to_numpy(), "p": p, "orders": whole["units"].to_numpy(),
        "orders_not_approved": whole["hits"].to_numpy(), "order_p": order_p,
        "stands_out": (p < 1 - confidence) & (order_p < 1 - confidence),
    })  # fmt: skip
    return table.sort_values(["p_unadjusted", "created_by"], ignore_index=True)


def _counted(rows: pd.DataFrame) -> pd.DataFrame:
    """Count units and hits per person, and how likely as many hits are at the rate of all."""
    counts = rows.groupby("created_by")["hit"].agg(units="size", hits="sum").astype("int64")
    rate = counts["hits"].sum() / max(counts["units"].sum(), 1)
    expected = counts["units"] * rate
    p = np.where(counts["hits"] > 0, stats.poisson.sf(counts["hits"] - 1, expected), 1.0)
    return counts.assign(expected=expected, p=p)
