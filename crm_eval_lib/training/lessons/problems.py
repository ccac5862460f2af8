"""Lesson on problems: a register that was tidied up between its versions."""

from dataclasses import replace

import pandas as pd

from crm_eval_lib.simulate import DEMOS
from crm_eval_lib.training.answers import Choice, Count, Names, Share
from crm_eval_lib.training.case import Case
from crm_eval_lib.training.judged import lacking, never, the_true_one
from crm_eval_lib.training.lessons.register import (
    CLAIMED,
    DECLINED,
    DUPLICATES,
    LATE,
    PROMISED,
    UNACCEPTED,
    VENDOR_RAISED,
    WITHDRAWN,
    department,
    planted,
    tables,
)
from crm_eval_lib.training.questions import Plan, Question

HALF = 0.5  # most, or less than half
SEVERE = 4  # severity from which a problem is called severe


def case(language: str) -> Case:
    """Make the client: a rate that rose because rows went."""
    scenario = replace(
        DEMOS["demo-troubled"], client="lesson-problems", language=language, seed=82,
        name="Lindqvist Fittings" if language == "en" else "凌云管件",
        problems=40, solved_share=0.70, evidence_share=17 / 28, vanished=5, vendor_rejected=3,
        silent_departments=3, register_versions=("2023-09-15", "2025-05-16"),
    )  # fmt: skip
    return Case(scenario, tables(scenario))


def _solved(case: Case) -> int:
    return round(case.scenario.problems * case.scenario.solved_share)


def _proven(case: Case) -> int:
    return round(_solved(case) * case.scenario.evidence_share)


def _claimed_over(case: Case, *, more: int = 0, fewer: int = 0, twice: int = 0) -> float:
    """Return the claimed rate over more or fewer problems, some solutions counted twice."""
    return (_solved(case) + twice) / (case.scenario.problems + more - fewer + twice)


def _as_handed_over(case: Case) -> float:
    """Return what the newest version says as it stands: the vendor's own rate."""
    return _claimed_over(case, more=WITHDRAWN + DECLINED, fewer=case.scenario.vanished,
                         twice=DUPLICATES)  # fmt: skip


def _all_rows(case: Case) -> float:
    plan = planted(case.scenario)
    early = len(plan) - LATE - DUPLICATES
    return (_solved(case) + DUPLICATES) / (early + len(plan) - case.scenario.vanished)


CLAIM = Question(
    "q1", "claimed", Share(), _claimed_over,
    code="""\
last_known = register.sort_values("register_version").drop_duplicates("problem_id", keep="last")
repeated = last_known["status"].eq("duplicate") | last_known["duplicate_of"].notna()
by_client = last_known["status"].eq("rejected") & last_known["decided_by_side"].eq("client")
outside = repeated | by_client | last_known["status"].eq("withdrawn")
counted = last_known[~outside]
claimed = counted["status"].eq("solved").mean()""",
    mistakes={
        "as_handed_over": _as_handed_over,
        "newest_only": lambda case: _claimed_over(case, fewer=case.scenario.vanished),
        "duplicates_kept": lambda case: _claimed_over(case, twice=DUPLICATES),
        "nothing_left_out": lambda case: _claimed_over(case, more=WITHDRAWN + DECLINED,
                                                       twice=DUPLICATES),
        "rejected_dropped": lambda case: _claimed_over(case, fewer=case.scenario.vendor_rejected),
        "withdrawn_kept": lambda case: _claimed_over(case, more=WITHDRAWN),
        "declined_kept": lambda case: _claimed_over(case, more=DECLINED),
        "vendor_raised_dropped": lambda case: (_solved(case) - VENDOR_RAISED)
        / (case.scenario.problems - VENDOR_RAISED),
        "all_rows": _all_rows,
        "per_cents": lambda case: 100 * _claimed_over(case),
    },
)  # fmt: skip


def _shown(case: Case, more: int = 0) -> float:
    return (_proven(case) + more) / case.scenario.problems


PROOF = Question(
    "q2", "proven", Share(), _shown,
    code="""\
solved, accepted = counted["status"].eq("solved"), counted["accepted"].eq("yes")
shown = counted["evidence"].notna() & ~counted["evidence"].isin(["to follow", "待补"])
proven = (solved & accepted & shown).mean()""",
    mistakes={
        "of_the_solved": lambda case: _proven(case) / _solved(case),
        "promises_counted": lambda case: _shown(case, PROMISED),
        "not_accepted": lambda case: _shown(case, UNACCEPTED),
        "evidence_cell_filled": lambda case: _shown(case, UNACCEPTED + PROMISED),
        "accepted_only": lambda case: _shown(case, _solved(case) - _proven(case) - UNACCEPTED),
        "claimed_again": _claimed_over,
        "newest_only": lambda case: _proven(case)
        / (case.scenario.problems - case.scenario.vanished),
    },
)  # fmt: skip


