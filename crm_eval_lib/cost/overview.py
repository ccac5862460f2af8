"""Cost, time, scope and acceptance against the plan, in one table."""

import pandas as pd

from crm_eval_lib.cost.measure import without_indicators
from crm_eval_lib.results import Indicator, Message, Step

ID = "cost.overview"
# measure, the indicator it rests on, what is added to come to "planned = 1", is more better
_MEASURES = (
    ("cost", "cost.deviation_original", 1.0, False),
    ("time", "cost.schedule_ratio", 1.0, False),
    ("scope", "cost.scope_delivered", 0.0, True),
    ("accepted_milestones", "cost.accepted_share", 0.0, True),
)
AS_PLANNED = 0.005  # nearer to the plan than this counts as planned; prints as the plan too
BETTER, PLANNED, WORSE, NOT_ASSESSED = "better", "as_planned", "worse", "not_assessed"


def overview(*steps: Step) -> Step:
    """Bring what earlier steps found to one scale, on which the plan is 1.

    Parameters
    ----------
    steps : Step
        Of `deviation`, `schedule` and `delivery`, in any order; what is absent is not assessed.

    Returns
    -------
    Step
        A table and no indicators of its own: final cost over original budget, duration over
        planned duration, scope delivered, milestones accepted, each with whether it is better or
        worse than planned.

    Examples
    --------
    >>> from crm_eval_lib.results import measured
    >>> late = Step("cost.schedule", (measured("cost.schedule_ratio", 0.3, "ratio"),))
    >>> overview(late).table[["measure", "ratio", "against_plan"]].iloc[:2].values.tolist()
    [['cost', nan, 'not_assessed'], ['time', 1.3, 'worse']]
    """
    found = {item.id: item for step in steps for item in step.indicators}
    rows = [_row(found.get(name), *measure) for name, measure in _by_indicator()]
    table = pd.DataFrame(rows, columns=["measure", "ratio", "against_plan", "indicator"])
    known = table.loc[table["ratio"].notna()]
    if known.empty:
        reasons = [item.reason for item in found.values() if item.reason is not None]
        return without_indicators(ID, reasons[0] if reasons else Message("cost.reason.no_original"))
    used = [found[name] for name in known["indicator"]]
    sources = dict.fromkeys(name for item in used for name in item.tables)
    return Step(ID, (), table, *_words(table, known), sources=tuple(sources))


def _by_indicator() -> list[tuple[str, tuple[str, float, bool]]]:
    return [(name, (measure, base, more)) for measure, name, base, more in _MEASURES]


def _row(
    item: Indicator | None, measure: str, base: float, more_is_better: bool
) -> tuple[str, float, str, str | None]:
    if item is None or item.value is None:
        return measure, float("nan"), NOT_ASSESSED, None if item is None else item.id
    ratio = item.value + base
    if abs(ratio - 1) < AS_PLANNED:
        return measure, ratio, PLANNED, item.id
    return measure, ratio, BETTER if (ratio > 1) == more_is_better else WORSE, item.id


def _words(table: pd.DataFrame, known: pd.DataFrame) -> tuple[Message, Message, Message]:
    parts = [
        Message(f"cost.overview.{row.measure}", {"ratio": row.ratio}) for row in known.itertuples()
    ]
    missing = table.loc[table["ratio"].isna(), "measure"]
    missing = [Message(f"cost.measure.{name}") for name in missing]
    worse = int((table["against_plan"] == WORSE).sum())
    slots = {"parts": parts, "missing": missing, "worse": worse, "n": len(known)}
    return (
        Message(f"cost.sentence.overview{'_partly' if missing else ''}", slots),
        Message("cost.headline.overview", slots),
        Message("cost.subtitle.overview"),
    )
