"""What the users say: the same persons before and after."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.problems.standing import codes, recorded, with_columns
from crm_eval_lib.results import (
    CONFIDENCE,
    Caveat,
    Indicator,
    Message,
    Step,
    keyed,
    measured,
    missing_column,
    missing_table,
    not_assessed,
)
from crm_eval_lib.stats.clustered import clustered_share
from crm_eval_lib.stats.intervals import benjamini_hochberg, clopper_pearson
from crm_eval_lib.stats.paired import PairedShift, paired_shift

TABLES = ("survey", "survey_items")
SHIFT, BETTER = "problems.survey_shift", "problems.survey_better_share"
WAVES = ("before", "after")
MOST_NAMED = 5  # items named in a caveat; the table has all


def survey(
    answers: pd.DataFrame | None,
    items: pd.DataFrame | None,
    *,
    confidence: float = CONFIDENCE,
) -> Step:
    """Compare each person's answers of both waves, item by item.

    Parameters
    ----------
    answers : DataFrame or None
        Table ``survey``; persons who answered an item in one wave only are counted, not used.
    items : DataFrame or None
        Table ``survey_items``; says which direction is better.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.

    Returns
    -------
    Step
        ``survey_shift[item]`` Hodges–Lehmann shift after − before in points of the item's scale,
        exact signed-rank p adjusted over the items (``parts`` holds the raw one);
        ``survey_better_share`` improved/(improved + worsened) over all pairs, exact interval;
        ``parts`` holds the interval that counts persons, because answers of one person hang
        together. Table: one row per item; ``changes``: how many improved and worsened, by item.
        Scores outside the item's scale count as given, repeated ones are averaged; both are said.

    Examples
    --------
    >>> answers = pd.DataFrame({"respondent_id": ["a", "a"], "wave": ["before", "after"],
    ...                         "item_id": ["Q1", "Q1"], "score": [2, 4]})
    >>> items = pd.DataFrame({"item_id": ["Q1"], "higher_is_better": ["yes"]})
    >>> survey(answers, items)["problems.survey_shift[Q1]"].value
    2.0
    """
    if answers is None or answers.empty:
        return _nothing(missing_table("survey"))
    valid, defects = _valid(answers, items)
    wide = _side_by_side(valid)
    pairs = wide.dropna()
    direction = _direction(items)
    shifts = {item: paired_shift(group["after"] - group["before"], confidence=confidence)
              for item, group in pairs.groupby(level="item_id")}  # fmt: skip
    keys = sorted(wide.index.unique("item_id"))
    if not keys:
        return _nothing(missing_table("survey"))
    adjusted = dict(zip(shifts, benjamini_hochberg([s.p for s in shifts.values()]), strict=True))
    found = [_shift(key, shifts.get(key), adjusted.get(key), confidence) for key in keys]
    better = _better(pairs, direction, len(wide) - len(pairs), items, confidence)
    table = _table(wide, shifts, adjusted, texts=_texts(items), direction=direction)
    return Step(
        "problems.survey",
        (*found, better),
        table=table,
        caveats=_caveats(defects, keys, direction, better),
        tables={"changes": _changes(pairs, direction, table)},
        **_describe(better, table),
    )


def _valid(
    answers: pd.DataFrame, items: pd.DataFrame | None
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the answers that can be used, and how many are outside their scale or repeated."""
    rows = with_columns(answers, ("respondent_id", "wave", "item_id", "score"))
    rows = rows.assign(
        score=pd.to_numeric(rows["score"], errors="coerce"),
        **{name: codes(rows[name]) for name in ("respondent_id", "wave", "item_id")},
    )
    rows = rows[rows["score"].notna() & rows["wave"].isin(WAVES) & rows["respondent_id"].ne("")]
    low, high = (rows["item_id"].map(_scale_end(items, end)) for end in ("low", "high"))
    outside = (rows["score"] < low) | (rows["score"] > high)
    repeated = rows.duplicated(["respondent_id", "wave", "item_id"])
    return rows, {"outside_scale": int(outside.sum()), "repeated_answers": int(repeated.sum())}


