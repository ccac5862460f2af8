"""Small cost tables for tests: only the columns a test speaks about."""

from types import SimpleNamespace

import pandas as pd


def days(**given: str | None) -> SimpleNamespace:
    """Dates of a client: started 2024-01-01, planned and live 2024-06-30, seen at year's end."""
    standard = {
        "project_start": "2024-01-01",
        "planned_go_live": "2024-06-30",
        "forecast_go_live": None,
        "go_live": "2024-06-30",
        "status_date": "2024-12-31",
    }
    chosen = {**standard, **given}
    return SimpleNamespace(**{k: v and pd.Timestamp(v) for k, v in chosen.items()})


def open_days(status: str = "2024-04-30", **given: str | None) -> SimpleNamespace:
    """Dates of a project that is not live yet."""
    return days(go_live=None, planned_go_live="2024-10-31", status_date=status, **given)


def lines(*rows: tuple, **more: object) -> pd.DataFrame:
    """Budget lines: (line_id, category, amount), further columns the same on every row."""
    frame = pd.DataFrame(rows, columns=["line_id", "category", "amount"])
    return frame.assign(**more)


def entries(*rows: tuple, **more: object) -> pd.DataFrame:
    """Ledger rows: (line_id, incurred_on, amount, kind)."""
    frame = pd.DataFrame(rows, columns=["line_id", "incurred_on", "amount", "kind"])
    frame.insert(0, "txn_id", [f"T{number}" for number in range(1, len(frame) + 1)])
    return frame.assign(incurred_on=pd.to_datetime(frame["incurred_on"]), **more)


def progress(*rows: tuple, **more: object) -> pd.DataFrame:
    """Progress rows: (line_id, period_end, percent_complete)."""
    frame = pd.DataFrame(rows, columns=["line_id", "period_end", "percent_complete"])
    return frame.assign(period_end=pd.to_datetime(frame["period_end"]), **more)


def changes(*rows: tuple) -> pd.DataFrame:
    """Changes: (line_id, reason, amount, raised_on, approved_on)."""
    names = ["line_id", "reason", "amount", "raised_on", "approved_on"]
    frame = pd.DataFrame(rows, columns=names)
    frame.insert(0, "change_id", [f"C{number}" for number in range(1, len(frame) + 1)])
    dates = {name: pd.to_datetime(frame[name]) for name in ("raised_on", "approved_on")}
    return frame.assign(**dates)


def straight_plan(line: str, total: float, months: int) -> pd.DataFrame:
    """A plan that grows by the same amount each month of 2024."""
    ends = pd.date_range("2024-01-31", periods=months, freq="ME")
    steps = [total * (number + 1) / months for number in range(months)]
    return pd.DataFrame({"line_id": line, "period_end": ends, "planned_cumulative": steps})
