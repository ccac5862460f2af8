"""The section on the protocol: what was fixed beforehand, what differs, the verdict under both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from crm_eval_lib.report.matrix import step_named
from crm_eval_lib.report.notebook import Notebook
from crm_eval_lib.report.sections import Answer, Section, caveats_of, rows_of, sentence_of
from crm_eval_lib.report.tables import TableView
from crm_eval_lib.report.trace import marked
from crm_eval_lib.results import Message

STEP = "protocol.check"
DIFFERS, EDITED = "differs", "edited"


@dataclass(frozen=True, slots=True)
class ProtocolView:
    """What the section shows."""

    sentence: Markup
    caveats: tuple[Markup, ...]
    tables: tuple[TableView, ...]


def protocol_of(scorecard: Notebook | None, lang: str) -> ProtocolView | None:
    """Return the section; None where the scorecard's notebook does not look at the protocol."""
    step = step_named(scorecard, STEP.partition(".")[2])
    if step is None:
        return None
    tables = sorted(rows_of(step, set(), lang), key=lambda view: "verdicts" not in view.name)
    return ProtocolView(sentence_of(step, lang), caveats_of(step, lang), tuple(tables))


def without_protocol(section: Section | None, view: ProtocolView | None) -> Section | None:
    """Take out of the scorecard's section what the protocol's own shows."""
    if section is None or view is None:
        return section
    return replace(
        section,
        answers=_other(section.answers),
        further_answers=_other(section.further_answers),
        rows=tuple(rows for rows in section.rows if rows.name not in _names(view)),
        caveats=tuple(text for text in section.caveats if text not in view.caveats),
    )


def note_on(protocol: Mapping[str, Any] | None, lang: str) -> list[Markup]:
    """Say on the summary that the verdict was another as fixed, or that the file was edited."""
    state = (protocol or {}).get("state")
    if state not in (DIFFERS, EDITED):
        return []
    slots = {"day": protocol["frozen_at"], "then": protocol["verdict"]}
    paths = {"then": "provenance/protocol/verdict"}
    return [marked(Message(f"protocol.summary.{state}", slots), lang, paths=paths)]


def _other(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    return tuple(answer for answer in answers if answer.step != STEP)


def _names(view: ProtocolView) -> set[str]:
    return {table.name for table in view.tables}
