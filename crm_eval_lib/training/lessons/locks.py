"""The client of the lesson on controls: exact plants, and the tables made from them."""

from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from crm_eval_lib.simulate import DEMOS, Scenario
from crm_eval_lib.training.case import Case

TESTED, DRAWN = "C02", 25  # the point tested by a sample without a deviation
OFF, OFF_FROM, OFF_TO = "C01", "2025-02-03", "2025-03-06"  # on again on the last day


class Point(NamedTuple):
    """One control point: what is asked, what is set up, and what speaks against it."""

    id: str
    risk: tuple[str, str]  # English, Chinese
    required: str
    configured: str
    critical: str
    likelihood: int
    impact: int
    log_check: str = "none"
    refuted_by: str = ""  # log or negative test; empty = nothing speaks against it

    @property
    def weight(self) -> int:
        """Risk: likelihood times impact."""
        return self.likelihood * self.impact

    @property
    def claimed(self) -> bool:
        """Whether the set-up is what is asked for."""
        return self.required == self.configured


POINTS = (
    Point("C01", ("Sold below the floor price", "低于底价销售"), "block", "block", "yes", 4, 5,
          "price_floor", "log"),
    Point("C02", ("Order without a second signature", "订单缺少第二人审批"), "dual", "dual", "yes",
          3, 5),
    Point("C03", ("Customer created twice", "客户重复建档"), "warn", "warn", "no", 4, 2),
    Point("C04", ("Credit limit exceeded", "超出信用额度"), "block", "block", "no", 3, 4,
          refuted_by="negative"),
    Point("C05", ("Complaint without an owner", "投诉无人负责"), "block", "warn", "no", 3, 4),
    Point("C06", ("Mandatory fields left empty", "必填项空缺"), "block", "block", "no", 4, 2),
)  # fmt: skip

ONLY_WARNED = ("A warning appeared; the order was saved", "弹出警告，但订单照样保存")

PRODUCTS = {"A100": 480.0, "A200": 920.0, "B100": 2350.0, "C210": 64.0}  # list price, EUR
FLOOR = 0.80  # of the list price
FIRST_ORDER, REGULAR_ORDERS = "2024-03-04", 64  # one a week
BELOW_BEFORE = (2, 5, 8)  # of the regular orders, before go-live
WHILE_OFF = (
    ("2025-02-04", "open"), ("2025-02-06", "ordinary"), ("2025-02-11", "rebate"),
    ("2025-02-13", "approved"), ("2025-02-18", "at_floor"), ("2025-02-19", "open"),
    ("2025-02-25", "ordinary"), ("2025-02-27", "rebate"), ("2025-03-04", "open"),
    ("2025-03-05", "approved"),
)  # fmt: skip
# kind: unit price and rebate, both as shares of the list price
PRICES = {"ordinary": (0.90, 0.0), "open": (0.74, 0.0), "rebate": (0.84, 0.10),
          "approved": (0.76, 0.0), "at_floor": (FLOOR, 0.0), "before": (0.75, 0.0)}  # fmt: skip


class Heard(NamedTuple):
    """One complaint: opened and answered in hours after the first one, and what was planted."""

    id: str
    importance: int
    priority: int  # as the system set it; 1 = first
    opened: float
    answered: float | None
    part: str = ""  # overtaken · open (overtaken, never answered) · misjudged (by the priority)


FIRST_COMPLAINT = "2025-03-10 09:00"
COMPLAINTS = (
    Heard("K01", 2, 4, 0, 30), Heard("K02", 5, 1, 2, 4), Heard("K03", 5, 1, 5, 40, "overtaken"),
    Heard("K04", 1, 5, 6, 8), Heard("K05", 4, 2, 7, 7.5), Heard("K06", 4, 2, 9, None, "open"),
    Heard("K07", 5, 1, 50, 110), Heard("K08", 5, 1, 52, 53), Heard("K09", 3, 3, 111, 130),
    Heard("K10", 4, 4, 112, 131, "overtaken"), Heard("K11", 2, 1, 118, 132, "misjudged"),
    Heard("K12", 1, 5, 140, None),
)  # fmt: skip


