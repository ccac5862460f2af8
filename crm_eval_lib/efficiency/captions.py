"""Headlines of figures that show something else than their step's first answer."""

import pandas as pd

from crm_eval_lib.efficiency.verdict import CHANGE, WEAK, direction
from crm_eval_lib.results import Indicator, Message, Step

AS_RECORDED = "naive_change"  # in the column ``measure`` of the step's table


def claim_headline(step: Step) -> Message | None:
    """Say for the first process what was recorded and what of it go-live explains.

    Parameters
    ----------
    step : Step
        From `efficiency.change`.

    Returns
    -------
    Message or None
        The step's own headline where there is no plain comparison to hold against, or where the
        comparison rules out too little to speak of an effect.

    Examples
    --------
    With nothing drawn, the step keeps its own words:

    >>> claim_headline(Step("efficiency.change")) is None
    True
    """
    if step.table is None:
        return step.headline
    process = step.table["process"].iloc[0]
    rows = step.table[step.table["process"].eq(process)].set_index("measure")
    recorded = rows["change_ratio"].get(AS_RECORDED)
    found = _change(step, process)
    if recorded is None or pd.isna(recorded) or (found.value is not None and found.rung in WEAK):
        return step.headline
    slots = {"process": rows["title"].iloc[0], "naive": float(recorded), "value": found.value}
    if found.value is None:
        return Message("efficiency.headline.claim_untold", slots)
    kind = "open" if direction(found) == "open" else "holds"
    return Message(f"efficiency.headline.claim_{kind}", slots)


def ladder_words(step: Step) -> dict[str, Message | str]:
    """Return headline, subtitle and table of the figure of all rungs, for `charts.figure`.

    Parameters
    ----------
    step : Step
        From `efficiency.change`.

    Returns
    -------
    dict
        ``headline``, ``subtitle`` and ``table``; the headline names the lowest and the highest
        rung where there are two.

    Examples
    --------
    >>> ladder_words(Step("efficiency.change"))["table"]
    'rungs'
    """
    words = {"headline": Message("efficiency.headline.ladder"), "table": "rungs",
             "subtitle": Message("efficiency.subtitle.ladder")}  # fmt: skip
    rungs = step.tables.get("rungs")
    if rungs is None or rungs.empty:
        return words
    rungs = rungs[rungs["process"].eq(rungs["process"].iloc[0])]
    if len(rungs) == 1:  # nothing to hold it against
        return words
    first, last = rungs["change_ratio"].iloc[0], rungs["change_ratio"].iloc[-1]
    found = _change(step, rungs["process"].iloc[0])
    slots = {"process": rungs["title"].iloc[0], "first": float(first), "last": float(last)}
    kind = "untold" if found.value is None else "told"
    return words | {"headline": Message(f"efficiency.headline.ladder_{kind}", slots)}


def _change(step: Step, process: str) -> Indicator:
    return next(i for i in step.indicators if i.base_id == CHANGE and i.key == process)
