"""A small client for the tests of the value: two years, 12 months of running cost."""

from types import SimpleNamespace

import pandas as pd

from crm_eval_lib import value
from crm_eval_lib.results import FactorResult, measured

DATES = SimpleNamespace(
    project_start=pd.Timestamp("2023-07-01"), go_live=pd.Timestamp("2023-12-31"),
    status_date=pd.Timestamp("2024-12-31"), blackout=None,
)  # fmt: skip
MONEY = {"dates": DATES, "currency": "CNY"}
OVER = {"rate": 0.10, "years": 2, "currency": "CNY"}
BUDGET = pd.DataFrame({"line_id": ["A", "S"], "category": ["services", "subscription"],
                       "amount": [900.0, 100.0]})  # fmt: skip


def ledger(*rows, category="services"):
    """Rows of (day, line, amount)."""
    return pd.DataFrame({
        "txn_id": [str(n) for n in range(len(rows))], "incurred_on": [row[0] for row in rows],
        "line_id": [row[1] for row in rows], "amount": [float(row[2]) for row in rows],
        "kind": "invoice", "category": category,
    })  # fmt: skip


# 1000 before go-live; 100 of subscription in the twelve months after it
LEDGER = ledger(("2023-10-01", "A", 1000), ("2024-03-01", "S", 60), ("2024-09-01", "S", 40))


def stated(*rows):
    """Rows of (id, quantified, amount, low, high)."""
    columns = ["benefit_id", "quantified", "amount_year", "low", "high"]
    return pd.DataFrame(rows, columns=columns).assign(name="Paper")


def hours(amount, *, process="sales", rung="R2", low=None, high=None, realisation=0.5):
    """Money saved as efficiency publishes it."""
    parts = {"realisation": realisation, "potential": rung in ("S", "R0", "R1")}
    found = measured(f"efficiency.money_saved[{process}]", amount, "money", low=low, high=high,
                     rung=rung, parts=parts, currency="CNY", tables=("events",))  # fmt: skip
    return FactorResult("efficiency", (found,))


def prices(leakage=730.0, ratio=0.5, low=0.25, high=1.0):
    """Leakage and rate ratio as controls publishes them."""
    found = (measured("controls.price.leakage", leakage, "money", tables=("orders",)),
             measured("controls.price.rate_ratio", ratio, "index", low=low, high=high,
                      tables=("orders",)))  # fmt: skip
    return FactorResult("controls", found)


def parts(results=(), benefits=None, *, actuals=LEDGER, summary=None, controls=None):
    """Costs and benefits."""
    spent = value.costs(BUDGET, actuals, summary=summary, **MONEY)
    return spent, value.benefits(list(results), benefits, controls=controls, **MONEY)


def steps(results=(), benefits=None, *, actuals=LEDGER, summary=None, controls=None, **over):
    """Costs, benefits, worth and tornado."""
    spent, gained = parts(results, benefits, actuals=actuals, summary=summary, controls=controls)
    more = {name: over.pop(name) for name in ("seed", "draws", "confidence") if name in over}
    settings = OVER | over
    worth = value.worth(spent, gained, **settings, **more)
    return spent, gained, worth, value.tornado(spent, gained, **settings)


def worth_of(benefits, actuals=LEDGER):
    """The worth of stated benefits alone."""
    return value.worth(*parts((), benefits, actuals=actuals), **OVER)
