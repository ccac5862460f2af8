"""Charts of prices below the floor: who let them pass, and ways around the floor."""

from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from crm_eval_lib.charts.style import AFTER, BEFORE, CONTEXT, STATUS, axes_for
from crm_eval_lib.results import Message, Step
from crm_eval_lib.text import label_of, say, word

_AREA = "controls.chart"
_LABEL_COLUMNS = 24  # a longer way is broken into lines beside the axis
_ROW_MARGIN = 0.6
_BESIDE = {"xytext": (6, 0), "textcoords": "offset points", "va": "center"}
_VALID = "approved"


def plot_approvals(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw what became of the order lines below the floor, with the amount given away.

    Parameters
    ----------
    step : Step
        From `controls.approvals`.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, table = axes_for(ax), step.table
    places = np.arange(len(table))[::-1]
    colours = [CONTEXT if kind == _VALID else STATUS["poor"] for kind in table["approval"]]
    ax.barh(places, table["lines"], color=colours, height=0.62)
    for place, lines, amount in zip(places, table["lines"], table["leakage"], strict=True):
        text = say(Message(f"{_AREA}.order_lines", {"n": int(lines), "amount": amount}), lang)
        ax.annotate(text, (lines, place), **_BESIDE)
    ax.set_yticks(places, [label_of(kind, lang) for kind in table["approval"]])
    ax.set_xlim(0, max(int(table["lines"].max()), 1) * 1.3)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.set_xlabel(word(f"{_AREA}.lines_axis", lang))
    return ax


def plot_displacement(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the share of lines given away in each way, before go-live and after the blackout.

    Parameters
    ----------
    step : Step
        From `controls.displacement`.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, table = axes_for(ax), step.table
    places = np.arange(len(table))[::-1]
    sides = {"before": BEFORE, "after": AFTER}
    ends = table[[f"{side}_rate" for side in sides]].to_numpy(dtype=float)
    ax.hlines(places, ends.min(axis=1), ends.max(axis=1), color=CONTEXT, linewidth=2)
    for side, colour in sides.items():
        ax.plot(table[f"{side}_rate"], places, "o", color=colour, markersize=7, clip_on=False,
                label=word(f"{_AREA}.{side}", lang))  # fmt: skip
    for place, row in zip(places, table.to_dict("records"), strict=True):
        slots = {"before": row["before_rate"], "after": row["after_rate"]}
        ax.annotate(say(Message(f"{_AREA}.then", slots), lang), (max(slots.values()), place),
                    **_BESIDE)  # fmt: skip
    names = [label_of(way, lang) for way in table["way"]]
    ax.set_yticks(places, [fill(name, _LABEL_COLUMNS) if lang == "en" else name for name in names])
    ax.set_ylim(-_ROW_MARGIN, len(table) - 1 + _ROW_MARGIN)
    ax.set_xlim(0, max(float(np.nanmax(ends)), 0.01) * 1.45)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    ax.set_xlabel(word(f"{_AREA}.line_share_axis", lang))
    ax.grid(axis="x")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return ax