def case(language: str) -> Case:
    """Make the client: four controls that look better on paper than in their logs."""
    scenario = replace(
        DEMOS["demo-troubled"], client="lesson-controls", language=language, seed=84,
        name="Lindqvist Pumps" if language == "en" else "凌川泵业",
    )  # fmt: skip
    tables = {"controls": _controls(language), "control_tests": _tests(scenario, language),
              "control_off": _off(), "orders": _orders(), "complaints": _complaints()}  # fmt: skip
    return Case(scenario, tables)


def _controls(language: str) -> pd.DataFrame:
    rows = [{
        "control_id": point.id, "risk": point.risk[language != "en"],
        "required_mode": point.required, "configured_mode": point.configured,
        "critical": point.critical, "likelihood": point.likelihood, "impact": point.impact,
        "log_check": point.log_check,
    } for point in POINTS]  # fmt: skip
    return pd.DataFrame(rows)


def _tests(scenario: Scenario, language: str) -> pd.DataFrame:
    """One attempt to get past each deciding point, and a sample of one of them."""
    tested = pd.Timestamp(scenario.blackout_end) + pd.Timedelta(days=40)
    rows = [(point.id, f"{point.id}-N1", "negative", point.refuted_by == "negative")
            for point in POINTS if point.claimed]  # fmt: skip
    rows += [(TESTED, f"{TESTED}-S{item + 1:02d}", "sample", False) for item in range(DRAWN)]
    table = pd.DataFrame(rows, columns=["control_id", "test_id", "method", "failed"])
    failed = table.pop("failed")
    return table.assign(
        result=failed.map({True: "deviation", False: "pass"}), tested_on=tested,
        tester_role="internal audit",
        evidence=failed.map({True: ONLY_WARNED[language != "en"], False: None}),
    )  # fmt: skip


def _off() -> pd.DataFrame:
    first, back = pd.Timestamp(OFF_FROM), pd.Timestamp(OFF_TO)
    names = ["control_id", "off_from", "off_to", "switched_by"]
    return pd.DataFrame([(OFF, first, back, "sales director")], columns=names)


def order_kinds() -> pd.DataFrame:
    """Return the planted orders by day: ``order_id``, ``day``, ``kind``."""
    days = pd.date_range(FIRST_ORDER, periods=REGULAR_ORDERS, freq="7D")
    regular = pd.DataFrame({"day": days, "kind": "ordinary"})
    regular.loc[list(BELOW_BEFORE), "kind"] = "before"
    extra = pd.DataFrame(WHILE_OFF, columns=["day", "kind"])
    both = pd.concat([regular, extra.assign(day=pd.to_datetime(extra["day"]))])
    both = both.sort_values("day", kind="stable", ignore_index=True)
    return both.assign(order_id=[f"SO{number:03d}" for number in range(101, 101 + len(both))])


def _orders() -> pd.DataFrame:
    planted = order_kinds()
    number = pd.Series(range(len(planted)))
    product = number.map(lambda n: list(PRODUCTS)[n % len(PRODUCTS)])
    listed, quantity = product.map(PRODUCTS), 2 + number % 5
    price, rebate = (planted["kind"].map({kind: shares[place] for kind, shares in PRICES.items()})
                     for place in (0, 1))  # fmt: skip
    ordered = planted["day"] + pd.Timedelta(hours=10)
    approved = planted["kind"].eq("approved")
    return pd.DataFrame({
        "order_id": planted["order_id"], "ordered_at": ordered, "product": product,
        "quantity": quantity, "unit_price": (listed * price).round(2),
        "rebate": (listed * rebate * quantity).round(2), "floor_price": (listed * FLOOR).round(2),
        "approved_at": (ordered + pd.Timedelta(hours=3)).where(approved),
        "approver_role": pd.Series("sales director", number.index).where(approved),
        "shipped_at": ordered + pd.Timedelta(days=2),
    })  # fmt: skip


def _complaints() -> pd.DataFrame:
    first = pd.Timestamp(FIRST_COMPLAINT)
    rows = [(heard.id, heard.importance, heard.priority, first + pd.Timedelta(hours=heard.opened),
             pd.NaT if heard.answered is None else first + pd.Timedelta(hours=heard.answered))
            for heard in COMPLAINTS]  # fmt: skip
    names = ["complaint_id", "importance", "priority", "opened_at", "first_response_at"]
    return pd.DataFrame(rows, columns=names)
