"""On which side of tax, and whether at all, budget and ledger can be used and compared."""

from dataclasses import dataclass

import pandas as pd

from crm_eval_lib.cost.money import AS_DECLARED, rate_missing, tax_basis
from crm_eval_lib.results import Message, missing_table


@dataclass(frozen=True)
class Terms:
    """On which side of tax budget and ledger are taken, and why they cannot be used (None: can).

    ``payable_basis`` and ``payable_problem`` speak of cost and orders together.
    """

    budget_basis: str
    ledger_basis: str
    budget_problem: Message | None
    ledger_problem: Message | None
    comparison_problem: Message | None
    payable_basis: str | None
    payable_problem: Message | None


def terms_of(
    lines: pd.DataFrame, costs: pd.DataFrame, payable: pd.DataFrame, currency: str
) -> Terms:
    """Judge the declarations of budget, of cost, and of cost and orders together."""
    bases = tax_basis(lines), tax_basis(costs)
    common = tax_basis(lines, costs)
    own = [common or basis or AS_DECLARED for basis in bases]
    budget_problem = _problem(lines, "budget", bases[0], currency)
    ledger_problem = _problem(costs, "actuals", bases[1], currency)
    apart = Message("cost.reason.tax_differs") if common is None else None
    return Terms(
        *own, budget_problem, ledger_problem, budget_problem or ledger_problem or apart,
        tax_basis(payable), rate_missing(payable, "actuals", currency),
    )  # fmt: skip


def _problem(rows: pd.DataFrame, table: str, basis: str | None, currency: str) -> Message | None:
    if rows.empty:
        return missing_table(table)
    if basis is None:
        return Message("cost.reason.tax_mixed", {"table": table})
    return rate_missing(rows, table, currency)
