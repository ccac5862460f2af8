"""Duplicates that name no original: of themselves, or of each other in a circle."""

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components


def circles(ids: pd.Series, originals: pd.Series) -> pd.Series:
    """Number the circles among duplicates, from 0; -1 for every row that lies in none.

    Each id is a duplicate of at most one other, so a circle is a set of ids that lead back to
    themselves: a duplicate of itself, or A of B and B of A.

    Parameters
    ----------
    ids : Series of str
        Each id once.
    originals : Series of str
        The id each row is said to repeat, empty for none.

    Examples
    --------
    >>> circles(pd.Series(list("ABCDE")), pd.Series(["B", "A", "C", "A", ""])).tolist()
    [0, 0, 1, -1, -1]
    """
    target = pd.Index(ids).get_indexer(originals.where(originals != "", None))
    named = target >= 0
    if not (named & named[target]).any():  # no original repeats another
        return pd.Series(-1, ids.index)
    linked = np.flatnonzero(named)
    shape = (len(ids), len(ids))
    graph = csr_array((np.ones(len(linked)), (linked, target[linked])), shape=shape)
    _, part = connected_components(graph, directed=True, connection="strong")
    of_itself = target == np.arange(len(ids))
    inside = (np.bincount(part)[part] > 1) | of_itself
    numbers = pd.Series(-1, ids.index)
    numbers[inside] = pd.factorize(part[inside])[0]
    return numbers


def counted_once(rows: pd.DataFrame, originals: pd.Series) -> pd.Series:
    """Mark the one row of each circle that stays: raised first, then by its number.

    Without it every row of the circle would leave the denominator as a duplicate of another, and
    the problem itself with them.

    Parameters
    ----------
    rows : DataFrame
        One row per ``problem_id``, with ``raised_on``.
    originals : Series of str

    Examples
    --------
    >>> rows = pd.DataFrame({"problem_id": ["B", "A"], "raised_on": ["2024-01-02", "2024-01-05"]})
    >>> counted_once(rows, pd.Series(["A", "B"])).tolist()
    [True, False]
    """
    found = rows.assign(_circle=circles(rows["problem_id"], originals))
    found = found[found["_circle"] >= 0].sort_values(["raised_on", "problem_id"])
    first = found.drop_duplicates("_circle").index
    return pd.Series(rows.index.isin(first), rows.index)
