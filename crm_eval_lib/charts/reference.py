"""Chart of the outside view: the client on the quantile strip of each reference class."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crm_eval_lib.charts.style import ACTUAL, CONTEXT, INK, MUTED, axes_for
from crm_eval_lib.results import Step
from crm_eval_lib.tables.reference import TAIL_SHARE
from crm_eval_lib.text import word
from crm_eval_lib.text.formats import format_value
from crm_eval_lib.text.safe import width

MOST_CLASSES = 8  # strips in one figure; the table holds all
OUTER, INNER = (0.10, 0.90), (0.25, 0.75)  # shares between which the strip is thin and thick
LONGEST = 4.0  # times the plan; what lies beyond stands at the edge, its value beside it
LABEL_COLUMNS = 26  # a class's name is broken at this width
_TICKS = 6
_GAP = 5  # points between a mark and its label
_AREA = "reference.chart"


def plot_outside_view(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw one strip per class, its median, and the project where its own ratio puts it.

    Parameters
    ----------
    step : Step
        From `cost.outside_view`.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, table = axes_for(ax), step.table.head(MOST_CLASSES)
    places = np.arange(len(table))[::-1].astype(float)
    for place, row in zip(places, table.itertuples(), strict=True):
        quantiles = step.tables["quantiles"]
        _strip(ax, quantiles.loc[quantiles["class_id"] == row.class_id], place, lang)
        _own(ax, row, place, lang)
    ax.axvline(1.0, color=MUTED, linestyle=":", linewidth=1.0, zorder=0)
    ax.set_yticks(places, [_name(row, lang) for row in table.itertuples()])
    ax.set_ylim(-0.6, len(table) - 0.3)
    low, high = ax.get_xlim()
    ax.set_xlim(max(min(low, 0.8), 0.0), min(max(high, 1.3), LONGEST) * 1.04)
    ax.xaxis.set_major_locator(MaxNLocator(_TICKS))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: _times(v, lang)))
    ax.set_xlabel(word(f"{_AREA}.multiple", lang))
    return ax


def _strip(ax: Axes, rows: pd.DataFrame, place: float, lang: str) -> None:
    """Draw the middle of a class, or hollow marks where only tail shares are known."""
    shares, values = rows["class_share"].to_numpy(float), rows["multiple"].to_numpy(float)
    if rows["form"].iloc[0] == TAIL_SHARE:
        for share, value in zip(shares, values, strict=True):
            ax.scatter(_shown(value), place, marker="D", s=26, facecolors="white",
                       edgecolors=MUTED, zorder=2)  # fmt: skip
            text = word(f"{_AREA}.share_below", lang)
            text = f"{format_value(share, 'percent0', lang=lang)} {text}"
            _note(ax, text, (_shown(value), place), -9, colour=MUTED)
        return
    for ends, thickness in ((OUTER, 2.0), (INNER, 8.0)):
        inside = np.interp(ends, shares, values)
        ax.plot([_shown(v) for v in inside], [place, place], color=CONTEXT, linewidth=thickness,
                solid_capstyle="butt", zorder=1)  # fmt: skip
    ax.scatter(_shown(float(np.interp(0.5, shares, values))), place, marker="|", s=120, color=INK,
               linewidths=1.6, zorder=2)  # fmt: skip


def _own(ax: Axes, row: object, place: float, lang: str) -> None:
    """Draw the project on its strip and write its share of the class above it."""
    if pd.isna(row.own_multiple):
        return
    x = _shown(row.own_multiple)
    marker = ">" if x < row.own_multiple else "o"
    ax.scatter(x, place, marker=marker, s=40, color=ACTUAL, zorder=3)
    text = _share(row, lang)
    if x < row.own_multiple:
        text = f"{_times(row.own_multiple, lang)}, {text}"
    _note(ax, text, (x, place), 9, colour=ACTUAL)


def _share(row: object, lang: str) -> str:
    """Write the place as a share, or its bounds."""
    if pd.notna(row.position_share):
        return format_value(row.position_share, "percent0", lang=lang)
    if pd.isna(row.low_share):
        return ""
    low, high = (format_value(v, "percent0", lang=lang) for v in (row.low_share, row.high_share))
    if row.high_share == 1:
        return f"≥ {low}"
    return f"≤ {high}" if row.low_share == 0 else f"{low}–{high}"


def _name(row: object, lang: str) -> str:
    """Write a class's name over as many lines as it needs, the number of projects below."""
    title = str(row.title)
    wide = width(title) / max(len(title), 1)
    lines = textwrap.wrap(title, max(int(LABEL_COLUMNS / wide), 1)) or [""]
    if pd.notna(row.n):
        lines[-1] += f" (n = {format_value(row.n, 'count', lang=lang)})"
    return "\n".join(lines)


def _note(
    ax: Axes, text: str, point: tuple[float, float], height: float, *, colour: str = INK
) -> None:
    ax.annotate(text, point, xytext=(_GAP, height), textcoords="offset points", va="center",
                fontsize=8, color=colour)  # fmt: skip


def _shown(value: float) -> float:
    return min(float(value), LONGEST)


def _times(value: float, lang: str) -> str:
    return f"{format_value(value, 'number', lang=lang)}×"
