"""Charts of processes without a log: drawn forms, timed work, and what a sample could show."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from crm_eval_lib.charts.style import AFTER, BEFORE, CATEGORIES, MUTED, axes_for
from crm_eval_lib.results import Step
from crm_eval_lib.text import label_of, word
from crm_eval_lib.text.formats import format_value
from crm_eval_lib.text.safe import shortened

MOST_ROWS = 8  # processes or activities in one figure; the table holds all
_AREA = "efficiency.chart"
_COLOURS = {"before": BEFORE, "after": AFTER}
_MARKS = {"before": "o", "after": "s"}
_OFFSET = 0.17  # of a row: before above, after below
_NAME_COLUMNS = 24
_ROOM = 1.18


def plot_samples(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the median of each wave: thick its interval, dotted what forms not found could do.

    Parameters
    ----------
    step : Step
        From `efficiency.samples`.
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
    names = list(table["process"].unique())[:MOST_ROWS]
    for row in table[table["process"].isin(names)].to_dict("records"):
        if pd.isna(row["median_hours"]):
            continue
        place = _place(names, row)
        colour = _COLOURS[row["sample"]]
        if pd.notna(row["slowest_hours"]) and row["not_found"]:
            ax.plot([row["fastest_hours"], row["slowest_hours"]], [place] * 2, ":", color=colour)
        if pd.notna(row["low"]):
            ax.plot([row["low"], row["high"]], [place] * 2, color=colour, linewidth=2)
        ax.plot(row["median_hours"], place, _MARKS[row["sample"]], color=colour)
        hours = format_value(row["median_hours"], "hours", lang=lang)
        side = 1 if row["sample"] == "before" else -1  # the text stands away from the other wave
        ax.annotate(f"{label_of(row['sample'], lang)} {hours}", (row["median_hours"], place),
                    xytext=(0, 5 * side), textcoords="offset points", ha="center", fontsize=8,
                    va="bottom" if side > 0 else "top", color=colour)  # fmt: skip
    _rows(ax, names, table, "process")
    ax.set_xlim(left=0)
    ax.margins(x=0.1)
    ax.set_xlabel(word(f"{_AREA}.median_of_forms", lang))
    return ax


def plot_time_study(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the mean minutes of each activity of the first process, before and after.

    Parameters
    ----------
    step : Step
        From `efficiency.time_study`.
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
    table = table[table["process"].eq(table["process"].iloc[0])].head(MOST_ROWS)
    places = np.arange(len(table))[::-1]
    for wave, side in (("before", 1), ("after", -1)):
        minutes = table[f"minutes_{wave}"].astype(float)
        at = places + side * _OFFSET
        ax.barh(at, minutes.fillna(0), height=2 * _OFFSET, color=_COLOURS[wave])
        for place, value in zip(at, minutes, strict=True):
            if pd.notna(value):
                text = f"{label_of(wave, lang)} {format_value(value, 'count', lang=lang)}"
                ax.annotate(text, (value, place), xytext=(4, 0), textcoords="offset points",
                            va="center", fontsize=8)  # fmt: skip
    ax.set_yticks(places, [shortened(str(name), _NAME_COLUMNS) for name in table["activity"]])
    ax.set_xlim(0, float(np.nanmax(table[["minutes_before", "minutes_after"]])) * _ROOM or 1)
    ax.set_xlabel(f"{word(f'{_AREA}.minutes_of_work', lang)} · {table['title'].iloc[0]}")
    return ax


def plot_sampling_plan(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the smallest change shown by the number of forms, one line per spread of hours.

    Parameters
    ----------
    step : Step
        From `efficiency.sampling_plan`.
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
    sizes = table["forms_before"].astype(float)
    for name, colour, line in zip(("wide", "usual", "narrow"), CATEGORIES, ("-", "--", "-."),
                                  strict=False):  # fmt: skip
        shown = -table[f"detectable_{name}_ratio"]
        ax.plot(sizes, shown, line, marker="o", markersize=4, color=colour)
        ax.annotate(word(f"{_AREA}.spread_{name}", lang), (sizes.iloc[-1], shown.iloc[-1]),
                    xytext=(6, 0), textcoords="offset points", va="center", color=colour,
                    fontsize=8)  # fmt: skip
    ax.axhline(0, color=MUTED, linewidth=0.8)
    ax.set_xticks(sizes.tolist())
    ax.set_xlim(0, float(sizes.max()) * 1.3)
    ax.set_ylim(top=0)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel(word(f"{_AREA}.forms_each_side", lang))
    ax.set_ylabel(word(f"{_AREA}.detectable_change", lang))
    return ax


def _place(names: list[str], row: dict) -> float:
    base = len(names) - 1 - names.index(row["process"])
    return base + (_OFFSET if row["sample"] == "before" else -_OFFSET)


def _rows(ax: Axes, names: list[str], table: pd.DataFrame, key: str) -> None:
    titles = table.drop_duplicates(key).set_index(key)["title"]
    labels = [shortened(str(titles[name]), _NAME_COLUMNS) for name in names]
    ax.set_yticks(np.arange(len(names))[::-1], labels)
    ax.set_ylim(-0.6, len(names) - 0.4)
