"""The floor of an order line: the price rule that held on its day, joined without pairing rows.

A rule's answer changes only at its quantity breaks and at its first and last days. Lines that lie
between the same two breaks and the same two days of their product ask the same question, which is
asked once; so time grows with lines plus rules, not with their product.
"""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.controls.coded import places_in
from crm_eval_lib.controls.windows import column_of, numbers_of, until_status

_NEVER = 1e9  # number of the last day of a rule without end
_FOR_ALL = -1  # code of an empty class, and of whatever no rule names
PAIRS_AT_ONCE = 1_000_000  # of a question and a rule of its product: some 100 MB


def rule_floors(
    orders: pd.DataFrame,
    money: pd.Series,
    price_rules: pd.DataFrame | None,
    *,
    dates: Any,
    currency: str,
) -> pd.Series:
    """Return the floor of the rule that held on the day of each order line; NaN without one.

    Of several the one for the customer's class goes before one for all, the larger quantity break
    before the smaller, the newer before the older; of true twins the higher floor.

    Parameters
    ----------
    orders : DataFrame
        Order lines, ``ordered_at`` in the client's time zone.
    money : Series
        Currency of each line; a rule in another one does not hold, nothing is converted.
    price_rules : DataFrame or None
        Those changed after the status date are not seen.
    dates, currency : object, str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> orders = pd.DataFrame({"product": ["P", "P"], "quantity": [1.0, 20.0],
    ...                        "ordered_at": [day("2025-01-07"), day("2025-01-08")]})
    >>> rules = pd.DataFrame({"product": ["P", "P"], "min_quantity": [None, 10.0],
    ...     "floor_price": [9.5, 9.0], "valid_from": [day("2025-01-01")] * 2})
    >>> rule_floors(orders, pd.Series(["CNY"] * 2), rules, currency="CNY",
    ...             dates=SimpleNamespace(status_date=day("2025-01-31"))).tolist()
    [9.5, 9.0]
    """
    rules = until_status(price_rules, "changed_at", dates)
    floor = pd.Series(np.nan, index=orders.index)
    if rules is None or rules.empty or orders.empty:
        return floor
    offers = _ranked(rules, currency)
    codes = {
        name: _codes(offers[name], asked)
        for name, asked in (("product", orders["product"]), ("money", money),
                            ("class", column_of(orders, "customer_class")))
    }  # fmt: skip
    offers = offers.assign(**{name: own for name, (own, _) in codes.items()})
    ruled = codes["product"][1] != _FOR_ALL
    rows = {name: asked[ruled] for name, (_, asked) in codes.items()}
    question, questions = _questions(rows, orders[ruled], offers)
    best = _last_that_fit(questions, offers)
    answers = offers["floor"].reindex(best)
    floor[ruled] = answers.to_numpy(dtype="float64")[question]
    return floor


def days_of(moments: pd.Series) -> pd.Series:
    """Return the calendar day of each moment on the clock of its column."""
    local = moments.dt.tz_localize(None) if getattr(moments.dtype, "tz", None) else moments
    return local.dt.normalize()


def _ranked(rules: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Order the rules so that of several that fit the last holds; ``rank`` is the place."""
    changed = pd.to_datetime(column_of(rules, "changed_at"))
    offers = pd.DataFrame({
        "product": rules["product"], "class": column_of(rules, "customer_class"),
        "money": column_of(rules, "currency").astype(object).fillna(currency),
        "break": numbers_of(rules, "min_quantity", 0.0), "first": _day_numbers(rules["valid_from"]),
        "last": _day_numbers(column_of(rules, "valid_to"), empty=_NEVER),
        "changed": changed.rank(method="dense").fillna(0.0), "floor": rules["floor_price"],
    })  # fmt: skip
    offers = offers.assign(for_class=offers["class"].notna())
    offers = offers.sort_values(
        ["for_class", "break", "first", "changed", "floor"], ignore_index=True
    )
    return offers.drop(columns=["for_class", "changed"]).assign(rank=offers.index)


def _codes(of_rules: pd.Series, of_lines: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Number the values the rules name; whatever they do not name is `_FOR_ALL`."""
    names = pd.Index(of_rules.dropna().unique().astype(object))
    return places_in(of_rules, names), places_in(of_lines, names)


def _questions(
    rows: dict[str, np.ndarray], orders: pd.DataFrame, offers: pd.DataFrame
) -> tuple[np.ndarray, pd.DataFrame]:
    """Return the number of the question each line asks, and the questions."""
    changes = np.concatenate([offers["first"], offers["last"] + 1])
    asked = _day_numbers(days_of(orders["ordered_at"]))
    quantity = _last_step(rows["product"], orders["quantity"].to_numpy(dtype="float64"),
                          offers["product"].to_numpy(), offers["break"].to_numpy())  # fmt: skip
    twice = np.tile(offers["product"].to_numpy(), 2)
    day = _last_step(rows["product"], asked, twice, changes)
    parts = pd.DataFrame({**rows, "quantity": quantity, "day": day})
    number = parts.groupby(list(parts), sort=False).ngroup().to_numpy()
    return number, parts.assign(question=number).drop_duplicates("question")


def _last_that_fit(questions: pd.DataFrame, rules: pd.DataFrame) -> np.ndarray:
    """Return the rank of the last rule that fits each question, by its number; NaN without one."""
    asked = questions["product"].map(rules["product"].value_counts()).fillna(0)
    best = np.full(len(questions), np.nan)
    for _, some in questions.groupby(asked.cumsum() // PAIRS_AT_ONCE):
        pairs = some.merge(rules, on=["product", "money"], suffixes=("", "_ruled"))
        of_class = (pairs["class_ruled"] == _FOR_ALL) | (pairs["class_ruled"] == pairs["class"])
        on_day = (pairs["first"] <= pairs["day"]) & (pairs["day"] <= pairs["last"])
        fits = of_class & on_day & (pairs["break"] <= pairs["quantity"])
        last = pairs[fits].groupby("question")["rank"].max()
        best[last.index] = last
    return best


def _last_step(
    product: np.ndarray, values: np.ndarray, of_product: np.ndarray, steps: np.ndarray
) -> np.ndarray:
    """Return the last step of the product at or below each value; -inf where there is none.

    Product and place among all steps make one number, so one search answers for all products.
    """
    levels = np.unique(steps)
    width = len(levels) + 1
    known = np.unique(of_product * width + np.searchsorted(levels, steps) + 1)
    place = np.where(np.isnan(values), 0, np.searchsorted(levels, values, side="right"))
    found = known[np.maximum(np.searchsorted(known, product * width + place, side="right") - 1, 0)]
    reached = (found // width == product) & (found % width <= place)
    return np.where(reached, levels[found % width - 1], -np.inf)


def _day_numbers(days: pd.Series, empty: float = np.nan) -> np.ndarray:
    """Return days as numbers that can be compared and searched."""
    plain = pd.to_datetime(days).to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(plain), empty, plain.astype("float64"))
