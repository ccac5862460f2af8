"""A planted register of problems: exact counts of every ending, handed over in two versions.

The plan says of each problem how it ends, how severe it was called at first and later, who raised
it and when. Answers are read off the plan; the tables are made from it.
"""

import numpy as np
import pandas as pd

from crm_eval_lib.simulate import Scenario
from crm_eval_lib.training.lessons.register_titles import TITLES

PROMISED, UNACCEPTED = 2, 4  # of those reported solved: evidence "to follow"; not accepted
WITHDRAWN, DECLINED = 2, 1  # taken back, and rejected by the client: outside the denominator
DUPLICATES, LATE, VENDOR_RAISED = 4, 6, 6
PROMPTED_EACH = 5  # every fifth came up only when asked
FIRST_RAISED, LATE_RAISED = 7, 110  # days after the start, and before go-live
CLAIMED = ("proven", "bare", "promised", "unaccepted")  # endings reported as solved
# Severity called at first and in the last version, of the problems that are not solved.
SEVERITIES = {
    "open": ((5, 3), (5, 5), (4, 4), (3, 3)),
    "vanished": ((5, 5), (4, 4), (3, 3), (4, 4), (2, 2)),
    "rejected": ((4, 2), (3, 3), (2, 2)),
    "withdrawn": ((3, 3), (2, 2)),
    "declined": ((4, 4),),
}
SOLVED_SEVERITIES = (2, 3, 4, 3)
# name, Chinese name, role in the plan, attended the survey
DEPARTMENTS = (
    ("Sales", "销售部", "speaks", True), ("Order desk", "订单部", "speaks", True),
    ("Finance", "财务部", "speaks", True), ("Logistics", "物流部", "speaks", True),
    ("Service", "客服部", "spoken_for", False), ("Marketing", "市场部", "mute", True),
    ("IT", "信息部", "late", True), ("Legal", "法务部", "unaffected", False),
)  # fmt: skip
_STATUS = dict.fromkeys((*CLAIMED, "duplicate"), "solved") | {
    "open": "open", "vanished": "open", "rejected": "rejected", "declined": "rejected",
    "withdrawn": "withdrawn"}  # fmt: skip
_WORDS = {
    "en": ("{title} (wish)", "test record {n:02d}", "to follow", "not in the standard product",
           "no longer needed"),
    "zh-Hans": ("{title}（建议）", "测试记录{n:02d}", "待补", "不属于标准产品", "已不需要"),
}  # fmt: skip


def department(scenario: Scenario, *roles: str) -> list[str]:
    """Name the departments that have one of the roles."""
    place = 1 if scenario.language == "zh-Hans" else 0
    return [row[place] for row in DEPARTMENTS if row[2] in roles]


def planted(scenario: Scenario) -> pd.DataFrame:
    """Return the plan: one row per problem.

    Returns
    -------
    DataFrame
        problem_id, ending, first, last (severity), voice (client, vendor), is_late, twin (what a
        duplicate repeats), is_reworded.
    """
    rows = pd.DataFrame({"ending": _endings(scenario)})
    pairs = {ending: iter(values) for ending, values in SEVERITIES.items()}
    plain = [(grade, grade) for grade in SOLVED_SEVERITIES]
    rows[["first", "last"]] = [
        next(pairs[ending]) if ending in pairs else plain[n % len(plain)]
        for n, ending in enumerate(rows["ending"])
    ]
    claimed = rows["ending"].isin(CLAIMED)
    place = claimed.cumsum().where(claimed, 0)  # from 1 among those reported solved
    rows["is_late"] = place.between(1, LATE)
    vendor = place.between(LATE + 1, LATE + VENDOR_RAISED)
    rows["voice"] = np.where(vendor, "vendor", "client")
    rows["twin"] = None
    rows["is_reworded"] = rows["first"].ne(rows["last"]) | rows["ending"].eq("rejected")
    rows = rows.iloc[np.random.default_rng(scenario.seed).permutation(len(rows))]
    rows = rows.sort_values("is_late", kind="stable", ignore_index=True)
    rows["problem_id"] = [f"P{n:02d}" for n in range(1, len(rows) + 1)]
    return pd.concat([rows, _repeated(rows)], ignore_index=True)


def tables(scenario: Scenario) -> dict[str, pd.DataFrame]:
    """Make the tables problems, in two versions, and departments."""
    plan = planted(scenario)
    raised, ended = _raised(scenario, plan), _ended(scenario, plan)
    before, after = scenario.register_versions
    early = ~plan["is_late"] & plan["ending"].ne("duplicate")
    first = raised.assign(severity=plan["first"], status="open", register_version=before)
    last = raised.assign(severity=plan["last"], register_version=after, **ended)
    last["title"] = last["title"].mask(plan["is_reworded"], _wishes(scenario, raised["title"]))
    register = pd.concat([first[early], last[plan["ending"].ne("vanished")]], ignore_index=True)
    return {"problems": register, "departments": _departments(scenario)}


