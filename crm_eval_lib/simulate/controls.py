"""Synthetic controls: the matrix, its tests, order lines with prices, complaints, access rights."""

import numpy as np
import pandas as pd

from crm_eval_lib.simulate.clock import DAY_MINUTES, WorkingClock, working_days
from crm_eval_lib.simulate.conduct import conduct_tables
from crm_eval_lib.simulate.scenario import Scenario

# id, risk, process, required, configured, critical, likelihood, impact, log check
_CONTROLS = (
    ("C01", "Selling below the floor price", "低于底价销售", "order_approval", "block", "block", "yes", 4, 5, "price_floor"),
    ("C02", "Order released without approval", "订单未经审批放行", "order_approval", "dual", "dual", "yes", 3, 5, "approval"),
    ("C03", "Credit limit exceeded", "超出信用额度", "order_approval", "block", "block", "yes", 3, 4, "none"),
    ("C04", "Customer created twice", "客户重复建档", "customer_data", "warn", "warn", "no", 4, 2, "none"),
    ("C05", "Mandatory fields left empty", "必填项空缺", "customer_data", "block", "block", "no", 4, 2, "none"),
    ("C06", "Complaint without an owner", "投诉无人负责", "complaints", "block", "warn", "no", 3, 4, "complaint_owner"),
    ("C07", "Important complaint overlooked", "重要投诉被忽视", "complaints", "suggest", "suggest", "no", 3, 4, "none"),
    ("C08", "Discount beyond authority", "超权限折扣", "quotation", "dual", "dual", "no", 3, 4, "none"),
    ("C09", "Price list changed without approval", "未经批准修改价格表", "quotation", "dual", "dual", "no", 2, 5, "none"),
    ("C10", "Customer data copied out", "客户资料外泄", "customer_data", "detect", "detect", "no", 2, 4, "none"),
    ("C11", "Duplicate order", "重复下单", "order_approval", "warn", "suggest", "no", 2, 3, "none"),
    ("C12", "Delivery date without stock", "无库存承诺交期", "order_approval", "suggest", "none", "no", 4, 2, "none"),
)  # fmt: skip
_PRODUCTS = (
    ("A100", "Valves", 480.0), ("A200", "Valves", 920.0), ("B100", "Pumps", 2350.0),
    ("B300", "Pumps", 5400.0), ("C110", "Seals", 36.0), ("C210", "Seals", 64.0),
    ("D500", "Service", 780.0),
)  # fmt: skip
_FLOOR_SHARE = 0.82  # of the list price
_EVENTS_BEFORE = 6  # undesired events a year before go-live, for each point of likelihood
_CREATORS = 12
_CUSTOMERS = 60
_ZH_NAMES = ("鑫源", "宏达", "恒通", "嘉禾", "锦程", "瑞丰", "永昌", "博远", "天泽", "玥堃")
HALF = 0.5  # above it the order of handling is no order at all
_WAIT_HOURS = {1: 26.0, 2: 18.0, 3: 11.0, 4: 6.0, 5: 3.0}  # first response by importance


