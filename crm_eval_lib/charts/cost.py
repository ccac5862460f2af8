"""Charts of factor 1: budget and cost, the bridge between them, earned value, dates, forecast."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter, MonthLocator, date2num, num2date
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crm_eval_lib.charts.style import ACTUAL, CATEGORIES, CONTEXT, MUTED, PLAN, axes_for, lone_mark
from crm_eval_lib.results import Message, Step
from crm_eval_lib.text import label_of, say, word
from crm_eval_lib.text.formats import format_value

EARNED = CATEGORIES[2]
MOST_ROWS = 12  # categories or milestones in one figure; the table holds all
_AREA = "cost.chart"
_BAR = 0.36
_LABEL_GAP = 4  # points between a mark and its label
_HEADROOM = 1.16  # room for the labels behind the longest bar
_TICKS = 5
_MOST_DATES = 8
_DAYS_AROUND = 45
_MONTHS_APART = (1, 2, 3, 6, 12)
_LINES = (("planned", PLAN, "--"), ("earned", EARNED, "-"), ("actual", ACTUAL, "-"))


def plot_deviation(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw original budget and final cost side by side per category, the deviation behind them.

    Parameters
    ----------
    step : Step
        From `cost.deviation`.
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
    places = np.arange(len(table))[::-1].astype(float)
    for name, colour, shift in (("planned", PLAN, _BAR / 2), ("actual", ACTUAL, -_BAR / 2)):
        values = table[name].to_numpy(dtype=float)
        ax.barh(places + shift, np.nan_to_num(values), height=_BAR, color=colour)
        text = word(f"{_AREA}.{name}", lang)
        if name == "actual" and pd.notna(table["deviation_ratio"].iloc[0]):
            text = f"{text}  {_signed_percent(table['deviation_ratio'].iloc[0], lang)}"
        _note(ax, text, (np.nan_to_num(values)[0], places[0] + shift))
    for place, row in zip(places[1:], table.iloc[1:].itertuples(), strict=True):
        longest = np.nanmax([row.planned, row.actual, 0.0])
        if pd.notna(row.deviation_ratio):
            _note(ax, _signed_percent(row.deviation_ratio, lang), (longest, place))
    ax.set_yticks(places, [label_of(category, lang) for category in table["category"]])
    lowest = float(np.nanmin(table[["planned", "actual"]].to_numpy(dtype=float)))
    ax.set_xlim(min(lowest * _HEADROOM, 0), _reach(table[["planned", "actual"]]))
    _money_axis(ax, step, lang, "x")
    return ax


def plot_bridge(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the way from the original budget to actual cost, one floating bar per part.

    Parameters
    ----------
    step : Step
        From `cost.bridge`.
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
    told = table["amount"].notna().to_numpy()
    amounts = table["amount"].fillna(0.0).to_numpy(dtype=float)
    ends = np.concatenate([np.cumsum(amounts[:-1]), amounts[-1:]])
    starts = np.concatenate([[0.0], ends[:-2], [0.0]])
    places = np.arange(len(table))[::-1]
    colours = [CONTEXT, *(ACTUAL if value > 0 else PLAN for value in amounts[1:-1]), CONTEXT]
    ax.barh(places, ends - starts, left=starts, color=colours, height=0.62)
    for place, start, end, amount, known in zip(places, starts, ends, amounts, told, strict=True):
        ax.plot([end, end], [place - 1, place], color=MUTED, linewidth=0.6)
        sign = "+" if amount > 0 and place not in (places[0], places[-1]) else ""
        text = sign + format_value(amount, "number0", lang=lang)
        _note(ax, text if known else word("core.label.not_recorded", lang),
              (max(start, end), place))  # fmt: skip
    ax.set_yticks(places, [label_of(part, lang) for part in table["part"]])
    ax.set_xlim(min(ends.min(), 0), max(ends.max(), starts.max(), 1) * _HEADROOM)
    ax.set_ylim(-0.6, len(table) - 0.4)
    _money_axis(ax, step, lang, "x")
    return ax


def plot_earned_value(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw planned, earned and actual value over the periods, each line named at its end.

    Parameters
    ----------
    step : Step
        From `cost.earned_value`.
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
    lines = [line for line in _LINES if line[0] in table and table[line[0]].notna().any()]
    tips = []
    for name, colour, dash in lines:
        known = table.loc[table[name].notna()]
        ax.plot(known["period_end"], known[name], color=colour, linestyle=dash,
                marker=lone_mark(len(known)))  # fmt: skip
        tips.append((known["period_end"].iloc[-1], float(known[name].iloc[-1])))
    _name_lines(ax, lines, tips, lang)
    ax.set_ylim(0, max([value for _, value in tips] + [1.0]) * 1.08)
    _date_axis(ax)
    _money_axis(ax, step, lang, "y")
    return ax


def plot_forecast(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the forecast of each month end against the original budget, the warning marked.

    Parameters
    ----------
    step : Step
        From `cost.early_warning`.
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
    known = table.loc[table["forecast"].notna()]
    ax.plot(known["period_end"], known["forecast"], color=ACTUAL, marker="o", markersize=3)
    limit = float(table["original"].iloc[0])
    ax.axhline(limit, color=CONTEXT, linewidth=1.0)
    ax.annotate(
        word(f"{_AREA}.limit", lang),
        (1.0, limit),
        xytext=(-2, -10),
        color=MUTED,
        ha="right",
        xycoords=ax.get_yaxis_transform(),
        textcoords="offset points",
    )
    seen = step["cost.knowable_on"].value
    if seen is not None:
        ax.axvline(pd.Timestamp(seen), color=MUTED, linestyle=":", linewidth=1.0)
        ax.annotate(seen[:7], (date2num(pd.Timestamp(seen)), 1.0), xytext=(3, -9), color=MUTED,
                    xycoords=ax.get_xaxis_transform(), textcoords="offset points")  # fmt: skip
    ax.set_ylim(0, max(float(known["forecast"].max()), limit) * 1.12)
    _date_axis(ax)
    _money_axis(ax, step, lang, "y", label="forecast")
    return ax


def plot_schedule(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw planned and actual (hollow: expected) day of each milestone, a line between them.

    Parameters
    ----------
    step : Step
        From `cost.schedule`.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, table = axes_for(ax), step.table.tail(MOST_ROWS)
    places = np.arange(len(table))[::-1]
    ends = table["planned_on"] + pd.to_timedelta(table["slip_days"], unit="D")
    happened = (table["basis"] == "actual").to_numpy()
    ax.hlines(places, table["planned_on"], ends, color=CONTEXT, linewidth=1.4, zorder=1)
    ax.scatter(table["planned_on"], places, color=PLAN, marker="|", s=90, linewidths=2, zorder=2,
               label=word(f"{_AREA}.planned_day", lang))  # fmt: skip
    for mask, face, name in (
        (happened, ACTUAL, "actual_day"),
        (~happened, "white", "expected_day"),
    ):
        if mask.any():
            ax.scatter(ends[mask], places[mask], facecolors=face, edgecolors=ACTUAL, s=28,
                       zorder=3, label=word(f"{_AREA}.{name}", lang))  # fmt: skip
    for place, end, days in zip(places, ends, table["slip_days"], strict=True):
        _note(ax, _signed_days(days, lang), (end, place))
    ax.set_yticks(places, _milestones(step.table, lang)[-len(table) :])
    ax.set_ylim(-0.7, len(table) - 0.2)
    ax.margins(x=0.12)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0)
    _date_axis(ax)
    return ax


def _milestones(table: pd.DataFrame, lang: str) -> list[str]:
    """Name the milestones, each with its share of the weight where weights are recorded."""
    total = table["weight"].sum() if "weight" in table else 0.0
    if not total > 0:
        return list(table["name"])
    slots = ({"name": name, "share": weight / total}
             for name, weight in zip(table["name"], table["weight"], strict=True))  # fmt: skip
    return [say(Message(f"{_AREA}.weighted", each), lang) for each in slots]


def _note(
    ax: Axes, text: str, point: tuple[object, object], *, right: float = _LABEL_GAP, up: float = 0
) -> None:
    ax.annotate(text, point, xytext=(right, up), textcoords="offset points", va="center",
                fontsize=8)  # fmt: skip


def _name_lines(
    ax: Axes,
    lines: Sequence[tuple[str, str, str]],
    tips: Sequence[tuple[pd.Timestamp, float]],
    lang: str,
) -> None:
    """Write each line's name at its end, kept apart where the ends meet."""
    top = max([value for _, value in tips] + [1.0])
    below = -np.inf
    for index in np.argsort([value for _, value in tips]):
        name, colour, _ = lines[index]
        day, value = tips[index]
        height = max(value, below + top * 0.07)
        below = height
        ax.annotate(word(f"{_AREA}.{name}", lang), (day, height), xytext=(_LABEL_GAP, 0),
                    textcoords="offset points", va="center", color=colour)  # fmt: skip


