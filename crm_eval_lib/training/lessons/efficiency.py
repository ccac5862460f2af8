"""Lesson on efficiency: a season, a new mix and dropped open cases look like an effect."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from crm_eval_lib.simulate import DEMOS
from crm_eval_lib.training.answers import Amount, Choice, Count, Share
from crm_eval_lib.training.case import Case
from crm_eval_lib.training.judged import never, the_true_one
from crm_eval_lib.training.lessons.approvals import (
    AT_HAND_DAYS,
    DAY_HOURS,
    DRAWN_DAYS,
    TARGET_HOURS,
    YEAR,
    planted,
    tables,
)
from crm_eval_lib.training.questions import Plan, Question


def case(language: str) -> Case:
    """Make the client: approvals look faster, and nothing became faster."""
    scenario = replace(
        DEMOS["demo-troubled"], client="lesson-efficiency", language=language, seed=83,
        name="Okello Instruments" if language == "en" else "欧克仪器",
        project_start="2023-06-05", planned_go_live="2024-03-04", go_live="2024-03-04",
        blackout_end="2024-05-31", status_date="2024-09-06", crm_effect=0.0,
    )  # fmt: skip
    return Case(scenario, tables(scenario))


def _of(case: Case, *periods: str) -> pd.DataFrame:
    plan = planted(case.scenario)
    return plan[plan["period"].isin(periods)]


def _summer(case: Case) -> pd.DataFrame:
    """Return the cases of the same weeks a year before."""
    weeks = _of(case, "after")["week"] - YEAR
    plan = _of(case, "before")
    return plan[plan["week"].isin(weeks)]


def _finished(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[~rows["is_open"]]


def _large(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["kind"].eq("large")]


def _change(first: pd.DataFrame, second: pd.DataFrame,
            typical: Callable[[pd.Series], float] = np.median) -> float:  # fmt: skip
    """Return the relative change of the typical hours from one sample to the other."""
    return float(typical(second["told"]) / typical(first["told"]) - 1)


def _naive(case: Case) -> float:
    return _change(_finished(_of(case, "before")), _finished(_of(case, "after")))


NAIVE = Question(
    "q1", "naive", Share(), _naive,
    code="""\
finished_before = before.loc[before["observed"], "hours"].median()
finished_after = after.loc[after["observed"], "hours"].median()
naive = finished_after / finished_before - 1""",
    mistakes={
        "turned_round": lambda case: _change(_finished(_of(case, "after")),
                                             _finished(_of(case, "before"))),
        "sign": lambda case: -_naive(case),
        "no_one_taken_off": lambda case: 1 + _naive(case),
        "per_cents": lambda case: 100 * _naive(case),
        "means": lambda case: _change(_finished(_of(case, "before")),
                                      _finished(_of(case, "after")), np.mean),
        "blackout_counted": lambda case: _change(_finished(_of(case, "before")),
                                                 _finished(_of(case, "between", "after"))),
    },
)  # fmt: skip


def _open(case: Case, *periods: str) -> int:
    return int(_of(case, *periods)["is_open"].sum())


DROPPED = Question(
    "q2", "dropped", Count(), lambda case: _open(case, "after"),
    code='dropped = (~after["observed"]).sum()',
    mistakes={
        "finished_counted": lambda case: len(_finished(_of(case, "after"))),
        "go_live_too": lambda case: _open(case, "before", "after"),
        "before_only": lambda case: _open(case, "before"),
        "all_counted": lambda case: len(_of(case, "after")),
    },
)  # fmt: skip

LIKE = Question(
    "q3", "like_with_like", Share(), lambda case: case.scenario.crm_effect,
    code="""\
