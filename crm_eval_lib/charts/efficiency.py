"""Charts of factor 3: priority, turnaround, the series with its counterfactual, claims and use."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator
from matplotlib.ticker import PercentFormatter

from crm_eval_lib.charts.style import AFTER, BEFORE, CATEGORIES, CONTEXT, MUTED, axes_for, lone_mark
from crm_eval_lib.charts.survival import apart
from crm_eval_lib.results import Step
from crm_eval_lib.text import label_of, word
from crm_eval_lib.text.formats import format_value
from crm_eval_lib.text.safe import shortened

MOST_ROWS = 12  # processes in one figure; the table holds all
MOST_LINES = 4
_AREA = "efficiency.chart"
_ROOM_FOR_LABELS = 1.35
_TITLE_COLUMNS = 24  # a process's title beside its line
_LINE_SHARE = 0.075  # of the axes' height, between the titles of two lines
_SAMPLES = (("before", BEFORE, "-"), ("after", AFTER, "--"))


def plot_priority(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw each process's share of the priority, those evaluated in colour.

    Parameters
    ----------
    step : Step
        From `efficiency.priority`.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, table = axes_for(ax), step.table.head(MOST_ROWS)
    places = np.arange(len(table))[::-1]
    evaluated = table["evaluated"].astype(bool)
    ax.barh(places, table["share"], color=np.where(evaluated, CATEGORIES[0], CONTEXT), height=0.62)
    for place, row in zip(places, table.to_dict("records"), strict=True):
        kind = word(f"{_AREA}.{'evaluated' if row['evaluated'] else 'left_out'}", lang)
        text = f"{format_value(row['share'], 'percent0', lang=lang)} · {kind}"
        ax.annotate(text, (row["share"], place), xytext=(4, 0), textcoords="offset points",
                    va="center")  # fmt: skip
    ax.set_yticks(places, table["title"].tolist())
    ax.set_xlim(0, float(table["share"].max()) * _ROOM_FOR_LABELS)
    ax.set_xticks([tick for tick in ax.get_xticks() if tick <= 1])
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel(word(f"{_AREA}.share_of_priority", lang))
    return ax


def plot_turnaround(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw by when which share of the cases was done, before and after, for the largest process.

    Parameters
    ----------
    step : Step
        From `efficiency.measures`. Its table ``hours`` is drawn.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, curves = axes_for(ax), step.tables["hours"]
    process = step.table.groupby("process")["n"].sum().idxmax()
    curves = curves[curves["process"].eq(process)]
    for sample, colour, line in _SAMPLES:
        part = curves[curves["sample"].eq(sample)]
        if part.empty:
            continue
        ax.step(part["hours"], part["share"], where="post", color=colour, linestyle=line,
                marker=lone_mark(len(part)))  # fmt: skip
        middle = part.iloc[(part["share"] - _label_height(sample)).abs().argmin()]
        away = (-6, 4, "right") if sample == "after" else (6, -10, "left")
        ax.annotate(label_of(sample, lang), (middle["hours"], middle["share"]), xytext=away[:2],
                    textcoords="offset points", color=colour, ha=away[2])  # fmt: skip
    ax.axhline(0.5, color=MUTED, linestyle=":", linewidth=1)
    ax.set_ylim(0, 1)
    ax.set_xlim(left=0)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel(f"{word(f'{_AREA}.hours', lang)} · {_title(step, process)}")
    ax.set_ylabel(word(f"{_AREA}.share_done", lang))
    return ax


def plot_changes(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw what before/after claims beside what remains, with intervals; untold ones hollow.

    Parameters
    ----------
    step : Step
        From `efficiency.change`.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax = axes_for(ax)
    known = step.table[step.table["change_ratio"].notna()].head(MOST_ROWS)
    places = np.arange(len(known))[::-1]
    ax.axvline(0, color=MUTED, linewidth=0.8)
    for place, row in zip(places, known.to_dict("records"), strict=True):
        crude, untold = row["measure"] == "naive_change", row["verdict"] == "cannot_tell"
        colour = CONTEXT if crude or untold else CATEGORIES[0]
        if pd.notna(row["low_ratio"]):
            ax.plot([row["low_ratio"], row["high_ratio"]], [place, place], color=colour,
                    linewidth=1.4)  # fmt: skip
        ax.plot(row["change_ratio"], place, "o", color=colour, mfc="white" if untold else colour)
        said = format_value(row["change_ratio"], "percent0", lang=lang)
        text = word(f"{_AREA}.cannot_tell", lang) if untold else said
        ax.annotate(text, (row["change_ratio"], place), xytext=(0, 6), textcoords="offset points",
                    ha="center", fontsize=8)  # fmt: skip
    ax.set_yticks(places, [_measure(row, lang) for row in known.to_dict("records")])
    ax.set_ylim(-0.6, len(known) - 0.3)
    ax.margins(x=0.08)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel(word(f"{_AREA}.change", lang))
    return ax


def plot_system_use(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw which share of each month's logged cases ran in the CRM.

    Parameters
    ----------
    step : Step
        From `efficiency.in_system_share`.
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
    names, ends = list(table["process"].unique())[:MOST_LINES], []
    for name, colour, line in zip(names, CATEGORIES, ("-", "--", "-.", ":"), strict=False):
        part = table[table["process"].eq(name)]
        days = pd.to_datetime(part["month"] + "-01")
        ax.plot(days, part["share"], marker="o", markersize=3.5, color=colour, linestyle=line)
        title = shortened(str(part["title"].iloc[0]), _TITLE_COLUMNS)
        ends.append((days.iloc[-1], float(part["share"].iloc[-1]), title, colour))
    heights = apart(np.array([height for _, height, *_ in ends]), _LINE_SHARE)
    for (day, _, title, colour), height in zip(ends, heights, strict=True):
        ax.annotate(title, (day, height), xytext=(6, 0), textcoords="offset points", color=colour,
                    va="center", annotation_clip=False)  # fmt: skip
    ax.set_ylim(0, 1.02)
    ax.xaxis.set_major_locator(_months())
    ax.margins(x=0.12)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_ylabel(word(f"{_AREA}.share_in_system", lang))
    return ax


def _label_height(sample: str) -> float:
    return 0.75 if sample == "after" else 0.4


def _title(step: Step, process: str) -> str:
    return str(step.table.loc[step.table["process"].eq(process), "title"].iloc[0])


def _measure(row: dict, lang: str) -> str:
    if row["measure"] == "naive_change":
        return f"{row['title']} · {word(f'{_AREA}.naive', lang)}"
    return f"{row['title']} · {label_of(row['measure'], lang)} ({row['rung']})"


def _months() -> AutoDateLocator:
    return AutoDateLocator(minticks=3, maxticks=7)
