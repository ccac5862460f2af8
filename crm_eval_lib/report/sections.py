"""Sections of the page made from notebooks: answers, figures, method, rows, caveats."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

from crm_eval_lib.report.code import html_of_code
from crm_eval_lib.report.notebook import Cell, Notebook
from crm_eval_lib.report.prose import html_of, title_and_question
from crm_eval_lib.report.svg import safe_svg
from crm_eval_lib.report.tables import TableView, table_view
from crm_eval_lib.report.trace import marked, once, ref
from crm_eval_lib.text import word
from crm_eval_lib.text.cells import words
from crm_eval_lib.text.safe import shown

APPENDIX = "appendix"
HEADLINES = {  # indicator (or step) whose sentence answers the factor's question
    "cost": "cost.deviation_original",
    "problems": "problems.solved_rate",
    "efficiency": "efficiency.change",
    "controls": "controls.coverage",
    "scorecard": "score.verdict",
}
_VIEW_BOX = re.compile(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"')
_PLUMBING = frozenset({"parameters", "setup", "injected-parameters"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What one step says, with where it comes from."""

    text: Markup | str
    step: str
    indicators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FigureView:
    """One figure, ready to be printed."""

    id: str
    anchor: str
    headline: Markup
    subtitle: Markup
    source: str
    alt: str
    drawing: Markup | None
    note: Markup
    table: TableView | None
    code: Markup | None
    step: str

    @property
    def tall(self) -> bool:
        """Whether the drawing is higher than wide: on paper it gets a page's half, not a strip."""
        box = _VIEW_BOX.search(self.drawing or "")
        return box is not None and float(box[2]) > float(box[1])

    @property
    def empty(self) -> bool:
        """Whether there is neither a drawing nor a table, only the reason why."""
        return self.drawing is None and self.table is None


@dataclass(frozen=True, slots=True)
class Undrawn:
    """Figures that have nothing to show, by the reason they share."""

    ids: str
    note: Markup


@dataclass(frozen=True, slots=True)
class MethodPart:
    """One piece of the folded method: prose, code, text or a picture."""

    kind: str
    html: Markup | str
    alt: str = ""


@dataclass(frozen=True)
class Section:
    """What a notebook gives to the page."""

    id: str
    title: str
    question: Markup
    answers: tuple[Answer, ...] = ()
    further_answers: tuple[Answer, ...] = ()
    figures: tuple[FigureView, ...] = ()
    further_figures: tuple[FigureView, ...] = ()
    undrawn: tuple[Undrawn, ...] = ()
    method: tuple[MethodPart, ...] = ()
    rows: tuple[TableView, ...] = ()
    further_rows: tuple[TableView, ...] = ()
    caveats: tuple[Markup, ...] = ()
    findings: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)


def section_of(notebook: Notebook, lang: str) -> Section:
    """Turn one executed notebook into a section, in the order of the house rules."""
    title, opening = title_and_question(notebook.opening)
    question, _, background = opening.partition("\n\n")
    figures = [
        (cell, _figure(payload, cell, f"{notebook.factor}-{place}", lang))
        for place, (cell, payload) in enumerate(notebook.outputs("figure"), start=1)
    ]
    shown_figures = [pair for pair in figures if not pair[1].empty]
    drawn = {figure.step for _, figure in figures if figure.table is not None}
    steps = [(cell, step) for cell, step in notebook.outputs("step")]
    rows = [(cell, table) for cell, step in steps for table in rows_of(step, drawn, lang)]
    answers = list(_answers(steps, lang))
    return Section(
        id=notebook.factor,
        title=title or word(f"core.factor.{notebook.factor}", lang),
        question=html_of(question, below=2),
        answers=_kept(answers, appendix=False),
        further_answers=_kept(answers, appendix=True),
        figures=_kept(shown_figures, appendix=False),
        further_figures=_kept(shown_figures, appendix=True),
        undrawn=_undrawn(figure for _, figure in figures if figure.empty),
        method=(*_background(background), *_method(notebook, lang)),
        rows=_kept(rows, appendix=False),
        further_rows=_kept(rows, appendix=True),
        caveats=once(text for _, step in steps for text in caveats_of(step, lang)),
    )


def led_by(
    answers: Sequence[Answer], weights: Mapping[str, float], factor: str = ""
) -> tuple[Answer, ...]:
    """Put the answer that carries the factor's headline first, the others in their order.

    An own factor is led by its weightiest indicator.

    Parameters
    ----------
    weights : mapping of str to float
        By indicator id without key.
    """

    def weight(answer: Answer) -> float:
        bases = [id.partition("[")[0] for id in answer.indicators]
        if headline:
            return float(answer.step == headline or headline in bases)
        return max((weights.get(base, 0.0) for base in bases), default=0.0)

    headline = HEADLINES.get(factor)

    ranked = sorted(answers, key=weight, reverse=True)  # stable: equals keep their order
    first = ranked[:1]
    return (*first, *(answer for answer in answers if answer not in first))


