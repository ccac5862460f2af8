"""Synthetic cost tables: a budget, a ledger with its usual dirt, progress and reviews."""

import numpy as np
import pandas as pd

from crm_eval_lib.simulate.money import VENDORS, with_features
from crm_eval_lib.simulate.scenario import Scenario

# line, category, share of the budget, first and last month of the work (0 = project start)
_LINES = (
    ("HW-01", "hardware", 0.14, 1, 3, "Servers and scanners", "服务器与扫描设备"),
    ("SW-01", "licence", 0.22, 0, 2, "CRM licences", "CRM软件许可"),
    ("SV-01", "services", 0.24, 1, 6, "Implementation partner", "实施服务"),
    ("IN-01", "integration", 0.09, 3, 6, "ERP interface", "ERP接口开发"),
    ("DM-01", "data_migration", 0.06, 4, 6, "Customer data migration", "客户数据迁移"),
    ("IL-01", "internal_labour", 0.11, 0, 7, "Project team", "项目组人工"),
    ("TR-01", "training", 0.05, 5, 7, "Key user and user training", "关键用户与全员培训"),
    ("CO-01", "contingency", 0.09, 0, 7, "Contingency", "预备费"),
)
# a client that rents part of its software sets aside less
_RENTED = ("SB-01", "subscription", 0.03, 5, 8, "CRM cloud storage", "CRM云存储")
_LESS_CONTINGENCY = 0.06
_OVERRUN_SHARE = {"SV-01": 0.46, "IN-01": 0.26, "DM-01": 0.12, "IL-01": 0.16}
_REVIEW_DAY = 18
# change, line, reason, share of the budget, month in which it was raised
_CHANGES = (("C1", "SV-01", "scope", 0.02, 4), ("C2", "IN-01", "error", 0.015, 5),
            ("C3", "DM-01", "scope", 0.01, 6))  # fmt: skip
_EARLY_CHANGES = (("C1", "SV-01", "scope", 0.04, 1), ("C2", "IN-01", "error", 0.015, 1),
                  ("C3", "DM-01", "scope", 0.01, 6), ("C4", "IL-01", "price", 0.012, 8),
                  ("C5", "SV-01", "law", 0.02, 2))  # fmt: skip
_NEVER_APPROVED = ("C3", "C4")  # where the project went wrong


