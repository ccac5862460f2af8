"""What the system is worth: net present value, return on what it cost, payback."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.results import (
    CONFIDENCE,
    Indicator,
    Message,
    Step,
    measured,
    not_assessed,
)
from crm_eval_lib.value.costs import IDS, INVESTED, RUN
from crm_eval_lib.value.flows import (
    FIXED,
    MONTHS_A_YEAR,
    annuity,
    draw_total,
    net_present_value,
    payback_months,
)
from crm_eval_lib.value.rows import COUNTED, POTENTIAL

NPV, ROI, PAYBACK = IDS
UNITS = {NPV: "money", ROI: "ratio", PAYBACK: "months"}
DRAWS = 4000  # of the interval; its ends then move by about 2 % of its width from seed to seed
NET = "net_present_value"


@dataclass(frozen=True)
class Case:
    """The few numbers everything follows from: what went in, what a year costs and brings."""

    invested: float
    run_year: float
    benefit_year: float
    rate: float
    years: int

    @property
    def flows(self) -> list[float]:
        """Money per year: first what the way to go-live cost, then the years at their ends."""
        return [-self.invested, *[self.benefit_year - self.run_year] * self.years]

    @property
    def npv(self) -> float:
        """Net present value."""
        return net_present_value(self.rate, self.flows)

    @property
    def cost_today(self) -> float:
        """Present value of all cost."""
        return self.invested + self.run_year * annuity(self.rate, self.years)


def case_of(costs: Step, benefits: Step, *, rate: float, years: int) -> tuple[Case | None, Message]:
    """Return the case, or None and why there is none."""
    amounts = costs.table.set_index("part")["amount"]
    counted = rows_of(benefits, COUNTED)
    if pd.isna(amounts[INVESTED]):
        return None, costs.table.set_index("part").at[INVESTED, "reason"]
    if counted.empty:
        weak = not rows_of(benefits, POTENTIAL).empty
        return None, Message(f"value.reason.{'only_potential' if weak else 'no_benefit'}")
    run = 0.0 if pd.isna(amounts[RUN]) else float(amounts[RUN])
    total = float(counted["amount_year"].sum())
    return Case(float(amounts[INVESTED]), run, total, float(rate), int(years)), Message("")


def rows_of(benefits: Step, standing: str) -> pd.DataFrame:
    """Return the benefits of one standing."""
    if benefits.table is None:
        return pd.DataFrame(columns=["kind", "name", "amount_year"])
    return benefits.table.loc[benefits.table["standing"] == standing]


def worth(
    costs: Step,
    benefits: Step,
    *,
    rate: float,
    years: int,
    currency: str,
    seed: int = 0,
    draws: int = DRAWS,
    confidence: float = CONFIDENCE,
) -> Step:
    """Set what came back against what went in.

    Parameters
    ----------
    costs, benefits : Step
        From `costs` and `benefits`.
    rate : float
        Discount rate a year.
    years : int
        Years of benefits counted.
    seed, draws : int
        Of the interval: each counted benefit is drawn from its own interval.
    currency : str
        The client's; amounts are in it.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.

    Returns
    -------
    Step
        ``value.npv`` = −cost to go-live + Σ (benefits − run cost)/(1 + rate)^t, years at their
        ends; ``value.roi`` = PV(benefits)/PV(costs) − 1; ``value.payback_months``, undiscounted,
        evenly within a year, not assessed with the horizon as low when not reached. Table: what
        each part is worth today, potential and unquantified apart; table ``years``: the years.

    Examples
    --------
    >>> costs = Step("value.costs", table=pd.DataFrame({
    ...     "part": ["cost_to_go_live", "run_cost"], "amount": [1000.0, 100.0],
    ...     "sources": [Message("value.word.tables", {"tables": ["actuals"]})] * 2}))
    >>> back = Step("value.benefits", table=pd.DataFrame({
    ...     "kind": ["stated_benefit"], "name": ["Paper"], "standing": ["counted"],
    ...     "amount_year": [700.0], "low": [None], "high": [None], "spread": ["fixed"],
    ...     "sources": [Message("value.word.tables", {"tables": ["benefits"]})]}))
    >>> step = worth(costs, back, rate=0.0, years=2, currency="CNY")
    >>> step["value.npv"].value, step["value.payback_months"].value
    (200.0, 20.0)
    """
    case, reason = case_of(costs, benefits, rate=rate, years=years)
    if case is None:
        return _nothing(reason, currency, costs, benefits)
    counted = rows_of(benefits, COUNTED)
    drawn = None
    if (counted["spread"] != FIXED).any():
        drawn = draw_total(counted, seed=seed, size=draws)
    more = {"n": len(counted), "tables": _tables(costs, counted)}
    found = _indicators(case, drawn, confidence, currency, more)
    return Step(
        "value.worth",
        found,
        table=_present(case, benefits),
        sentence=_sentence(found, case, currency),
        headline=_headline(found, case, currency),
        subtitle=Message("value.subtitle.worth", _settings(case, currency)),
        tables={"years": _years(case)},
    )


def _indicators(
    case: Case,
    drawn: np.ndarray | None,
    confidence: float,
    currency: str,
    more: dict[str, Any],
) -> tuple[Indicator, ...]:
    factor, cost = annuity(case.rate, case.years), case.cost_today
    yearly = None if drawn is None else drawn - case.run_year

    def found(id: str, value: float, draws: np.ndarray | None, **own: Any) -> Indicator:
        ends = {} if draws is None else _interval(draws, confidence)
        return measured(id, value, UNITS[id], **own, **more, **ends)

    gains = None if yearly is None else yearly * factor - case.invested
    npv = found(NPV, case.npv, gains, currency=currency)
    if cost <= 0:
        reason = Message("value.reason.no_cost")
        return npv, *(not_assessed(id, UNITS[id], reason, **more) for id in (ROI, PAYBACK))
    returns = None if drawn is None else drawn * factor / cost - 1
    roi = found(ROI, case.benefit_year * factor / cost - 1, returns)
    return npv, roi, _payback(case, yearly, confidence, more)


def _payback(
    case: Case, yearly: np.ndarray | None, confidence: float, more: dict[str, Any]
) -> Indicator:
    horizon = float(case.years * MONTHS_A_YEAR)
    months = float(payback_months(case.invested, np.array([case.flows[1]]))[0])
    if months > horizon:
        reason = Message("value.reason.not_paid_back", {"years": case.years})
        return not_assessed(PAYBACK, "months", reason, low=horizon, **more)
    bounds = {}
    if yearly is not None:
        bounds = _interval(payback_months(case.invested, yearly), confidence)
        if bounds["high"] > horizon:  # beyond what was looked at: open
            bounds["high"] = None
    return measured(PAYBACK, max(months, 0.0), "months", **more, **bounds)


def _interval(values: np.ndarray, confidence: float) -> dict[str, Any]:
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail], method="inverted_cdf")  # never inf − inf
    return {"low": float(low), "high": float(high), "confidence": confidence}


def _years(case: Case) -> pd.DataFrame:
    """Return one row per year: what goes out and comes in, and how it adds up."""
    years = np.arange(case.years + 1)
    later = years > 0
    table = pd.DataFrame({"year": years, "invested_amount": np.where(later, 0.0, case.invested),
                          "run_amount": np.where(later, case.run_year, 0.0),
                          "benefit_amount": np.where(later, case.benefit_year, 0.0)})  # fmt: skip
    net = table["benefit_amount"] - table["run_amount"] - table["invested_amount"]
    today = net / (1 + case.rate) ** years
    return table.assign(net_amount=net, discounted_amount=today, cumulative_amount=net.cumsum())


def _present(case: Case, benefits: Step) -> pd.DataFrame:
    """Return what each part is worth today: costs below zero, the sum, then what stands apart."""
    factor = annuity(case.rate, case.years)
    columns = ["kind", "name", "standing", "amount_year"]
    known = pd.DataFrame(columns=columns) if benefits.table is None else benefits.table[columns]
    rows = [{"kind": INVESTED, "name": "", "standing": COUNTED, "amount": -case.invested}]
    if case.run_year:
        rows.append({"kind": RUN, "name": "", "standing": COUNTED,
                     "amount": -case.run_year * factor})  # fmt: skip
    parts = known.assign(amount=known["amount_year"].astype(float) * factor)
    is_counted = parts["standing"] == COUNTED
    total = {"kind": NET, "name": "", "standing": "total", "amount": case.npv}
    kept = ["kind", "name", "standing", "amount"]
    pieces = (pd.DataFrame(rows), parts.loc[is_counted, kept], pd.DataFrame([total]),
              parts.loc[~is_counted, kept])  # fmt: skip
    return pd.concat([piece for piece in pieces if len(piece)], ignore_index=True)


def _tables(costs: Step, counted: pd.DataFrame) -> tuple[str, ...]:
    """Return the tables everything counted rests on."""
    sources = [*costs.table["sources"], *counted["sources"]]
    return tuple(dict.fromkeys(name for said in sources for name in said.slots["tables"]))


def _nothing(reason: Message, currency: str, costs: Step, benefits: Step) -> Step:
    counted = rows_of(benefits, COUNTED)
    tables = _tables(costs, counted) if len(counted) else ()
    found = tuple(
        not_assessed(id, unit, reason, tables=tables,
                     currency=currency if unit == "money" else None)
        for id, unit in UNITS.items()
    )  # fmt: skip
    return Step("value.worth", found, sentence=Message("value.sentence.none", {"reason": reason}),
                headline=Message("value.headline.none"))  # fmt: skip


def _settings(case: Case, currency: str) -> dict[str, Any]:
    return {"years": case.years, "rate": case.rate, "currency": currency}


def _sentence(found: tuple[Indicator, ...], case: Case, currency: str) -> Message:
    npv, roi, payback = found
    slots = _settings(case, currency) | {"npv": npv.value}
    interval = Message("value.word.exact")
    if npv.low is not None:
        ends = {"low": npv.low, "high": npv.high, "confidence": npv.confidence}
        interval = Message("value.word.interval", ends | {"currency": currency})
    slots["interval"] = interval
    if roi.value is None:
        return Message("value.sentence.worth_only", slots)
    slots |= {"back": 1 + roi.value, "months": payback.value}
    return Message(f"value.sentence.worth_{'paid' if payback.value is not None else 'open'}", slots)


def _headline(found: tuple[Indicator, ...], case: Case, currency: str) -> Message:
    sign = "gain" if found[0].value >= 0 else "loss"
    slots = _settings(case, currency) | {"amount": abs(found[0].value)}
    return Message(f"value.headline.{sign}", slots)
