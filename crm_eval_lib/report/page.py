"""One page from executed notebooks and results.json: self-contained, escaped, readable alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

from crm_eval_lib.report.assets import finished, template
from crm_eval_lib.report.body import BODY_CAVEATS, BODY_FINDINGS, bodied, parted
from crm_eval_lib.report.findings import FindingLine, anchors_of, finding_lines
from crm_eval_lib.report.indicators import IndicatorRow, indicator_rows, of_factor, split
from crm_eval_lib.report.notebook import Notebook, read_notebook
from crm_eval_lib.report.prose import commentary_by_section
from crm_eval_lib.report.protocol import protocol_of, without_protocol
from crm_eval_lib.report.provenance import Provenance, provenance_of
from crm_eval_lib.report.scores import ScoreView, score_text, score_view
from crm_eval_lib.report.sections import Section, led_by, section_of
from crm_eval_lib.report.summary import factor_name, summary_of
from crm_eval_lib.report.trace import marked, once, ref, told
from crm_eval_lib.report.weights import weight_rows
from crm_eval_lib.results import Message
from crm_eval_lib.scorecard.rules import Rules, rules_for
from crm_eval_lib.scoring import option
from crm_eval_lib.text import LANGUAGES, catalogue, process_titles, say, word

GATE, SCORECARD, VALUE = "data_check", "scorecard", "value"
_NOTE_PLACES = {"low": "bounds/0", "high": "bounds/1", "score": "score", "uncapped": "uncapped"}


@dataclass(frozen=True)
class FactorPage:
    """One factor's section with what results.json says about it."""

    section: Section
    name: str
    score: ScoreView
    state: str
    notes: tuple[Markup, ...]
    body: tuple[IndicatorRow, ...]
    rest: tuple[IndicatorRow, ...]
    findings: tuple[FindingLine, ...]
    further_findings: tuple[FindingLine, ...]
    caveats: tuple[Markup, ...]
    further_caveats: tuple[Markup, ...]


def render_page(
    *,
    notebooks: Sequence[Path | Notebook],
    results: Mapping[str, Any],
    lang: str,
    commentary: str | None = None,
    config: Any = None,
    cache_dir: Path | None = None,
    logo: str | None = None,
) -> str:
    """Build the report.

    Parameters
    ----------
    notebooks : sequence of Path or Notebook
        Executed notebooks, or what was read of them, in the order of the page: data check,
        factors, scorecard.
    results : mapping
        The content of results.json; every number on the page is a view of it or of a step.
    lang : str
        ``en`` or ``zh-Hans``; cells of the other language are left out.
    commentary : str, optional
        The consultant's words, by headings; shown as text.
    config : object, optional
        client.yml as read.
    cache_dir : Path, optional
        Keeps font subsets between runs.
    logo : str, optional
        A picture as `crm_eval_lib.sources.logo` reads it.
    """
    read = [book if isinstance(book, Notebook) else read_notebook(book, lang) for book in notebooks]
    with process_titles(results.get("process_titles") or {}):
        page = _page(read, results, lang, commentary=commentary, config=config, logo=logo)
    return finished(page, lang, cache_dir)


def _page(
    read: Sequence[Notebook],
    results: Mapping[str, Any],
    lang: str,
    *,
    commentary: str | None,
    config: Any,
    logo: str | None,
) -> str:
    rules = rules_for(config)
    sections = {book.factor: _section(book, rules, lang) for book in read}
    factors = [
        _factor_page(section, results, rules, lang)
        for name, section in sections.items()
        if name not in (GATE, SCORECARD)
    ]
    names = {page.section.id: page.name for page in factors}
    scorecard = next((book for book in read if book.factor == SCORECARD), None)
    protocol = protocol_of(scorecard, lang)
    client = str(option(config, "name", default="") or results.get("client", ""))
    context = {
        "client": client,
        "title": say(Message("report.page.title", {"client": client}), lang),
        "consultancy": str(option(config, "report", "consultancy", default="")),
        "logo": logo,
        "summary": summary_of(
            results, list(sections.values()), scorecard, config=config, rules=rules, lang=lang
        ),
        "factors": factors,
        "names": names,
        "scores": {page.section.id: page.score for page in factors},
        "scorecard": without_protocol(sections.get(SCORECARD), protocol),
        "protocol": protocol,
        "gate": sections.get(GATE),
        "gate_indicators": indicator_rows(
            of_factor(results.get("indicators", ()), GATE), rules, lang
        ),
        "value_indicators": indicator_rows(_value(results, names), rules, lang),
        "weights": weight_rows(results, rules, lang),
        "bands": dict(rules.bands),
        "bands_said": _bands(rules, lang),
        "commentary": commentary_by_section(commentary, _headings(names)),
        "glossary": _glossary(lang),
        "provenance": _provenance(results, lang),
    }
    return template("page.html").render(**tools(lang), **context)