def cost_tables(scenario: Scenario, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Make budget, actuals, milestones, scope, changes, progress and reviews."""
    budget = _budget(scenario)
    finals = _finals(scenario, budget)
    actuals = _actuals(scenario, rng, budget, finals)
    tables = {
        "budget": budget,
        "actuals": actuals,
        "milestones": _milestones(scenario),
        "scope": _scope(scenario),
        "changes": _changes(scenario),
        "progress": _progress(scenario, budget),
        "reviews": _reviews(scenario),
    }
    return with_features(scenario, tables, rng)


def _budget(scenario: Scenario) -> pd.DataFrame:
    start = pd.Timestamp(scenario.project_start)
    chinese = scenario.language == "zh-Hans"
    rows = [
        {
            "line_id": line,
            "category": category,
            "description": zh if chinese else en,
            "amount": round(scenario.budget_total * share, 2),
            "currency": scenario.currency,
            "tax": "excluded",
            "version": 0,
            "approved_on": start - pd.Timedelta(days=12),
            "planned_start": start + pd.DateOffset(months=first),
            "planned_finish": start + pd.DateOffset(months=last) - pd.Timedelta(days=1),
        }
        for line, category, share, first, last, en, zh in _lines(scenario)
        for last in [last if last > first else first + 1]
    ]
    return pd.DataFrame(rows)


def _lines(scenario: Scenario) -> tuple[tuple, ...]:
    """Return the budget lines; with a subscription where the scenario has run cost."""
    if not scenario.run_cost_year:
        return _LINES
    line, category, _, *rest = _LINES[-1]
    return (*_LINES[:-1], _RENTED, (line, category, _LESS_CONTINGENCY, *rest))


def _finals(scenario: Scenario, budget: pd.DataFrame) -> dict[str, float]:
    """Final cost per line: sums to (1 + overrun) × budget, contingency itself is never booked."""
    total = scenario.budget_total * (1 + scenario.overrun)
    finals = dict(zip(budget["line_id"], budget["amount"], strict=True))
    finals.pop("CO-01")
    finals[""] = round(total * scenario.unbudgeted_share, 2)
    extra = total - sum(finals.values())
    for line, share in _OVERRUN_SHARE.items():
        finals[line] = round(finals[line] + extra * share, 2)
    finals["SV-01"] = round(finals["SV-01"] + total - sum(finals.values()), 2)
    return finals


def _actuals(
    scenario: Scenario, rng: np.random.Generator, budget: pd.DataFrame, finals: dict[str, float]
) -> pd.DataFrame:
    start, finish = pd.Timestamp(scenario.project_start), pd.Timestamp(scenario.go_live)
    spans = {row.line_id: row.planned_start for row in budget.itertuples()}
    rows: list[dict] = []
    for line, amount in finals.items():
        first = spans.get(line, start + pd.DateOffset(months=3))
        kind = "timesheet" if line == "IL-01" else "invoice"
        parts = _split(rng, amount, int(rng.integers(5, 11)))
        days = _spread(rng, first, finish, len(parts))
        category = "other" if line == "" else budget.set_index("line_id").at[line, "category"]
        for part, day in zip(parts, days, strict=True):
            rows.append({"line_id": line, "category": category, "incurred_on": day,
                         "amount": part, "kind": kind})  # fmt: skip
    rows += _dirt(rows[len(rows) // 2], finish)
    frame = pd.DataFrame(rows).sort_values(["incurred_on", "line_id", "amount"], ignore_index=True)
    frame.insert(0, "txn_id", [f"T{number:04d}" for number in range(1, len(frame) + 1)])
    frame["currency"], frame["tax"] = scenario.currency, "excluded"
    frame["vendor"] = frame["category"].map(VENDORS)
    frame["approved_on"] = _approvals(scenario, rng, frame)
    return frame


def _split(rng: np.random.Generator, amount: float, pieces: int) -> list[float]:
    shares = rng.dirichlet(np.full(pieces, 6.0))
    parts = [round(amount * share, 2) for share in shares[:-1]]
    return [*parts, round(amount - sum(parts), 2)]


def _spread(
    rng: np.random.Generator, first: pd.Timestamp, last: pd.Timestamp, count: int
) -> list[pd.Timestamp]:
    offsets = np.sort(rng.integers(0, max((last - first).days - 3, 1), count))
    return [first + pd.Timedelta(days=int(offset)) for offset in offsets]


def _dirt(example: dict, finish: pd.Timestamp) -> list[dict]:
    """An accrual and its reversal, an order and a payment (never cost), a credit and its cause."""
    month_end = example["incurred_on"] + pd.offsets.MonthEnd(0)
    month_end = min(month_end, finish - pd.Timedelta(days=2))
    base = {"line_id": example["line_id"], "category": example["category"]}
    first = example["incurred_on"]
    rows = [
        (month_end, 8000.0, "accrual", None, None),
        (month_end + pd.Timedelta(days=1), -8000.0, "accrual", None, None),
        (first, 52000.0, "order", "PO-17", None),
        (first, 21000.0, "payment", None, None),
        (first, 3150.0, "invoice", "PO-17", 1200.0),
        (month_end, -3150.0, "credit", None, None),
    ]
    names = ("incurred_on", "amount", "kind", "order_ref", "retention")
    return [base | dict(zip(names, row, strict=True)) for row in rows]


def _approvals(scenario: Scenario, rng: np.random.Generator, frame: pd.DataFrame) -> pd.Series:
    """Approved before the spending, but for a share approved three weeks later."""
    approved = frame["incurred_on"] - pd.to_timedelta(rng.integers(3, 20, len(frame)), unit="D")
    booked = frame["kind"].isin(["invoice", "timesheet"]).to_numpy()
    wanted = scenario.late_approval_share * frame.loc[booked, "amount"].sum()
    order = rng.permutation(np.flatnonzero(booked))
    running = frame["amount"].to_numpy()[order].cumsum()
    late = order[running <= wanted]
    approved.iloc[late] = frame["incurred_on"].iloc[late] + pd.Timedelta(days=21)
    return approved.where(frame["kind"] != "payment")


def _milestones(scenario: Scenario) -> pd.DataFrame:
    start, planned = pd.Timestamp(scenario.project_start), pd.Timestamp(scenario.planned_go_live)
    actual = pd.Timestamp(scenario.go_live)
    names = (("Kick-off", "启动"), ("Design signed", "蓝图确认"), ("Build complete", "开发完成"),
             ("Data migrated", "数据迁移完成"), ("Acceptance test", "用户验收"), ("Go-live", "上线"))  # fmt: skip
    shares = (0.0, 0.25, 0.6, 0.75, 0.9, 1.0)
    conditional = 2 if scenario.overrun < 0.3 else 4
    rows = []
    for index, ((en, zh), share) in enumerate(zip(names, shares, strict=True)):
        done = start + (actual - start) * share
        rows.append({
            "milestone_id": f"M{index + 1}", "name": zh if scenario.language == "zh-Hans" else en,
            "planned_on": (start + (planned - start) * share).normalize(),
            "actual_on": done.normalize(), "weight": 1 + index,
            "accepted_on": (done + pd.Timedelta(days=6)).normalize(),
            "acceptance": "conditional" if index == conditional else "unconditional",
        })  # fmt: skip
    return pd.DataFrame(rows)


def _scope(scenario: Scenario) -> pd.DataFrame:
    names = (("Customer master", "客户主数据"), ("Quotation", "报价管理"), ("Order approval", "订单审批"),
             ("Price list", "价格表"), ("Discount rules", "折扣规则"), ("Complaints", "投诉管理"),
             ("Service calls", "服务派工"), ("Reports", "报表"), ("Mobile app", "移动端"),
             ("ERP interface", "ERP接口"), ("Mail link", "邮件集成"), ("Duplicate check", "查重"),
             ("Roles and rights", "角色权限"), ("Audit log", "审计日志"), ("Dashboard", "管理看板"))  # fmt: skip
    weights = [3, 2, 3, 2, 2, 3, 1, 2, 1, 2, 1, 1, 1, 1, 1]
    missing = round((1 - scenario.scope_delivered) * sum(weights), 4)
    rows, day = [], pd.Timestamp(scenario.project_start) - pd.Timedelta(days=10)
    for index, ((en, zh), weight) in reversed(list(enumerate(zip(names, weights, strict=True)))):
        short = min(missing, weight)
        missing -= short
        rows.append({
            "item_id": f"S{index + 1:02d}", "title": zh if scenario.language == "zh-Hans" else en,
            "weight": weight, "original": "yes", "delivered": round(1 - short / weight, 4),
            "decided_on": day, "supplier": VENDORS["services"],
        })  # fmt: skip
    return pd.DataFrame(rows[::-1])


def _changes(scenario: Scenario) -> pd.DataFrame:
    start, size = pd.Timestamp(scenario.project_start), scenario.budget_total
    wanted = _EARLY_CHANGES if scenario.rebaselined_month else _CHANGES
    rows = [
        {"change_id": name, "line_id": line, "reason": reason, "amount": round(size * share, 2),
         "days": 10, "raised_on": start + pd.DateOffset(months=month),
         "approved_on": pd.NaT if name in _NEVER_APPROVED and scenario.overrun > 0.3
         else start + pd.DateOffset(months=month, days=9)}
        for name, line, reason, share, month in wanted
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _progress(scenario: Scenario, budget: pd.DataFrame) -> pd.DataFrame:
    """Progress per line and month end: work finishes at go-live, money as the ledger says."""
    start, finish = pd.Timestamp(scenario.project_start), pd.Timestamp(scenario.go_live)
    ends = pd.date_range(start, finish + pd.offsets.MonthEnd(0), freq="ME")
    rows = []
    for line in budget.loc[budget["category"] != "contingency"].itertuples():
        span = max((finish - line.planned_start).days, 1)
        for end in ends:
            share = min(max((min(end, finish) - line.planned_start).days / span, 0.0), 1.0)
            share = 1.0 if end >= finish else share
            rows.append({"line_id": line.line_id, "period_end": end,
                         "percent_complete": round(share, 4), "rule": "measured"})  # fmt: skip
    return pd.DataFrame(rows)


def _reviews(scenario: Scenario) -> pd.DataFrame:
    start, finish = pd.Timestamp(scenario.project_start), pd.Timestamp(scenario.go_live)
    months = pd.date_range(start.replace(day=_REVIEW_DAY), finish, freq=pd.DateOffset(months=1))
    rows = []
    for number, day in enumerate(months, start=1):
        shown = number >= scenario.reviews_from_month and number % 6 != 0
        found = shown and number >= scenario.months_visible
        rows.append({
            "review_id": f"R{number:02d}", "held_on": day, "kind": "steering",
            "plan_vs_actual_shown": "yes" if shown else "no",
            "deviation_found": "services over budget" if found else "",
            "decision": "cap on change requests" if found else "",
            "acted_on": day + pd.Timedelta(days=14) if found else pd.NaT,
        })  # fmt: skip
    return pd.DataFrame(rows)
