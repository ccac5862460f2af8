"""Synthetic problem register, departments, requirement trace and user survey."""

import numpy as np
import pandas as pd

from crm_eval_lib.simulate.register import (
    in_versions,
    problem_check,
    ratings,
    vendor_rejected,
)
from crm_eval_lib.simulate.scenario import Scenario

_DEPARTMENTS = (
    ("Sales", "销售部", 34), ("Order desk", "订单部", 12), ("Finance", "财务部", 9),
    ("Logistics", "物流部", 16), ("Service", "客服部", 14), ("Marketing", "市场部", 8),
    ("IT", "信息部", 6),
)  # fmt: skip
_TITLES = (
    ("Orders wait for a signature while the manager travels", "经理出差时订单无人审批", "order_approval"),
    ("Sales cannot see the credit limit of the customer", "业务员看不到客户信用额度", "order_approval"),
    ("The same customer exists three times", "同一客户重复建档", ""),
    ("Complaints get lost between departments", "投诉在部门之间流转丢失", ""),
    ("Prices in quotations differ from the price list", "报价与价格表不一致", "quotation"),
    ("Nobody knows which quotation is the last one", "无法确认哪份报价是最新版本", "quotation"),
    ("Delivery dates are promised without asking the warehouse", "未问仓库就承诺交期", "order_approval"),
    ("Visit reports are written twice", "拜访记录重复填写", ""),
    ("Monthly sales report takes three days", "月度销售报表要做三天", ""),
    ("Discounts are agreed by telephone only", "折扣只靠电话口头确认", "order_approval"),
    ("Customer contacts leave with the salesman", "业务员离职带走客户联系人", ""),
    ("Returned goods are not linked to the order", "退货与原订单无关联", ""),
)  # fmt: skip
_ITEMS = (
    ("Q1", "I find the state of an order in less than a minute", "我能在一分钟内查到订单状态"),
    ("Q2", "Customer data are correct", "客户资料准确"),
    ("Q3", "I know who handles a complaint", "我清楚投诉由谁处理"),
    ("Q4", "The system spares me work", "系统减少了我的工作量"),
)
_RESPONDENTS = 48
_SCALE = (1, 5)


