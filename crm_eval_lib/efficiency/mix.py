"""Is it the same kind of case? Strata with common support, and hours freed of their mix."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_eval_lib.efficiency.opened import ATTRIBUTE
from crm_eval_lib.results import Message
from crm_eval_lib.stats.decomposition import Kitagawa, kitagawa

LEAST_PER_STRATUM = 5  # finished cases of a kind on each side, so that it can be compared
LEAST_SUPPORT = 0.90  # share of the cases on each side that lie in comparable kinds
MOST_STRATA = 60
SWEEPS = 50  # rounds of alternating means; they settle long before


EMPTY_STRATUM = "–"
STRATUM_JOIN = " · "


def strata_of(frame: pd.DataFrame, attributes: int) -> pd.Series:
    """Name the kind of each case by the values of its first attributes.

    >>> data = pd.DataFrame({"_attribute_0": ["N", None], "_attribute_1": ["a", "b"]})
    >>> strata_of(data, 2).tolist()
    ['N · a', '– · b']
    """
    joined, names = np.zeros(len(frame), dtype=np.int64), np.array([""], dtype=object)
    for place in range(attributes):
        codes, values = pd.factorize(frame[f"{ATTRIBUTE}{place}"])
        told = [EMPTY_STRATUM, *pd.Series(values).astype("str")]
        first = [""] if place == 0 else [name + STRATUM_JOIN for name in names]
        # only the pairs that are there: two attributes of 10,000 values have as many pairs as cases
        pairs, joined = np.unique(joined * len(told) + codes + 1, return_inverse=True)
        pairs = np.divmod(pairs, len(told))
        names = np.array([first[a] + told[b] for a, b in zip(*pairs, strict=True)], dtype=object)
    kinds = sorted(set(names))
    place = {name: n for n, name in enumerate(kinds)}
    codes = np.array([place[name] for name in names], dtype=np.int64)[joined]
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(kinds, dtype="str")), frame.index)


@dataclass(frozen=True)
class Support:
    """Which strata can be compared; ``reason`` says why none can."""

    strata: tuple[str, ...] = ()
    share: float = 0.0
    reason: Message | None = None

    def within(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return the cases of the comparable strata."""
        return data[data["stratum"].isin(self.strata)]


def support_of(data: pd.DataFrame, mix: tuple[str, ...], *, wanted: bool = True) -> Support:
    """Find the strata with enough finished cases before and after.

    Parameters
    ----------
    data : DataFrame
        ``stratum``, ``observed``, ``after``.
    mix : tuple of str
        Attributes that were recorded.
    wanted : bool
        Whether the client named any attributes.
    """
    if not mix:
        return Support(reason=Message(f"efficiency.reason.{'mix_absent' if wanted else 'no_mix'}"))
    finished = data[data["observed"]]
    counts = finished.groupby(["stratum", "after"]).size().unstack()
    counts = counts.reindex(columns=[False, True])
    enough = counts.index[counts.fillna(0).min(axis=1) >= LEAST_PER_STRATUM]
    inside = data["stratum"].isin(enough)
    share = float(inside.groupby(data["after"]).mean().min())
    slots = {"share": share, "least": LEAST_SUPPORT, "columns": list(mix)}
    if share < LEAST_SUPPORT or len(enough) > MOST_STRATA:
        return Support(share=share, reason=Message("efficiency.reason.no_common_support", slots))
    return Support(tuple(enough), share)


def split(data: pd.DataFrame) -> Kitagawa:
    """Part the change of mean log hours of finished cases into mix and speed."""
    finished = data[data["observed"]]
    logs = np.log(finished["hours"])
    grouped = logs.groupby([finished["stratum"], finished["after"]])
    sizes, means = grouped.size().unstack(), grouped.mean().unstack()
    return kitagawa(sizes[False], means[False], sizes[True], means[True])


def split_table(data: pd.DataFrame, found: Kitagawa) -> pd.DataFrame:
    """Return the split by stratum: shares, typical (geometric mean) hours, effects on their log."""
    table = found.table
    strata = np.sort(np.asarray(data.loc[data["observed"], "stratum"].unique(), dtype=object))
    return pd.DataFrame(
        {
            "stratum": strata,
            "before_share": table["first_share"].to_numpy(),
            "after_share": table["second_share"].to_numpy(),
            "before_hours": np.exp(table["first_rate"].to_numpy()),
            "after_hours": np.exp(table["second_rate"].to_numpy()),
            "mix_effect": table["mix_effect"].to_numpy(),
            "speed_effect": table["rate_effect"].to_numpy(),
        }
    )


def hours_split(found: Kitagawa) -> pd.DataFrame:
    """Part the change of typical (geometric mean) hours into mix and speed, in hours.

    The parts of the logarithm times the logarithmic mean of both typical hours add exactly to
    their difference [Ang 2005].
    """
    before, after = np.exp(found.first), np.exp(found.second)
    scale = before if np.isclose(found.total, 0) else (after - before) / found.total
    return pd.DataFrame(
        {
            "part": ["before", "mix", "speed", "after"],
            "typical_hours": [before, found.mix_effect * scale, found.rate_effect * scale, after],
        }
    )


def freed_of_mix(data: pd.DataFrame, period: pd.Series) -> pd.Series:
    """Return hours as if every case were of average kind.

    The kinds' log differences are estimated beside the periods' means (two-way means of the
    finished cases), so that a kind that became frequent after go-live does not take the change of
    speed with it.
    """
    finished = data["observed"].to_numpy(bool)
    kinds, names = pd.factorize(data["stratum"], sort=True)
    times = pd.factorize(period)[0]
    logs = np.log(data["hours"].to_numpy(float))
    size = (int(times.max()) + 1, len(names))
    cells = np.ravel_multi_index((times[finished], kinds[finished]), size)
    count, total = (
        np.bincount(cells, weights, minlength=size[0] * size[1]).reshape(size)
        for weights in (None, logs[finished])
    )
    effect = np.zeros(len(names))
    for _ in range(SWEEPS):
        level = (total.sum(axis=1) - count @ effect) / np.maximum(count.sum(axis=1), 1)
        effect = (total.sum(axis=0) - level @ count) / np.maximum(count.sum(axis=0), 1)
        effect -= effect @ count.sum(axis=0) / count.sum()
    return pd.Series(np.exp(logs - effect[kinds]), index=data.index)
