"""Which input moves the net present value most, one at a time."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from crm_eval_lib.results import Message, Step
from crm_eval_lib.value.costs import RUN
from crm_eval_lib.value.rows import COUNTED, HOURS
from crm_eval_lib.value.worth import Case, case_of, rows_of

RATE, HORIZON, REALISATION = "discount_rate", "horizon", "realisation"
RATE_REACH = 0.05  # a firm's cost of money is rarely known to better than five points
HORIZON_REACH = 1  # years: a system is replaced a year sooner or later than planned
RUN_REACH = (
    0.20  # next year's licences may cost a fifth more or less; where nothing better is known
)
NO_HOURS, ALL_HOURS = 0.0, 1.0  # nobody measures realisation, so all of it is shown
COLUMNS = ("kind", "name", "from", "to", "npv_low_amount", "npv_high_amount", "swing_amount")
Swing = tuple[str, str, Message, Message, Case, Case]


def tornado(costs: Step, benefits: Step, *, rate: float, years: int, currency: str) -> Step:
    """Move each input over its range, the others at their values.

    Parameters
    ----------
    costs, benefits : Step
        From `costs` and `benefits`.
    rate : float
        Discount rate a year.
    years : int
        Years of benefits counted.
    currency : str
        The client's; amounts are in it.

    Returns
    -------
    Step
        One row per input, the widest swing first: each counted benefit over its interval, the
        realisation from none to all of the hours, the discount rate ± 5 points, the horizon
        ± 1 year, run cost over its bounds or ± 20 %.

    Examples
    --------
    >>> spent = pd.DataFrame({"part": ["cost_to_go_live", "run_cost"], "amount": [1000.0, 100.0],
    ...                       "low": [None, 80.0], "high": [None, 150.0]})
    >>> gain = pd.DataFrame([{"standing": "counted", "kind": "stated", "name": "Paper",
    ...                       "amount_year": 700.0, "spread": "fixed"}],
    ...                     columns=["standing", "kind", "name", "amount_year", "low", "high",
    ...                              "spread", "confidence", "realisation"])
    >>> steps = Step("value.costs", table=spent), Step("value.benefits", table=gain)
    >>> step = tornado(*steps, rate=0.1, years=2, currency="CNY")
    >>> step.table["kind"][0], round(float(step.table["npv_high_amount"][0]))
    ('horizon', 492)
    """
    case, reason = case_of(costs, benefits, rate=rate, years=years)
    if case is None:
        return Step("value.tornado", sentence=Message("value.sentence.none", {"reason": reason}),
                    headline=Message("value.headline.none"))  # fmt: skip
    swings = [*_benefits(case, benefits, currency), *_hours(case, benefits),
              *_run_cost(case, costs, currency), *_settings(case)]  # fmt: skip
    rows = [_row(swing) for swing in swings]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table = table.loc[table["swing_amount"] > 0]
    table = table.sort_values("swing_amount", ascending=False, kind="stable", ignore_index=True)
    if table.empty:
        return Step("value.tornado", sentence=Message("value.sentence.tornado_none"),
                    headline=Message("value.headline.none"))  # fmt: skip
    first = table.iloc[0]
    slots = {"first": _said(first), "low": float(first["npv_low_amount"]),
             "high": float(first["npv_high_amount"]), "currency": currency}  # fmt: skip
    sign = "turns" if slots["low"] < 0 < slots["high"] else "moves"
    return Step(
        "value.tornado",
        table=table,
        sentence=Message(f"value.sentence.tornado_{sign}", slots),
        headline=Message(f"value.headline.tornado_{sign}", slots),
        subtitle=Message("value.subtitle.tornado", {"currency": currency, "npv": case.npv}),
    )


def _row(swing: Swing) -> dict[str, Any]:
    kind, name, start, end, *cases = swing
    low, high = sorted(case.npv for case in cases)
    return dict(zip(COLUMNS, (kind, name, start, end, low, high, high - low), strict=True))


def _benefits(case: Case, benefits: Step, currency: str) -> Iterator[Swing]:
    rows = rows_of(benefits, COUNTED).dropna(subset=["low", "high"])
    for row in rows.itertuples():
        low, high = (
            replace(case, benefit_year=case.benefit_year - row.amount_year + end)
            for end in (row.low, row.high)
        )
        yield row.kind, row.name, _money(row.low, currency), _money(row.high, currency), low, high


def _hours(case: Case, benefits: Step) -> Iterator[Swing]:
    """Move the realisation, which is in the money of the hours already."""
    counted = rows_of(benefits, COUNTED)
    hours = counted.loc[(counted["kind"] == HOURS)]
    hours = hours.loc[hours["realisation"].astype(float) > 0] if len(hours) else hours
    if hours.empty:
        return
    saved = hours["amount_year"].astype(float)
    whole = float((saved / hours["realisation"].astype(float)).sum())
    others = case.benefit_year - float(saved.sum())
    low, high = (replace(case, benefit_year=others + share * whole)
                 for share in (NO_HOURS, ALL_HOURS))  # fmt: skip
    yield REALISATION, "", _share(NO_HOURS), _share(ALL_HOURS), low, high


def _run_cost(case: Case, costs: Step, currency: str) -> Iterator[Swing]:
    row = costs.table.set_index("part").loc[RUN]
    low, high = float(row["low"]), float(row["high"])
    if pd.isna(low) or pd.isna(high):
        low, high = case.run_year * (1 - RUN_REACH), case.run_year * (1 + RUN_REACH)
    if case.run_year:
        low_case, high_case = (replace(case, run_year=end) for end in (low, high))
        yield RUN, "", _money(low, currency), _money(high, currency), low_case, high_case


def _settings(case: Case) -> Iterator[Swing]:
    low, high = max(case.rate - RATE_REACH, 0.0), case.rate + RATE_REACH
    rates = (replace(case, rate=end) for end in (low, high))
    yield RATE, "", _share(low), _share(high), *rates
    short, long = max(case.years - HORIZON_REACH, 1), case.years + HORIZON_REACH
    horizons = (replace(case, years=end) for end in (short, long))
    yield HORIZON, "", _years(short), _years(long), *horizons


def _said(row: pd.Series) -> Message:
    key = "value.word.named" if row["name"] else "value.word.kind"
    return Message(key, {"kind": row["kind"], "name": row["name"]})


def _money(value: float, currency: str) -> Message:
    return Message("value.word.money", {"value": float(value), "currency": currency})


def _share(value: float) -> Message:
    return Message("value.word.share", {"value": float(value)})


def _years(value: int) -> Message:
    return Message("value.word.years", {"n": value})
