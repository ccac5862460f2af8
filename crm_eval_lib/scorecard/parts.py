"""What a card is made of, step by step: evidence, indicators, factors, vetoes."""

import pandas as pd

from crm_eval_lib.results import Caveat, Message, Step
from crm_eval_lib.scorecard import sensitivity as swings
from crm_eval_lib.scorecard.card import Card
from crm_eval_lib.scorecard.factors import SCORED
from crm_eval_lib.scorecard.terms import WEAKEST_GRADE
from crm_eval_lib.scorecard.wording import (
    factor_name,
    headline_of,
    label,
    number,
    sentence_of,
    subtitle_of,
)
from crm_eval_lib.scoring import threshold


def evidence(card: Card) -> Step:
    """Show how good each table is as evidence.

    Parameters
    ----------
    card : Card
        From `score`.

    Returns
    -------
    Step
        No indicator. Table: one row per table handed in: its factor, rows, grade by origin, largest
        relative difference from the control totals, whether it is tied to them, and its grade A–D
        (SCORING, A0; a difference above 2 % caps the grade, rule V7).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from crm_eval_lib.scorecard import score
    >>> client = SimpleNamespace(tables={"orders": pd.DataFrame({"order_id": ["1", "2"]})})
    >>> evidence(score([], client=client)).table[["table", "rows", "grade"]].values.tolist()
    [['orders', 2, 'B']]
    """
    table = card.tables.rename(columns={"difference": "difference_ratio"})
    strong = int(table["grade"].isin(swings.STRONG_GRADES).sum())
    off = table["difference_ratio"].abs() > threshold("tie")
    slots = {"n": strong, "m": len(table), "names": list(table["table"][off])}
    key = "evidence_off" if off.any() else "evidence"
    return Step("score.evidence", table=table, sentence=sentence_of(key, slots))


def indicator_scores(card: Card) -> Step:
    """Show every scored indicator: weight, points, and what it costs of the total.

    Parameters
    ----------
    card : Card
        From `score`.

    Returns
    -------
    Step
        No new indicator. Table: one row per scored indicator: state, grade, points 0–100, its share
        of the total, and what it gives (``points``), keeps back (``lost``) and leaves unknown
        (``open``); the three add to 100 · share.

    Examples
    --------
    The deviation from the budget weighs 0.20 · 0.35 = 0.07 of the total and has 60 points:
    it gives 7 · 0.6 = 4.2 and loses 2.8.

    >>> from crm_eval_lib.scorecard import example_card
    >>> row = indicator_scores(example_card(cost=60)).table.iloc[0]
    >>> row["indicator"], [round(float(row[name]), 6) for name in ("points", "lost", "open")]
    ('cost.deviation_original', [4.2, 2.8, 0.0])
    """
    table = swings.contributions(card.factors)
    by_id = card.indicators
    table.insert(3, "grade", [by_id[i].grade for i in table["indicator"]])
    table = table.rename(columns={"weight": "total_share"})
    lost = table.sort_values(["lost", "open"], ascending=False, kind="stable")
    worst = lost.iloc[0] if len(lost) else None
    found = int((table["open"] == 0).sum())
    slots = {
        "n": found,
        "m": len(table),
        "lost": float(table["lost"].sum()),
        "open": float(table["open"].sum()),
        "first": None if worst is None else label(worst["indicator"]),
        "points": 0.0 if worst is None else float(worst["lost"]),
    }
    key = "indicators_all" if found == len(table) else "indicators"
    return Step("score.indicators", table=table, sentence=sentence_of(key, slots),
                headline=headline_of("indicators", slots),
                subtitle=subtitle_of("indicators"))  # fmt: skip


