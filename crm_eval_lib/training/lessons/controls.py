"""Lesson on controls: nothing found in few items, a switch off for weeks, the important waiting."""

import pandas as pd

from crm_eval_lib.scoring import numbers
from crm_eval_lib.training.answers import Choice, Names, Share
from crm_eval_lib.training.case import Case
from crm_eval_lib.training.judged import never, the_true_one
from crm_eval_lib.training.lessons.locks import (
    COMPLAINTS,
    DRAWN,
    OFF_FROM,
    OFF_TO,
    POINTS,
    TESTED,
    case,
    order_kinds,
)
from crm_eval_lib.training.questions import Plan, Question

CONFIDENCE = 0.95  # one-sided
IMPORTANT = 4  # of 5
HIGH_PRIORITY = 2  # 1 = first
LONG_HOURS = 24.0


def _limit(alpha: float) -> float:
    """Return the rate at which nothing is found in the drawn items with this probability."""
    return 1 - alpha ** (1 / DRAWN)


LIMIT = Question(
    "q1", "upper_limit", Share(), lambda case: _limit(1 - CONFIDENCE),
    code="""\
drawn = tests[tests["control_id"].eq("C02") & tests["method"].eq("sample")]
upper_limit = 1 - 0.05 ** (1 / len(drawn))""",
    mistakes={
        "zero": lambda case: 0.0,
        "two_sided": lambda case: _limit((1 - CONFIDENCE) / 2),
        "rule_of_three": lambda case: 3 / DRAWN,
        "confidence_for_risk": lambda case: _limit(CONFIDENCE),
        "one_in_n": lambda case: 1 / DRAWN,
        "per_cents": lambda case: 100 * _limit(1 - CONFIDENCE),
    },
)  # fmt: skip


def _off_days() -> int:
    return (pd.Timestamp(OFF_TO) - pd.Timestamp(OFF_FROM)).days


def _days(case: Case, after: str) -> int:
    """Count the days after a day, up to and with the status date."""
    return (pd.Timestamp(case.scenario.status_date) - pd.Timestamp(after)).days


def _uptime(case: Case) -> float:
    return 1 - _off_days() / _days(case, case.scenario.blackout_end)


UPTIME = Question(
    "q2", "uptime", Share(), _uptime,
    code="""\
days_off = (off["off_to"] - off["off_from"]).dt.days.sum()
days = (client.dates.status_date - client.dates.blackout[1]).days
uptime = 1 - days_off / days""",
    mistakes={
        "share_off": lambda case: 1 - _uptime(case),
        "since_go_live": lambda case: 1 - _off_days() / _days(case, case.scenario.go_live),
        "whole_year": lambda case: 1 - _off_days() / 365,
        "both_ends": lambda case: 1 - (_off_days() + 1) / _days(case, case.scenario.blackout_end),
        "per_cents": lambda case: 100 * _uptime(case),
    },
)  # fmt: skip


def _ids(*kinds: str) -> list[str]:
    planted = order_kinds()
    return list(planted.loc[planted["kind"].isin(kinds), "order_id"])


BELOW = Question(
    "q3", "slipped_through", Names(), lambda case: _ids("open", "rebate"),
    code="""\
net = orders["unit_price"] - orders["rebate"] / orders["quantity"]
away = orders["ordered_at"].between(off["off_from"][0], off["off_to"][0], inclusive="left")
low = net.round(2) < orders["floor_price"]
slipped_through = orders[low & away & orders["approved_at"].isna()]["order_id"]""",
    mistakes={
        "rebate_forgotten": lambda case: _ids("open"),
        "approved_counted": lambda case: _ids("open", "rebate", "approved"),
        "at_floor_counted": lambda case: _ids("open", "rebate", "at_floor"),
        "at_any_time": lambda case: _ids("open", "rebate", "before"),
        "all_while_off": lambda case: _all_while_off(),
    },
)  # fmt: skip


def _all_while_off() -> list[str]:
    planted = order_kinds()
    away = planted["day"].ge(OFF_FROM) & planted["day"].lt(OFF_TO)
    return list(planted.loc[away, "order_id"])


def _covered(*, heard: tuple[str, ...] = ("log", "negative")) -> float:
    """Return the share of risk whose set-up is as asked and not refuted by what was heard."""
    whole = sum(point.weight for point in POINTS)
    return sum(p.weight for p in POINTS if p.claimed and p.refuted_by not in heard) / whole


COVERAGE = Question(
    "q4", "coverage", Share(), lambda case: _covered(),
    code="""\
failed = tests[tests["method"].eq("negative") & tests["result"].eq("deviation")]["control_id"]
refuted = points["control_id"].isin(failed) | points["log_check"].eq("price_floor")
risk = points["likelihood"] * points["impact"]
as_asked = points["configured_mode"].eq(points["required_mode"]) & ~refuted
coverage = risk[as_asked].sum() / risk.sum()""",
    mistakes={
        "as_configured": lambda case: _covered(heard=()),
        "log_not_read": lambda case: _covered(heard=("negative",)),
        "test_not_read": lambda case: _covered(heard=("log",)),
        "unweighted": lambda case: (sum(p.claimed and not p.refuted_by for p in POINTS)
                                    / len(POINTS)),
        "per_cents": lambda case: 100 * _covered(),
    },
)  # fmt: skip


def _heard(*parts: str) -> list[str]:
    return [heard.id for heard in COMPLAINTS if heard.part in parts]


def _by_priority() -> list[str]:
    """Return who seems overtaken if the system's priority is believed."""
    return [heard.id for heard in COMPLAINTS if heard.part and heard.priority <= HIGH_PRIORITY]


WAITED = Question(
    "q5", "overtaken", Names(), lambda case: _heard("overtaken", "open"),
    code="""\
pairs = complaints.merge(complaints, how="cross", suffixes=("", "_other"))
important, lower = pairs["importance"] >= 4, pairs["importance_other"] < pairs["importance"]
answered = pairs["first_response_at_other"]
meanwhile = (answered > pairs["opened_at"]) & ~(answered >= pairs["first_response_at"])
overtaken = pairs[important & lower & meanwhile]["complaint_id"].unique()""",
    mistakes={
        "open_forgotten": lambda case: _heard("overtaken"),
        "by_priority": lambda case: _by_priority(),
        "all_important": lambda case: [h.id for h in COMPLAINTS if h.importance >= IMPORTANT],
        "longest": lambda case: [h.id for h in COMPLAINTS if h.answered is None
                                 or h.answered - h.opened > LONG_HOURS],
        "unanswered": lambda case: [h.id for h in COMPLAINTS if h.answered is None],
    },
)  # fmt: skip

SENTENCE = Question(
    "q6", "sentence", Choice(),
    the_true_one(
        a=never,
        b=lambda case: any(point.id == TESTED and point.refuted_by for point in POINTS),
        c=lambda case: _limit(1 - CONFIDENCE) > numbers()["tests"]["tolerable_rate_critical"],
        d=never,
    ),
    code='sentence = "c"',
    mistakes={"proof": lambda case: "a", "failure": lambda case: "b",
              "no_errors": lambda case: "d"},
)  # fmt: skip

PLAN = Plan("04_controls", 1, case, (LIMIT, UPTIME, BELOW, COVERAGE, WAITED, SENTENCE), minutes=30)
