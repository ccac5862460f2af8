"""One look for all charts: colours by role, fonts, and the context manager that holds them."""

from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes

CATEGORIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
BEFORE, AFTER = CATEGORIES[:2]
PLAN, ACTUAL = CATEGORIES[:2]
CONTEXT = "#9A9A9A"
STATUS = {"good": "#0072B2", "watch": "#BF8600", "poor": "#7A0019", "not_assessed": "#9A9A9A"}
WIDTH_INCHES, HEIGHT_INCHES = 7.2, 3.2


@contextmanager
def style(lang: str = "en") -> Iterator[None]:
    """Hold the look inside a with block; text in SVG stays text."""
    with plt.rc_context():
        sns.set_theme(style="white", palette=list(CATEGORIES), rc={"svg.fonttype": "none"})
        yield


def axes_for(ax: Axes | None) -> Axes:
    """Return the axes given, or new ones of the standard size."""
    return ax if ax is not None else plt.subplots(figsize=(WIDTH_INCHES, HEIGHT_INCHES))[1]
