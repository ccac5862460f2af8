"""Hand-made control points, tests, order lines and complaints for the tests of factor 4."""

from types import SimpleNamespace

import pandas as pd

from crm_eval_lib import controls

ZONE = "Asia/Shanghai"
DAY = pd.Timestamp
DATES = SimpleNamespace(
    go_live=DAY("2024-09-02"), status_date=DAY("2025-08-31"), blackout=None,
    project_start=DAY("2024-01-08"),
)  # fmt: skip
SETTLING = SimpleNamespace(**{**vars(DATES), "blackout": (DAY("2024-09-02"), DAY("2024-11-30"))})
NOT_LIVE = SimpleNamespace(**{**vars(DATES), "go_live": None})
_MOMENTS = ("ordered_at", "approved_at", "shipped_at", "opened_at", "first_response_at",
            "resolved_at", "closed_at", "response_due", "resolve_due", "off_from", "off_to",
            "escalated_at",
            "decided_at", "occurred_at", "used_at", "changed_at")  # fmt: skip
_DAYS = ("decided_on", "tested_on", "valid_from", "valid_to", "from", "to", "period_end")


def frame(rows, common=()):
    """Make a table with moments in the client's zone and days at midnight."""
    table = pd.DataFrame([{**dict(common), **row} for row in rows])
    moments = {
        name: pd.to_datetime(table[name], format="ISO8601").dt.tz_localize(ZONE)
        for name in _MOMENTS
        if name in table
    }
    return table.assign(**moments, **{n: pd.to_datetime(table[n]) for n in _DAYS if n in table})


def points(*rows, **common):
    """Make control points; a row is what differs from a covered critical block."""
    plain = {"risk": "a risk", "required_mode": "block", "supported_mode": "block",
             "configured_mode": "block", "critical": "yes", "decided_on": "2024-06-01",
             "owner_role": "process owner", "override_role": "sales director"}  # fmt: skip
    numbered = [{"control_id": f"C{n}", **row} for n, row in enumerate(rows, 1)]
    return frame(numbered, {**plain, **common})


def items(control_id, passed, failed=0, method="sample", on="2025-01-15"):
    """Make the rows of one test: so many items passed, so many deviated."""
    rows = [{"result": "pass"}] * passed + [{"result": "deviation"}] * failed
    return frame([{"test_id": f"{control_id}-{method}-{on}-{n}", **row} for n, row in
                  enumerate(rows)], {"control_id": control_id, "method": method,
                                     "tested_on": on})  # fmt: skip


def together(*tables):
    """Put tables below each other."""
    return pd.concat(tables, ignore_index=True)


def orders(*rows, **common):
    """Make order lines; a row is what differs from 10 pieces at 100 with a floor of 90."""
    plain = {"line_no": "1", "ordered_at": "2025-01-15 10:00", "product": "P", "quantity": 10.0,
             "unit_price": 100.0, "floor_price": 90.0}  # fmt: skip
    return frame([{"order_id": f"S{n}", **row} for n, row in enumerate(rows, 1)],
                 {**plain, **common})  # fmt: skip


LOW = {"unit_price": 80.0}  # below the floor by 10, on 10 pieces 100
IN_TIME = {"approved_at": "2025-01-15 11:00", "shipped_at": "2025-01-16 09:00",
           "created_by": "E1", "approved_by": "M1", "approver_role": "director"}  # fmt: skip
LIMITS = pd.DataFrame({"role": ["director"], "limit": [1000.0]})


def lines(*rows, rules=None, limits=LIMITS, dates=DATES, **knobs):
    """Price hand-made order lines."""
    table = rows[0] if isinstance(rows[0], pd.DataFrame) else orders(*rows)
    return controls.price_lines(table, rules, limits, dates=dates, currency="CNY", **knobs)


def complaints(*rows, **common):
    """Make complaints; a row is what differs from a solved one of the middle rank."""
    plain = {"opened_at": "2025-01-15 10:00", "importance": 3.0, "severity": 3.0, "owner": "desk"}
    return frame([{"complaint_id": f"K{n}", **row} for n, row in enumerate(rows, 1)],
                 {**plain, **common})  # fmt: skip


def hour(number):
    """Return the moment so many hours after a fixed midnight."""
    return (DAY("2025-01-15") + pd.Timedelta(hours=number)).isoformat(sep=" ")


def full():
    """Return a small client that has something of everything."""
    return {
        "controls": points({"log_check": "price_floor", "risk": "低于底价"}, {"critical": "no"}),
        "control_tests": items("C1", 25),
        "control_off": frame([{"control_id": "C1", "off_from": "2025-08-30", "off_to": None}]),
        "orders": orders({**LOW, **IN_TIME, "product_group": "阀门"}, {"channel": "ui"}),
        "complaints": complaints({"opened_at": hour(0), "first_response_at": hour(9),
                                  "importance": 5.0, "priority": 1.0, "resolve_due": hour(99)},
                                 {"opened_at": hour(1), "first_response_at": hour(2),
                                  "importance": 1.0, "priority": 2.0}),
    }  # fmt: skip