def _scale_end(items: pd.DataFrame | None, end: str) -> pd.Series:
    if items is None or items.empty or end not in items:
        return pd.Series(dtype=float)
    ends = pd.to_numeric(items[end], errors="coerce").to_numpy(dtype=float)
    known = pd.Series(ends, index=codes(items["item_id"]))
    return known[~known.index.duplicated()]


def _side_by_side(answers: pd.DataFrame) -> pd.DataFrame:
    """Return one row per person and item, a column per wave; repeated answers are averaged."""
    rows = answers.sort_values("score")  # sums in one order, whatever order the rows come in
    means = rows.groupby(["item_id", "respondent_id", "wave"])["score"].mean()
    return means.unstack("wave").reindex(columns=list(WAVES))


def _direction(items: pd.DataFrame | None) -> pd.Series:
    """Return +1 where more is better, −1 where less is, by item; unknown items are absent."""
    if items is None or items.empty:
        return pd.Series(dtype=float)
    rows = with_columns(items, ("item_id", "higher_is_better"))
    sign = codes(rows["higher_is_better"]).map({"yes": 1.0, "no": -1.0})
    known = pd.Series(sign.to_numpy(), index=codes(rows["item_id"])).dropna()
    return known[~known.index.duplicated()]


def _shift(key: str, shift: PairedShift | None, p: float | None, confidence: float) -> Indicator:
    id = keyed(SHIFT, key)
    if shift is None:
        reason = Message("problems.reason.no_paired_answers")
        return not_assessed(id, "index", reason, n=0, tables=("survey",))
    parts = {"p_unadjusted": shift.p, "signed_rank": shift.statistic}
    return measured(id, shift.estimate, "index", low=shift.low, high=shift.high, p=float(p),
                    n=shift.n, parts=parts, tables=("survey",),
                    confidence=None if shift.low is None else confidence)  # fmt: skip


def _better(
    pairs: pd.DataFrame,
    direction: pd.Series,
    unpaired: int,
    items: pd.DataFrame | None,
    confidence: float,
) -> Indicator:
    if direction.empty:
        reason = missing_table("survey_items")
        if items is not None and not items.empty and not recorded(items, "higher_is_better"):
            reason = missing_column("survey_items", "higher_is_better")
        return not_assessed(BETTER, "ratio", reason, tables=TABLES)
    signs = pairs.index.get_level_values("item_id").map(direction).to_numpy(dtype=float)
    change = np.sign(pairs["after"] - pairs["before"]).to_numpy() * signs
    improved, worsened = int((change > 0).sum()), int((change < 0).sum())
    n = improved + worsened
    parts = {"improved": improved, "worsened": worsened, "unchanged": int((change == 0).sum()),
             "unpaired": unpaired, "direction_unknown": int(np.isnan(change).sum()),
             **_by_person(pairs, change, confidence)}  # fmt: skip
    if n == 0:
        reason = Message("problems.reason.no_changed_answers")
        return not_assessed(BETTER, "ratio", reason, n=0, parts=parts, tables=TABLES)
    low, high = clopper_pearson(improved, n, confidence=confidence)
    return measured(BETTER, improved / n, "ratio", low=low, high=high, confidence=confidence, n=n,
                    parts=parts, tables=TABLES)  # fmt: skip


def _by_person(pairs: pd.DataFrame, change: np.ndarray, confidence: float) -> dict[str, Any]:
    """Return the interval that counts persons, where some have several changed answers."""
    changed = pd.DataFrame({"better": change > 0, "moved": np.abs(change) > 0})
    people = changed.groupby(pairs.index.get_level_values("respondent_id").to_numpy()).sum()
    if not (people["moved"] > 1).any():
        return {}
    share = clustered_share(people["better"], people["moved"], confidence=confidence)
    return {"persons": share.clusters, "low_by_person": share.low, "high_by_person": share.high}


