"""The canvas of charts draws what matplotlib's own draws; matplotlib is the oracle."""

import io

import pytest
from lxml import etree
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from crm_eval_lib.charts.axes import PlainAxes
from crm_eval_lib.charts.canvas import Layout, drawn_tight
from crm_eval_lib.charts.style import style
from crm_eval_lib.text import LANGUAGES

NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


def drawing(layout="constrained"):
    """A chart with most of what charts have: marks, a legend, rotated and boxed and long text."""
    figure = Figure(figsize=(5, 3), layout=layout)
    ax = figure.subplots()
    ax.plot([1, 2, 300], [3, 1, 2], label="计划 plan", marker="o")
    ax.bar([1, 2], [2, -1], label="actual")
    ax.set_xticks([1, 100, 300], ["one", "a hundred\n一百", "three hundred"], rotation=30)
    ax.set_yticks([-1, 0, 1, 2, 3]), ax.set_ylim(-2, 4)
    ax.annotate("far outside", (300, 2), xytext=(40, 60), textcoords="offset points")
    ax.text(100, 0, "$ in a box", bbox={"boxstyle": "round"})
    ax.set(xlabel="days", ylabel="share"), ax.legend(loc="upper right")
    return figure


def words(svg):
    """The texts of a drawing in the order drawn, and the size of its page."""
    root = etree.fromstring(svg.encode())
    box = [float(word) for word in root.get("viewBox").split()]
    return root.xpath("//*[local-name()='text']/text()"), box[2:]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_texts_and_size_of_the_page_are_those_of_matplotlib(lang):
    stream = io.StringIO()
    with style(lang):
        drawing().savefig(stream, format="svg", bbox_inches="tight", pad_inches=0.1)
        ours = drawn_tight(drawing(Layout()), pad_inches=0.1, metadata=NO_METADATA)
    texts, size = words(stream.getvalue())
    assert words(ours)[0] == texts
    assert words(ours)[1] == pytest.approx(size, abs=1)  # point


def marks(ax):
    """Bars, some without height, empty or outside of the data, and texts beside them."""
    ax.barh([0, 1, 2], [5, 0, -3], height=[0.6, 0, 0.6])
    ax.axvspan(1, 2), ax.axhline(1), ax.grid(axis="x")
    ax.set_yticks([0, 1, 2], ["甲", "b", "c"]), ax.tick_params(axis="y", length=0, colors="red")
    ax.annotate("at the edge", (0, 1), xytext=(6, 0), textcoords="offset points")


def powers(ax):
    """Two kinds of ticks, one axis above."""
    ax.loglog([1, 1000], [0.01, 100])
    ax.set(xlabel="days"), ax.xaxis.tick_top(), ax.xaxis.set_label_position("top")


def untold(ax):
    """A common factor beside the ticks, and a title above an axis without any."""
    ax.plot([0, 1], [1e9, 1e9 + 3]), ax.set_xticks([]), ax.set_title("title")
    ax.yaxis.get_major_ticks()[0].label1.set_fontsize(20)


@pytest.mark.parametrize("plot", [marks, powers, untold])
def test_our_axes_draw_the_same_bytes_as_those_of_matplotlib(plot):
    drawings = []
    for kind in (Axes, PlainAxes):
        figure = Figure(figsize=(4, 3), layout=Layout())
        with style("en"), rc_context({"svg.hashsalt": "one"}):
            plot(figure.add_subplot(axes_class=kind))
            drawings.append(drawn_tight(figure, pad_inches=0.1, metadata=NO_METADATA))
    assert drawings[1] == drawings[0]


def test_what_lies_outside_the_axes_is_not_cut_off():
    figure = Figure(figsize=(3, 3))
    ax = figure.add_axes((0.25, 0.25, 0.5, 0.5))
    ax.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    ax.plot([2], [0.5], "o", markersize=10, clip_on=False)
    ax.scatter([0.5], [-1], s=100, clip_on=False)
    ax.plot([-3, 0.5], [0.5, 0.5])  # cut where the axes end
    svg = etree.fromstring(drawn_tight(figure, pad_inches=0, metadata=NO_METADATA).encode())
    left, top, width, height = (float(word) for word in svg.get("viewBox").split())
    # axes from 54 to 162 points; the round mark ends at 54 + 2 * 108 + 5
    assert left == pytest.approx(54, abs=1) and left + width == pytest.approx(275, abs=1)
    assert top == pytest.approx(54, abs=1) and top + height == pytest.approx(275, abs=1)


def test_more_than_one_axes_are_laid_out_as_matplotlib_does():
    figures = [Figure(figsize=(4, 3), layout=layout) for layout in ("constrained", Layout())]
    for figure in figures:
        for ax in figure.subplots(2):
            ax.set_ylabel("share")
        figure.get_layout_engine().execute(figure)
    stock, ours = ([ax.get_position().bounds for ax in figure.axes] for figure in figures)
    assert ours == stock


def test_an_arrow_ends_at_the_boxes_it_joins_and_not_inside_them():
    figure = Figure(figsize=(3, 3), layout=Layout())
    ax = figure.subplots()
    box = {"boxstyle": "square,pad=1"}
    upper, lower = (ax.text(0.5, y, "X", bbox=box, ha="center", va="center") for y in (0.9, 0.1))
    ax.add_patch(FancyArrowPatch((0.5, 0.9), (0.5, 0.1), gid="arrow", arrowstyle="-",
                                 patchA=upper.get_bbox_patch(), patchB=lower.get_bbox_patch(),
                                 shrinkA=0, shrinkB=0))  # fmt: skip
    for text, name in ((upper, "upper"), (lower, "lower")):
        text.get_bbox_patch().set_gid(name)
    svg = drawn_tight(figure, pad_inches=0.5, metadata=NO_METADATA)
    heights = {name: ys(svg, name) for name in ("upper", "arrow", "lower")}
    # the page counts downwards; an arrow is cut where it leaves a box, to about a point
    assert heights["arrow"][0] == pytest.approx(heights["upper"][1], abs=1)
    assert heights["arrow"][1] == pytest.approx(heights["lower"][0], abs=1)


def ys(svg, name):
    """The least and the greatest height of what a group draws."""
    words = etree.fromstring(svg.encode()).xpath(f"string(//*[@id='{name}']//@d)").split()
    heights = [float(word) for word in [w for w in words if w[0] in "-.0123456789"][1::2]]
    return min(heights), max(heights)
