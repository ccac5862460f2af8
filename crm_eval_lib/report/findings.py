"""Findings and actions as the page prints them: with grade, side, figure, rows, owner and size."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crm_eval_lib.report.sections import Section
from crm_eval_lib.results import Message
from crm_eval_lib.scoring import option
from crm_eval_lib.text import has, label_of, say
from crm_eval_lib.text.cells import words
from crm_eval_lib.text.formats import format_indicator
from crm_eval_lib.text.named import table_label
from crm_eval_lib.text.safe import shown

PRINTED_SIZES = ("money", "hours", "days")  # of an own action: a bare count says nothing by itself
NAMED_ROWS = 5  # keys printed beside a finding; results.json has them all


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding.

    Parameters
    ----------
    grade : str
        Letter of the evidence.
    side : str
        Who must act, in words; empty where unknown.
    figure, anchor : str
        Id of the figure that shows it and its place on this page; empty where it is not there.
    rows : str
        Table and keys of the first rows it rests on.
    """

    text: str
    factor: str
    ref: str
    grade: str = ""
    side: str = ""
    figure: str = ""
    anchor: str = ""
    rows: str = ""


@dataclass(frozen=True, slots=True)
class ActionLine:
    """One recommended action."""

    text: str
    owner: str
    size: str
    factor: str
    ref: str
    grade: str = ""


def finding_lines(
    results: Mapping[str, Any], lang: str, *, anchors: Mapping[str, str] | None = None
) -> list[FindingLine]:
    """Return all findings in their order, said.

    ``anchors`` are the places of the figures on the page by their ids; see `anchors_of`.
    """
    places = anchors or {}
    return [
        FindingLine(
            text=words(item["sentence"], lang),
            factor=item["factor"],
            ref=f"findings/{item['id']}",
            grade=item.get("grade") or "",
            side=label_of(item["side"], lang) if item.get("side") else "",
            figure=item.get("figure") if item.get("figure") in places else "",
            anchor=places.get(item.get("figure"), ""),
            rows=_rows(item.get("rows") or (), lang),
        )
        for item in results.get("findings", ())
    ]


def action_lines(results: Mapping[str, Any], config: Any, lang: str) -> list[ActionLine]:
    """Return the actions in the order of their findings, the first of each type."""
    currency = str(option(config, "currency", default=""))
    lines: dict[str, ActionLine] = {}
    for item in results.get("findings", ()):
        action = item.get("action")
        if action and action["type"] not in lines:
            lines[action["type"]] = ActionLine(
                words(action["sentence"], lang),
                words(action.get("owner_role"), lang),
                size_text(action, currency, lang),
                item["factor"],
                f"findings/{item['id']}/action",
                item.get("grade") or "",
            )
    return list(lines.values())


def anchors_of(sections: Iterable[Section]) -> dict[str, str]:
    """Return the place of every figure on the page by its id, those of the appendix too."""
    return {
        figure.id: figure.anchor
        for section in sections
        for figure in (*section.figures, *section.further_figures)
    }


def size_text(action: Mapping[str, Any], currency: str, lang: str) -> str:
    """Say how large the matter is, in the words of its type; nothing where a number alone stands.

    >>> size_text({"type": "problems.open_severe", "size": 655, "size_unit": "days"}, "CNY", "en")
    'open for 655 days'
    """
    size, unit = action.get("size"), action.get("size_unit")
    if size is None or (unit == "money" and not currency):
        return ""
    key = f"score.size.{action['type']}"
    if has(key, lang):
        return say(Message(key, {"size": size, "currency": currency}), lang)
    if unit not in PRINTED_SIZES:
        return ""
    return format_indicator(size, unit, lang=lang, currency=currency)


def _rows(rows: Iterable[Mapping[str, Any]], lang: str) -> str:
    by_table: dict[str, list[str]] = {}
    for row in rows:
        by_table.setdefault(row["table"], []).append(shown(row["key"]))
    return "; ".join(_keys(table, keys, lang) for table, keys in by_table.items())


def _keys(table: str, keys: list[str], lang: str) -> str:
    slots = {"table": table_label(table, lang), "keys": keys[:NAMED_ROWS],
             "more": len(keys) - NAMED_ROWS}  # fmt: skip
    name = "rows_more" if slots["more"] > 0 else "rows"
    return say(Message(f"report.finding.{name}", slots), lang)
