"""Every chart in both languages and awkward cases: texts apart and inside, marks, colours.

The layout is made, nothing is saved, and each case is laid out in the language that is harder on
it; ``make gallery`` shows every case in both to the eye.
"""

import pytest
from chart_cases import CHARTS, size_of, step_of
from drawn_boxes import anything_drawn, boxes, colours, marks_a_series, outside, overlaps, unmarked
from matplotlib import figure as drawing
from matplotlib.patches import Wedge
from matplotlib.projections.polar import PolarAxes

from crm_eval_lib import charts
from crm_eval_lib.charts.figure import canvas_of, showable
from crm_eval_lib.charts.style import CATEGORIES, CONTEXT, INK, MUTED, RULE, STATUS, style
from crm_eval_lib.text import LANGUAGES

# English words are longer, Chinese names are; three things are a lesser form of forty.
DRAWN = {"en": ("usual", "forty"), "zh-Hans": ("one", "long")}
OWN_COLOURS = {*CATEGORIES, CONTEXT, INK, MUTED, RULE, *STATUS.values(), "#FFFFFF"}
MOST_MARKS = 500  # of one series
LEAST_POINTS, LEAST_WIDTH = 7, 0.34  # size of a letter; share of the figure that axes keep


def drawn(name, case, lang):
    """A chart laid out as it would be saved, or None."""
    step = step_of(name, case)
    if step is None:
        return None
    with style(lang):
        canvas = canvas_of(getattr(charts, name), step, lang=lang, size=size_of(name, step))
        canvas.get_layout_engine().execute(canvas)
        canvas.get_tightbbox()  # the labels of the axes move to their places, as when drawn
    return canvas


def faults(canvas):
    """Everything wrong with a drawing."""
    wrong = [*overlaps(canvas), *outside(canvas), *unmarked(canvas)]
    wrong += [f"colour {colour}" for colour in colours(canvas) - OWN_COLOURS]
    small = [text.get_text() for text, _ in boxes(canvas) if text.get_fontsize() < LEAST_POINTS]
    narrow = [ax for ax in canvas.axes if ax.get_position().width < LEAST_WIDTH]
    round_ones = canvas.findobj(Wedge) + [ax for ax in canvas.axes if isinstance(ax, PolarAxes)]
    many = marks_a_series(canvas) > MOST_MARKS
    return wrong + small + narrow + round_ones + ["many marks"] * many


def test_no_chart_is_left_out():
    assert set(CHARTS) == {name for name in dir(charts) if name.startswith("plot_")}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", CHARTS)
def test_no_text_lies_over_another_or_leaves_the_figure(name, lang):
    for case in DRAWN[lang]:
        wanted = "usual" if case == "long" and not CHARTS[name].names else case
        canvas = drawn(name, wanted, lang)
        if canvas is not None:
            assert anything_drawn(canvas), case
            assert faults(canvas) == [], case


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", CHARTS)
def test_without_data_there_is_a_note_and_no_axes(name, lang):
    table = CHARTS[name].table
    plot, step = getattr(charts, name), step_of(name, "none")
    shown = charts.figure("X-01", plot, step, lang=lang, table=table)
    assert shown.svg is None and shown.note


def test_every_fault_is_seen():
    canvas = drawing.Figure(figsize=(4, 3))
    ax = canvas.subplots()
    ax.text(0.5, 0.5, "one name"), ax.text(0.52, 0.5, "another", fontsize=5)
    ax.text(0.9, 0.2, "far too long to stay inside the figure")
    ax.plot([0.3], [0.3], color="#123456"), ax.plot(range(501), range(501), color=INK)
    ax.set_xlim(0, 1), ax.set_ylim(0, 1)
    assert overlaps(canvas) == ["'one name' over 'another'"]
    assert [text.split("'")[1][:3] for text in outside(canvas)] == ["far"]
    assert unmarked(canvas) == ["_child3 [0.3 0.3]"]
    assert "another" in faults(canvas) and "many marks" in faults(canvas)
    assert "colour #123456" in faults(canvas)


def test_points_apart_and_texts_apart_are_no_fault():
    canvas = drawing.Figure(figsize=(4, 3))
    ax = canvas.subplots()
    ax.text(0.1, 0.2, "below"), ax.text(0.1, 0.6, "above")
    ax.plot([0.3], [0.3], "o", color=INK)
    ax.set_xlim(0, 1), ax.set_ylim(0, 1)
    assert overlaps(canvas) + outside(canvas) + unmarked(canvas) == []


def test_a_long_name_has_one_label_in_all_tables_of_a_step():
    step = showable(step_of("plot_process_map", "long"))
    named = set(step.table["source_name"]) | set(step.table["target_name"])
    assert named == set(step.tables["steps"]["activity_name"])
    assert all(name.count("…") == 1 for name in named)
