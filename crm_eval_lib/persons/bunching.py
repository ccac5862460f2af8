"""Prices that crowd just above the floor: more of them than just below it."""

import numpy as np
import pandas as pd
from scipy import stats

from crm_eval_lib.controls.price_rows import flags, priced_lines
from crm_eval_lib.stats.intervals import benjamini_hochberg

WIDTH = 0.02  # of the floor, on either side; prices further off say nothing of the floor
EVEN = 0.5  # share above where prices pass the floor evenly
_ROUNDING = 1e-12  # relative; quotients of decimals are off by less


def bunching(lines: pd.DataFrame, *, width: float = WIDTH) -> pd.DataFrame:
    """Compare lines in [floor, floor + 2 %] with those in [floor − 2 %, floor).

    Parameters
    ----------
    lines : DataFrame
        Priced lines with ``created_by``, of the period looked at; a floor of 0 or less has no
        percentage and is left out.
    width : float
        Share of the floor on either side.

    Returns
    -------
    DataFrame
        First row all lines together (``created_by`` empty), then one per person who has lines
        there. ``p_unadjusted``: exact binomial, P(as many just above | both sides alike); ``p``
        adjusted over the persons [Benjamini & Hochberg 1995], that of all lines stands alone.

    Examples
    --------
    >>> lines = pd.DataFrame({"created_by": ["A"] * 5, "floor": 100.0,
    ...                       "net_price": [100.0, 101.0, 102.0, 103.0, 99.0],
    ...                       "below": [False] * 4 + [True]})
    >>> bunching(lines)[["just_above", "just_below"]].to_numpy().tolist()
    [[3, 1], [3, 1]]
    """
    priced = priced_lines(lines)
    priced = priced[priced["floor"] > 0]
    off = (priced["net_price"] / priced["floor"] - 1).abs()
    near = priced[off <= width * (1 + _ROUNDING) + _ROUNDING]
    below = flags(near, "below")
    rows = pd.DataFrame({"created_by": near["created_by"].astype(object), "just_above": ~below,
                         "just_below": below})  # fmt: skip
    sides = ["just_above", "just_below"]
    persons = rows.groupby("created_by")[sides].sum().reset_index()
    overall = pd.DataFrame({"created_by": [None], **{side: [rows[side].sum()] for side in sides}})
    tested = _tested(persons).sort_values(["p_unadjusted", "created_by"], ignore_index=True)
    tested = tested.assign(p=benjamini_hochberg(tested["p_unadjusted"]))
    whole = _tested(overall)
    whole = whole.assign(p=whole["p_unadjusted"])
    return pd.DataFrame(whole.to_dict("records") + tested.to_dict("records"))


def _tested(counts: pd.DataFrame) -> pd.DataFrame:
    above = counts["just_above"].to_numpy(dtype="int64")
    both = above + counts["just_below"].to_numpy(dtype="int64")
    share = above / np.where(both > 0, both, np.nan)
    p = np.where(both > 0, stats.binom.sf(above - 1, both, EVEN), np.nan)
    return counts.assign(just_above=above, just_below=both - above, above_share=share,
                         p_unadjusted=p)  # fmt: skip
