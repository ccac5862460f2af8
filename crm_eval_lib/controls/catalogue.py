"""Which common control points have no counterpart on the client's list."""

import pandas as pd

from crm_eval_lib.controls.windows import column_of
from crm_eval_lib.results import Caveat, Message

EXAMPLES = 3  # points quoted in the sentence; the table has all
COLUMNS = ("risk", "process", "required_mode", "critical", "ask")


def not_listed(controls: pd.DataFrame, catalogue: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return the catalogue points that no control point of the client speaks of.

    Parameters
    ----------
    controls : DataFrame
        The client's list.
    catalogue : DataFrame or None
        From `sources.catalogue.read_points`. ``words`` are alternatives separated by ``;``, parts
        joined by ``+`` must all occur in the risk.

    Returns
    -------
    DataFrame or None
        ``control_id`` of the catalogue as ``catalogue_id``, risk, process, proposed mode, what to
        ask. None without a catalogue.

    Examples
    --------
    >>> own = pd.DataFrame({"risk": ["Sold below the floor"]})
    >>> known = pd.DataFrame({"control_id": ["S01", "S02"], "risk": ["a", "b"],
    ...                       "words": ["floor", "split"]})
    >>> not_listed(own, known)["catalogue_id"].tolist()
    ['S02']
    """
    if catalogue is None or catalogue.empty:
        return None
    risks = column_of(controls, "risk").dropna().astype("str").str.casefold().tolist()
    missing = [not _spoken_of(words, risks) for words in catalogue["words"]]
    rows = catalogue[missing].rename(columns={"control_id": "catalogue_id"})
    return rows.reindex(columns=["catalogue_id", *COLUMNS]).reset_index(drop=True)


def unlisted_caveat(rows: pd.DataFrame | None, of: int) -> tuple[Caveat, ...]:
    """Say how many common points the client's list does not mention."""
    if rows is None or rows.empty:
        return ()
    slots = {"n": len(rows), "of": of, "examples": rows["risk"].head(EXAMPLES).tolist()}
    message = Message("controls.caveat.not_listed", slots)
    return (Caveat(message, ("controls.coverage",), tables=("controls",)),)


def _spoken_of(words: str, risks: list[str]) -> bool:
    ways = [way.casefold().split("+") for way in words.split(";") if way]
    return any(all(part in risk for part in way) for way in ways for risk in risks)
