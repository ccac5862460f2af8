"""Charts of the data check: the periods the tables cover, the columns with gaps."""

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from crm_eval_lib.charts.style import CATEGORIES, CONTEXT, MUTED, axes_for
from crm_eval_lib.data_check.rules import RECORD_DATES
from crm_eval_lib.results import Step
from crm_eval_lib.text import word
from crm_eval_lib.text.formats import format_value
from crm_eval_lib.text.named import table_label

MOST_ROWS = 16  # tables or columns in one figure; the table beside it holds all
_AREA = "data_check.chart"


def plot_periods(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw from when to when the records of each register reach, go-live and status date across.

    Parameters
    ----------
    step : Step
        From `data_check.received`.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, table = axes_for(ax), dated_rows(step).head(MOST_ROWS)
    places = np.arange(len(table))[::-1]
    first = mdates.date2num(pd.to_datetime(table["first_day"]))
    days = mdates.date2num(pd.to_datetime(table["last_day"])) - first
    ax.barh(places, np.maximum(days, 1), left=first, color=CONTEXT, height=0.55)
    ax.set_yticks(places, [table_label(name, lang) for name in table["table_name"]])
    ax.set_ylim(-0.6, len(table) - 0.1)
    _mark_days(ax, step, lang)
    ax.xaxis_date()
    ax.xaxis.set_major_locator(mdates.AutoDateLocator(minticks=3, maxticks=7))
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y-%m"))
    return ax


def dated_rows(step: Step) -> pd.DataFrame:
    """Return the registers whose records have days: what `plot_periods` draws.

    Parameters
    ----------
    step : Step
        From `data_check.received`.

    Returns
    -------
    DataFrame
        Those rows of its table that have a first and a last day.

    Examples
    --------
    >>> from crm_eval_lib.data_check import received
    >>> dated_rows(received({"budget": pd.DataFrame({"line_id": ["1"]})})).empty
    True
    """
    table = step.table
    return table[table["first_day"].notna() & table["table_name"].isin(RECORD_DATES)]


def plot_gaps(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the filled share of the emptiest columns; those that weaken an indicator in colour.

    Parameters
    ----------
    step : Step
        From `data_check.completeness`.
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
    table = step.table[step.table["recorded"] == "yes"]
    order = ["weakens", "filled_share", "table_name", "column_name"]
    table = table.sort_values(order, ascending=[False, True, True, True]).head(MOST_ROWS)
    places = np.arange(len(table))[::-1]
    colours = [CATEGORIES[1] if weak == "yes" else CONTEXT for weak in table["weakens"]]
    ax.barh(places, table["filled_share"], color=colours, height=0.62)
    for place, share in zip(places, table["filled_share"], strict=True):
        ax.annotate(format_value(share, "percent0", lang=lang), (share, place), xytext=(4, 0),
                    textcoords="offset points", va="center")  # fmt: skip
    names = zip(table["table_name"], table["column_name"], strict=True)
    ax.set_yticks(places, [f"{name}.{column}" for name, column in names])
    ax.set_ylim(-0.6, len(table) - 0.4)
    ax.set_xlim(0, 1.08)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel(word(f"{_AREA}.filled", lang))
    return ax


def _mark_days(ax: Axes, step: Step, lang: str) -> None:
    """Draw a labelled line for each day of reference."""
    marked = step.tables.get("days")
    if marked is None:
        return
    for name, day in zip(marked["event_name"], marked["day"], strict=True):
        place = mdates.date2num(pd.Timestamp(day))
        ax.axvline(place, color=MUTED, linewidth=0.9, linestyle=":")
        ax.annotate(word(f"{_AREA}.{name}", lang), (place, 1), xycoords=("data", "axes fraction"),
                    xytext=(-3, 2), textcoords="offset points", ha="right", color=MUTED,
                    annotation_clip=False)  # fmt: skip
