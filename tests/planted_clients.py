"""Clients of a few rows, each with the one fault that leads to one action of the contract.

All are live on 2024-09-02 and judged on 2025-08-31 (`client_folder.CONFIG`).
"""

from typing import NamedTuple

import pandas as pd

ROUND_THE_CLOCK = """\
calendar: {country: null, days: [mon, tue, wed, thu, fri, sat, sun], hours: ["00:00-24:00"]}
"""
PERSON = "Zhang Wei"  # stands where tables name persons, and must stand nowhere else
PROJECT_OWNER = "the project owner"
_POINT = ("control_id,risk,required_mode,supported_mode,configured_mode,critical,decided_on,"
          "owner_role,override_role,likelihood,impact,log_check\n")  # fmt: skip
_PROBLEM = ("problem_id,raised_on,title,severity,status,owner_role,raised_by_role,accepted,"
            "evidence,solved_on,solution_kind\n")  # fmt: skip
_BUDGET = ("line_id,category,amount,version,approved_on,planned_start,planned_finish\n"
           "L1,software,12000,0,2024-01-02,2024-01-08,2024-12-31\n")  # fmt: skip


class Planted(NamedTuple):
    """The files of a client, and what its only action must say.

    Where the client's tables name no role the ``owner`` is left open. ``within`` is how
    far the size may lie from ``size`` where it is worked out by a cruder formula.
    """

    files: dict[str, str]
    size: float
    unit: str
    rows: tuple[str, ...]
    indicator: str
    owner: str = "(role to be named)"
    within: float = 0.0


def logged(*waits: float, first: str, count: int, prefix: str, system: str = "crm") -> str:
    """Write events of cases begun every other day, each step done so many hours after the last."""
    lines = []
    for n, start in enumerate(pd.date_range(first, periods=count, freq="2D")):
        moment = start
        for step, hours in zip(("ask", "approve", "tell"), waits, strict=False):
            moment += pd.Timedelta(hours=hours)
            lines.append(f"p,{prefix}{n},{step},{moment.isoformat()},{system}")
    return "\n".join(lines) + "\n"


def forms() -> str:
    """Write 12 forms a side that took 1, 2 … 12 days, before as after: nothing to be told."""
    head = "sample_id,process,case_ref,wave,source,selection,submitted_at,decided_at,resolution\n"
    lines = []
    for wave, first in (("before", "2024-03-01"), ("after", "2025-01-06")):
        for n in range(1, 13):
            start = pd.Timestamp(first) + pd.Timedelta(days=n)
            end = start + pd.Timedelta(days=n)
            lines.append(f"{wave}{n},p,r{n},{wave},paper,random,{start.date()},{end.date()},day")
    return head + "\n".join(lines) + "\n"


def _months() -> str:
    """Write 1,200 a month against a plan of 1,000: too dear from the first month on."""
    ends = pd.date_range("2024-01-31", periods=12, freq="ME")
    rows = [f"T{n},L1,software,{end.date()},1200,invoice" for n, end in enumerate(ends)]
    return "txn_id,line_id,category,incurred_on,amount,kind\n" + "\n".join(rows) + "\n"


def _progress() -> str:
    ends = pd.date_range("2024-01-31", periods=12, freq="ME")
    rows = [f"L1,{end.date()},{n / 12:.4f}" for n, end in enumerate(ends, start=1)]
    return "line_id,period_end,percent_complete\n" + "\n".join(rows) + "\n"