def _changes(pairs: pd.DataFrame, direction: pd.Series, table: pd.DataFrame) -> pd.DataFrame:
    """Count improved, unchanged and worsened answers by item, where it is known which is which."""
    items = pairs.index.get_level_values("item_id")
    change = np.sign(pairs["after"] - pairs["before"]) * items.map(direction).to_numpy(dtype=float)
    counts = pd.DataFrame(
        {"improved": change > 0, "unchanged": change == 0, "worsened": change < 0}
    ).groupby(level="item_id").sum()  # fmt: skip
    known = table[table["item_id"].isin(counts.index) & table["higher_is_better"].notna()]
    rows = known[["item_id", "text"]].join(counts, on="item_id")
    moved = rows["improved"] + rows["worsened"]
    share = (rows["improved"] / moved).where(moved > 0)
    return rows.assign(improved_share=share).reset_index(drop=True)


def _caveats(
    defects: dict[str, int], keys: list[str], direction: pd.Series, better: Indicator
) -> tuple[Caveat, ...]:
    found = [(name, {"n": n}) for name, n in defects.items() if n]
    unknown = [key for key in keys if key not in direction.index]
    if unknown and len(direction):
        slots = {"n": len(unknown), "items": unknown[:MOST_NAMED]}
        found.append(("unknown_items", slots))
    parts = better.parts or {}
    if better.value is not None and parts.get("low_by_person") is not None:
        slots = {"n": parts["persons"], "low": parts["low_by_person"],
                 "high": parts["high_by_person"]}  # fmt: skip
        found.append(("answers_of_persons", slots))
    ids = {"outside_scale": (SHIFT, BETTER), "repeated_answers": (SHIFT, BETTER)}
    return tuple(
        Caveat(Message(f"problems.caveat.{name}", slots), ids.get(name, (BETTER,)), tables=TABLES)
        for name, slots in found
    )


def _texts(items: pd.DataFrame | None) -> dict[str, str]:
    if items is None or "text" not in items:
        return {}
    return dict(zip(codes(items["item_id"]), codes(items["text"]), strict=True))


def _table(
    wide: pd.DataFrame,
    shifts: dict[str, PairedShift],
    adjusted: dict[str, float],
    *,
    texts: dict[str, str],
    direction: pd.Series,
) -> pd.DataFrame:
    rows = []
    for key in sorted(wide.index.unique("item_id")):
        shift, everyone = shifts.get(key), wide.loc[key]
        paired = everyone.dropna()
        rows.append((key, texts.get(key) or key,
                     {1.0: "yes", -1.0: "no"}.get(direction.get(key)), len(paired),
                     len(everyone) - len(paired), paired["before"].mean(), paired["after"].mean(),
                     *((shift.estimate, shift.low, shift.high) if shift else (None,) * 3),
                     adjusted.get(key)))  # fmt: skip
    names = ["item_id", "text", "higher_is_better", "pairs", "unpaired", "mean_before",
             "mean_after", "shift", "low", "high", "p"]  # fmt: skip
    table = pd.DataFrame(rows, columns=names)
    return table.astype({name: float for name in names[5:]})


def _describe(better: Indicator, table: pd.DataFrame) -> dict[str, Message]:
    pairs = int(table["pairs"].sum())
    signs = table["higher_is_better"].map({"yes": 1.0, "no": -1.0}) * np.sign(table["shift"])
    slots = {"pairs": pairs, "items": len(table), "unpaired": int(table["unpaired"].sum()),
             "value": better.value, "low": better.low, "high": better.high, "n": better.n,
             "better": int((signs > 0).sum()), "worse": int((signs < 0).sum())}  # fmt: skip
    name = "survey" if better.value is not None else "survey_unclear"
    return {"sentence": Message(f"problems.sentence.{name}", slots),
            "headline": Message(f"problems.headline.{name}", slots),
            "subtitle": Message("problems.subtitle.survey", slots)}  # fmt: skip


def _nothing(reason: Message) -> Step:
    found = (
        not_assessed(SHIFT, "index", reason, tables=TABLES),
        not_assessed(BETTER, "ratio", reason, tables=TABLES),
    )
    return Step("problems.survey", found)
