"""The scorecard's steps: each shows one part of a card, in the order of the notebook."""

import pandas as pd

from crm_eval_lib.evidence import table_grades
from crm_eval_lib.results import Caveat, Message, Step
from crm_eval_lib.scorecard import matrix as matrices
from crm_eval_lib.scorecard import sensitivity as swings
from crm_eval_lib.scorecard.agreed import agreed_actions
from crm_eval_lib.scorecard.card import Card
from crm_eval_lib.scorecard.factors import SCORED
from crm_eval_lib.scorecard.findings import SUMMARY_COUNT, top_actions
from crm_eval_lib.scorecard.history import change
from crm_eval_lib.scorecard.rules import LOWEST_BAND
from crm_eval_lib.scorecard.uncertainty import SOURCES
from crm_eval_lib.scorecard.vetoes import total_cap
from crm_eval_lib.scorecard.weighing import weighings
from crm_eval_lib.scorecard.wording import (
    band_words,
    factor_name,
    headline_of,
    label,
    likelihood_word,
    number,
    range_of,
    sentence_of,
    subtitle_of,
)
from crm_eval_lib.scoring import option, threshold


def all_steps(card: Card) -> list[Step]:
    """Return every step of a card, in the notebook's order."""
    steps = (evidence, indicator_scores, factor_scores, vetoes, verdict, uncertainty, sensitivity,
             flip_weights, weighings, matrix, findings, actions, change,
             agreed_actions)  # fmt: skip
    return [step(card) for step in steps]


def evidence(card: Card) -> Step:
    """Show how good each table is as evidence."""
    table = card.tables.rename(columns={"difference": "difference_ratio"})
    strong = int(table["grade"].isin(swings.STRONG_GRADES).sum())
    off = table["difference_ratio"].abs() > threshold("tie")
    slots = {"n": strong, "m": len(table), "names": list(table["table"][off])}
    key = "evidence_off" if off.any() else "evidence"
    return Step("score.evidence", table=table, sentence=sentence_of(key, slots))


def indicator_scores(card: Card) -> Step:
    """Show every scored indicator: weight, points, and what it costs of the total."""
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
    return Step("score.indicators", table=table, sentence=sentence_of("indicators", slots),
                headline=headline_of("indicators", slots),
                subtitle=subtitle_of("indicators"))  # fmt: skip


def factor_scores(card: Card) -> Step:
    """Show the factors, worst first: score, interval, bounds, weight, evidence."""
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
    words = {"sentence": sentence_of(key, slots), "headline": headline_of(key, slots)}
    return Step("score.factors", table=table, subtitle=subtitle_of("factors", slots),
                caveats=_leaning(card), **words)  # fmt: skip


def _leaning(card: Card) -> tuple[Caveat, ...]:
    """Say that a score leans upwards where an improvement is published by its placebo dates."""
    terms = (term for item in card.factors if item.state == SCORED for term in item.terms)
    ids = tuple(term.id for term in terms
                if (term.indicator.parts or {}).get("placebo_share") is not None
                and (term.indicator.value or 0) < 0)  # fmt: skip
    return (Caveat(Message("score.caveat.leaning", {}), ids),) if ids else ()


def vetoes(card: Card) -> Step:
    """Show the vetoes: which fired, which could not be checked, and what they cap."""
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


def verdict(card: Card) -> Step:
    """Say the verdict: score, interval, band, probability of a pass; or its bounds."""
    whole = card.overall
    limits = {LOWEST_BAND: 0.0, **card.rules.bands}
    table = pd.DataFrame(
        {
            "band": [Message(f"score.band.{name}", {}) for name in limits],
            "least": list(limits.values()),
            "probability": [whole.bands.get(name) for name in limits],
        }
    )
    slots = {
        "client": option(card.client, "name", default=""),
        "scored": whole.scored_factors,
        "factors": [
            factor_name(f.factor) for f in card.factors if f.state != SCORED and f.weight > 0
        ],
        "worst": number(card, whole.bounds[0]),
        "best": number(card, whole.bounds[1]),
        "needed": int(threshold("scored_factors")),
    }
    if whole.assessed_score is None:
        return Step(
            "score.verdict",
            table=table,
            sentence=sentence_of("no_total" if whole.scored_factors else "no_total_none", slots),
        )
    slots |= {
        "score": number(card, whole.assessed_score),
        "range": range_of(card, whole),
        "band": band_words(whole.band),
        "likelihood": likelihood_word(whole.p_pass),
        "p_pass": whole.p_pass,
        "equal": number(card, whole.equal_weights_score),
        "rule": whole.capped_by,
        "uncapped": number(card, whole.uncapped),
    }
    key = "total" if whole.score is not None else "assessed"
    key += "_capped" if whole.capped_by else ""
    return Step("score.verdict", table=table, sentence=sentence_of(key, slots))