def _ids(case: Case, *endings: str) -> pd.Series:
    plan = planted(case.scenario)
    return plan.loc[plan["ending"].isin(endings), "problem_id"]


def _new(case: Case) -> list[str]:
    plan = planted(case.scenario)
    return list(plan.loc[plan["is_late"] | plan["ending"].eq("duplicate"), "problem_id"])


def _retitled(case: Case) -> set[str]:
    plan = planted(case.scenario)
    return {*plan.loc[plan["is_reworded"], "problem_id"], *_ids(case, "vanished")}


def _severe_gone(case: Case) -> list[str]:
    plan = planted(case.scenario)
    gone = plan["ending"].eq("vanished") & (plan["first"] >= SEVERE)
    return list(plan.loc[gone, "problem_id"])


GONE = Question(
    "q3", "vanished", Names(), lambda case: list(_ids(case, "vanished")),
    code="""\
first_day, last_day = sorted(register["register_version"].unique())
before = register[register["register_version"].eq(first_day)]
after = register[register["register_version"].eq(last_day)]
vanished = set(before["problem_id"]) - set(after["problem_id"])""",
    mistakes={
        "turned_round": _new,
        "titles_compared": _retitled,
        "both_ways": lambda case: {*_new(case), *_ids(case, "vanished")},
        "rejected_too": lambda case: list(_ids(case, "vanished", "rejected")),
        "severe_only": _severe_gone,
    },
)  # fmt: skip

UNSOLVED = ("open", "vanished", "rejected")


def _severe(case: Case, endings: tuple[str, ...] = UNSOLVED, graded: str = "first") -> int:
    plan = planted(case.scenario)
    return int((plan["ending"].isin(endings) & (plan[graded] >= SEVERE)).sum())


GRADES = Question(
    "q4", "severe_unsolved", Count(), _severe,
    code="""\
oldest_first = register.sort_values("register_version").drop_duplicates("problem_id")
first_called = oldest_first.set_index("problem_id")["severity"]
unsolved = counted[counted["status"].ne("solved")]
severe_unsolved = (unsolved["problem_id"].map(first_called) >= 4).sum()""",
    mistakes={
        "newest_grades": lambda case: _severe(case, graded="last"),
        "newest_register": lambda case: _severe(case, ("open", "rejected"), "last"),
        "vanished_forgotten": lambda case: _severe(case, ("open", "rejected")),
        "rejected_forgotten": lambda case: _severe(case, ("open", "vanished")),
        "declined_counted": lambda case: _severe(case, (*UNSOLVED, "declined")),
        "solved_counted": lambda case: _severe(case, (*UNSOLVED, *CLAIMED)),
    },
)  # fmt: skip

SILENT_ROLES = ("spoken_for", "mute", "late")


def _departments(case: Case, *roles: str) -> list[str]:
    return department(case.scenario, *roles)


SILENT = Question(
    "q5", "silent", Names(), lambda case: _departments(case, *SILENT_ROLES),
    code="""\
own = register["raised_by_side"].eq("client") & register["phase"].eq("survey")
heard = register.loc[own, "department"]
affected = departments.loc[departments["affected"].eq("yes"), "department"]
silent = set(affected) - set(heard)""",
    mistakes={
        "vendor_spoke": lambda case: _departments(case, "mute", "late"),
        "too_late": lambda case: _departments(case, "spoken_for", "mute"),
        "no_row_at_all": lambda case: _departments(case, "mute"),
        "attendance": lambda case: _departments(case, "spoken_for"),
        "unaffected_too": lambda case: _departments(case, *SILENT_ROLES, "unaffected"),
        "spoke": lambda case: _departments(case, "speaks"),
    },
)  # fmt: skip

SENTENCE = Question(
    "q6", "sentence", Choice(),
    the_true_one(
        a=lambda case: _as_handed_over(case) == _claimed_over(case),
        b=lambda case: _claimed_over(case) > HALF > _shown(case) and case.scenario.vanished > 0,
        c=never,
        d=lacking("problems"),
    ),
    code='sentence = "b"',
    mistakes={"vendors_rate": lambda case: "a", "accuses": lambda case: "c",
              "says_nothing": lambda case: "d"},
)  # fmt: skip

PLAN = Plan("02_problems", 1, case, (CLAIM, PROOF, GONE, GRADES, SILENT, SENTENCE), minutes=30)
