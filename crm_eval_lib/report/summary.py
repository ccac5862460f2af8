"""The summary sheet: one page of paper that can stand alone."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_eval_lib.report.findings import (
    ActionLine,
    FindingLine,
    action_lines,
    anchors_of,
    finding_lines,
)
from crm_eval_lib.report.matrix import Matrix, matrix_of, step_named
from crm_eval_lib.report.notebook import Notebook
from crm_eval_lib.report.protocol import note_on
from crm_eval_lib.report.scores import ScoreView, score_view
from crm_eval_lib.report.sections import Section, sentence_of
from crm_eval_lib.report.trace import marked, ref, told
from crm_eval_lib.report.verdict import interval, notes_on, verdict
from crm_eval_lib.report.worth import worth_of
from crm_eval_lib.results import Message
from crm_eval_lib.scorecard.rules import Rules
from crm_eval_lib.scorecard.vetoes import independence
from crm_eval_lib.scoring import option
from crm_eval_lib.tables import CORE_TABLES
from crm_eval_lib.text import say, word

AGREED = "agreed.actions"  # step that shows them
COUNT = 3  # findings and actions on the sheet
DRAFTS = ("draft", "草稿")
FINALS = ("final", "定稿", "终稿")
_TITLE_END = re.compile("[:：?？]")  # "Adoption: is it used?" is short "Adoption"


@dataclass(frozen=True, slots=True)
class FactorLine:
    """One factor on the sheet."""

    id: str
    name: str
    score: ScoreView
    sentence: str
    weight: float
    why: str = ""


@dataclass(frozen=True)
class Summary:
    """Everything the sheet prints."""

    facts: tuple[tuple[str, str], ...]
    status: str
    draft: bool
    decision: str
    notice: str
    verdict: str
    notes: tuple[str, ...]
    score: ScoreView
    interval: str
    factors: tuple[FactorLine, ...]
    matrix: Matrix | None
    findings: tuple[FindingLine, ...]
    actions: tuple[ActionLine, ...]
    complete: str
    change: str
    agreed: str
    worth: str = ""
    answers: Mapping[str, int] = field(default_factory=dict)


def summary_of(
    results: Mapping[str, Any],
    sections: Sequence[Section],
    scorecard: Notebook | None,
    *,
    config: Any,
    rules: Rules,
    lang: str,
) -> Summary:
    """Gather the sheet from results.json, the sections' answers and the client's settings."""
    overall = results.get("overall") or {}
    protocol = (results.get("provenance") or {}).get("protocol")
    status = str(option(config, "report", "status", default="draft")).strip()
    key = "score" if overall.get("score") is not None else "assessed_score"
    found, actions = paired(
        finding_lines(results, lang, anchors=anchors_of(sections)),
        action_lines(results, config, lang),
    )
    return Summary(
        facts=tuple(_facts(results, config, lang)),
        status=_status(status, lang),
        draft=status.casefold() in DRAFTS,
        decision=str(option(config, "report", "decision_sought", default="")),
        notice=_notice(config, lang),
        verdict=verdict(results, rules, lang),
        notes=(*notes_on(overall, rules, lang), *note_on(protocol, lang)),
        score=score_view(overall, rules.bands, lang, path="overall"),
        interval=interval(overall, key, lang),
        factors=tuple(factor_lines(results, sections, rules, lang)),
        matrix=matrix_of(results, scorecard, rules.bands, lang),
        findings=found,
        actions=actions,
        complete=_complete(results, lang),
        change=_from_step(scorecard, "change", lang),
        agreed=_agreed(scorecard, lang),
        worth=worth_of(scorecard, lang),
        answers={f"{line.ref}/action": n for n, line in enumerate(found, start=1)},
    )


def paired(
    findings: Sequence[FindingLine], actions: Sequence[ActionLine]
) -> tuple[tuple[FindingLine, ...], tuple[ActionLine, ...]]:
    """Choose findings of different kinds, and the actions that answer them before others.

    Findings of one kind (five severe problems that stay open) fill the sheet only where there are
    no others.
    """
    kinds = [line.ref.partition("[")[0] for line in findings]
    first = [place for place, kind in enumerate(kinds) if kinds.index(kind) == place]
    rest = [place for place in range(len(kinds)) if place not in first]
    chosen = tuple(findings[place] for place in sorted((first + rest)[:COUNT]))
    order = [f"{line.ref}/action" for line in chosen]
    ranked = sorted(actions, key=lambda a: order.index(a.ref) if a.ref in order else COUNT)
    return chosen, tuple(ranked[:COUNT])


def factor_lines(
    results: Mapping[str, Any], sections: Sequence[Section], rules: Rules, lang: str
) -> list[FactorLine]:
    """Return the factors, worst first; those without a score last, by the middle of their range."""
    by_id = {section.id: section for section in sections}
    lines = []
    for entry in results.get("factors", ()):
        section = by_id.get(entry["id"])
        view = score_view(entry, rules.bands, lang, path=ref("factors", entry["id"]))
        answer = section.answers[0].text if section and section.answers else ""
        reason = told(entry, "reason", lang, ref("factors", entry["id"]))
        name, weight = factor_name(entry["id"], section, lang), entry.get("weight") or 0.0
        why = reason if answer and entry.get("score") is None else ""
        lines.append(FactorLine(entry["id"], name, view, answer or reason, weight, why))
    return sorted(lines, key=_worst_first)


def _worst_first(line: FactorLine) -> tuple[bool, float]:
    score = line.score
    if score.value is not None:
        return False, score.value
    known = score.low is not None and score.high is not None
    return True, (score.low + score.high) / 2 if known else math.inf


def factor_name(factor: str, section: Section | None, lang: str) -> str:
    """Return the reader's name of a factor: the standard word, else its notebook's title."""
    title = section.title if section else factor
    return word(f"core.factor.{factor}", lang, _TITLE_END.split(title, maxsplit=1)[0].strip())


def _facts(results: Mapping[str, Any], config: Any, lang: str) -> list[tuple[str, str]]:
    def dated(name: str) -> str:
        day = option(config, "dates", name)
        return "" if day is None else str(day)[:10]

    nobody = word("report.summary.nobody", lang)
    status = str(results.get("status_date") or "")
    live = dated("go_live")
    live = live if not status or live <= status else ""  # it had not happened yet
    said = {"forecast": "" if live else dated("forecast_go_live"),
            "planned": dated("planned_go_live")}  # fmt: skip
    days = [say(Message(f"report.summary.{name}", {"day": day}), lang)
            for name, day in said.items() if day]  # fmt: skip
    facts = {
        "project": option(config, "report", "project", default=""),
        "go_live": " · ".join(part for part in (live, *days) if part),
        "period": _period(dated("project_start"), status, lang),
        "status_date": status,
        "prepared": option(config, "report", "prepared_by", default="") or nobody,
        "reviewed": option(config, "report", "reviewed_by", default="") or nobody,
        "countersigned": option(config, "report", "countersigned_by", default=""),
        "confidentiality": option(config, "report", "confidentiality", default=""),
    }
    return [(word(f"report.summary.{k}", lang), str(v)) for k, v in facts.items() if str(v).strip()]


def _period(first: str, last: str, lang: str) -> str:
    if not (first and last):
        return ""
    return say(Message("report.summary.span", {"first": first, "last": last}), lang)


def _status(status: str, lang: str) -> str:
    for names, key in ((DRAFTS, "draft"), (FINALS, "final")):
        if status.casefold() in names:
            return word(f"report.summary.{key}", lang)
    return status


def _notice(config: Any, lang: str) -> str:
    report = option(config, "report")
    if report is None or independence(report):
        return ""
    role = word(f"report.independence.{option(report, 'independence')}", lang)
    return say(Message("report.summary.not_independent", {"role": role}), lang)


def _complete(results: Mapping[str, Any], lang: str) -> str:
    known = results.get("completeness") or {"core": 0, "of": len(CORE_TABLES), "further": 0}
    slots = {"n": known["core"], "m": known["of"], "k": known["further"]}
    paths = {slot: f"completeness/{name}" for slot, name in zip(slots, known, strict=True)}
    key = "complete_more" if slots["k"] > 0 else "complete"
    return marked(Message(f"report.summary.{key}", slots), lang, paths=paths)


def _agreed(notebook: Notebook | None, lang: str) -> str:
    """Say how far the actions agreed after earlier reports are."""
    return next(
        (
            sentence_of(step, lang)
            for _, step in (notebook.outputs("step") if notebook else ())
            if step.get("name") == AGREED and (step.get("table") or {}).get("rows")
        ),
        "",
    )


def _from_step(notebook: Notebook | None, name: str, lang: str) -> str:
    step = step_named(notebook, name)
    return sentence_of(step, lang) if step and (step.get("table") or {}).get("rows") else ""