def uncertainty(card: Card) -> Step:
    """Show where the uncertainty comes from: the data, the weights, or both."""
    point = card.overall.assessed_score
    rows = []
    for source in SOURCES if point is not None else ():
        found = card.simulation.total_interval(point, source)
        probability = card.simulation.share_from(card.rules.bands["pass"], source=source)
        rows.append({"source": source, "low": found.low, "high": found.high,
                     "range_kind": found.kind, "width": found.high - found.low,
                     "pass_probability": probability,
                     "in_words": likelihood_word(probability)})  # fmt: skip
    if not rows:
        return Step("score.uncertainty", sentence=sentence_of("uncertainty_none", {}))
    widths = {row["source"]: row["width"] for row in rows}
    slots = {name: widths[name] for name in SOURCES}
    key = "uncertainty_data" if widths["sampling"] >= widths["weights"] else "uncertainty_weights"
    if card.overall.capped_by and not max(widths.values()):
        key, slots = "uncertainty_capped", {"rule": card.overall.capped_by}
    return Step("score.uncertainty", table=pd.DataFrame(rows), sentence=sentence_of(key, slots))


def sensitivity(card: Card) -> Step:
    """Show which indicator alone could move the total most, and which table would settle it."""
    table = swings.tornado(card.factors, card.rules)
    grades = table_grades(card.tables)
    tables = {"narrowing": swings.narrowing_tables(card.factors, table, grades=grades)}
    if table.empty:
        return Step("score.sensitivity", sentence=sentence_of("sensitivity_none", {}))
    first = table.iloc[0]
    slots = {"first": label(first["indicator"]), "points": float(first["swing"])}
    narrowing = tables["narrowing"]
    key = "sensitivity"
    if len(narrowing):
        most = narrowing.iloc[0]
        slots |= {"table": [most["table"]], "open": float(most["points"])}
        key = f"sensitivity_{most['state']}"
    return Step("score.sensitivity", table=table, sentence=sentence_of(key, slots), tables=tables,
                headline=headline_of("sensitivity", slots),
                subtitle=subtitle_of("sensitivity"))  # fmt: skip


def flip_weights(card: Card) -> Step:
    """Show how far a factor's weight would have to move for another band."""
    cap, _ = total_cap(card.vetoes)
    table = swings.flip_weights(card.factors, card.overall, card.rules, cap=cap)
    flips = table.dropna(subset=["flips_at"])
    named = table.rename(
        columns={"weight": "weight_share", "flips_at": "flips_at_share", "change": "change_share"}
    )
    bands = [None if pd.isna(b) else Message(f"score.band.{b}", {}) for b in table["band"]]
    named["band"] = pd.Series(bands, dtype=object)
    if flips.empty:
        key = "flips_none" if len(table) else "flips_no_total"
        return Step("score.flips", table=named, sentence=sentence_of(key, {}))
    nearest = flips.loc[flips["change"].abs().idxmin()]
    slots = {"factor": factor_name(nearest["factor"]), "weight": nearest["weight"],
             "at": nearest["flips_at"],
             "band": Message(f"score.band.{nearest['band']}", {})}  # fmt: skip
    return Step("score.flips", table=named, sentence=sentence_of("flips", slots))


def matrix(card: Card) -> Step:
    """Show in which business results were achieved: processes against factors."""
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
    """Show the findings, the gravest and surest first."""
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
    """Show what to do first: the actions of the first findings, one of each type."""
    chosen = top_actions(card.findings)
    rows = [
        {"order": place, "action": item.finding.action.sentence, "size": item.finding.action.size,
         "unit": item.finding.action.size_unit}
        for place, item in enumerate(chosen, start=1)
    ]  # fmt: skip
    key = "actions" if rows else "actions_none"
    table = pd.DataFrame(rows, columns=["order", "action", "size", "unit"])
    return Step("score.actions", table=table, sentence=sentence_of(key, {"n": len(rows)}))


def _veto_state(card: Card, veto: object) -> str:
    if veto.id in card.rules.vetoes_off:
        return "off"
    return "fired" if veto.fired else ("unknown" if veto.unknown else "clear")