def _undrawn(figures: Iterable[FigureView]) -> tuple[Undrawn, ...]:
    """Gather the figures that could not be drawn: each reason once, however many lack the table."""
    by_note: dict[str, list[FigureView]] = {}
    for figure in figures:
        by_note.setdefault(figure.note.striptags(), []).append(figure)
    return tuple(
        Undrawn(", ".join(figure.id for figure in alike), alike[0].note)
        for alike in by_note.values()
    )


def _answers(
    steps: Iterable[tuple[Cell, Mapping[str, Any]]], lang: str
) -> Iterable[tuple[Cell, Answer]]:
    """Give each step's sentence; one that several steps share is said once."""
    said: set[str] = set()
    for cell, step in steps:
        text, name = words(step.get("sentence"), lang), str(step.get("name", ""))
        if text and text not in said:
            said.add(text)
            ids = tuple(str(item["id"]) for item in step.get("indicators") or ())
            yield cell, Answer(sentence_of(step, lang), name, ids)


def sentence_of(step: Mapping[str, Any], lang: str, part: str = "sentence") -> Markup:
    """Say a step's sentence or headline, each number with its reference."""
    return marked(step.get(part), lang, ref("steps", step.get("name", ""), part))


def _figure(payload: Mapping[str, Any], cell: Cell, anchor: str, lang: str) -> FigureView:
    texts = {name: shown(payload.get(name) or "") for name in
             ("id", "headline", "subtitle", "source", "alt", "note", "step")}  # fmt: skip
    drawing = None
    if payload.get("svg"):
        drawing = safe_svg(
            payload["svg"], prefix=f"{anchor}-", title=texts["headline"], description=texts["alt"]
        )
    said, path = payload.get("said") or {}, ref("figures", texts["id"])
    marks = {name: marked(said.get(name) or texts[name], lang, f"{path}/{name}")
             for name in ("headline", "subtitle", "note")}  # fmt: skip
    if not (drawing or marks["note"]):
        marks["note"] = escape(word("report.figure.unreadable", lang))
    return FigureView(
        anchor=anchor,
        drawing=Markup(drawing) if drawing else None,
        table=table_view(payload.get("table"), lang, name=texts["step"]),
        code=html_of_code(cell.code) if cell.code else None,
        **{**texts, **marks},
    )


def rows_of(step: Mapping[str, Any], drawn: set[str], lang: str) -> Iterable[TableView]:
    """Yield the tables of a step, but for the one a figure shows already."""
    name = str(step.get("name", ""))
    if name not in drawn:
        title = sentence_of(step, lang, "headline") or escape(_table_title(name, lang))
        view = table_view(step.get("table"), lang, title=title, name=name)
        if view:
            yield view
    for part, payload in (step.get("tables") or {}).items():
        full = f"{name}.{part}"
        view = table_view(payload, lang, title=escape(_table_title(full, lang)), name=full)
        if view:
            yield view


def _table_title(name: str, lang: str) -> str:
    area, _, rest = name.partition(".")
    return shown(word(f"{area}.table.{rest}", lang, rest.replace("_", " ").replace(".", " · ")))


def caveats_of(step: Mapping[str, Any], lang: str) -> tuple[Markup, ...]:
    """Say the caveats of a step, each number with its reference."""
    path = ref("steps", step.get("name", ""), "caveats")
    said = (caveat.get("message") for caveat in step.get("caveats") or ())
    return once(marked(text, lang, f"{path}/{place}") for place, text in enumerate(said))


def _background(text: str) -> Iterable[MethodPart]:
    if text.strip():
        yield MethodPart("prose", html_of(text, below=3))


def _method(notebook: Notebook, lang: str) -> Iterable[MethodPart]:
    opening = True
    for cell in notebook.cells:
        opening = opening and cell.kind == "markdown"
        if cell.kind == "markdown" and not opening:
            yield MethodPart("prose", html_of(cell.source, below=3))
        kinds = {output.kind for output in cell.outputs}
        plumbing = cell.tags & _PLUMBING
        if cell.code.strip() and "figure" not in kinds and not plumbing:
            yield MethodPart("code", html_of_code(cell.code))
        yield from (_other(output, lang) for output in cell.outputs if _is_other(output.kind))


def _is_other(kind: str) -> bool:
    return kind in ("text", "png", "dropped")


def _other(output: Any, lang: str) -> MethodPart:
    if output.kind == "png":
        alt = shown(output.value["alt"])
        return MethodPart("png", Markup(f"data:image/png;base64,{output.value['data']}"), alt)
    if output.kind == "dropped":
        return MethodPart("note", f"{word('report.figure.dropped', lang)} ({shown(output.value)})")
    return MethodPart("text", shown(output.value))


def _kept(pairs: Iterable[tuple[Cell, Any]], *, appendix: bool) -> tuple[Any, ...]:
    return tuple(item for cell, item in pairs if (APPENDIX in cell.tags) == appendix)
