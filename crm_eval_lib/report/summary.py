"""The summary sheet: one page of paper that can stand alone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_eval_lib.report.notebook import Notebook
from crm_eval_lib.report.scores import ScoreView, band_word, score_text, score_view
from crm_eval_lib.report.sections import Section
from crm_eval_lib.results import UNITS, Message
from crm_eval_lib.scorecard.rules import Rules
from crm_eval_lib.scorecard.total import likelihood
from crm_eval_lib.scorecard.vetoes import independence
from crm_eval_lib.scoring import option
from crm_eval_lib.tables import CORE_TABLES
from crm_eval_lib.text import say, word
from crm_eval_lib.text.cells import words
from crm_eval_lib.text.formats import format_indicator

COUNT = 3  # findings and actions on the sheet
DRAFTS = ("draft", "草稿")
FINALS = ("final", "定稿", "终稿")
STATE_SUFFIX = "_state"
_TITLE_END = re.compile("[:：?？]")  # "Adoption: is it used?" is short "Adoption"


@dataclass(frozen=True, slots=True)
class FactorLine:
    """One factor on the sheet."""

    id: str
    name: str
    score: ScoreView
    sentence: str
    weight: float


@dataclass(frozen=True, slots=True)
class ActionLine:
    """One recommended action."""

    text: str
    owner: str
    size: str
    factor: str
    ref: str


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding."""

    text: str
    factor: str
    ref: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Processes by factor: (mark, word, score) in each cell."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]


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
    status = str(option(config, "report", "status", default="draft")).strip()
    key = "score" if overall.get("score") is not None else "assessed_score"
    return Summary(
        facts=tuple(_facts(results, config, lang)),
        status=_status(status, lang),
        draft=status.casefold() in DRAFTS,
        decision=str(option(config, "report", "decision_sought", default="")),
        notice=_notice(config, lang),
        verdict=_verdict(results, rules, lang),
        notes=tuple(_notes(overall, rules, lang)),
        score=score_view({**overall, "score": overall.get("score")}, rules.bands, lang),
        interval=_interval(overall, key, lang),
        factors=tuple(factor_lines(results, sections, rules, lang)),
        matrix=_matrix(results, scorecard, lang),
        findings=tuple(finding_lines(results, lang)[:COUNT]),
        actions=tuple(_actions(results, config, lang)[:COUNT]),
        complete=_complete(results, lang),
        change=_from_step(scorecard, "change", lang),
    )


def factor_lines(
    results: Mapping[str, Any], sections: Sequence[Section], rules: Rules, lang: str
) -> list[FactorLine]:
    """Return the factors, the lowest score first, those without a score last."""
    by_id = {section.id: section for section in sections}
    lines = []
    for entry in results.get("factors", ()):
        section = by_id.get(entry["id"])
        view = score_view(entry, rules.bands, lang)
        answer = section.answers[0].text if section and section.answers else ""
        reason = words(entry.get("reason"), lang)
        sentence = answer if entry.get("score") is not None else reason or answer
        name = factor_name(entry["id"], section, lang)
        lines.append(FactorLine(entry["id"], name, view, sentence, entry.get("weight") or 0.0))
    return sorted(lines, key=lambda line: (line.score.value is None, line.score.value or 0.0))


def factor_name(factor: str, section: Section | None, lang: str) -> str:
    """Return the reader's name of a factor: the standard word, else its notebook's title."""
    title = section.title if section else factor
    return word(f"core.factor.{factor}", lang, _TITLE_END.split(title, maxsplit=1)[0].strip())


def finding_lines(results: Mapping[str, Any], lang: str) -> list[FindingLine]:
    """Return all findings in their order, said."""
    return [
        FindingLine(words(item["sentence"], lang), item["factor"], f"findings/{item['id']}")
        for item in results.get("findings", ())
    ]


def _facts(results: Mapping[str, Any], config: Any, lang: str) -> list[tuple[str, str]]:
    def dated(name: str) -> str:
        day = option(config, "dates", name)
        return "" if day is None else str(day)[:10]

    nobody = word("report.summary.nobody", lang)
    planned = dated("planned_go_live") if dated("go_live") else dated("forecast_go_live")
    planned = planned or dated("planned_go_live")
    planned = say(Message("report.summary.planned", {"day": planned}), lang) if planned else ""
    facts = {
        "project": dated("project_start"),
        "go_live": " · ".join(part for part in (dated("go_live"), planned) if part),
        "status_date": str(results.get("status_date") or ""),
        "prepared": option(config, "report", "prepared_by", default="") or nobody,
        "reviewed": option(config, "report", "reviewed_by", default="") or nobody,
        "countersigned": option(config, "report", "countersigned_by", default=""),
        "confidentiality": option(config, "report", "confidentiality", default=""),
    }
    return [(word(f"report.summary.{k}", lang), str(v)) for k, v in facts.items() if str(v).strip()]


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


