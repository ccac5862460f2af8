"""The overview: what each answer needs, what a missing table means, and how answers mislead."""

from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from crm_eval_lib.evidence import table_evidence, table_grades
from crm_eval_lib.simulate import DEMOS
from crm_eval_lib.training.answers import Choice, Count, Names, Share
from crm_eval_lib.training.case import Case
from crm_eval_lib.training.judged import never, the_true_one
from crm_eval_lib.training.questions import Plan, Question

FACTORS = ("cost", "problems", "efficiency", "controls")
# table handed in: the factor it serves, and whether it is core or a fallback
HANDED_IN = {
    "cost_summary": ("cost", "fallback"), "problems": ("problems", "core"),
    "departments": ("problems", "core"), "exposure": ("controls", "core"),
    "complaints": ("controls", "core"), "complaint_samples": ("controls", "fallback"),
}  # fmt: skip


class Row(NamedTuple):
    """One problem of the register, and why it is counted or not."""

    id: str
    titles: tuple[str, str]  # English, Chinese
    severity: int
    status: str
    part: str = ""  # open · partly: severe and not solved


SEVERE = 4  # of 5
REGISTER = (
    Row("P01", ("Quotations are typed twice", "报价要录入两遍"), 4, "solved"),
    Row("P02", ("Prices differ between branches", "各分店价格不一致"), 5, "open", "open"),
    Row("P03", ("Addresses are out of date", "客户地址过时"), 2, "solved"),
    Row("P04", ("Nobody sees the stock", "看不到库存"), 4, "partly", "partly"),
    Row("P05", ("Reports take a day", "做报表要一整天"), 3, "open"),
    Row("P06", ("Complaints get lost", "投诉经常丢失"), 5, "solved"),
    Row("P07", ("Stock is not visible", "库存不可见"), 4, "duplicate"),
    Row("P08", ("Credit limits are ignored", "信用额度无人理会"), 4, "open", "open"),
    Row("P09", ("Delivery notes are late", "送货单总是迟到"), 3, "solved"),
    Row("P10", ("Discounts without a reason", "折扣没有理由"), 3, "solved"),
    Row("P11", ("No list of contacts", "没有联系人清单"), 1, "solved"),
)

# complaints a month: the year before, month by month from go-live on, and the same months after
BEFORE = (400, 380, 360, 380, 400, 480, 600, 640, 620, 600, 580, 560)
EFFECT, MONTHS_AFTER = -0.05, 6
HEARD, KNOWN = 12, 7  # complaints heard in the branches, and those of them the CRM holds


def case(language: str) -> Case:
    """Make the client: six small tables, and nothing on efficiency."""
    scenario = replace(
        DEMOS["demo-troubled"], client="lesson-overview", language=language, seed=80,
        name="Ostrava Fittings" if language == "en" else "和瑞管件", project_start="2023-07-03",
        planned_go_live="2024-07-01", go_live="2024-07-01", blackout_end="2024-07-01",
        status_date="2024-12-31",
    )  # fmt: skip
    tables = {"cost_summary": _costs(), "problems": _register(language),
              "departments": _departments(language), "exposure": _volumes(),
              "complaints": _complaints(), "complaint_samples": _heard()}  # fmt: skip
    return Case(scenario, tables)


def _costs() -> pd.DataFrame:
    rows = [("I1", "software", 180_000.0, 192_000.0), ("I2", "services", 95_000.0, 121_000.0),
            ("I3", "training", 20_000.0, 18_000.0)]  # fmt: skip
    names = ["item_id", "category", "planned_amount", "actual_amount"]
    return pd.DataFrame(rows, columns=names).assign(basis="invoice")


def _register(language: str) -> pd.DataFrame:
    first = pd.Timestamp("2023-08-01")
    rows = [(row.id, first + pd.Timedelta(days=9 * number), row.titles[language != "en"],
             row.severity, row.status, "P04" if row.status == "duplicate" else None)
            for number, row in enumerate(REGISTER)]  # fmt: skip
    names = ["problem_id", "raised_on", "title", "severity", "status", "duplicate_of"]
    return pd.DataFrame(rows, columns=names)


def _departments(language: str) -> pd.DataFrame:
    names = ["Sales", "Service", "Stores"] if language == "en" else ["销售部", "客服部", "仓储部"]
    return pd.DataFrame({"department": names, "affected": "yes"})


def _volumes() -> pd.DataFrame:
    """Count complaints by month: the season alone, then the season with the effect."""
    after = [round(volume * (1 + EFFECT)) for volume in BEFORE[:MONTHS_AFTER]]
    ends = pd.date_range("2023-07-31", periods=len(BEFORE) + MONTHS_AFTER, freq="ME")
    return pd.DataFrame({"process": "complaints", "period_end": ends, "volume": [*BEFORE, *after]})


def _heard() -> pd.DataFrame:
    numbers = range(HEARD)
    return pd.DataFrame({
        "ref": [f"R{number + 1:02d}" for number in numbers],
        "channel": ["phone" if number % 3 else "visit" for number in numbers],
        "heard_at": [pd.Timestamp("2024-10-01 10:00") + pd.Timedelta(days=number)
                     for number in numbers],
        "in_crm": ["yes" if number * KNOWN % HEARD < KNOWN else "no" for number in numbers],
    })  # fmt: skip


