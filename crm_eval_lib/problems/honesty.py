"""What happened to the register itself: problems that vanish, are re-graded or re-worded."""

from difflib import SequenceMatcher
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.letters import folded
from crm_eval_lib.problems.shares import share_of
from crm_eval_lib.problems.solving import PROOF
from crm_eval_lib.problems.standing import absent, codes, latest, versions
from crm_eval_lib.results import Message, Step

COMPARED_CHARACTERS = 500  # of a title; longer ones would take minutes and say no more
# In the order of the list: what shortens the denominator first.
CHANGES = (
    "vanished", "missing_between", "made_duplicate", "moved_out_of_scope", "newly_rejected",
    "newly_withdrawn", "severity_down", "importance_down", "severity_up", "importance_up",
    "redated", "reworded", "department_changed",
)  # fmt: skip
GRADES = ("severity", "importance")
GROUPS = {
    "vanished": ("vanished", "missing_between"),
    "taken_out": ("made_duplicate", "moved_out_of_scope", "newly_rejected", "newly_withdrawn"),
    "graded_down": ("severity_down", "importance_down"),
    "graded_up": ("severity_up", "importance_up"),
    "reworded": ("reworded",),
    "moved": ("redated", "department_changed"),
}
COLUMNS = ("problem_id", "title", "severity", "change", "from_version", "to_version", "from_value",
           "to_value", "changed_share")  # fmt: skip


def register_changes(problems: pd.DataFrame | None, *, dates: Any) -> Step:
    """Compare the versions of the register, each problem with itself.

    Parameters
    ----------
    problems : DataFrame or None
        All versions of the register.
    dates : object
        Has ``status_date``.

    Returns
    -------
    Step
        No indicators. Table: each change with the versions and values before and after;
        ``changed_share`` is how much of a title is different (1 − difflib's ratio), width, case
        and spaces apart. ``tables["versions"]``: counts per version. The sentence says what the
        rates would be if the vanished problems were all unsolved.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = pd.DataFrame({"problem_id": ["1", "2", "1"], "severity": [5, 4, 3],
    ...                      "status": "open", "register_version": ["1", "1", "2"]})
    >>> step = register_changes(rows, dates=SimpleNamespace(status_date=None))
    >>> step.table["change"].tolist()
    ['vanished', 'severity_down']
    """
    rows = None if problems is None else versions(problems, dates=dates)
    if rows is None or rows.empty:
        return Step("problems.register_changes")
    seen = latest(rows, dates=dates)
    if rows["version"].nunique() < 2:
        message = Message("problems.sentence.one_version", {"n": len(seen)})
        return Step("problems.register_changes", sentence=message)
    rows = _comparable(rows, problems.reset_index(drop=True).reindex(rows.index))
    changes = _sorted(_changes(rows), seen)
    return Step(
        "problems.register_changes",
        table=changes,
        sentence=_sentence(changes, rows["version"].nunique(), seen),
        tables={"versions": _per_version(changes, rows)},
    )


def _comparable(rows: pd.DataFrame, raw: pd.DataFrame) -> pd.DataFrame:
    """Add what is compared: grades as given (an empty one is none), texts without blanks."""
    status, scope = codes(rows["status"]), codes(rows["in_scope"])
    rows = rows.assign(
        severity=pd.to_numeric(raw.get("severity"), errors="coerce"),
        importance=pd.to_numeric(raw["importance"], errors="coerce")
        if "importance" in raw else np.nan,
        status=status,
        is_duplicate=status.eq("duplicate") | codes(rows["duplicate_of"]).ne(""),
        is_outside=scope.isin(["no", "deferred"]),
        in_scope=scope.where(scope != "", "yes"),
        raised=rows["raised_on"].dt.strftime("%Y-%m-%d"),
        words=codes(rows["title"]),
        unit=codes(rows["department"]),
        label=codes(rows["register_version"]),
    )  # fmt: skip
    order = np.lexsort([rows["version"], pd.factorize(rows["problem_id"])[0]])
    return rows.iloc[order].reset_index(drop=True)


def _plain(values: pd.Series) -> pd.Series:
    texts = codes(values)
    plain = {text: folded(text) for text in texts.unique()}
    return texts.map(plain)


def _changes(rows: pd.DataFrame) -> pd.DataFrame:
    follows = np.flatnonzero(rows["problem_id"].eq(rows["problem_id"].shift()))
    old, new = (rows.iloc[at].reset_index(drop=True) for at in (follows - 1, follows))
    parts = [_part(name, old[mask], new[mask], column)
             for name, (mask, column) in _kinds(old, new).items()]  # fmt: skip
    last = rows[~rows["problem_id"].eq(rows["problem_id"].shift(-1))]
    gone = last[last["version"] < rows["version"].max()]
    labels = rows.drop_duplicates("version").set_index("version")["label"]
    after = gone.assign(label=(gone["version"] + 1).map(labels), status="")
    parts.append(_part("vanished", gone, after, "status"))
    return pd.concat(parts, ignore_index=True)