def tools(lang: str) -> dict[str, Any]:
    """Return what templates may call: words of the page in the language."""

    def t(key: str, /, **slots: Any) -> str:
        return (
            marked(Message(f"report.{key}", slots), lang) if slots else word(f"report.{key}", lang)
        )

    return {"t": t, "lang": lang}


def _section(book: Notebook, rules: Rules, lang: str) -> Section:
    section = section_of(book, lang)
    weights = rules.indicator_weights
    led = replace(section, answers=led_by(section.answers, weights, section.id))
    return led if section.id == GATE else bodied(led, weights)


def _factor_page(
    section: Section, results: Mapping[str, Any], rules: Rules, lang: str
) -> FactorPage:
    entry = next((f for f in results.get("factors", ()) if f["id"] == section.id), {})
    indicators = of_factor(results.get("indicators", ()), section.id)
    body, rest = split(indicators, rules.indicator_weights)
    caveats = once([*section.caveats, *_caveats(results, section.id, lang)])
    first, further = parted(caveats, BODY_CAVEATS)
    said = finding_lines(results, lang, anchors=anchors_of([section]))
    findings = parted([f for f in said if f.factor == section.id], BODY_FINDINGS)
    return FactorPage(
        section=section,
        name=factor_name(section.id, section, lang),
        score=score_view(entry, rules.bands, lang, path=ref("factors", section.id)),
        state=entry.get("state", "not_assessed"),
        notes=tuple(_notes(entry, rules, lang)),
        body=indicator_rows(body, rules, lang),
        rest=indicator_rows(rest, rules, lang),
        findings=findings[0],
        further_findings=findings[1],
        caveats=first,
        further_caveats=further,
    )


def _value(results: Mapping[str, Any], names: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Return the indicators beside the score; an own factor of that name shows them itself."""
    return [] if VALUE in names else of_factor(results.get("indicators", ()), VALUE)


def _notes(entry: Mapping[str, Any], rules: Rules, lang: str) -> list[Markup]:
    notes, path = [], ref("factors", entry.get("id", ""))

    def note(key: str, **slots: Any) -> None:
        paths = {name: f"{path}/{place}" for name, place in _NOTE_PLACES.items()}
        notes.append(marked(Message(f"report.section.{key}", slots), lang, paths=paths))

    if entry and entry.get("score") is None:
        reason = told(entry, "reason", lang, path)
        note("not_scored", reason=reason or word(f"core.state.{entry['state']}", lang))
        low, high = entry.get("bounds") or (None, None)
        if low is not None and high is not None:
            note("bounds", low=low, high=high)
    elif entry.get("capped_by"):
        slots = {
            "rule": entry["capped_by"],
            "score": score_text(entry["score"], rules.bands, lang),
            "uncapped": score_text(entry.get("uncapped"), rules.bands, lang),
        }
        note("capped", **slots)
    return notes


def _caveats(results: Mapping[str, Any], factor: str, lang: str) -> list[Markup]:
    found = []
    for place, caveat in enumerate(results.get("caveats") or ()):
        ids = caveat.get("indicators") or ()
        if any(str(id).partition(".")[0] == factor for id in ids):
            found.append(told(caveat, "message", lang, ref("caveats", place)))
    return found


def _bands(rules: Rules, lang: str) -> Markup:
    paths = {name: ref("scoring", "bands", name) for name in rules.bands}
    return marked(Message("report.section.bands", dict(rules.bands)), lang, paths=paths)


def _headings(names: Mapping[str, str]) -> dict[str, str]:
    """Return what a heading of the commentary may say, in either language, to the section."""
    known = {name.casefold(): id for id, name in names.items()} | {id: id for id in names}
    for lang in LANGUAGES:
        known |= {word(f"core.factor.{id}", lang, id).casefold(): id for id in names}
        for id in (SCORECARD, GATE):
            known[word(f"report.section.{id}", lang).casefold()] = id
        known[word("report.summary.title", lang).casefold()] = "summary"
    return known


def _glossary(lang: str) -> list[tuple[str, str]]:
    prefix = "glossary.term."
    keys = [key.removeprefix(prefix) for key in catalogue(lang) if key.startswith(prefix)]
    return [(word(prefix + key, lang), word(f"glossary.meaning.{key}", lang)) for key in keys]


def _provenance(results: Mapping[str, Any], lang: str) -> Provenance:
    return provenance_of(results.get("provenance") or {}, lang)
