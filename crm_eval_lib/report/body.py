"""What stands in the body of a section and what in the appendix: twelve pages of paper in all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crm_eval_lib.report.sections import Answer, FigureView, Section

# Per section; with four factors they leave room on twelve sheets for summary and scorecard.
BODY_FIGURES = 3
BODY_SENTENCES = 6
BODY_CAVEATS = 4
BODY_FINDINGS = 3
LEADING_FIGURES = {  # the figures that answer the question; others fill the places these leave
    "cost": ("COST-01", "COST-04", "COST-08"),
    "problems": ("PROB-01", "PROB-03", "PROB-04"),
    "efficiency": ("EFF-03", "EFF-06", "EFF-09"),
    "controls": ("CTRL-01", "CTRL-08", "CTRL-14"),
    "scorecard": ("SCORE-01", "VALUE-01"),
}


def bodied(section: Section, weights: Mapping[str, float]) -> Section:
    """Move to the appendix what the body has no room for; nothing is lost.

    Parameters
    ----------
    section : Section
        Its answers in the order of the page, the leading one first.
    weights : mapping of str to float
        By indicator id without key: steps that carry a score keep their sentence in the body.
    """
    figures = _chosen_figures(section)
    drawn = {figure.step for figure in figures}

    def rank(answer: Answer) -> bool:
        bases = [id.partition("[")[0] for id in answer.indicators]
        return answer.step in drawn or any(weights.get(base) for base in bases)

    answers = _first(section.answers[1:], BODY_SENTENCES - 1, rank)
    return replace(
        section,
        figures=figures,
        further_figures=_without(section.figures, figures) + section.further_figures,
        answers=section.answers[:1] + answers,
        further_answers=_without(section.answers[1:], answers) + section.further_answers,
    )


def parted(items: Sequence[Any], most: int) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Divide into what the body shows and the rest.

    >>> parted("abc", 2)
    (('a', 'b'), ('c',))
    """
    return tuple(items[:most]), tuple(items[most:])


def _chosen_figures(section: Section) -> tuple[FigureView, ...]:
    leading = LEADING_FIGURES.get(section.id, ())
    most = len(leading) or BODY_FIGURES
    return _first(section.figures, most, lambda figure: figure.id in leading)


def _first(items: Sequence[Any], most: int, preferred: Any) -> tuple[Any, ...]:
    """Return that many, the preferred ones before others, in their own order."""
    ranked = sorted(range(len(items)), key=lambda place: not preferred(items[place]))
    return tuple(items[place] for place in sorted(ranked[:most]))


def _without(items: Sequence[Any], chosen: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(item for item in items if item not in chosen)