def _kinds(old: pd.DataFrame, new: pd.DataFrame) -> dict[str, tuple[pd.Series, str]]:
    """Return for each change which pairs of versions show it, and the column it stands in."""

    def became(column: str) -> pd.Series:
        return new[column] & ~old[column]

    def differs(column: str) -> pd.Series:
        return (
            old[column].fillna("").ne(new[column].fillna(""))
            & old[column].fillna("").ne("")
            & (new[column].fillna("").ne(""))
        )

    def reads_otherwise(column: str) -> pd.Series:
        mask = differs(column)
        if mask.any():  # width, case and spaces apart
            mask[mask] = _plain(old.loc[mask, column]).ne(_plain(new.loc[mask, column]))
        return mask

    def became_status(name: str) -> pd.Series:
        return new["status"].eq(name) & old["status"].ne(name)

    return {
        "missing_between": (new["version"] - old["version"] > 1, "status"),
        "made_duplicate": (became("is_duplicate"), "status"),
        "moved_out_of_scope": (became("is_outside"), "in_scope"),
        "newly_rejected": (became_status("rejected"), "status"),
        "newly_withdrawn": (became_status("withdrawn"), "status"),
        **{f"{name}_down": (new[name] < old[name], name) for name in GRADES},
        **{f"{name}_up": (new[name] > old[name], name) for name in GRADES},
        "redated": (differs("raised"), "raised"),
        "reworded": (reads_otherwise("words"), "title"),
        "department_changed": (reads_otherwise("unit"), "department"),
    }


def _part(change: str, old: pd.DataFrame, new: pd.DataFrame, column: str) -> pd.DataFrame:
    shares = np.nan
    if change == "reworded":
        pairs = list(zip(_plain(old["words"]), _plain(new["words"]), strict=True))
        different = {pair: _difference(*pair) for pair in set(pairs)}
        shares = [different[pair] for pair in pairs]
    return pd.DataFrame({
        "problem_id": old["problem_id"].to_numpy(), "change": change,
        "from_version": old["label"].to_numpy(), "to_version": new["label"].to_numpy(),
        "from_value": _shown(old[column]), "to_value": _shown(new[column]),
        "changed_share": shares,
    })  # fmt: skip


def _shown(values: pd.Series) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(values):
        return values.map("{:g}".format).to_numpy(dtype=object)
    return codes(values).to_numpy(dtype=object)


def _difference(old: str, new: str) -> float:
    """Return 1 − difflib's ratio, what both begin and end with counted as the same."""
    old, new = old[:COMPARED_CHARACTERS], new[:COMPARED_CHARACTERS]
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    middles = (text[start : len(text) - end] for text in (old, new))
    match = SequenceMatcher(None, *middles, autojunk=False).get_matching_blocks()
    same = start + end + sum(block.size for block in match)
    return 1 - 2 * same / (len(old) + len(new))


def _alike(old: str, new: str) -> int:
    """Return how many characters both begin with."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(old), len(new)))


def _sorted(changes: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    now = seen.set_index("problem_id")[["title", "severity"]]
    table = changes.join(now, on="problem_id")
    table["_turn"] = table["change"].map({name: place for place, name in enumerate(CHANGES)})
    table = table.sort_values(["_turn", "severity", "problem_id", "from_version"],
                              ascending=[True, False, True, True], kind="stable")  # fmt: skip
    return table[list(COLUMNS)].reset_index(drop=True)


def _per_version(changes: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    label = rows.drop_duplicates("version").sort_values("version")["label"]
    first = rows.drop_duplicates("problem_id")["label"]
    table = pd.DataFrame({"register_version": label})
    table["problems"] = label.map(rows["label"].value_counts())
    table["added"] = label.map(first.value_counts())
    for group, kinds in GROUPS.items():
        counts = changes.loc[changes["change"].isin(kinds), "to_version"].value_counts()
        table[group] = label.map(counts)
    numbers = table.columns[1:]
    return (
        table.fillna({name: 0 for name in numbers})
        .astype({name: int for name in numbers})
        .reset_index(drop=True)
    )


def _sentence(changes: pd.DataFrame, n_versions: int, seen: pd.DataFrame) -> Message:
    counts = {group: int(changes["change"].isin(kinds).sum()) for group, kinds in GROUPS.items()}
    slots = {"n": n_versions, **counts, "vanished": int(seen["is_vanished"].sum())}
    if changes.empty:
        return Message("problems.sentence.changes_none", slots)
    inside = seen["in_denominator"]
    hidden = inside & seen["is_vanished"] & seen["claimed"]
    claimed, n = share_of(seen["claimed"], inside)
    if not hidden.any():
        return Message("problems.sentence.changes", slots)
    slots |= {"claimed": claimed / n, "claimed_if": (claimed - int(hidden.sum())) / n}
    if absent(seen, *PROOF):
        return Message("problems.sentence.changes_claimed", slots)
    proven, lost = (share_of(seen["proven"], among)[0] for among in (inside, hidden))
    slots |= {"proven": proven / n, "proven_if": (proven - lost) / n}
    return Message("problems.sentence.changes_proven", slots)
