"""What some synthetic clients' money has besides: currencies, prices, versions, commitments."""

import numpy as np
import pandas as pd

from crm_eval_lib.simulate.scenario import Scenario

Tables = dict[str, pd.DataFrame]
LICENCES, SERVICES, EVEN_LINE, CONTINGENCY = "SW-01", "SV-01", "IN-01", "CO-01"
USERS_PLANNED, USERS_BOUGHT = 120, 118
HOUR_PLANNED, HOUR_PAID = 300.0, 318.0  # client currency per hour of the partner
OPEN_ORDER = 26_000.0  # ordered from the partner and not yet invoiced
RETENTION_SHARE = 0.05
CONTINGENCY_KEPT = 1 / 3  # of the original, in the second version
LATER_FINISH = pd.DateOffset(months=3)
VENDORS = {
    "data_migration": "Lindqvist Data", "hardware": "Northgate Hardware",
    "integration": "Alder Interfaces", "internal_labour": "own staff",
    "licence": "Fernway Software", "other": "other suppliers",
    "services": "Brightwater Consulting", "subscription": "Fernway Subscriptions",
    "training": "Alder Training",
}  # fmt: skip
_BOOKED = ("invoice", "timesheet", "accrual", "credit")


def with_features(scenario: Scenario, tables: Tables, rng: np.random.Generator) -> Tables:
    """Return the cost tables with the features the scenario plants."""
    made = dict(tables)
    if scenario.usd_planned:
        made |= _priced(scenario, made, rng)
    if scenario.rebaselined_month:
        made |= _committed(made) | {"budget": _restated(scenario, made["budget"])}
    if scenario.run_cost_year:
        made |= {"actuals": _with_run_cost(scenario, made["actuals"])}
    return made


def _priced(scenario: Scenario, tables: Tables, rng: np.random.Generator) -> Tables:
    """Give licences in US dollars and services by the hour quantity, price and rate.

    Rounded prices move a few cents; one line without prices takes them, so that totals stay.
    """
    budget = tables["budget"].assign(fx_rate=np.nan, quantity=np.nan, unit="", unit_price=np.nan)
    actuals = tables["actuals"].assign(fx_rate=np.nan, quantity=np.nan, unit_price=np.nan)
    planned, spent = budget["amount"].sum(), _in_client_currency(actuals)
    licences = budget["line_id"].eq(LICENCES)
    budget.loc[licences, ["currency", "fx_rate"]] = ["USD", scenario.usd_planned]
    budget = _with_price(budget, licences, USERS_PLANNED, scenario.usd_planned)
    services = budget["line_id"].eq(SERVICES)
    hours = (budget.loc[services, "amount"] / HOUR_PLANNED).round(1)
    budget = _at_price(budget, services, hours, HOUR_PLANNED)
    budget.loc[licences, "unit"], budget.loc[services, "unit"] = "user", "hour"
    actuals = _licence_bills(scenario, actuals, rng)
    paid = actuals["line_id"].eq(SERVICES) & actuals["kind"].isin(_BOOKED)
    actuals = _at_price(
        actuals, paid, (actuals.loc[paid, "amount"] / HOUR_PAID).round(1), HOUR_PAID
    )
    budget = _evened(budget, budget["line_id"].eq(CONTINGENCY), planned)
    invoices = actuals["line_id"].eq(EVEN_LINE) & actuals["kind"].eq("invoice")
    return {"budget": budget, "actuals": _evened(actuals, invoices, spent)}