large_then = last_summer[last_summer["stratum"].eq("large")]
large_now = after[after["stratum"].eq("large")]
like_with_like = large_now["hours"].median() / large_then["hours"].median() - 1""",
    mistakes={
        "open_dropped": lambda case: _change(_large(_finished(_summer(case))),
                                             _large(_finished(_of(case, "after")))),
        "whole_year": lambda case: _change(_large(_of(case, "before")), _large(_of(case, "after"))),
        "kinds_mixed": lambda case: _change(_summer(case), _of(case, "after")),
        "naive_again": _naive,
        "no_one_taken_off": lambda case: 1 + case.scenario.crm_effect,
    },
)  # fmt: skip


def _met(rows: pd.DataFrame) -> pd.Series:
    """Return the share within the target, by kind; open cases are beyond it already."""
    within = ~rows["is_open"] & (rows["told"] <= TARGET_HOURS)
    return within.groupby(rows["kind"]).mean()


def _mix(rows: pd.DataFrame) -> pd.Series:
    return rows["kind"].value_counts(normalize=True)


def _standard(met: pd.DataFrame, mix: pd.DataFrame) -> float:
    """Return the share of one sample within the target under the mix of another."""
    return float((_met(met) * _mix(mix)).sum())


STANDARD = Question(
    "q4", "met_at_old_mix", Share(), lambda case: _standard(_of(case, "after"), _summer(case)),
    code="""\
met = after["observed"] & (after["hours"] <= target_hours)
met_by_kind = met.groupby(after["stratum"], observed=True).mean()
old_mix = last_summer["stratum"].value_counts(normalize=True)
met_at_old_mix = (met_by_kind * old_mix).sum()""",
    mistakes={
        "own_mix": lambda case: _standard(_of(case, "after"), _of(case, "after")),
        "own_mix_open_dropped": lambda case: _standard(_finished(_of(case, "after")),
                                                       _finished(_of(case, "after"))),
        "open_dropped": lambda case: _standard(_finished(_of(case, "after")), _summer(case)),
        "whole_year": lambda case: _standard(_of(case, "before"), _of(case, "before")),
        "per_cents": lambda case: 100 * _standard(_of(case, "after"), _summer(case)),
    },
)  # fmt: skip


def _hours_of(days: tuple[int, ...], more: int) -> float:
    """Return the hours of a median of days between stamps, a day less or more."""
    return DAY_HOURS * float(np.median(days) + more)


FORMS = Question(
    "q5", "least_median", Amount(), lambda case: _hours_of(DRAWN_DAYS, -1),
    code="""\
import numpy as np

drawn = stamps[stamps["selection"].eq("systematic")]
days = np.busday_count(list(drawn["submitted_on"]), list(drawn["decided_on"]))
least_median = (np.median(days) - 1) * hours_a_day""",
    mistakes={
        "exact": lambda case: _hours_of(DRAWN_DAYS, 0),
        "most": lambda case: _hours_of(DRAWN_DAYS, 1),
        "all_forms": lambda case: _hours_of(DRAWN_DAYS + AT_HAND_DAYS, -1),
        "all_forms_exact": lambda case: _hours_of(DRAWN_DAYS + AT_HAND_DAYS, 0),
        "at_hand": lambda case: _hours_of(AT_HAND_DAYS, -1),
        "at_hand_exact": lambda case: _hours_of(AT_HAND_DAYS, 0),
        "in_days": lambda case: _hours_of(DRAWN_DAYS, -1) / DAY_HOURS,
    },
)  # fmt: skip

SENTENCE = Question(
    "q6", "sentence", Choice(),
    the_true_one(
        a=lambda case: case.scenario.crm_effect < 0,
        b=lambda case: case.scenario.crm_effect > 0,
        c=never,
        d=lambda case: case.scenario.crm_effect == 0 and _naive(case) < 0,
    ),
    code='sentence = "d"',
    mistakes={"faster": lambda case: "a", "slower": lambda case: "b",
              "no_effect": lambda case: "c"},
)  # fmt: skip

PLAN = Plan("03_efficiency", 1, case, (NAIVE, DROPPED, LIKE, STANDARD, FORMS, SENTENCE), minutes=30)
