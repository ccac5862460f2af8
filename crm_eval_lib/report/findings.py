"""Findings and actions as the page prints them: with grade, side, figure, rows, owner and size."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from crm_eval_lib.report.sections import Section
from crm_eval_lib.report.trace import marked, numbered, ref, told
from crm_eval_lib.results import Message
from crm_eval_lib.scoring import option
from crm_eval_lib.text import has, label_of
from crm_eval_lib.text.cells import words
from crm_eval_lib.text.formats import format_indicator
from crm_eval_lib.text.named import table_label, with_code
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
        Table, file and keys of the first rows it rests on.
    """

    text: Markup
    factor: str
    ref: str
    grade: str = ""
    side: str = ""
    figure: str = ""
    anchor: str = ""
    rows: Markup | str = ""


@dataclass(frozen=True, slots=True)
class ActionLine:
    """One recommended action."""

    text: Markup
    owner: str
    size: Markup
    factor: str
    ref: str
    grade: str = ""


def finding_lines(
    results: Mapping[str, Any], lang: str, *, anchors: Mapping[str, str] | None = None
) -> list[FindingLine]:
    """Return all findings in their order, said.

    ``anchors`` are the places of the figures on the page by their ids; see `anchors_of`.
    """
    places, files = anchors or {}, _files(results)
    return [
        FindingLine(
            text=told(item, "sentence", lang, ref("findings", item["id"])),
            factor=item["factor"],
            ref=ref("findings", item["id"]),
            grade=item.get("grade") or "",
            side=label_of(item["side"], lang) if item.get("side") else "",
            figure=item.get("figure") if item.get("figure") in places else "",
            anchor=places.get(item.get("figure"), ""),
            rows=_rows(item, files, lang),
        )
        for item in results.get("findings", ())
    ]


def action_lines(results: Mapping[str, Any], config: Any, lang: str) -> list[ActionLine]:
    """Return the actions in the order of their findings, the first of each type."""
    currency = str(option(config, "currency", default=""))
    lines: dict[str, ActionLine] = {}
    for item in results.get("findings", ()):
        action, path = item.get("action"), ref("findings", item["id"], "action")
        if action and action["type"] not in lines:
            lines[action["type"]] = ActionLine(
                told(action, "sentence", lang, path),
                words(action.get("owner_role"), lang),
                size_text(action, currency, lang, path=path),
                item["factor"],
                path,
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


def size_text(action: Mapping[str, Any], currency: str, lang: str, *, path: str = "") -> Markup:
    """Say how large the matter is, in the words of its type; nothing where a number alone stands.

    >>> size_text({"type": "problems.open_severe", "size": 655, "size_unit": "days"}, "CNY", "en")
    Markup('open for 655 days')
    """
    size, unit = action.get("size"), action.get("size_unit")
    if size is None or (unit == "money" and not currency):
        return Markup("")
    key, place = f"score.size.{action['type']}", path and f"{path}/size"
    if has(key, lang):
        slots = {"size": size, "currency": currency}
        return marked(Message(key, slots), lang, paths={"size": place})
    if unit not in PRINTED_SIZES:
        return Markup("")
    return numbered(format_indicator(size, unit, lang=lang, currency=currency), place)


def _files(results: Mapping[str, Any]) -> dict[str, str]:
    """Return the files of each table, as the footer names them."""
    found: dict[str, list[str]] = {}
    for item in (results.get("provenance") or {}).get("inputs") or ():
        found.setdefault(item["table"], []).append(str(item.get("path") or ""))
    return {table: ", ".join(paths) for table, paths in found.items()}


def _rows(item: Mapping[str, Any], files: Mapping[str, str], lang: str) -> Markup:
    by_table: dict[str, list[str]] = {}
    for row in item.get("rows") or ():
        by_table.setdefault(row["table"], []).append(shown(row["key"]))
    path = ref("findings", item["id"], "rows")
    return Markup("; ").join(
        _keys(with_code(table_label(table, lang), files.get(table, ""), lang), keys, lang,
              path if len(by_table) == 1 else "")
        for table, keys in by_table.items()
    )  # fmt: skip


def _keys(place: str, keys: list[str], lang: str, path: str) -> Markup:
    """Name the first keys; the count only where it is that of all rows of the finding."""
    slots = {"place": place, "keys": keys[:NAMED_ROWS], "all": len(keys)}
    more = "rows_more" if path else "rows_some"
    name = more if len(keys) > NAMED_ROWS else "rows"
    return marked(Message(f"report.finding.{name}", slots), lang, paths={"all": path})