def control_tables(scenario: Scenario, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Make controls, tests, off-times, orders, price rules, limits, complaints, errors, access."""
    live, last = pd.Timestamp(scenario.go_live), pd.Timestamp(scenario.status_date)
    first = (live - pd.DateOffset(months=24)).date().isoformat()
    clock = WorkingClock(working_days(first, last.date().isoformat(), scenario.country))
    tables = {
        "controls": _controls(scenario),
        "control_tests": _tests(scenario, rng),
        "orders": _orders(scenario, rng, clock),
        "price_rules": _price_rules(scenario, first),
        "approval_limits": _limits(scenario, first),
        "errors": _errors(scenario, rng, clock),
        "exposure": _exposure(scenario, first),
        "access": _access(scenario),
        "control_off": _off(scenario),
        "conflicts": pd.DataFrame({"permission_a": ["create_order", "edit_price_list"],
                                   "permission_b": ["approve_order", "create_order"],
                                   "risk": ["own orders approved", "own floor set"]}),
    }  # fmt: skip
    if scenario.complaints:
        tables["complaints"] = _complaints(scenario, rng, clock)
    return tables | conduct_tables(scenario, tables["orders"])


def _controls(scenario: Scenario) -> pd.DataFrame:
    live = pd.Timestamp(scenario.go_live)
    rows = []
    for number, row in enumerate(_CONTROLS):
        name, en, zh, process, required, configured, critical, likelihood, impact, check = row
        decided = live - pd.Timedelta(days=60 - number) if number < 10 else pd.NaT
        role = "sales director" if number < 10 else None
        checked = "none" if check == "complaint_owner" and not scenario.complaints else check
        rows.append({
            "control_id": name, "risk": zh if scenario.language == "zh-Hans" else en,
            "process": process, "kind": "detective" if required == "detect" else "preventive",
            "required_mode": required, "supported_mode": "block", "configured_mode": configured,
            "decided_on": decided, "decided_by_role": role,
            "critical": critical, "likelihood": likelihood, "impact": impact,
            "events_per_year_before": likelihood * _EVENTS_BEFORE,
            "events_per_year_after": likelihood * scenario.events_after,
            "loss_low": impact * scenario.event_loss[0],
            "loss_high": impact * scenario.event_loss[1],
            "override_role": "sales director", "owner_role": "process owner", "log_check": checked,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _tests(scenario: Scenario, rng: np.random.Generator) -> pd.DataFrame:
    """Negative tests of every configured control, samples of 60 for the critical ones."""
    settled = pd.Timestamp(scenario.blackout_end)
    rows = []
    for control, *_, configured, critical, _, _, _ in _CONTROLS:
        tested = settled + pd.Timedelta(days=int(rng.integers(10, 60)))
        if configured != "none" and control not in ("C09", "C10"):
            rows.append({"control_id": control, "test_id": f"{control}-N1", "tested_on": tested,
                         "method": "negative", "result": "pass", "tester_role": "internal audit"})  # fmt: skip
        size = {"yes": 60, "no": 24 if control in ("C04", "C08") else 0}[critical]
        for item in range(size):
            failed = control == "C02" and item < scenario.test_deviations
            rows.append({"control_id": control, "test_id": f"{control}-S{item + 1:02d}",
                         "tested_on": tested, "method": "sample",
                         "result": "deviation" if failed else "pass",
                         "tester_role": "internal audit"})  # fmt: skip
    return pd.DataFrame(rows)


def _off(scenario: Scenario) -> pd.DataFrame:
    """A day's maintenance everywhere; in the troubled client the price control for weeks."""
    settled = pd.Timestamp(scenario.blackout_end)
    rows = [("C04", settled + pd.Timedelta(days=40), 1, "administrator")]
    if scenario.control_off_days:
        start = settled + pd.Timedelta(days=75)
        rows.append(("C01", start, scenario.control_off_days, "sales director"))
    return pd.DataFrame({
        "control_id": [row[0] for row in rows], "off_from": [row[1] for row in rows],
        "off_to": [row[1] + pd.Timedelta(days=row[2]) for row in rows],
        "switched_by": [row[3] for row in rows],
    })  # fmt: skip


def _orders(scenario: Scenario, rng: np.random.Generator, clock: WorkingClock) -> pd.DataFrame:
    count = scenario.order_lines
    minute = np.sort(rng.integers(0, (len(clock.days) - 3) * DAY_MINUTES, count))
    ordered = clock.at(minute)
    product = rng.integers(0, len(_PRODUCTS), count)
    list_price = np.array([price for *_, price in _PRODUCTS])[product]
    after = ordered >= pd.Timestamp(scenario.go_live)
    below = rng.random(count) < np.where(
        after, scenario.below_floor_after, scenario.below_floor_before
    )
    share = np.where(below, rng.uniform(0.70, 0.81, count), rng.uniform(0.84, 1.0, count))
    creator = rng.integers(1, _CREATORS + 1, count)
    quantity = np.maximum(rng.poisson(np.where(list_price > 2000, 2, 20)), 1)
    frame = pd.DataFrame({
        "order_id": [f"SO{n:05d}" for n in range(1, count + 1)],
        "line_no": 1, "ordered_at": ordered,
        "product": [_PRODUCTS[n][0] for n in product], "quantity": quantity,
        "unit_price": np.round(list_price * share, 2), "list_price": list_price,
        "customer": _customers(scenario, rng, count),
        "product_group": [_PRODUCTS[n][1] for n in product],
        "created_by": [f"E{n:02d}" for n in creator], "creator_role": "sales",
        "channel": rng.choice(["ui", "import", "api"], count, p=[0.8, 0.15, 0.05]),
    })  # fmt: skip
    frame = _approve(scenario, rng, clock, frame, minute, below & after)
    return _displace(scenario, frame, below & after)


def _approve(
    scenario: Scenario,
    rng: np.random.Generator,
    clock: WorkingClock,
    frame: pd.DataFrame,
    minute: np.ndarray,
    below_after: np.ndarray,
) -> pd.DataFrame:
    """Approvals: all but the planted share of the lines below the floor have one in time."""
    count = len(frame)
    shipped = clock.at(minute + DAY_MINUTES + rng.integers(60, 2 * DAY_MINUTES, count))
    approved = clock.at(minute + rng.integers(20, DAY_MINUTES, count))
    before = frame["ordered_at"] < pd.Timestamp(scenario.go_live)
    missing = np.where(before, rng.random(count) < 0.5, False)
    places = np.flatnonzero(below_after)
    missing[places[: round(len(places) * scenario.unapproved_after)]] = True
    frame["approved_by"] = np.where(missing, None, "M01")
    frame["approver_role"] = np.where(missing, None, "sales director")
    frame["approved_at"] = pd.Series(approved).where(~missing)
    frame["shipped_at"] = shipped
    return frame


def _displace(scenario: Scenario, frame: pd.DataFrame, below_after: np.ndarray) -> pd.DataFrame:
    """Invoice part of the lines at the floor and give the difference back as a rebate."""
    if not scenario.displaced_share:
        return frame
    places = np.flatnonzero(below_after)
    moved = places[: round(len(places) * scenario.displaced_share)]
    old = frame["unit_price"].to_numpy()
    price = np.ceil(frame["list_price"].to_numpy() * _FLOOR_SHARE * 100) / 100
    picked = np.isin(np.arange(len(frame)), moved)
    rebate = np.where(picked, np.round((price - old) * frame["quantity"], 2), 0.0)
    return frame.assign(unit_price=np.where(picked, price, old), rebate=rebate)


def _customers(scenario: Scenario, rng: np.random.Generator, count: int) -> list[str]:
    picks = rng.integers(0, _CUSTOMERS, count)
    if scenario.language != "zh-Hans":
        return [f"Customer {n + 1:02d}" for n in picks]
    return [f"{_ZH_NAMES[n % 10]}{'工贸' if n % 2 else '机电'}{n // 10 + 1}店" for n in picks]


def _price_rules(scenario: Scenario, first: str) -> pd.DataFrame:
    return pd.DataFrame({
        "product": [product for product, *_ in _PRODUCTS],
        "currency": scenario.currency,
        "floor_price": [round(price * _FLOOR_SHARE, 2) for *_, price in _PRODUCTS],
        "valid_from": pd.Timestamp(first),
    })  # fmt: skip


def _limits(scenario: Scenario, first: str) -> pd.DataFrame:
    return pd.DataFrame({
        "role": ["sales", "sales director"], "limit": [20000.0, 2000000.0],
        "currency": scenario.currency, "valid_from": pd.Timestamp(first),
    })  # fmt: skip


def _complaints(scenario: Scenario, rng: np.random.Generator, clock: WorkingClock) -> pd.DataFrame:
    """Complaints: the important are answered first, but for a share served in any order."""
    count = scenario.complaints
    live, settled = pd.Timestamp(scenario.go_live), pd.Timestamp(scenario.blackout_end)
    low, high = clock.minute_of(str(live.date())), len(clock.days) * DAY_MINUTES
    minute = np.sort(rng.integers(low, high - 6 * DAY_MINUTES, count))
    opened = clock.at(minute)
    importance = rng.choice([1, 2, 3, 4, 5], count, p=[0.1, 0.2, 0.35, 0.25, 0.1])
    random_rank = rng.choice([1, 2, 3, 4, 5], count)
    treated_as = np.where(rng.random(count) < scenario.inverted, random_rank, importance)
    hours = np.array([_WAIT_HOURS[n] for n in treated_as]) * rng.lognormal(0, 0.35, count)
    response = opened + pd.to_timedelta((hours * 3600).round(), unit="s")
    resolved = response + pd.to_timedelta(rng.lognormal(3.4, 0.6, count) * 3600 // 1, unit="s")
    dropped = _dropped(scenario, rng, opened > settled + pd.Timedelta(days=1), importance)
    return pd.DataFrame({
        "complaint_id": [f"K{n:04d}" for n in range(1, count + 1)], "opened_at": opened,
        "customer": _customers(scenario, rng, count), "importance": importance,
        "severity": np.clip(importance, 2, 4), "priority": 6 - importance,
        "first_response_at": pd.Series(response.floor("min")).where(~dropped),
        "resolved_at": pd.Series(resolved.floor("min")).where(~dropped),
        "owner": np.where(dropped, None, "service desk"),
        "reopened": (rng.random(count) < 0.05).astype(int),
        "response_due": opened + pd.Timedelta(hours=48),
        "resolve_due": opened + pd.Timedelta(days=14),
        "category": rng.choice(["quality", "delivery", "invoice"], count),
    })  # fmt: skip


def _dropped(
    scenario: Scenario, rng: np.random.Generator, settled: np.ndarray, importance: np.ndarray
) -> np.ndarray:
    """Mark complaints nobody ever took: the least important ones where order is kept."""
    places = rng.permutation(np.flatnonzero(settled))
    if scenario.inverted < HALF:
        places = places[np.argsort(importance[places], kind="stable")]
    wanted = round(settled.sum() * scenario.dropped_share)
    return np.isin(np.arange(len(importance)), places[:wanted])


def _errors(scenario: Scenario, rng: np.random.Generator, clock: WorkingClock) -> pd.DataFrame:
    count = 130
    occurred = clock.at(np.sort(rng.integers(0, len(clock.days) * DAY_MINUTES, count)))
    keep = (occurred < pd.Timestamp(scenario.go_live)) | (rng.random(count) < 0.5)
    return pd.DataFrame({
        "error_id": [f"F{n:03d}" for n in range(1, count + 1)], "occurred_at": occurred,
        "process": "order_approval", "kind": rng.choice(["price", "address", "quantity"], count),
        "human": np.where(rng.random(count) < 0.85, "yes", "no"),
    })[keep].reset_index(drop=True)  # fmt: skip


def _exposure(scenario: Scenario, first: str) -> pd.DataFrame:
    ends = pd.date_range(first, scenario.status_date, freq="ME")
    after = ends >= pd.Timestamp(scenario.go_live)
    return pd.DataFrame({
        "process": "order_approval", "period_end": ends, "volume": 75,
        "manual_reviews": np.where(after, 9, 31),
    })  # fmt: skip


def _access(scenario: Scenario) -> pd.DataFrame:
    used = pd.Timestamp(scenario.status_date) - pd.Timedelta(days=20)
    rights = [(f"E{n:02d}", "create_order", used) for n in range(1, _CREATORS + 1)]
    rights += [("M01", "approve_order", used), ("M02", "edit_price_list", used)]
    if scenario.control_off_days:
        rights += [("E03", "approve_order", used), ("M02", "create_order", pd.NaT)]
    return pd.DataFrame(rights, columns=["user_id", "permission", "used_at"])
