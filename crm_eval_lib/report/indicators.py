"""Rows of the indicator tables, printed from results.json only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from crm_eval_lib.report.scores import mark_of, score_text, word_of
from crm_eval_lib.report.trace import marked, numbered, ref, told
from crm_eval_lib.scorecard.rules import Rules
from crm_eval_lib.text import indicator_label, word
from crm_eval_lib.text.cells import one_sided, printed_value, shared_decimals
from crm_eval_lib.text.formats import format_value
from crm_eval_lib.text.safe import shortened, shown

ID_COLUMNS = 160  # of an id or a name; the reference has it whole
BODY_ROWS = 8  # indicators of one factor in the body; the rest stand in the appendix


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One indicator as printed; `ref` leads to its place in results.json."""

    id: str
    ref: str
    label: str
    value: str
    interval: Markup
    n: str
    score: str
    weight: Markup
    mark: str
    band: str
    grade: str
    state: str
    state_word: str
    reason: Markup
    rung: str


def indicator_rows(
    indicators: Sequence[Mapping[str, Any]], rules: Rules, lang: str
) -> tuple[IndicatorRow, ...]:
    """Print the indicators of one table, their money with equal decimals."""
    decimals = shared_decimals(indicators)
    return tuple(indicator_row(item, rules, lang, decimals=decimals) for item in indicators)


def indicator_row(
    data: Mapping[str, Any],
    rules: Rules,
    lang: str,
    *,
    decimals: Mapping[str, int] | None = None,
) -> IndicatorRow:
    """Print one indicator."""
    score, bands = data.get("score"), rules.bands
    n = data.get("n")
    return IndicatorRow(
        id=shortened(shown(data["id"]), ID_COLUMNS),
        ref=ref("indicators", data["id"]),
        label=shortened(shown(indicator_label(data["id"], lang)), ID_COLUMNS),
        value=printed_value(data, lang, decimals=decimals),
        interval=_interval(data, lang, decimals),
        n="" if n is None else format_value(n, "count", lang=lang),
        score="" if score is None else score_text(score, bands, lang),
        weight=weight_text(data, rules, lang),
        mark=mark_of(score, bands),
        band=word_of(score, bands, lang),
        grade=data.get("grade") or "",
        state=data["state"],
        state_word=word(f"core.state.{data['state']}", lang),
        reason=told(data, "reason", lang, "."),
        rung=data.get("rung") or "",
    )


def weight_text(data: Mapping[str, Any], rules: Rules, lang: str) -> Markup:
    """Print the weight inside the factor; nothing for what is not scored."""
    weight, place = data.get("weight"), "./weight"
    if weight is None and "[" not in data["id"]:
        weight = rules.indicator_weights.get(data["id"])
        place = ref("scoring", "indicator_weights", data["id"])
    if not weight:
        return Markup("")
    said = format_value(weight, "score1" if weight % 1 else "score", lang=lang)
    return numbered(said, place)


def _interval(
    data: Mapping[str, Any], lang: str, decimals: Mapping[str, int] | None = None
) -> Markup:
    """Print low to high, each end with its place within the indicator; an open end in words."""
    ends = [
        numbered(printed_value({**data, "value": data[end]}, lang, decimals=decimals), f"./{end}")
        for end in ("low", "high")
        if data.get(end) is not None
    ]
    if len(ends) == 1:
        return marked(one_sided(ends[0], low=data.get("low") is not None), lang)
    return Markup(" {} ").format(word("report.table.to", lang)).join(ends)


def of_factor(indicators: Iterable[Mapping[str, Any]], factor: str) -> list[Mapping[str, Any]]:
    """Return the indicators of one factor in the order they were published."""
    return [item for item in indicators if item["id"].partition(".")[0] == factor]


def split(
    indicators: Iterable[Mapping[str, Any]], weights: Mapping[str, float]
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Divide a factor's indicators into those of the body and the rest.

    First those that carry a score, then those that should and could not be assessed, by weight;
    free places go to headline numbers without a key.
    """
    items = list(indicators)

    def order(pair: tuple[int, Mapping[str, Any]]) -> tuple[int, float, int]:
        place, item = pair
        base = item["id"].partition("[")[0]
        weight = weights.get(base, 0.0)
        if item.get("score") is not None:
            return 0, -weight, place
        if weight and "[" not in item["id"]:
            return 1, -weight, place
        plain = "[" not in item["id"] and item.get("value") is not None
        return (2 if plain else 3), 0.0, place

    ranked = [item for _, item in sorted(enumerate(items), key=order)]
    body = [
        item for item in ranked[:BODY_ROWS] if order((0, item))[0] < 3 or len(items) <= BODY_ROWS
    ]
    chosen = {item["id"] for item in body}
    return body, [item for item in items if item["id"] not in chosen]
