"""What follows from a card: processes, findings and actions."""

import pandas as pd

from crm_eval_lib.results import Step
from crm_eval_lib.scorecard import matrix as matrices
from crm_eval_lib.scorecard.card import Card
from crm_eval_lib.scorecard.findings import SUMMARY_COUNT, top_actions
from crm_eval_lib.scorecard.wording import (
    headline_of,
    sentence_of,
    subtitle_of,
)
from crm_eval_lib.scoring import option


def matrix(card: Card) -> Step:
    """Show in which business results were achieved: processes against factors.

    Parameters
    ----------
    card : Card
        From `score`; a client's table ``processes`` gives the titles.

    Returns
    -------
    Step
        No indicator. Table: one row per process; for problems, efficiency and controls the points
        0–100 and a state: good, watch, poor or not assessed.

    Examples
    --------
    >>> from crm_eval_lib.scorecard import example_card
    >>> columns = ["process", "efficiency", "efficiency_state", "controls_state"]
    >>> table = matrix(example_card(efficiency=65)).table
    >>> table[columns].round(6).values.tolist()
    [['quote', 65.0, 'watch', 'not_assessed']]
    """
    table = matrices.process_matrix(card.indicators, card.rules)
    table["process"] = table["process"].replace(
        matrices.titles(option(card.client, "tables", "processes"))
    )
    states = table[[f"{factor}_state" for factor in matrices.FACTORS]]
    good = int((states == matrices.GOOD).any(axis=1).sum())
    poor = int((states == matrices.POOR).any(axis=1).sum())
    slots = {"n": len(table), "good": good, "poor": poor}
    key = "matrix" if len(table) else "matrix_none"
    return Step("score.matrix", table=table if len(table) else None,
                sentence=sentence_of(key, slots), headline=headline_of("matrix", slots),
                subtitle=subtitle_of("matrix"))  # fmt: skip


def findings(card: Card) -> Step:
    """Show the findings, the gravest and surest first.

    Parameters
    ----------
    card : Card
        From `score`.

    Returns
    -------
    Step
        No indicator. Table: one row per finding in the order of its rank: factor, sentence,
        severity 1–5 (5 = gravest), evidence grade A–D and the number of rows it rests on.

    Examples
    --------
    >>> from crm_eval_lib.results import FactorResult, Finding, Message, measured
    >>> from crm_eval_lib.scorecard import score
    >>> late = measured("cost.schedule_ratio", 0.4, "ratio")
    >>> rows = (("milestones", "M1"),)
    >>> found = Finding("cost.late", "cost", late.id, 4, Message("cost.late"), rows)
    >>> step = findings(score([FactorResult("cost", (late,), (found,))]))
    >>> step.table[["rank", "factor", "severity", "rows"]].values.tolist()
    [[1, 'cost', 4.0, 1]]
    """
    rows = [
        {"rank": item.rank, "factor": item.finding.factor, "sentence": item.sentence,
         "severity": float(item.finding.severity), "grade": item.grade,
         "rows": len(item.finding.rows)}
        for item in card.findings
    ]  # fmt: skip
    columns = ["rank", "factor", "sentence", "severity", "grade", "rows"]
    slots = {"n": len(rows), "shown": min(len(rows), SUMMARY_COUNT)}
    key = "findings" if rows else "findings_none"
    return Step("score.findings", table=pd.DataFrame(rows, columns=columns),
                sentence=sentence_of(key, slots))  # fmt: skip


def actions(card: Card) -> Step:
    """Show what to do first: the actions of the first findings, one of each type.

    Parameters
    ----------
    card : Card
        From `score`.

    Returns
    -------
    Step
        No indicator. Table: one row per action, at most three: its sentence, its size and the unit
        of that.

    Examples
    --------
    >>> from crm_eval_lib.results import Action, FactorResult, Finding, Message, measured
    >>> from crm_eval_lib.scorecard import score
    >>> late = measured("cost.schedule_ratio", 0.4, "ratio")
    >>> act = Action("replan", Message("action.replan"), size=40.0, size_unit="days")
    >>> found = Finding("cost.late", "cost", late.id, 4, Message("cost.late"), action=act)
    >>> step = actions(score([FactorResult("cost", (late,), (found,))]))
    >>> step.table[["order", "size", "unit"]].values.tolist()
    [[1, 40.0, 'days']]
    """
    chosen = top_actions(card.findings)
    rows = [
        {"order": place, "action": item.finding.action.sentence, "size": item.finding.action.size,
         "unit": item.finding.action.size_unit}
        for place, item in enumerate(chosen, start=1)
    ]  # fmt: skip
    key = "actions" if rows else "actions_none"
    table = pd.DataFrame(rows, columns=["order", "action", "size", "unit"])
    return Step("score.actions", table=table, sentence=sentence_of(key, {"n": len(rows)}))
