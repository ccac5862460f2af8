"""What a card says and what that hangs on: verdict, uncertainty, sensitivity, weights."""

import pandas as pd

from crm_eval_lib.evidence import table_grades
from crm_eval_lib.results import Message, Step
from crm_eval_lib.scorecard import sensitivity as swings
from crm_eval_lib.scorecard.card import Card
from crm_eval_lib.scorecard.factors import SCORED
from crm_eval_lib.scorecard.rules import LOWEST_BAND
from crm_eval_lib.scorecard.uncertainty import SOURCES
from crm_eval_lib.scorecard.vetoes import total_cap
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


def verdict(card: Card) -> Step:
    """Say the verdict: score, interval, band, probability of a pass; or its bounds.

    Parameters
    ----------
    card : Card
        From `score`.

    Returns
    -------
    Step
        No indicator. Its sentence gives total, interval and band; with fewer than three scored
        factors only the bounds. Table: one row per band: its least points and the probability that
        the total lies in it (SCORING, A5).

    Examples
    --------
    Exact values with 80 points each: surely in the band from 75 on.

    >>> from crm_eval_lib.scorecard import example_card
    >>> step = verdict(example_card())
    >>> step.table[["least", "probability"]].values.tolist()
    [[0.0, 0.0], [60.0, 0.0], [75.0, 1.0], [90.0, 0.0]]
    """
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
    """Show where the uncertainty comes from: the data, the weights, or both.

    Parameters
    ----------
    card : Card
        From `score`; its simulation is used, nothing is drawn anew.

    Returns
    -------
    Step
        No indicator. Table: one row per source (``sampling`` of the data, ``weights``, ``both``):
        interval of the total, its width in points, the probability of a pass, in words too. No
        table where there is no total.

    Examples
    --------
    Exact values leave the weights only; where all factors have the same points, not even these:

    >>> from crm_eval_lib.scorecard import example_card
    >>> uncertainty(example_card()).table[["source", "width"]].values.tolist()
    [['sampling', 0.0], ['weights', 0.0], ['both', 0.0]]
    """
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
    """Show which indicator alone could move the total most, and which table would settle it.

    Parameters
    ----------
    card : Card
        From `score`.

    Returns
    -------
    Step
        No indicator. Table: one row per indicator that can move the total, the largest swing
        first: down, up and swing in points, by its interval, or from 0 to 100 where it is not
        assessed. Table ``narrowing``: one row per missing or weak table, with the points that
        depend on it.

    Examples
    --------
    Without controls their largest indicator stays open: 0.25 · 0.30 · 100 = 7.5 points.

    >>> from crm_eval_lib.scorecard import example_card
    >>> table = sensitivity(example_card(controls=None)).table
    >>> table[["indicator", "swing"]].head(1).values.tolist()
    [['controls.coverage', 7.5]]
    """
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
    """Show how far a factor's weight would have to move for another band.

    Parameters
    ----------
    card : Card
        From `score`.

    Returns
    -------
    Step
        No indicator. Table: one row per scored factor: its weight, the nearest weight at which the
        total enters another band while the others keep their proportions, that band, and the
        change; empty cells where no weight does. Weights are shares 0–1.

    Examples
    --------
    60 · w + 80 · (1 − w) = 75 at w = 0.25: the cost may weigh 0.05 more before the band changes.

    >>> from crm_eval_lib.scorecard import example_card
    >>> row = flip_weights(example_card(cost=60)).table.iloc[0]
    >>> [round(float(row[n]), 6) for n in ("weight_share", "flips_at_share", "change_share")]
    [0.2, 0.25, 0.05]
    """
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
