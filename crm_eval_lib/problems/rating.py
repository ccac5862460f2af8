"""Two raters on the same problems: do they agree more than by chance, and where do they not?"""

from typing import Any

import pandas as pd

from crm_eval_lib.problems.standing import codes, occurs, register, with_columns
from crm_eval_lib.results import (
    CONFIDENCE,
    Caveat,
    Indicator,
    Message,
    Step,
    measured,
    missing_table,
    not_assessed,
)
from crm_eval_lib.stats.agreement import Agreement, agreement_table, kappa

RATING_TABLES = ("ratings",)
VERDICTS = ("solved", "partly", "not_solved")
SIDES = ("client", "consultant")


def agreement(
    ratings: pd.DataFrame | None,
    *,
    problems: pd.DataFrame | None = None,
    dates: Any = None,
    confidence: float = CONFIDENCE,
) -> Step:
    """Ask whether two raters who judged the same problems agree more than by chance.

    Parameters
    ----------
    ratings : DataFrame or None
        Verdicts. With two raters, these two; with more, the client's side against the
        consultant's, or the two who judged most where all are of one side.
    problems : DataFrame or None
        The register; ratings of problems that are not in it on the status date are left out.
    dates : object, optional
        Has ``status_date``; nothing dated later is seen.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.

    Returns
    -------
    Step
        ``kappa`` unweighted [Cohen 1960] and ``pabak`` (k·p₀ − 1)/(k − 1) over the three verdicts.
        Table: verdicts of the first rater against those of the second.
        ``tables["disagreements"]``: where they differ, the widest and most severe first.

    Examples
    --------
    >>> rows = pd.DataFrame({"problem_id": ["1", "2", "1", "2"], "rater_id": ["a", "a", "b", "b"],
    ...                      "side": ["client"] * 2 + ["consultant"] * 2,
    ...                      "verdict": ["solved", "partly", "solved", "solved"]})
    >>> agreement(rows)["problems.pabak"].value  # (3 · 1/2 − 1)/(3 − 1)
    0.25
    """
    ids = ("problems.kappa", "problems.pabak")
    seen = None if dates is None else register(problems, dates=dates)
    left_out = dates is not None and problems is not None and not problems.empty
    known = None if not left_out else pd.Index([]) if seen is None else seen["problem_id"]
    rows = _current_ratings(ratings, known)
    pairs = _pairs(rows)
    if pairs is None or pairs.empty:
        nothing = ratings is None or ratings.empty
        reason = missing_table("ratings") if nothing else Message("problems.reason.no_pairs")
        found = tuple(not_assessed(id, "index", reason, tables=RATING_TABLES) for id in ids)
        return Step("problems.agreement", found)
    counts = agreement_table(pairs["first"], pairs["second"], VERDICTS)
    result = kappa(counts, confidence=confidence)
    table = pd.DataFrame(counts, columns=list(VERDICTS))
    table.insert(0, "verdict", list(VERDICTS))
    found = (_kappa(ids[0], result, confidence), _pabak(ids[1], result))
    slots = {"n": result.n, "observed": result.observed, "kappa": result.kappa}
    name = "agreement" if result.kappa is not None else "agreement_one"
    return Step("problems.agreement", found, table=table, caveats=_who(rows, ids),
                tables={"disagreements": _disagreements(pairs, seen)},
                sentence=Message(f"problems.sentence.{name}", slots))  # fmt: skip


def _current_ratings(
    ratings: pd.DataFrame | None, known: pd.Series | pd.Index | None
) -> pd.DataFrame | None:
    if ratings is None or ratings.empty:
        return None
    rows = with_columns(ratings, ("problem_id", "rater_id", "side", "verdict"))
    names = ["problem_id", "rater_id", "side", "verdict"]
    rows = rows.assign(**{name: codes(rows[name]) for name in names})[names]
    rows = rows[rows["verdict"].isin(VERDICTS)]
    if known is not None:
        rows = rows[occurs(rows["problem_id"], known)]
    twice = rows.duplicated(["problem_id", "rater_id"], keep=False)
    return pd.concat([
        rows[~twice], rows[twice].sort_values(names).drop_duplicates(["problem_id", "rater_id"])
    ])  # fmt: skip


def _pairs(rows: pd.DataFrame | None) -> pd.DataFrame | None:
    """Put the verdicts of the two raters side by side, one row per problem both judged."""
    if rows is None or rows.empty:
        return None
    judged = rows["rater_id"].value_counts()
    rows = rows.assign(_busy=-rows["rater_id"].map(judged))
    raters = judged.rename_axis("rater_id").reset_index(name="n")
    raters = raters.sort_values(["n", "rater_id"], ascending=[False, True])["rater_id"]
    if len(raters) < 2:
        return None
    by, names = "side", SIDES
    if len(raters) == 2 or rows["side"].nunique() == 1:
        by, names = "rater_id", sorted(raters.head(2))
    # Several raters of one side on one problem: the one who judged most speaks for the side.
    rows = rows.sort_values(["_busy", "rater_id"]).drop_duplicates(["problem_id", by])
    verdicts = rows.set_index("problem_id")["verdict"]
    first, second = (verdicts[(rows[by] == name).to_numpy()] for name in names)
    return pd.concat({"first": first, "second": second}, axis=1, join="inner").sort_index()


def _who(rows: pd.DataFrame, ids: tuple[str, ...]) -> tuple[Caveat, ...]:
    """Say which of more than two raters are compared; names of people stay out of it."""
    judged = rows["rater_id"].value_counts()
    if len(judged) <= 2:
        return ()
    first, second = judged.sort_values(ascending=False).head(2)
    by = "pair" if rows["side"].nunique() == 1 else "sides"
    slots = {"n": len(judged), "first": int(first), "second": int(second)}
    return (Caveat(Message(f"problems.caveat.raters_{by}", slots), ids, tables=RATING_TABLES),)


def _disagreements(pairs: pd.DataFrame, seen: pd.DataFrame | None) -> pd.DataFrame:
    """List where the verdicts differ: solved against not solved first, then by severity."""
    names = {"first": "first_verdict", "second": "second_verdict"}
    differ = pairs[pairs["first"] != pairs["second"]].rename(columns=names).reset_index()
    places = {verdict: place for place, verdict in enumerate(VERDICTS)}
    first, second = (differ[name].map(places).astype(float) for name in names.values())
    shown = ["problem_id", "title", "severity"]
    known = pd.DataFrame(columns=shown) if seen is None else seen[shown]
    differ = differ.assign(_apart=(first - second).abs()).merge(known, "left", on="problem_id")
    differ = differ.sort_values(
        ["_apart", "severity", "problem_id"], ascending=[False, False, True], ignore_index=True
    )
    return differ[[*shown, *names.values()]]


def _kappa(id: str, result: Agreement, confidence: float) -> Indicator:
    if result.kappa is None:
        reason = Message("problems.reason.one_verdict")
        return not_assessed(id, "index", reason, n=result.n, tables=RATING_TABLES)
    return measured(id, result.kappa, "index", low=result.low, high=result.high,
                    confidence=confidence, n=result.n, tables=RATING_TABLES)  # fmt: skip


def _pabak(id: str, result: Agreement) -> Indicator:
    return measured(id, result.pabak, "index", n=result.n, tables=RATING_TABLES)
