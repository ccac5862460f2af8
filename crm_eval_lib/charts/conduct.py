"""Charts of how people live with the controls: warnings, exemptions, duties in one hand."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from crm_eval_lib.charts.bars import BAR_HEIGHT, nested_bars
from crm_eval_lib.charts.style import CATEGORIES, CONTEXT, STATUS, axes_for
from crm_eval_lib.results import Message, Step
from crm_eval_lib.text import say, word
from crm_eval_lib.text.formats import format_value
from crm_eval_lib.text.safe import shortened

MOST_ROWS = 12  # bars in one figure; the table holds all
MOST_MONTHS = 10  # labels on the month axis
LABEL_COLUMNS = 38  # a longer name is cut beside the axis
_WIDE = 0.10  # of sales; a longer axis needs no decimals
_AREA = "controls.chart"
_APART = 0.08  # months between the points of two controls, so that their intervals are seen
_BESIDE = {"xytext": (6, 0), "textcoords": "offset points", "va": "center"}


def plot_dismissals(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the share not followed per month, a line for each of the busiest controls.

    Parameters
    ----------
    step : Step
        From `controls.advice_taken`. Its table ``months`` is drawn.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, table = axes_for(ax), step.tables["months"]
    if table["is_warning"].any():
        table = table[table["is_warning"]]
    busiest = table.groupby("control_id")["shown"].sum().sort_values(ascending=False)
    months = pd.period_range(table["month"].min(), table["month"].max(), freq="M")
    at = {str(month): place for place, month in enumerate(months)}
    drawn = list(zip(busiest.index, CATEGORIES, strict=False))
    for number, (control, colour) in enumerate(drawn):
        rows = table[table["control_id"] == control].sort_values("month")
        places = rows["month"].map(at).to_numpy() + (number - (len(drawn) - 1) / 2) * _APART
        ax.vlines(places, rows["low"], rows["high"], color=colour, linewidth=1, alpha=0.45)
        ax.plot(places, rows["dismissed_share"], "o-", color=colour, label=str(control))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(drawn))
    every = -(-len(months) // MOST_MONTHS)
    ax.set_xticks(range(0, len(months), every), [str(month) for month in months[::every]])
    ax.set_xlim(-0.5, len(months) - 0.5)
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_ylabel(word(f"{_AREA}.dismissed_axis", lang))
    ax.grid(axis="y")
    return ax


def plot_exemptions(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the share of sales under each exemption, those without an end in colour.

    Parameters
    ----------
    step : Step
        From `controls.exempt_sales`.
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
    shares = table["exempt_share"].to_numpy(dtype=float)
    endless = table["endless"].to_numpy(dtype=bool)
    places = np.arange(len(table))[::-1]
    for flags, colour, name in ((endless, CATEGORIES[1], "endless"), (~endless, CONTEXT, "dated")):
        if flags.any():
            ax.barh(places[flags], shares[flags], color=colour, height=BAR_HEIGHT,
                    label=word(f"{_AREA}.{name}", lang))  # fmt: skip
    for place, value in zip(places, shares, strict=True):
        ax.annotate(format_value(value, "percent", lang=lang), (value, place), **_BESIDE)
    names = table["control_id"].astype("str") + " " + table["exempt"].astype("str")
    _named(ax, places, names)
    ax.set_ylim(-0.6, len(places) - 0.4)
    ax.set_xlim(0, float(shares.max()) * 1.3 if shares.max() > 0 else 1)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0 if shares.max() > _WIDE else 1))
    ax.set_xlabel(word(f"{_AREA}.exempt_axis", lang))
    return ax


def plot_duties(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw how many users hold both sides of each conflict, and how many used both.

    Parameters
    ----------
    step : Step
        From `controls.separated_duties`.
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
    held, used = table["users"].to_numpy(), table["both_used"].to_numpy()
    texts = [say(Message(f"{_AREA}.users", {"n": int(users), "used": int(both)}), lang)
             for users, both in zip(held, used, strict=True)]  # fmt: skip
    labels = (word(f"{_AREA}.held", lang), word(f"{_AREA}.used", lang))
    places = nested_bars(ax, held, used, texts, colours=(CONTEXT, STATUS["poor"]), labels=labels)
    _named(ax, places, table["permission_a"].astype("str") + " + "
           + table["permission_b"].astype("str"))  # fmt: skip
    ax.set_xlabel(word(f"{_AREA}.users_axis", lang))
    return ax


def _named(ax: Axes, places: np.ndarray, names: pd.Series) -> None:
    """Name the bars and put the legend on top."""
    ax.set_yticks(places, [shortened(name, LABEL_COLUMNS) for name in names])
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
