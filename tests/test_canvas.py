"""The canvas of charts writes what matplotlib's own writes; matplotlib is the oracle."""

import io

import pytest
from lxml import etree
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from crm_eval_lib.charts.canvas import save_tight
from crm_eval_lib.charts.style import style
from crm_eval_lib.text import LANGUAGES

NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


def drawing():
    """A chart with most of what charts have: marks, a legend, rotated and boxed and long text."""
    figure = Figure(figsize=(5, 3), layout="constrained")
    ax = figure.subplots()
    ax.plot([1, 2, 300], [3, 1, 2], label="计划 plan", marker="o")
    ax.bar([1, 2], [2, -1], label="actual")
    ax.set_xticks([1, 100, 300], ["one", "a hundred\n一百", "three hundred"], rotation=30)
    ax.annotate("far outside", (300, 2), xytext=(40, 60), textcoords="offset points")
    ax.text(100, 0, "$ in a box", bbox={"boxstyle": "round"})
    ax.set(xlabel="days", ylabel="share"), ax.legend(loc="upper right")
    return figure


def saved(save):
    stream = io.StringIO()
    with rc_context({"svg.hashsalt": "same"}):
        save(drawing(), stream)
    return stream.getvalue()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_bytes_are_those_of_matplotlib(lang):
    def stock(figure, stream):
        figure.savefig(stream, format="svg", bbox_inches="tight", pad_inches=0.1,
                       metadata=NO_METADATA)  # fmt: skip

    with style(lang):
        ours = saved(lambda *given: save_tight(*given, pad_inches=0.1, metadata=NO_METADATA))
        assert ours == saved(stock)


def test_an_arrow_ends_at_the_boxes_it_joins_and_not_inside_them():
    figure, stream = Figure(figsize=(3, 3), layout="constrained"), io.StringIO()
    ax = figure.subplots()
    box = {"boxstyle": "square,pad=1"}
    upper, lower = (ax.text(0.5, y, "X", bbox=box, ha="center", va="center") for y in (0.9, 0.1))
    ax.add_patch(FancyArrowPatch((0.5, 0.9), (0.5, 0.1), gid="arrow", arrowstyle="-",
                                 patchA=upper.get_bbox_patch(), patchB=lower.get_bbox_patch(),
                                 shrinkA=0, shrinkB=0))  # fmt: skip
    for text, name in ((upper, "upper"), (lower, "lower")):
        text.get_bbox_patch().set_gid(name)
    save_tight(figure, stream, pad_inches=0.5, metadata=NO_METADATA)
    heights = {name: ys(stream.getvalue(), name) for name in ("upper", "arrow", "lower")}
    # the page counts downwards; an arrow is cut where it leaves a box, to about a point
    assert heights["arrow"][0] == pytest.approx(heights["upper"][1], abs=1)
    assert heights["arrow"][1] == pytest.approx(heights["lower"][0], abs=1)


def ys(svg, name):
    """The least and the greatest height of what a group draws."""
    words = etree.fromstring(svg.encode()).xpath(f"string(//*[@id='{name}']//@d)").split()
    heights = [float(word) for word in [w for w in words if w[0] in "-.0123456789"][1::2]]
    return min(heights), max(heights)