def _reach(values: pd.DataFrame) -> float:
    return max(float(np.nanmax(values.to_numpy(dtype=float))), 1.0) * _HEADROOM


def _money_axis(ax: Axes, step: Step, lang: str, side: str, *, label: str = "cost") -> None:
    """Print whole units on the axis and the currency beside it."""
    axis = ax.xaxis if side == "x" else ax.yaxis
    axis.set_major_locator(MaxNLocator(_TICKS))
    axis.set_major_formatter(FuncFormatter(lambda v, _: format_value(v, "number0", lang=lang)))
    slots = {"currency": _currency(step)}
    axis.set_label_text(say(Message(f"{_AREA}.{label}", slots), lang))


def _currency(step: Step) -> str:
    """Return the currency of the step's money, from its indicators or its words."""
    own = next((item.currency for item in step.indicators if item.currency), None)
    slots = step.subtitle.slots if step.subtitle else {}
    return own or str(slots.get("currency", ""))


def _date_axis(ax: Axes) -> None:
    """Mark months, at most seven or so, and years where there are many."""
    if ax.dataLim.width == 0:  # a single day: the default would show years around it
        ax.set_xlim(ax.dataLim.x0 - _DAYS_AROUND, ax.dataLim.x0 + _DAYS_AROUND)
    first, last = (num2date(day) for day in ax.get_xlim())
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    step = next((n for n in _MONTHS_APART if months / n <= _MOST_DATES), None)
    locator = AutoDateLocator(maxticks=_MOST_DATES) if step is None else MonthLocator(interval=step)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(DateFormatter("%Y-%m"))


def _signed_percent(value: float, lang: str) -> str:
    return ("+" if value > 0 else "") + format_value(value, "percent0", lang=lang)


def _signed_days(days: int, lang: str) -> str:
    return ("+" if days > 0 else "") + format_value(days, "number0", lang=lang)