def _verdict(results: Mapping[str, Any], rules: Rules, lang: str) -> str:
    overall, factors = results.get("overall") or {}, results.get("factors", ())
    if overall.get("score") is not None:
        slots = {
            "score": score_text(overall["score"], rules.bands, lang),
            "band": band_word(overall.get("band"), lang),
        }
        return say(Message("report.verdict.total", slots), lang)
    weighed = [f for f in factors if f.get("weight")]
    missing = [f for f in weighed if f.get("score") is None]
    if overall.get("assessed_score") is not None:
        names = [word(f"core.factor.{f['id']}", lang) for f in missing]
        return say(Message("report.verdict.no_total", {"missing": names}), lang)
    counts = {"n": len(weighed) - len(missing), "m": len(weighed)}
    return say(Message("report.verdict.too_few", counts), lang)


def _interval(overall: Mapping[str, Any], key: str, lang: str) -> str:
    low, high = overall.get("low"), overall.get("high")
    if overall.get(key) is not None and key == "score" and low is not None and high is not None:
        return say(Message("report.summary.interval", {"low": low, "high": high}), lang)
    low, high = overall.get("bounds") or (None, None)
    if low is None or high is None:
        return ""
    return say(Message("report.summary.bounds", {"low": low, "high": high}), lang)


def _notes(overall: Mapping[str, Any], rules: Rules, lang: str) -> list[str]:
    notes = []

    def note(key: str, **slots: Any) -> None:
        notes.append(say(Message(f"report.summary.{key}", slots), lang))

    def text(name: str) -> str:
        return score_text(overall.get(name), rules.bands, lang)

    if overall.get("score") is None and overall.get("assessed_score") is not None:
        note("assessed", score=text("assessed_score"))
    if overall.get("p_pass") is not None:
        code = likelihood(overall["p_pass"])
        note("probability", share=overall["p_pass"], words=word(f"score.likelihood.{code}", lang))
    if overall.get("capped_by"):
        note("uncapped", rule=overall["capped_by"], score=text("uncapped"))
    if overall.get("equal_weights_score") is not None:
        note("equal", score=text("equal_weights_score"))
    return notes


def _actions(results: Mapping[str, Any], config: Any, lang: str) -> list[ActionLine]:
    lines, seen = [], set()
    for item in results.get("findings", ()):
        action = item.get("action")
        if not action or action["type"] in seen:
            continue
        seen.add(action["type"])
        text = words(action["sentence"], lang)
        owner = words(action.get("owner_role"), lang)
        size = _size(action, str(option(config, "currency", default="")), lang)
        ref = f"findings/{item['id']}/action"
        lines.append(ActionLine(text, owner, size, item["factor"], ref))
    return lines


def _size(action: Mapping[str, Any], currency: str, lang: str) -> str:
    size, unit = action.get("size"), action.get("size_unit")
    if size is None or unit not in UNITS or (unit == "money" and not currency):
        return ""
    return format_indicator(size, unit, lang=lang, currency=currency)


def _complete(results: Mapping[str, Any], lang: str) -> str:
    inputs = (results.get("provenance") or {}).get("inputs") or ()
    tables = {item["table"] for item in inputs if item.get("rows") != 0}
    core = len(tables.intersection(CORE_TABLES))
    slots = {"n": core, "m": len(CORE_TABLES), "k": len(tables) - core}
    key = "complete_more" if slots["k"] > 0 else "complete"
    return say(Message(f"report.summary.{key}", slots), lang)


def step_named(notebook: Notebook | None, name: str) -> Mapping[str, Any] | None:
    """Return the first step of a notebook whose name ends so (``matrix``)."""
    steps = notebook.outputs("step") if notebook else ()
    return next((s for _, s in steps if str(s.get("name", "")).endswith(f".{name}")), None)


def _from_step(notebook: Notebook | None, name: str, lang: str) -> str:
    step = step_named(notebook, name)
    return (
        words(step.get("sentence"), lang) if step and (step.get("table") or {}).get("rows") else ""
    )


def _matrix(results: Mapping[str, Any], notebook: Notebook | None, lang: str) -> Matrix | None:
    rows = results.get("matrix")
    if not isinstance(rows, list):
        table = (step_named(notebook, "matrix") or {}).get("table") or {}
        rows = [dict(zip(table["columns"], row, strict=False)) for row in table.get("rows", ())]
    rows = [row for row in rows if isinstance(row, Mapping) and row.get("process") is not None]
    if not rows:
        return None
    factors = [k.removesuffix(STATE_SUFFIX) for k in rows[0] if k.endswith(STATE_SUFFIX)]
    cells = tuple(
        (str(row["process"]), tuple(_matrix_cell(row, name, lang) for name in factors))
        for row in rows
    )
    heads = tuple(word(f"core.factor.{name}", lang) for name in factors)
    return Matrix((word("report.summary.process", lang), *heads), cells)


def _matrix_cell(row: Mapping[str, Any], factor: str, lang: str) -> tuple[str, str, str]:
    mark = str(row.get(f"{factor}{STATE_SUFFIX}") or "not_assessed")
    score = row.get(factor)
    printed = "" if score is None else score_text(score, {}, lang)
    return mark, word(f"report.mark.{mark}", lang), printed
