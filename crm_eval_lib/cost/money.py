"""Amounts of budget and ledger brought to one currency and one side of tax."""

import numpy as np
import pandas as pd

from crm_eval_lib.results import Message

NET = "net"  # tax taken out of every row
AS_DECLARED = "as declared"  # every row declared alike, rates not known for all
DECLARED = ["tax", "tax_rate", "currency", "fx_rate"]  # what a row says about its amount
INCLUDED, EXCLUDED = "included", "excluded"


def tax_basis(*frames: pd.DataFrame) -> str | None:
    """Say on which side of tax the rows can be added and compared; None when on no common one.

    With rates every row can be brought to net; without them all rows must be declared alike.

    >>> budget = pd.DataFrame({"tax": ["excluded"], "tax_rate": [np.nan]})
    >>> invoices = pd.DataFrame({"tax": ["included"], "tax_rate": [0.13]})
    >>> tax_basis(budget, invoices), tax_basis(budget, invoices.assign(tax_rate=np.nan))
    ('net', None)
    """
    found = {pair for frame in frames for pair in _tax_and_rate(frame)}
    if all(tax == EXCLUDED or (tax == INCLUDED and rated) for tax, rated in found):
        return NET
    return AS_DECLARED if len({tax for tax, _ in found}) == 1 else None


def _tax_and_rate(frame: pd.DataFrame) -> list[tuple[str, bool]]:
    """Return the declarations found: tax ("" if none), and whether a rate stands beside it."""
    code, names = pd.factorize(frame["tax"])
    pairs = np.unique(code * 2 + frame["tax_rate"].notna().to_numpy())
    return [("" if pair < 0 else str(names[pair // 2]), bool(pair % 2)) for pair in pairs]


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
    lacking = frame["fx_rate"].isna() & frame["currency"].notna() & (frame["currency"] != currency)
    if not lacking.any():
        return None
    codes = sorted(frame.loc[lacking, "currency"].astype(str).unique())
    return Message("cost.reason.rate_missing", {"table": table, "currencies": codes})


def declarations(
    rows: pd.DataFrame, since: pd.Series, *, apart: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Return the first row of each way to declare tax and currency, and since when there is one.

    They stand for all rows where only the kinds of declaration matter, as in `tax_basis` and
    `rate_missing`. A row without a day was there all along; columns kept apart have rows of their
    own per value.
    """
    if not since.is_monotonic_increasing:
        order = since.sort_values(na_position="first", kind="stable").index
        rows, since = rows.loc[order], since.loc[order]
    code = np.zeros(len(rows), dtype=np.int64)
    for name in ("tax", "currency", *apart):
        codes, names = pd.factorize(rows[name])
        code = code * (len(names) + 1) + codes + 1
    for name in ("tax_rate", "fx_rate"):
        code = code * 2 + rows[name].isna().to_numpy()
    first = ~pd.Series(code).duplicated().to_numpy()
    return rows.loc[first, [*DECLARED, *apart]].assign(since=since[first])
