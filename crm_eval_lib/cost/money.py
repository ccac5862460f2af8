"""Amounts of budget and ledger brought to one currency and one side of tax."""

import numpy as np
import pandas as pd

from crm_eval_lib.results import Message

NET = "net"  # tax taken out of every row
AS_DECLARED = "as declared"  # every row declared alike, rates not known for all
INCLUDED, EXCLUDED = "included", "excluded"


def tax_basis(*frames: pd.DataFrame) -> str | None:
    """Say on which side of tax the rows can be added and compared; None when on no common one.

    With rates every row can be brought to net; without them all rows must be declared alike.

    >>> budget = pd.DataFrame({"tax": ["excluded"], "tax_rate": [np.nan]})
    >>> invoices = pd.DataFrame({"tax": ["included"], "tax_rate": [0.13]})
    >>> tax_basis(budget, invoices), tax_basis(budget, invoices.assign(tax_rate=np.nan))
    ('net', None)
    """
    tax = pd.concat([frame["tax"] for frame in frames]).fillna("").astype(str)
    rate = pd.concat([frame["tax_rate"] for frame in frames]).astype(float)
    can_be_net = (tax == EXCLUDED) | ((tax == INCLUDED) & rate.notna())
    if can_be_net.all():
        return NET
    return AS_DECLARED if tax.nunique() == 1 else None


def net_factor(frame: pd.DataFrame, basis: str | None) -> pd.Series:
    """Return by what an amount is multiplied to come to the basis: 1 / (1 + rate) or 1."""
    taxed = (frame["tax"] == INCLUDED) & (basis == NET)
    return pd.Series(
        np.where(taxed, 1 / (1 + frame["tax_rate"].astype(float).fillna(0.0)), 1.0), frame.index
    )


def exchange_rate(frame: pd.DataFrame, currency: str) -> pd.Series:
    """Return client currency per unit of row currency; NaN for a foreign row without a rate."""
    own = frame["currency"].isna() | (frame["currency"] == currency)
    return frame["fx_rate"].astype(float).where(frame["fx_rate"].notna() | ~own, 1.0)


def with_money(frame: pd.DataFrame, basis: str | None, currency: str) -> pd.DataFrame:
    """Add ``rate``, ``net`` (factor) and ``money``: the amount in client currency, on the basis."""
    rate, net = exchange_rate(frame, currency), net_factor(frame, basis)
    return frame.assign(rate=rate, net=net, money=frame["amount"].astype(float) * rate * net)


def rate_missing(frame: pd.DataFrame, table: str, currency: str) -> Message | None:
    """Name the currencies that lack a rate, or return None."""
    lacking = frame.loc[exchange_rate(frame, currency).isna(), "currency"].astype(str)
    if lacking.empty:
        return None
    codes = sorted(lacking.unique())
    return Message("cost.reason.rate_missing", {"table": table, "currencies": codes})
