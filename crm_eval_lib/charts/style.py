"""One look for all charts: colours by role, fonts, and the context manager that holds them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes

from crm_eval_lib.fonts import CHINESE_FONT, chinese_font_file

CATEGORIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
BEFORE, AFTER = CATEGORIES[:2]
PLAN, ACTUAL = CATEGORIES[:2]
CONTEXT = "#9A9A9A"
STATUS = {"good": "#0072B2", "watch": "#BF8600", "poor": "#7A0019", "not_assessed": "#9A9A9A"}
INK, MUTED, RULE = "#262626", "#5F6368", "#D9D9D9"
WIDTH_INCHES, HEIGHT_INCHES = 7.2, 3.2

# Wider than any sans-serif a reader's machine puts in its place, so labels measured here fit there.
LATIN_FONT = "DejaVu Sans"
FAMILIES = {"en": (LATIN_FONT, CHINESE_FONT), "zh-Hans": (CHINESE_FONT, LATIN_FONT)}

_POINTS = {
    "font.size": 9, "axes.labelsize": 9, "axes.titlesize": 9.5, "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5, "legend.fontsize": 8.5, "legend.title_fontsize": 8.5,
    "lines.linewidth": 1.6, "axes.linewidth": 0.8, "grid.linewidth": 0.6, "lines.markersize": 5,
}  # fmt: skip
_LOOK = {
    "svg.fonttype": "none",  # text stays text
    "text.parse_math": False,  # a client's "$" is a dollar, not a formula
    "axes.unicode_minus": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.axisbelow": True,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "grid.color": RULE,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "patch.edgecolor": "none",
}


@contextmanager
def style(lang: str = "en", *, salt: str | None = None) -> Iterator[None]:
    """Hold the look inside a with block; text in SVG stays text, ids in it follow from the salt.

    The font file stays registered with matplotlib afterwards: artists made inside the block look
    it up again when they are drawn later.
    """
    _register_font()
    with plt.rc_context({**_look(), "font.family": list(FAMILIES[lang]), "svg.hashsalt": salt}):
        yield


@cache
def _look() -> dict[str, Any]:
    """Return all settings but the fonts."""
    theme = {**sns.plotting_context("notebook"), **sns.axes_style("white")}
    return {**theme, "axes.prop_cycle": plt.cycler(color=CATEGORIES), **_LOOK, **_POINTS}


def axes_for(ax: Axes | None) -> Axes:
    """Return the axes given, or new ones of the standard size."""
    return ax if ax is not None else plt.subplots(figsize=(WIDTH_INCHES, HEIGHT_INCHES))[1]


def lone_mark(points: int) -> str:
    """Return the marker of a line: one of a single point would not be seen."""
    return "o" if points == 1 else "none"


@cache
def _register_font() -> None:
    font_manager.fontManager.addfont(chinese_font_file())


@cache
def covered() -> frozenset[int]:
    """Return the code points that the chart fonts can draw."""
    files = (chinese_font_file(), font_manager.findfont(LATIN_FONT))
    return frozenset(code for file in files for code in font_manager.get_font(file).get_charmap())
