"""Weights, scales and points side by side: how the score came about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from crm_eval_lib.report.indicators import weight_text
from crm_eval_lib.report.scores import mark_of, score_text, word_of
from crm_eval_lib.report.trace import numbered, ref, told
from crm_eval_lib.scorecard.rules import Rules
from crm_eval_lib.text import indicator_label, word
from crm_eval_lib.text.cells import printed_value
from crm_eval_lib.text.formats import format_indicator, format_value


@dataclass(frozen=True, slots=True)
class WeightRow:
    """One scored indicator: its weight in the factor, its scale, its points."""

    ref: str
    label: str
    weight: Markup
    scale: Markup
    value: str
    score: str
    mark: str
    band: str
    grade: str
    reason: Markup


@dataclass(frozen=True, slots=True)
class FactorWeights:
    """One factor: its share of the total and its scored indicators."""

    id: str
    name: str
    share: str
    rows: tuple[WeightRow, ...]


def weight_rows(results: Mapping[str, Any], rules: Rules, lang: str) -> tuple[FactorWeights, ...]:
    """Return weights, scales and points of all factors."""
    published: dict[str, list[Mapping[str, Any]]] = {}
    for item in results.get("indicators", ()):
        published.setdefault(item["id"].partition("[")[0], []).append(item)
    shares = {entry["id"]: entry.get("weight") for entry in results.get("factors", ())}
    return tuple(
        FactorWeights(
            factor,
            word(f"core.factor.{factor}", lang, factor),
            format_value(shares.get(factor, share), "percent0", lang=lang),
            tuple(_row(i, rules, lang) for i in _of(factor, rules, published)),
        )
        for factor, share in rules.shares.items()
        if share > 0
    )


def _of(
    factor: str, rules: Rules, published: Mapping[str, list[Mapping[str, Any]]]
) -> Sequence[Mapping[str, Any]]:
    found = []
    for base in rules.scored_ids(factor):
        items = published.get(base, [])
        weighed = [item for item in items if item.get("weight") is not None]
        found += weighed or [item for item in items if "[" not in item["id"]] or items[:1]
    return found


def _row(item: Mapping[str, Any], rules: Rules, lang: str) -> WeightRow:
    base = item["id"].partition("[")[0]
    score = item.get("score")
    why = told(item, "reason", lang, ".") or word(f"core.state.{item['state']}", lang)
    return WeightRow(
        ref=ref("indicators", item["id"]),
        label=indicator_label(item["id"], lang),
        weight=weight_text({**item, "id": base}, rules, lang),
        scale=_scale(base, rules.anchors[base], item, lang),
        value=printed_value(item, lang),
        score="" if score is None else score_text(score, rules.bands, lang),
        mark=mark_of(score, rules.bands),
        band=word_of(score, rules.bands, lang),
        grade=item.get("grade") or "",
        reason=Markup("") if score is not None else why,
    )


def _scale(base: str, anchors: Sequence[float], item: Mapping[str, Any], lang: str) -> Markup:
    unit, currency = item.get("unit", "ratio"), item.get("currency")
    ends = [
        numbered(
            format_indicator(anchor, unit, lang=lang, currency=currency),
            ref("scoring", "anchors", base, place),
        )
        for place, anchor in enumerate(anchors)
    ]
    sides = [ends[:2], list(reversed(ends[2:]))] if len(ends) > 2 else [ends]
    return Markup("; ").join(Markup(" → ").join(side) for side in sides)
