"""Bars of which a part stands in another colour, with a text beside each."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.ticker import MaxNLocator

from crm_eval_lib.charts.style import MUTED

BAR_HEIGHT = 0.62
_ROOM = 1.3  # times the longest bar, for the text beside it
_THICKEST = 0.15  # of the height of the axes: one bar alone would fill the figure


def nested_bars(
    ax: Axes,
    whole: np.ndarray,
    part: np.ndarray,
    texts: Sequence[str],
    *,
    colours: tuple[str | list[str], str],
    labels: tuple[str | None, str | None] = (None, None),
) -> np.ndarray:
    """Draw counts from the top down, the part of each over the whole; return their places."""
    places = np.arange(len(whole))[::-1]
    for counts, colour, label in zip((whole, part), colours, labels, strict=True):
        ax.barh(places, counts, color=colour, height=BAR_HEIGHT, label=label)
    for place, count, text in zip(places, whole, texts, strict=True):
        ax.annotate(text, (count, place), xytext=(6, 0), textcoords="offset points", va="center",
                    color=MUTED if count == 0 else None)  # fmt: skip
    ax.set_ylim(-0.6, len(places) - 0.4)
    ax.set_xlim(0, max(1, *whole) * _ROOM)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return places


def slim(ax: Axes) -> None:
    """Give lying bars room above and below where there are few of them."""
    lying = [
        bar
        for bars in ax.containers
        if isinstance(bars, BarContainer) and bars.orientation == "horizontal"
        for bar in bars
    ]
    low, high = ax.get_ylim()
    missing = max((bar.get_height() for bar in lying), default=0) / _THICKEST - (high - low)
    if missing > 0 and high > low:
        ax.set_ylim(low - missing / 2, high + missing / 2)
