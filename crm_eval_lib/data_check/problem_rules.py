"""Rows of the problem tables that contradict themselves or each other.

Of a register in several versions only the newest row of a problem is asked: it is what counts.
"""

import pandas as pd

from crm_eval_lib.data_check.row_rules import Material, RowRule, filled, no_row, numbers
from crm_eval_lib.denials import denies_evidence
from crm_eval_lib.problems.duplicates import circles
from crm_eval_lib.problems.standing import codes
from crm_eval_lib.problems.version_labels import read_labels, version_day, version_rank

_PROVEN = ("problems.solved_rate", "problems.weighted_solved_rate")
_RATES = (*_PROVEN, "problems.claimed_rate")
_TIMES = ("problems.median_days", "problems.p80_days", "problems.rmst_days")
_SURVEY = ("problems.survey_better_share", "problems.survey_shift")


def _newest(m: Material) -> pd.Series:
    """Mark the newest row of each problem."""
    return m.once("newest", lambda: _newest_of(m))


def _newest_of(m: Material) -> pd.Series:
    if "register_version" not in m.rows:
        return pd.Series(True, m.rows.index)
    rank = version_rank(_versions(m)).mask(_version_later(m))
    return rank == rank.groupby(m.rows["problem_id"]).transform("max")


def _unsolved(m: Material) -> pd.Series:
    return m.once("unsolved", lambda: _newest(m) & ~m.rows["status"].eq("solved").fillna(False))


def _waiting(m: Material) -> pd.Series:
    """Mark what is still worked on; duplicates and withdrawn ones end otherwise."""
    still = ["open", "partly"]
    return m.once("waiting", lambda: _unsolved(m) & m.rows["status"].isin(still))


def _accepted_unsolved(m: Material) -> pd.Series:
    return _waiting(m) & m.rows["accepted"].eq("yes")


def _evidence_unsolved(m: Material) -> pd.Series:
    evidence = m.rows["evidence"]
    return _waiting(m) & filled(evidence) & ~denies_evidence(evidence)


def _evidence_denied(m: Material) -> pd.Series:
    """Mark problems, or checks, that are solved by what the evidence says does not exist."""
    of_register = "status" in m.rows
    solved = m.rows["status" if of_register else "result"].eq("solved")
    return (_newest(m) if of_register else True) & solved & denies_evidence(m.rows["evidence"])


def _solved_on_unsolved(m: Material) -> pd.Series:
    return _waiting(m) & m.rows["solved_on"].notna()


def _closed_on_unsolved(m: Material) -> pd.Series:
    return _waiting(m) & m.rows["closed_on"].notna()


def _solved_disputed(m: Material) -> pd.Series:
    solved = _newest(m) & m.rows["status"].eq("solved")
    return solved & m.rows["accepted"].eq("no")


def _confirmed_unsolved(m: Material) -> pd.Series:
    return _unsolved(m) & m.rows["confirmed_on"].notna()


def _confirmed_early(m: Material) -> pd.Series:
    live = m.dates.go_live
    if live is None:
        return no_row(m.rows)
    return _newest(m) & (m.rows["confirmed_on"] <= live)


def _survey_late(m: Material) -> pd.Series:
    live = m.dates.go_live
    if live is None:
        return no_row(m.rows)
    return _newest(m) & m.rows["phase"].isin(["survey", "build"]) & (m.rows["raised_on"] > live)


def _originals(m: Material) -> pd.Series:
    return m.once("originals", lambda: codes(m.rows["duplicate_of"]))


def _of_itself(m: Material) -> pd.Series:
    return _newest(m) & m.rows["problem_id"].astype("str").eq(_originals(m))


def _in_a_circle(m: Material) -> pd.Series:
    newest = m.rows[_newest(m)].drop_duplicates("problem_id")
    named = _originals(m)[newest.index].reset_index(drop=True)
    ids = newest["problem_id"].astype("str").reset_index(drop=True)
    found = (circles(ids, named) >= 0).set_axis(newest.index)
    return found.reindex(m.rows.index, fill_value=False) & ~_of_itself(m)


def _original_missing(m: Material) -> pd.Series:
    named = _originals(m)
    return _newest(m) & named.ne("") & ~named.isin(m.rows["problem_id"].astype("str"))


def _original_unnamed(m: Material) -> pd.Series:
    return _newest(m) & m.rows["status"].eq("duplicate") & _originals(m).eq("")


def _rejected_by_nobody(m: Material) -> pd.Series:
    return _newest(m) & m.rows["status"].eq("rejected") & ~filled(m.rows["decided_by_side"])


def _score_outside(m: Material) -> pd.Series:
    items = m.other("survey_items", "item_id", "low", "high")
    if items is None:
        return no_row(m.rows)
    limits = items.drop_duplicates("item_id").set_index("item_id")
    score = numbers(m.rows["score"])
    low, high = (m.rows["item_id"].map(numbers(limits[name])) for name in ("low", "high"))
    return (score < low) | (score > high)


def _scale_turned(m: Material) -> pd.Series:
    return numbers(m.rows["low"]) >= numbers(m.rows["high"])


def _tested_early(m: Material) -> pd.Series:
    """Mark tests dated before their problem was raised."""
    register = m.other("problems", "problem_id", "raised_on")
    if register is None:
        return no_row(m.rows)
    raised = register.groupby("problem_id")["raised_on"].min()
    return m.rows["tested_on"] < m.rows["problem_id"].map(raised)


