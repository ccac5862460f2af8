"""Charts of a project under way: against its plan, forecasts month by month, contingency drawn."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from crm_eval_lib.charts.cost import _AREA, EARNED, _date_axis, _money_axis, _note
from crm_eval_lib.charts.style import ACTUAL, CONTEXT, INK, MUTED, PLAN, STATUS, axes_for
from crm_eval_lib.results import Message, Step
from crm_eval_lib.text import label_of, say, word
from crm_eval_lib.text.formats import format_value

_STANDING = {"better": ("good", "o"), "as_planned": ("good", "D"), "worse": ("poor", "s"),
             "not_assessed": ("not_assessed", "o")}  # fmt: skip
_FORECASTS = (("eac", ACTUAL, "-"), ("eac_budget_rate", PLAN, "--"), ("eac_cpi_spi", EARNED, ":"))
_HIGHEST, _HIGHER = 2.5, 1.6  # times budget or cost; a forecast from little work knows no bounds
_NEAR = 0.08  # of the chart's height: names nearer than this are moved apart
_NEAR_AXIS = 0.15  # of the work done: left of this there is no room for a month
_WORD = 8.0  # size of the words beside a mark


def plot_overview(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw each measure as its distance from the plan; what is not assessed is hollow.

    Parameters
    ----------
    step : Step
        From `cost.overview`.
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
    ax.axvline(1.0, color=CONTEXT, linewidth=1.0)
    for place, row in zip(places, table.itertuples(), strict=True):
        status, marker = _STANDING[row.against_plan]
        colour, known = STATUS[status], pd.notna(row.ratio)
        value = row.ratio if known else 1.0
        ax.hlines(place, 1.0, value, color=colour, linewidth=3)
        ax.scatter([value], [place], marker=marker, s=52, zorder=3, edgecolors=colour,
                   facecolors=colour if known else "white")  # fmt: skip
        text = label_of(row.against_plan, lang)
        text = f"{format_value(value, 'percent0', lang=lang)}: {text}" if known else text
        _note(ax, text, (max(value, 1.0), place), right=8)
    ax.set_yticks(places, [word(f"cost.measure.{name}", lang) for name in table["measure"]])
    ax.set_ylim(-0.6, len(table) - 0.25)
    ax.set_xlim(*_around_plan(table["ratio"]))
    ax.annotate(word(f"{_AREA}.planned_all", lang), (1.0, 1.0), xytext=(0, 3), ha="center",
                color=MUTED, fontsize=_WORD, xycoords=ax.get_xaxis_transform(),
                textcoords="offset points")  # fmt: skip
    _percent_axis(ax, lang, "x")
    return ax


def _around_plan(ratios: pd.Series) -> tuple[float, float]:
    """Leave room for the words on the right of the marks."""
    low, high = min(ratios.min(), 1.0), max(ratios.max(), 1.0)
    low, high = (1.0, 1.0) if np.isnan(low) else (low, high)
    span = max(high - low, 0.3)
    return low - 0.1 * span, high + 0.6 * span


def plot_forecast_funnel(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw three forecasts of the final cost over the month ends, against budget and final cost.

    The months after the work was done are left out: nothing is forecast there.

    Parameters
    ----------
    step : Step
        From `cost.month_by_month`.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, table = axes_for(ax), _under_way(step.table)
    slots = step.sentence.slots
    levels = [("limit", slots.get("planned"), CONTEXT)]
    levels += [("final", slots["final"], INK)] if step.sentence.key.endswith("_closed") else []
    levels = [(name, float(value), colour) for name, value, colour in levels if value]
    for name, colour, dash in _FORECASTS:
        known = table.loc[table[name].notna()]
        ax.plot(known["period_end"], known[name], color=colour, linestyle=dash, marker="o",
                markersize=2.5, label=word(f"{_AREA}.{name}", lang))  # fmt: skip
    top = _top(table, max([value for _, value, _ in levels], default=0.0))
    ax.set_ylim(0, top * 1.08)
    _beyond(ax, table, lang)
    _levels(ax, [(word(f"{_AREA}.{name}", lang), *rest) for name, *rest in levels], top)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0, handlelength=1.8)
    _date_axis(ax)
    _money_axis(ax, step, lang, "y", label="forecast")
    return ax


def _under_way(table: pd.DataFrame) -> pd.DataFrame:
    """Return the month ends up to the one at which all work was done, at least two."""
    done = np.flatnonzero(table["progress_share"].to_numpy() >= 1 - 1e-9)
    return table if not len(done) else table.head(max(int(done[0]) + 1, 2))


def _top(table: pd.DataFrame, level: float) -> float:
    """Return how high the chart reaches: forecasts far beyond budget and cost leave it."""
    highest = table[[name for name, *_ in _FORECASTS]].max().fillna(0.0)
    steady = highest[["eac", "eac_budget_rate"]].max()
    if level <= 0:
        return max(float(highest.max()), 1.0)
    return max(level, min(steady, _HIGHEST * level), min(highest.max(), _HIGHER * level))


def _beyond(ax: Axes, table: pd.DataFrame, lang: str) -> None:
    """Mark at the upper edge the forecasts above it, and say once how high they went."""
    edge = ax.get_ylim()[1]
    above = table.loc[(table[[name for name, *_ in _FORECASTS]] > edge).any(axis=1)]
    if above.empty:
        return
    for name, colour, _ in _FORECASTS:
        days = above.loc[above[name] > edge, "period_end"]
        ax.scatter(days, np.full(len(days), edge), marker="^", s=30, color=colour, clip_on=False,
                   zorder=3)  # fmt: skip
    highest = float(above[[name for name, *_ in _FORECASTS]].max().max())
    text = say(Message(f"{_AREA}.up_to", {"value": highest}), lang)
    _note(ax, text, (above["period_end"].iloc[-1], edge), right=16, up=-4)


def _levels(ax: Axes, levels: list[tuple[str, float, str]], top: float) -> None:
    """Draw levels across the chart, each name behind the right end and clear of the other."""
    close = len(levels) > 1 and abs(levels[0][1] - levels[1][1]) < _NEAR * top
    for text, value, colour in levels:
        up = 0 if not close else 5 if value == max(height for _, height, _ in levels) else -5
        ax.axhline(value, color=colour, linewidth=1.0)
        ax.annotate(text, (1.0, value), xytext=(4, up), color=MUTED, va="center", fontsize=_WORD,
                    xycoords=ax.get_yaxis_transform(), textcoords="offset points",
                    annotation_clip=False)  # fmt: skip


def plot_contingency(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the contingency drawn against the work done; above the diagonal it runs ahead.

    Parameters
    ----------
    step : Step
        From `cost.contingency`.
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
    done, used = table["progress_share"], table["contingency_used"]
    ax.plot([0, 1], [0, 1], color=CONTEXT, linewidth=1.0, linestyle="--")
    ax.annotate(word(f"{_AREA}.in_step", lang), (0.62, 0.62), xytext=(4, -10), color=MUTED,
                fontsize=_WORD, textcoords="offset points")  # fmt: skip
    ax.plot(done, used, color=ACTUAL, marker="o", markersize=3)
    first, last = 0, len(table) - 1
    jump = int(np.argmax(np.diff(used, prepend=0.0)))
    for place in sorted({first, jump, last}):
        point = (done.iloc[place], used.iloc[place])
        _beside_curve(ax, f"{table['period_end'].iloc[place]:%Y-%m}", point)
    ax.set_xlim(0, 1.12)
    ax.set_ylim(min(0.0, float(used.min()) * 1.1), max(float(used.max()), 1.0) * 1.12)
    _percent_axis(ax, lang, "x")
    _percent_axis(ax, lang, "y")
    ax.set_xlabel(word(f"{_AREA}.work_done", lang))
    ax.set_ylabel(word(f"{_AREA}.used", lang))
    return ax


def _beside_curve(ax: Axes, text: str, point: tuple[float, float]) -> None:
    """Write beside a curve that rises: above it on the left, below it where the axis is near."""
    near = point[0] < _NEAR_AXIS
    ax.annotate(text, point, xytext=(7, -7) if near else (-6, 7), textcoords="offset points",
                ha="left" if near else "right", va="center", fontsize=_WORD)  # fmt: skip


def _percent_axis(ax: Axes, lang: str, side: str) -> None:
    axis = ax.xaxis if side == "x" else ax.yaxis
    axis.set_major_formatter(
        FuncFormatter(lambda v, _: format_value(round(v, 3), "percent0", lang=lang))
    )