def _licence_bills(
    scenario: Scenario, actuals: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Put the licence rows into dollars, each at the rate of its day, with whole users."""
    bills = actuals["line_id"].eq(LICENCES) & actuals["kind"].isin(_BOOKED)
    rates = np.round(scenario.usd_paid + rng.uniform(-0.04, 0.04, int(bills.sum())), 4)
    share = actuals.loc[bills, "amount"] / actuals.loc[bills, "amount"].sum()
    users = np.diff(np.round(np.append(0, share.cumsum()) * USERS_BOUGHT))
    made = actuals.copy()
    made.loc[bills, "currency"], made.loc[bills, "fx_rate"] = "USD", rates
    return _with_price(made, bills, np.maximum(users, 1), rates)


def _with_price(
    frame: pd.DataFrame, rows: pd.Series, quantity: float | np.ndarray, rate: float | np.ndarray
) -> pd.DataFrame:
    """Return the rows as quantity × price of the row's currency, the price in whole cents."""
    price = (frame.loc[rows, "amount"] / rate / quantity).round(2)
    return _at_price(frame, rows, quantity, price)


def _at_price(
    frame: pd.DataFrame, rows: pd.Series, quantity: object, price: object
) -> pd.DataFrame:
    made = frame.copy()
    made.loc[rows, "quantity"], made.loc[rows, "unit_price"] = quantity, price
    made.loc[rows, "amount"] = (made.loc[rows, "quantity"] * made.loc[rows, "unit_price"]).round(2)
    return made


def _evened(frame: pd.DataFrame, rows: pd.Series, wanted: float) -> pd.DataFrame:
    """Let the last of some rows take what rounding has moved."""
    made, last = frame.copy(), frame.index[rows][-1]
    booked = frame if "kind" not in frame else frame[frame["kind"].isin(_BOOKED)]
    made.loc[last, "amount"] += round(wanted - _in_client_currency(booked), 2)
    return made


def _in_client_currency(frame: pd.DataFrame) -> float:
    rows = frame if "kind" not in frame else frame[frame["kind"].isin(_BOOKED)]
    return float((rows["amount"] * rows["fx_rate"].fillna(1.0)).sum())


def _restated(scenario: Scenario, budget: pd.DataFrame) -> pd.DataFrame:
    """Add version 1: all lines again, the growing ones larger and later, less contingency."""
    start = pd.Timestamp(scenario.project_start)
    second = budget.assign(
        version=1, approved_on=start + pd.DateOffset(months=scenario.rebaselined_month)
    )
    reserve = second["line_id"].eq(CONTINGENCY)
    second.loc[reserve, "amount"] = (second.loc[reserve, "amount"] * CONTINGENCY_KEPT).round(2)
    grown = second["line_id"].isin([SERVICES, EVEN_LINE, "DM-01", "IL-01"])
    wanted = round(scenario.budget_total * (1 + scenario.rebaselined), 2)
    factor = (wanted - second.loc[~grown, "amount"].sum()) / second.loc[grown, "amount"].sum()
    second.loc[grown, "amount"] = (second.loc[grown, "amount"] * factor).round(2)
    second.loc[grown, "planned_finish"] += LATER_FINISH
    last = second.index[grown][-1]
    second.loc[last, "amount"] += round(wanted - second["amount"].sum(), 2)
    return pd.concat([budget, second], ignore_index=True)


def _committed(tables: Tables) -> Tables:
    """Order the services under one number, hold back a share of each invoice, leave a rest open."""
    actuals = tables["actuals"].copy()
    bills = actuals["line_id"].eq(SERVICES) & actuals["kind"].eq("invoice")
    bills &= actuals["order_ref"].isna()
    actuals.loc[bills, "order_ref"] = "PO-21"
    actuals.loc[bills, "retention"] = (actuals.loc[bills, "amount"] * RETENTION_SHARE).round(2)
    order = actuals[bills].iloc[[0]].assign(
        txn_id=_next_id(actuals), kind="order", retention=np.nan,
        amount=round(actuals.loc[bills, "amount"].sum() + OPEN_ORDER, 2),
    )  # fmt: skip
    return {"actuals": pd.concat([actuals, order], ignore_index=True)}


def _with_run_cost(scenario: Scenario, actuals: pd.DataFrame) -> pd.DataFrame:
    """Add a subscription fee for every month after the one of go-live."""
    first = pd.Timestamp(scenario.go_live) + pd.offsets.MonthEnd(1)
    days = pd.date_range(first + pd.Timedelta(days=1), scenario.status_date, freq="MS")
    fees = pd.DataFrame({
        "txn_id": [_next_id(actuals, number) for number in range(len(days))], "line_id": "SB-01",
        "category": "subscription", "incurred_on": days, "kind": "invoice",
        "amount": round(scenario.run_cost_year / 12, 2), "currency": scenario.currency,
        "tax": "excluded", "vendor": VENDORS["subscription"], "approved_on": days - pd.Timedelta(days=9),
    })  # fmt: skip
    return pd.concat([actuals, fees], ignore_index=True)


def _next_id(actuals: pd.DataFrame, further: int = 0) -> str:
    return f"T{len(actuals) + 1 + further:04d}"