def _complaints() -> pd.DataFrame:
    """List the complaints of the CRM: each of them was answered the same day."""
    opened = [pd.Timestamp("2024-10-01 11:00") + pd.Timedelta(days=day) for day in range(KNOWN)]
    answered = [moment + pd.Timedelta(hours=3) for moment in opened]
    return pd.DataFrame({"complaint_id": [f"K{day + 1:02d}" for day in range(KNOWN)],
                         "opened_at": opened, "first_response_at": answered})  # fmt: skip


def _unserved() -> set[str]:
    return set(FACTORS) - {factor for factor, _ in HANDED_IN.values()}


def _of_kind(kind: str) -> int:
    return sum(kind == found for _, found in HANDED_IN.values())


FACTOR = Question(
    "q1", "without_answer", Names(), lambda case: _unserved(),
    code="""\
without_answer = set(contract["factor"]) - set(contract[contract["handed_in"]]["factor"])""",
    mistakes={
        "fallback_not_counted": lambda case: {*_unserved(), "cost"},
        "gaps_counted": lambda case: {*_unserved(), "controls"},
        "all_with_gaps": lambda case: set(FACTORS),
        "turned_round": lambda case: set(FACTORS) - _unserved(),
    },
)  # fmt: skip

CORE = Question(
    "q2", "core_tables", Count(), lambda case: _of_kind("core"),
    code="""\
core_tables = (contract["handed_in"] & contract["core"]).sum()""",
    mistakes={
        "all_handed_in": lambda case: len(HANDED_IN),
        "fallback": lambda case: _of_kind("fallback"),
        "factors": lambda case: len(FACTORS) - len(_unserved()),
    },
)  # fmt: skip

STATE = Question(
    "q3", "state", Choice(),
    the_true_one(
        a=lambda case: "efficiency" not in _unserved(),
        b=never,
        c=lambda case: "efficiency" in _unserved(),
        d=never,
    ),
    code='state = "c"',
    mistakes={"zero": lambda case: "a", "not_applicable": lambda case: "b",
              "failed": lambda case: "d"},
)  # fmt: skip


def _ids(*parts: str) -> set[str]:
    return {row.id for row in REGISTER if row.part in parts}


ROWS = Question(
    "q4", "rows_behind", Names(), lambda case: _ids("open", "partly"),
    code="""\
waiting = ~register["status"].isin(["solved", "duplicate"])
rows_behind = register[waiting & register["severity"].ge(4)]["problem_id"]""",
    mistakes={
        "partly_forgotten": lambda case: _ids("open"),
        "duplicate_counted": lambda case: {row.id for row in REGISTER if row.severity >= SEVERE
                                           and row.status != "solved"},
        "any_severity": lambda case: {row.id for row in REGISTER
                                      if row.status in ("open", "partly")},
        "solved_too": lambda case: {row.id for row in REGISTER if row.severity >= SEVERE},
    },
)  # fmt: skip


def _after() -> float:
    return sum(BEFORE[:MONTHS_AFTER]) * (1 + EFFECT)


CHANGE = Question(
    "q5", "change", Share(), lambda case: EFFECT,
    code="""\
month = volumes["period_end"].dt.to_period("M").astype(str)
after = volumes[month >= "2024-07"]["volume"].sum()
same_months = volumes[month.between("2023-07", "2023-12")]["volume"].sum()
change = after / same_months - 1""",
    mistakes={
        "months_just_before": lambda case: _after() / sum(BEFORE[-MONTHS_AFTER:]) - 1,
        "whole_year": lambda case: (_after() / MONTHS_AFTER) / (sum(BEFORE) / len(BEFORE)) - 1,
        "turned_round": lambda case: -EFFECT,
        "divided_by_after": lambda case: 1 / (1 + EFFECT) - 1,
        "no_one_taken_off": lambda case: 1 + EFFECT,
        "per_cents": lambda case: 100 * EFFECT,
    },
)  # fmt: skip

SEEN = Question(
    "q6", "seen", Share(), lambda case: KNOWN / HEARD,
    code="""\
seen = heard["in_crm"].eq("yes").mean()""",
    mistakes={
        "register_alone": lambda case: 1.0,
        "unseen": lambda case: 1 - KNOWN / HEARD,
        "odds": lambda case: KNOWN / (HEARD - KNOWN),
        "per_cents": lambda case: 100 * KNOWN / HEARD,
    },
)  # fmt: skip


def _grade(case: Case, table: str) -> str:
    """Return the grade of a table's evidence; the sentences are offered in its order."""
    return table_grades(table_evidence(case.tables))[table]


SENTENCE = Question(
    "q7", "sentence", Choice(), lambda case: _grade(case, "problems").lower(),
    code='sentence = "c"',
    mistakes={"shows": lambda case: "a", "indicates": lambda case: "b", "said": lambda case: "d"},
)  # fmt: skip

PLAN = Plan("00_overview", 1, case, (FACTOR, CORE, STATE, ROWS, CHANGE, SEEN, SENTENCE), minutes=25)