_EVENTS = "process,case_id,activity,completed_at,system\n"
PLANTED = {
    # Two of three invoices have no approval to this day: 5,000 + 4,000.
    "cost.unapproved": Planted(
        {"budget.csv": _BUDGET,
         "actuals.csv": "txn_id,line_id,category,incurred_on,amount,kind,approved_on\n"
                        "T1,L1,software,2024-02-20,3000,invoice,2024-02-01\n"
                        "T2,L1,software,2024-03-20,5000,invoice,\n"
                        "T3,L1,software,2024-04-20,4000,invoice,\n"},
        9000.0, "money", ("actuals/T2", "actuals/T3"), "cost.retrospective_share", PROJECT_OWNER),
    # 1,200 a month where 1,000 were planned: to be seen on 31 January, found by the review of
    # 10 July, acted on on 20 July: 171 days, five whole months.
    "cost.late_warning": Planted(
        {"budget.csv": _BUDGET, "actuals.csv": _months(), "progress.csv": _progress(),
         "reviews.csv": "review_id,held_on,kind,plan_vs_actual_shown,deviation_found,acted_on\n"
                        "R1,2024-02-10,cost,yes,no,\nR2,2024-07-10,cost,yes,yes,2024-07-20\n"},
        5.0, "months", ("reviews/R2",), "cost.knowable_on", PROJECT_OWNER),
    # One of four parts of the weight is missing.
    "cost.scope_shortfall": Planted(
        {"scope.csv": "item_id,title,weight,original,delivered,supplier\n"
                      "I1,orders,3,yes,1,V\nI2,quotes,1,yes,0,V\n"},
        0.25, "ratio", ("scope/I2",), "cost.scope_delivered", PROJECT_OWNER),
    # From 1 March 2024 to 31 August 2025: 365 + 183 days.
    "problems.open_severe": Planted(
        {"problems.csv": _PROBLEM
         + "P1,2024-03-01,No stock shown,5,open,IT lead,sales clerk,,,,development\n"
         + "P2,2024-03-01,Slow,2,solved,IT lead,sales clerk,yes,test 1,2024-06-01,\n"},
        548.0, "days", ("problems/P1",), "problems.open_high", "IT lead"),
    # Two of three were reported solved and nothing shows it.
    "problems.no_evidence": Planted(
        {"problems.csv": _PROBLEM
         + "P1,2024-03-01,No stock shown,4,solved,IT lead,sales clerk,yes,,2024-06-01,\n"
         + "P2,2024-03-01,Slow,2,solved,IT lead,sales clerk,yes,test 1,2024-06-01,\n"
         + "P3,2024-03-01,Odd,2,solved,IT lead,sales clerk,yes,,2024-06-01,\n"},
        2.0, "count", ("problems/P1", "problems/P3"), "problems.evidence_gap", "IT lead"),
    "controls.undecided": Planted(
        {"controls.csv": _POINT
         + "C1,Sold too cheap,block,block,block,no,2024-06-01,sales head,director,3,3,\n"
         + "C2,Sold on credit,block,block,block,no,,finance head,director,3,3,\n"},
        1.0, "count", ("controls/C2",), "controls.listed_before_share", "finance head"),
    # Approving takes 12 of 14 hours before and 6 of 8 after: 6 × 1,000 cases a year.
    "efficiency.bottleneck": Planted(
        {"processes.csv": "process,title,annual_volume,in_crm\np,Orders,1000,yes\n",
         "events.csv": _EVENTS + logged(0, 12, 2, first="2024-05-01", count=55, prefix="b")
         + logged(0, 6, 2, first="2024-09-03", count=55, prefix="a")},
        6000.0, "hours", ("processes/p",), "efficiency.step_change[p/approve]"),
    # 12 of 120 orders in the twelve months since go-live ran through the system: nine a month.
    "efficiency.bypass": Planted(
        {"processes.csv": "process,title,annual_volume,in_crm,orders_total_after\n"
                          "p,Orders,120,yes,120\n",
         "events.csv": _EVENTS + logged(0, first="2024-10-01", count=12, prefix="a")},
        9.0, "count", ("processes/p",), "efficiency.in_system_share[p]"),
    # The logarithms of 1 … 12 vary by .74; a median of 12 by 1.2533 × .74 / √12, two of them by
    # √2 as much: .38. With 80 % power 1 − exp(−2.80 × .38) = 65 % less can be seen; from so few
    # forms somewhat more is needed.
    "efficiency.cannot_tell": Planted(
        {"processes.csv": "process,title,annual_volume,in_crm\np,Orders,120,yes\n",
         "case_samples.csv": forms()},
        0.65, "ratio", ("processes/p",), "efficiency.change[p]", within=0.10),
    # Ten pieces at 60 below a floor of 90, without approval: 300 lost; one line was approved.
    "controls.floor_leak": Planted(
        {"orders.csv": "order_id,line_no,ordered_at,product,quantity,unit_price,floor_price,"
                       "product_group,created_by,approved_by,approver_role,approved_at,shipped_at\n"
                       f"S1,1,2025-01-15 10:00,pump,10,60,90,Pumps,{PERSON},,,,2025-01-16 10:00\n"
                       f"S2,1,2025-01-15 10:00,pump,10,80,90,Pumps,E1,{PERSON},director,"
                       "2025-01-15 12:00,2025-01-16 10:00\n"
                       f"S3,1,2025-01-15 10:00,pump,10,95,90,Pumps,{PERSON},,,,2025-01-16 10:00\n"},
        300.0, "money", ("orders/S1/1",), "controls.price.unapproved_rate"),
    # Off from 22 August to the status date, that day included: ten days.
    "controls.critical_off": Planted(
        {"controls.csv": _POINT
         + "C1,Sold too cheap,block,block,block,yes,2024-06-01,sales head,director,3,3,\n",
         "control_off.csv": "control_id,off_from,off_to,switched_by_role\n"
                            "C1,2025-08-22 00:00,,IT\n"},
        10.0, "days", ("controls/C1",), "controls.critical_failed", "sales head"),
    # K1 waits from eight to five o'clock; K2 and K3, of less weight, come later and go first.
    "controls.complaint_order": Planted(
        {"complaints.csv": "complaint_id,opened_at,customer,importance,severity,"
                           "first_response_at,resolved_at,owner\n"
                           f"K1,2025-01-15 08:00,A,5,5,2025-01-15 17:00,2025-01-15 18:00,{PERSON}\n"
                           f"K2,2025-01-15 09:00,B,1,1,2025-01-15 10:00,2025-01-15 11:00,{PERSON}\n"
                           f"K3,2025-01-15 12:00,C,2,2,2025-01-15 13:00,2025-01-15 14:00,{PERSON}\n"
         },
        1.0, "count", ("complaints/K1",), "controls.complaints.inversion_share[response]"),
}  # fmt: skip
