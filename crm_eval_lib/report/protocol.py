"""The section on the protocol: what was fixed beforehand, what differs, the verdict under both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crm_eval_lib.report.matrix import step_named
from crm_eval_lib.report.notebook import Notebook
from crm_eval_lib.report.sections import Answer, Section, rows_of
from crm_eval_lib.report.tables import TableView
from crm_eval_lib.results import Message
from crm_eval_lib.text import say
from crm_eval_lib.text.cells import words

STEP = "protocol.check"
DIFFERS, EDITED = "differs", "edited"


@dataclass(frozen=True, slots=True)
class ProtocolView:
    """What the section shows."""

    sentence: str
    caveats: tuple[str, ...]
    tables: tuple[TableView, ...]


def protocol_of(scorecard: Notebook | None, lang: str) -> ProtocolView | None:
    """Return the section; None where the scorecard's notebook does not look at the protocol."""
    step = step_named(scorecard, STEP.partition(".")[2])
    if step is None:
        return None
    caveats = (words(caveat.get("message"), lang) for caveat in step.get("caveats") or ())
    tables = sorted(rows_of(step, set(), lang), key=lambda view: "verdicts" not in view.name)
    return ProtocolView(words(step.get("sentence"), lang), tuple(caveats), tuple(tables))


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


def note_on(protocol: Mapping[str, Any] | None, lang: str) -> list[str]:
    """Say on the summary that the verdict was another as fixed, or that the file was edited."""
    state = (protocol or {}).get("state")
    if state not in (DIFFERS, EDITED):
        return []
    slots = {"day": protocol["frozen_at"], "then": protocol["verdict"]}
    return [say(Message(f"protocol.summary.{state}", slots), lang)]


def _other(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    return tuple(answer for answer in answers if answer.step != STEP)


def _names(view: ProtocolView) -> set[str]:
    return {table.name for table in view.tables}