def factor_scores(card: Card) -> Step:
    """Show the factors, worst first: score, interval, bounds, weight, evidence.

    Parameters
    ----------
    card : Card
        From `score`.

    Returns
    -------
    Step
        No new indicator. Table: one row per factor: state, points 0–100 = Σ weight · points / Σ
        weight of its assessed indicators, interval, bounds with the missing ones at 0 and at 100,
        share of the total weight, share of its own weight with evidence, and the cap with the veto
        that set it (SCORING, A0 and A6).

    Examples
    --------
    >>> from crm_eval_lib.scorecard import example_card
    >>> factor_scores(example_card(cost=60)).table[["factor", "score"]].head(2).values.tolist()
    [['cost', 60.0], ['problems', 80.0]]
    """
    rows = [
        {
            "factor": item.factor,
            "state": item.state,
            "score": item.score,
            "low": item.low,
            "high": item.high,
            "range_kind": item.kind,
            "bound_low": item.bounds[0],
            "bound_high": item.bounds[1],
            "weight_share": item.weight,
            "evidence_share": item.evidence,
            "uncapped": item.uncapped,
            "capped_by": item.capped_by or "",
        }
        for item in card.factors
    ]
    table = pd.DataFrame(rows).sort_values(["score", "bound_low"], ignore_index=True)
    scored = table[table["state"] == SCORED]
    slots = {"n": len(scored), "m": len(table), "pass": card.rules.bands["pass"]}
    if len(scored):
        first, last = scored.iloc[0], scored.iloc[-1]
        slots |= {
            "worst": factor_name(first["factor"]),
            "worst_score": number(card, first["score"]),
            "best": factor_name(last["factor"]),
            "best_score": number(card, last["score"]),
        }
    key = "factors" if len(scored) > 1 else ("factors_one" if len(scored) else "factors_none")
    said = "factors_all" if key == "factors" and len(scored) == len(table) else key
    words = {"sentence": sentence_of(said, slots), "headline": headline_of(key, slots)}
    return Step("score.factors", table=table, subtitle=subtitle_of("factors", slots),
                caveats=(*_weak_ends(card), *_leaning(card)), **words)  # fmt: skip


def _weak_ends(card: Card) -> tuple[Caveat, ...]:
    """Say which points come from the worse end of an interval, and that the range has all of it."""
    terms = (term for item in card.factors if item.state == SCORED for term in item.terms)
    ids = tuple(term.id for term in terms
                if term.score is not None and term.indicator.grade == WEAKEST_GRADE)  # fmt: skip
    said = Message("score.caveat.weak_ends", {"names": [label(id) for id in ids]})
    return (Caveat(said, ids),) if ids else ()


def _leaning(card: Card) -> tuple[Caveat, ...]:
    """Say that a score leans upwards where an improvement is published by its placebo dates."""
    terms = (term for item in card.factors if item.state == SCORED for term in item.terms)
    ids = tuple(term.id for term in terms
                if (term.indicator.parts or {}).get("placebo_share") is not None
                and (term.indicator.value or 0) < 0)  # fmt: skip
    return (Caveat(Message("score.caveat.leaning", {}), ids),) if ids else ()


def vetoes(card: Card) -> Step:
    """Show the vetoes: which fired, which could not be checked, and what they cap.

    Parameters
    ----------
    card : Card
        From `score`.

    Returns
    -------
    Step
        No indicator. Table: one row per veto V1–V8 (SCORING, A6): its rule, state (fired, clear,
        unknown or switched off), the value it looked at, and the caps in points on factor and
        total.

    Examples
    --------
    One critical control that failed caps controls and total at 59:

    >>> from crm_eval_lib.results import FactorResult, measured
    >>> from crm_eval_lib.scorecard import score
    >>> failed = FactorResult("controls", (measured("controls.critical_failed", 1, "count"),))
    >>> step = vetoes(score([failed]))
    >>> step.table[["id", "value", "factor_cap", "total_cap"]].head(1).values.tolist()
    [['V1', 1.0, 59.0, 59.0]]
    >>> step.sentence.slots["n"]
    1
    """
    rows = [
        {
            "id": veto.id,
            "rule": Message(f"score.veto.{veto.id}", {}),
            "state": Message(f"score.veto_state.{_veto_state(card, veto)}", {}),
            "value": veto.value,
            "factor_cap": veto.factor_cap,
            "total_cap": veto.total_cap,
        }
        for veto in card.vetoes
    ]
    fired = [veto.id for veto in card.vetoes if veto.fired]
    key = "vetoes" if fired else "vetoes_none"
    slots = {"names": [Message(f"score.veto.{name}", {}) for name in fired], "n": len(fired)}
    return Step("score.vetoes", table=pd.DataFrame(rows), sentence=sentence_of(key, slots))


def _veto_state(card: Card, veto: object) -> str:
    if veto.id in card.rules.vetoes_off:
        return "off"
    return "fired" if veto.fired else ("unknown" if veto.unknown else "clear")