def _result_undated(m: Material) -> pd.Series:
    return m.rows["test_result"].isin(["pass", "fail"]) & m.rows["tested_on"].isna()


def _not_run_dated(m: Material) -> pd.Series:
    return m.rows["test_result"].eq("not_run") & m.rows["tested_on"].notna()


def _attended_unaffected(m: Material) -> pd.Series:
    return m.rows["affected"].eq("no") & m.rows["survey_attended_on"].notna()


def _version_partly(m: Material) -> pd.Series:
    versions = filled(m.rows["register_version"])
    return ~versions & versions.any()


def _version_later(m: Material) -> pd.Series:
    if m.dates.status_date is None:
        return no_row(m.rows)
    return m.once("later", lambda: version_day(_versions(m)) > m.dates.status_date)


def _versions(m: Material) -> pd.Series:
    return m.once("versions", lambda: codes(m.rows["register_version"]))


def _labels(m: Material) -> pd.Series:
    """Return the name of each version once, where there are several."""
    labels = _versions(m)
    labels = labels[labels.ne("") & ~labels.duplicated()]
    return labels if len(labels) > 1 else labels[:0]


def _version_unordered(m: Material) -> pd.Series:
    """Mark one row of each version without a figure, where none is named by a date."""
    labels = _labels(m)
    if any(label.day is not None for label in read_labels(labels).values()):
        return no_row(m.rows)
    return no_row(m.rows) | ~labels.str.contains(r"\d").reindex(m.rows.index, fill_value=True)


def _version_mixed(m: Material) -> pd.Series:
    """Mark one row of each version that is named by no date, where others are."""
    labels = _labels(m)
    undated = version_day(labels).isna()
    return no_row(m.rows) | (undated & ~undated.all()).reindex(m.rows.index, fill_value=False)


def _version_ambiguous(m: Material) -> pd.Series:
    """Mark one row of each version whose date can be read day or month first."""
    labels = _versions(m)
    unclear = [name for name, label in read_labels(labels).items() if label.is_ambiguous]
    return labels.isin(unclear) & ~labels.duplicated()


def _checked_apart(m: Material) -> pd.Series:
    """Mark checks of one statement on one day that differ."""
    days = m.rows.groupby(["problem_id", "checked_on"], dropna=False)["result"]
    return days.transform("nunique") > 1


PROBLEM_RULES = (
    RowRule("version_partly", "problems", ("register_version",), _version_partly, _RATES),
    RowRule("version_later", "problems", ("register_version",), _version_later, _RATES),
    RowRule("version_unordered", "problems", ("register_version",), _version_unordered, _RATES),
    RowRule("version_mixed", "problems", ("register_version",), _version_mixed, _RATES),
    RowRule("version_ambiguous", "problems", ("register_version",), _version_ambiguous, _RATES),
    RowRule("checked_apart", "problem_check", ("result", "checked_on"), _checked_apart, _PROVEN),
    RowRule("accepted_unsolved", "problems", ("status", "accepted"), _accepted_unsolved, _PROVEN),
    RowRule("evidence_unsolved", "problems", ("evidence", "status"), _evidence_unsolved, _PROVEN),
    RowRule("evidence_denied", "problems", ("evidence", "status"), _evidence_denied, _PROVEN),
    RowRule("evidence_denied", "problem_check", ("evidence", "result"), _evidence_denied, _PROVEN),
    RowRule("solved_on_unsolved", "problems", ("solved_on", "status"), _solved_on_unsolved,
            (*_RATES, *_TIMES), biases=True),
    RowRule("closed_on_unsolved", "problems", ("closed_on", "status"), _closed_on_unsolved,
            (*_RATES, *_TIMES)),
    RowRule("solved_disputed", "problems", ("accepted", "status"), _solved_disputed,
            ("problems.claimed_rate", "problems.evidence_gap")),
    RowRule("confirmed_unsolved", "problems", ("confirmed_on", "status"), _confirmed_unsolved,
            ("problems.confirmed_share",)),
    RowRule("confirmed_early", "problems", ("confirmed_on",), _confirmed_early,
            ("problems.confirmed_share",)),
    RowRule("phase_early", "problems", ("phase", "raised_on"), _survey_late,
            ("problems.late_found_share",)),
    RowRule("of_itself", "problems", ("duplicate_of",), _of_itself, _RATES, biases=True),
    RowRule("in_a_circle", "problems", ("duplicate_of",), _in_a_circle, _RATES, biases=True),
    RowRule("original_missing", "problems", ("duplicate_of",), _original_missing, _RATES,
            biases=True),
    RowRule("original_unnamed", "problems", ("status",), _original_unnamed, _RATES, biases=True),
    RowRule("rejected_by_nobody", "problems", ("status",), _rejected_by_nobody, _RATES),
    RowRule("score_outside", "survey", ("score",), _score_outside, _SURVEY, biases=True),
    RowRule("scale_turned", "survey_items", ("low", "high"), _scale_turned, _SURVEY),
    RowRule("tested_early", "trace", ("tested_on",), _tested_early, ("problems.traced_share",),
            biases=True),
    RowRule("result_undated", "trace", ("test_result",), _result_undated,
            ("problems.traced_share",)),
    RowRule("not_run_dated", "trace", ("tested_on", "test_result"), _not_run_dated,
            ("problems.traced_share",)),
    RowRule("attended_unaffected", "departments", ("survey_attended_on", "affected"),
            _attended_unaffected, ("problems.attendance",)),
)  # fmt: skip