def _endings(scenario: Scenario) -> list[str]:
    solved = round(scenario.problems * scenario.solved_share)
    proven = round(solved * scenario.evidence_share)
    counts = {"proven": proven, "bare": solved - proven - PROMISED - UNACCEPTED,
              "promised": PROMISED, "unaccepted": UNACCEPTED,
              "open": scenario.problems - solved - scenario.vanished - scenario.vendor_rejected,
              "vanished": scenario.vanished, "rejected": scenario.vendor_rejected,
              "withdrawn": WITHDRAWN, "declined": DECLINED}  # fmt: skip
    return [ending for ending, count in counts.items() for _ in range(count)]


def _repeated(rows: pd.DataFrame) -> pd.DataFrame:
    """Repeat some proven problems under numbers of their own."""
    twins = rows[rows["ending"].eq("proven") & ~rows["is_late"]].head(DUPLICATES)
    ids = [f"P{len(rows) + n:02d}" for n in range(1, DUPLICATES + 1)]
    return twins.assign(twin=twins["problem_id"], problem_id=ids, ending="duplicate")


def _raised(scenario: Scenario, plan: pd.DataFrame) -> pd.DataFrame:
    """Return what is known of every problem from the day it was raised."""
    number = np.arange(len(plan))
    start, live = pd.Timestamp(scenario.project_start), pd.Timestamp(scenario.go_live)
    late = plan["is_late"] | plan["ending"].eq("duplicate")
    in_survey = start + pd.to_timedelta(FIRST_RAISED + number, unit="D")
    in_build = live - pd.to_timedelta(LATE_RAISED - number, unit="D")
    place = 1 if scenario.language == "zh-Hans" else 0
    own = dict(zip(plan["problem_id"], (title[place] for title in TITLES), strict=False))
    return pd.DataFrame(
        {
            "problem_id": plan["problem_id"],
            "raised_on": np.where(late, in_build, in_survey),
            "title": plan["twin"].fillna(plan["problem_id"]).map(own),
            "department": _voices(scenario, plan),
            "raised_by_side": plan["voice"],
            "prompted": np.where(number % PROMPTED_EACH == 0, "yes", "no"),
            "importance": 2 + number % 4,
            "phase": np.where(late, "build", "survey"),
        }
    )


def _ended(scenario: Scenario, plan: pd.DataFrame) -> dict[str, pd.Series]:
    """Return what became of every problem by the last version."""
    ending, number = plan["ending"], plan.index.to_series()
    _, test, later, vendors, clients = _WORDS[scenario.language]
    solved = ending.isin((*CLAIMED, "duplicate"))
    day = pd.Timestamp(scenario.go_live) + pd.to_timedelta(number * 11 % 60 - 8, unit="D")
    tests = number.map(lambda n: test.format(n=n + 1))
    accepted = pd.Series("yes", plan.index).mask(ending.eq("unaccepted") & (number % 2 == 0), "no")
    return {
        "status": ending.map(_STATUS),
        "solved_on": day.where(solved),
        "closed_on": day.where(solved | ending.eq("withdrawn")),
        "accepted": accepted.where(solved & (ending.ne("unaccepted") | accepted.eq("no"))),
        "evidence": tests.mask(ending.eq("promised"), later).where(solved & ending.ne("bare")),
        "duplicate_of": plan["twin"],
        "decided_by_side": ending.map({"rejected": "vendor", "declined": "client"}),
        "decision_reason": ending.map({"rejected": vendors, "declined": clients}),
    }


def _wishes(scenario: Scenario, titles: pd.Series) -> pd.Series:
    wish = _WORDS[scenario.language][0]
    return titles.map(lambda title: wish.format(title=title))


def _voices(scenario: Scenario, plan: pd.DataFrame) -> pd.Series:
    """Name the department of each problem; a duplicate comes from that of its twin."""
    speaking = department(scenario, "speaks")
    spoken_for, late = department(scenario, "spoken_for")[0], department(scenario, "late")[0]
    named = plan.index.to_series().map(lambda n: speaking[n % len(speaking)])
    named = named.mask(plan["voice"].eq("vendor"), spoken_for).mask(plan["is_late"], late)
    by_id = dict(zip(plan["problem_id"], named, strict=True))
    return plan["twin"].fillna(plan["problem_id"]).map(by_id)


def _departments(scenario: Scenario) -> pd.DataFrame:
    place = 1 if scenario.language == "zh-Hans" else 0
    day = pd.Timestamp(scenario.project_start) + pd.Timedelta(days=20)
    return pd.DataFrame(
        {
            "department": [row[place] for row in DEPARTMENTS],
            "affected": ["no" if row[2] == "unaffected" else "yes" for row in DEPARTMENTS],
            "survey_attended_on": [day if row[3] else pd.NaT for row in DEPARTMENTS],
        }
    )