def problem_tables(scenario: Scenario, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Make problems, departments, trace, survey and survey_items."""
    problems = _problems(scenario, rng)
    tables = {
        "problems": in_versions(scenario, problems),
        "departments": _departments(scenario),
        "trace": _trace(problems, rng),
        "survey": _survey(scenario, rng),
        "survey_items": _survey_items(scenario),
    }
    if scenario.rated:
        tables["ratings"] = ratings(scenario, problems, rng)
    if scenario.checked:
        tables["problem_check"] = problem_check(scenario, problems)
    return tables


def _word(scenario: Scenario, en: str, zh: str) -> str:
    return zh if scenario.language == "zh-Hans" else en


def _problems(scenario: Scenario, rng: np.random.Generator) -> pd.DataFrame:
    """The register: every D row first, then what the denominator leaves out."""
    count = scenario.problems
    solved = round(count * scenario.solved_share)
    evidenced = round(solved * scenario.evidence_share)
    start, live = pd.Timestamp(scenario.project_start), pd.Timestamp(scenario.go_live)
    departments = [_word(scenario, en, zh) for en, zh, _ in _DEPARTMENTS]
    speaking = departments[: len(departments) - scenario.silent_departments]
    rows = []
    for number in range(count + 3):
        en, zh, process = _TITLES[number % len(_TITLES)]
        late = number % 6 == 5
        raised = start + pd.Timedelta(days=int(rng.integers(5, 60)))
        if late:
            raised = live - pd.Timedelta(days=int(rng.integers(10, 70)))
        row = {
            "problem_id": f"P{number + 1:03d}", "raised_on": raised,
            "title": _word(scenario, en, zh), "department": speaking[number % len(speaking)],
            "raised_by_side": "vendor" if number % 9 == 8 else "client",
            "prompted": "yes" if number % 4 == 3 else "no", "process": process,
            "severity": int(rng.choice([2, 3, 4], p=[0.35, 0.45, 0.2])),
            "importance": int(rng.choice([2, 3, 4, 5], p=[0.2, 0.4, 0.25, 0.15])),
            "phase": "build" if late else "survey", "in_scope": "yes", "owner_role": "key user",
            "origin": "register", "entered_on": raised, "register_version": 1,
        }  # fmt: skip
        rows.append(row | _ending(scenario, rng, number, solved, evidenced, raised))
    return pd.DataFrame(rows)


def _ending(
    scenario: Scenario,
    rng: np.random.Generator,
    number: int,
    solved: int,
    evidenced: int,
    raised: pd.Timestamp,
) -> dict:
    """How a problem ended: solved with or without evidence, open, or out of the denominator."""
    live = pd.Timestamp(scenario.go_live)
    if number >= scenario.problems:
        status = ("duplicate", "withdrawn", "duplicate")[number - scenario.problems]
        twin = f"P{number - scenario.problems + 1:03d}" if status == "duplicate" else ""
        return {"status": status, "duplicate_of": twin, "closed_on": raised, "reopened": 0}
    if number >= solved:
        if number in vendor_rejected(scenario, solved):
            return {"status": "rejected", "decided_by_side": "vendor", "severity": 3,
                    "decision_reason": "not part of the standard product", "reopened": 0}  # fmt: skip
        severe = number < solved + scenario.open_severe
        return {"status": "open" if number % 3 else "partly", "reopened": 0,
                "severity": 4 if severe else min(3, 2 + number % 2)}  # fmt: skip
    done = live - pd.Timedelta(days=int(rng.integers(-25, 60)))
    done = max(done, raised + pd.Timedelta(days=6))
    ending = {"status": "solved", "solved_on": done, "closed_on": done + pd.Timedelta(days=3),
              "solution_kind": ("configuration", "development", "process")[number % 3],
              "reopened": int(number % 17 == 3)}  # fmt: skip
    if number < evidenced:
        confirmed = live + pd.Timedelta(days=int(rng.integers(20, 80)))
        ending |= {"accepted": "yes", "evidence": f"test record {number + 1:03d}",
                   "confirmed_on": confirmed}  # fmt: skip
    return ending


def _departments(scenario: Scenario) -> pd.DataFrame:
    attended = pd.Timestamp(scenario.project_start) + pd.Timedelta(days=20)
    silent = len(_DEPARTMENTS) - scenario.silent_departments
    return pd.DataFrame(
        {
            "department": [_word(scenario, en, zh) for en, zh, _ in _DEPARTMENTS],
            "affected": "yes",
            "headcount": [size for *_, size in _DEPARTMENTS],
            "survey_attended_on": [attended if n < silent else pd.NaT
                                   for n in range(len(_DEPARTMENTS))],
        }
    )  # fmt: skip


def _trace(problems: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    solved = problems.loc[problems["status"] == "solved"]
    traced = solved.loc[solved["evidence"].notna()]
    passed = rng.random(len(traced)) < 0.94
    return pd.DataFrame(
        {
            "problem_id": traced["problem_id"],
            "requirement_id": [f"RQ{n:03d}" for n in range(1, len(traced) + 1)],
            "test_id": [f"UT{n:03d}" for n in range(1, len(traced) + 1)],
            "test_result": np.where(passed, "pass", "not_run"),
            "tested_on": traced["solved_on"].where(passed),
        }
    )


def _survey(scenario: Scenario, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for respondent in range(1, _RESPONDENTS + 1):
        department = _DEPARTMENTS[respondent % len(_DEPARTMENTS)]
        for item, *_ in _ITEMS:
            before = rng.normal(2.6, 0.7)
            after = before + rng.normal(scenario.survey_shift, 0.8)
            for wave, score in (("before", before), ("after", after)):
                if rng.random() < 0.05:
                    continue
                rows.append({
                    "respondent_id": f"U{respondent:03d}", "wave": wave, "item_id": item,
                    "score": int(np.clip(round(score), *_SCALE)),
                    "department": _word(scenario, *department[:2]),
                })  # fmt: skip
    return pd.DataFrame(rows)


def _survey_items(scenario: Scenario) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item_id": [item for item, *_ in _ITEMS],
            "text": [_word(scenario, en, zh) for _, en, zh in _ITEMS],
            "low": _SCALE[0],
            "high": _SCALE[1],
            "higher_is_better": "yes",
        }
    )
