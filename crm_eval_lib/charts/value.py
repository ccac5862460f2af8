"""Charts of the value: from what went in to what it is worth, and what moves that most."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crm_eval_lib.charts.style import ACTUAL, CONTEXT, INK, MUTED, PLAN, axes_for
from crm_eval_lib.results import Message, Step
from crm_eval_lib.text import label_of, say
from crm_eval_lib.text.formats import format_value
from crm_eval_lib.text.safe import shortened

MOST_ROWS = 12  # bars in one figure; the table holds all
NAME_COLUMNS = 20  # a benefit's own name beside its kind
COUNTED, TOTAL, POTENTIAL = "counted", "total", "potential"
_TICKS = 5
_ROOM = 0.22  # share of the width kept free for the amounts, on a side where bars end
_GAP = 4  # points between a bar and its label


def plot_worth(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the way from cost to net present value, one floating bar per part.

    Potential stands below it as hollow bars from zero, what has no amount as words.

    Parameters
    ----------
    step : Step
        From `value.worth`.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, table = axes_for(ax), _fitting(step.table)
    places = np.arange(len(table))[::-1]
    amounts = table["amount"].to_numpy(dtype=float)
    standing = table["standing"].to_numpy()
    moving = np.where(standing == COUNTED, amounts, 0.0)
    ends = np.where(standing == COUNTED, np.cumsum(moving), np.nan_to_num(amounts))
    starts = np.where(standing == COUNTED, ends - moving, 0.0)
    for place, start, end, row in zip(places, starts, ends, table.itertuples(), strict=True):
        _bar(ax, place, (start, end), row.standing, row.amount)
        _amount(ax, place, (start, end), row, lang)
    ax.axvline(0, color=MUTED, linewidth=0.8)
    ax.set_yticks(places, [_name(row, lang) for row in table.itertuples()])
    low, high = min(starts.min(), ends.min(), 0.0), max(starts.max(), ends.max(), 0.0)
    room = _ROOM * max(high - low, 1.0)
    _frame(ax, low - room * (low < 0), high + room, len(table))
    _money_axis(ax, step, "present", lang)
    return ax


def plot_value_tornado(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw how far each input alone moves the net present value, the widest on top.

    Parameters
    ----------
    step : Step
        From `value.tornado`.
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
    lows, highs = (table[f"npv_{end}_amount"].to_numpy(dtype=float) for end in ("low", "high"))
    colours = [PLAN, *[CONTEXT] * (len(table) - 1)]
    ax.barh(places, highs - lows, left=lows, color=colours, height=0.6)
    base = float(step.subtitle.slots["npv"])
    ax.axvline(base, color=INK, linewidth=0.9)
    if lows.min() < 0 < highs.max():
        ax.axvline(0, color=MUTED, linewidth=0.8, linestyle=(0, (3, 3)))
    for place, row in zip(places, table.itertuples(index=False), strict=True):
        span = f"{say(row[2], lang)} – {say(row[3], lang)}"
        ax.annotate(span, (max(row.npv_high_amount, base), place), xytext=(_GAP, 0),
                    textcoords="offset points", va="center", fontsize=8, color=INK)  # fmt: skip
    ax.set_yticks(places, [_name(row, lang) for row in table.itertuples()])
    reach = max(highs.max() - lows.min(), 1.0)
    _frame(ax, lows.min() - 0.03 * reach, highs.max() + 0.5 * reach, len(table))
    _money_axis(ax, step, "npv", lang)
    return ax


def _fitting(table: pd.DataFrame) -> pd.DataFrame:
    """Keep what fits: the smallest of the counted ones go into one bar, then what stands apart."""
    if len(table) <= MOST_ROWS:
        return table
    place = int(table.index[table["standing"] == TOTAL][0])
    counted, total, apart = table[:place], table[place : place + 1], table[place + 1 :]
    if len(counted) > MOST_ROWS - 1:
        largest = counted["amount"].abs().nlargest(MOST_ROWS - 2).index
        rest = counted.loc[~counted.index.isin(largest), "amount"]
        others = {"kind": "other", "name": str(len(rest)), "standing": COUNTED,
                  "amount": rest.sum()}  # fmt: skip
        counted = pd.concat([counted[counted.index.isin(largest)], pd.DataFrame([others])])
    apart = apart.head(MOST_ROWS - 1 - len(counted))
    return pd.concat([part for part in (counted, total, apart) if len(part)], ignore_index=True)


def _bar(ax: Axes, place: float, ends: tuple[float, float], standing: str, amount: float) -> None:
    if pd.isna(amount):
        return
    colour = {TOTAL: MUTED, POTENTIAL: "none"}.get(standing, ACTUAL if amount < 0 else PLAN)
    edge = PLAN if standing == POTENTIAL else "none"
    ax.barh(place, ends[1] - ends[0], left=ends[0], height=0.62, color=colour, edgecolor=edge,
            linewidth=1.0, linestyle=(0, (3, 2)) if standing == POTENTIAL else "-")  # fmt: skip


def _amount(
    ax: Axes, place: float, ends: tuple[float, float], row: tuple, lang: str
) -> None:  # fmt: skip
    if pd.isna(row.amount):
        text, at, gap = label_of(row.standing, lang), 0.0, _GAP
    else:
        text = format_value(row.amount, "number0", lang=lang)
        if row.standing == POTENTIAL:
            text = f"{text} {label_of(POTENTIAL, lang)}"
        left = row.standing != POTENTIAL and row.amount < 0
        at, gap = (min(ends), -_GAP) if left else (max(ends), _GAP)
    ax.annotate(text, (at, place), xytext=(gap, 0), textcoords="offset points", va="center",
                ha="right" if gap < 0 else "left", fontsize=8, color=INK)  # fmt: skip


def _name(row: tuple, lang: str) -> str:
    kind = label_of(row.kind, lang)
    return f"{kind} · {shortened(row.name, NAME_COLUMNS)}" if row.name else kind


def _frame(ax: Axes, low: float, high: float, rows: int) -> None:
    ax.set_xlim(low, high)
    ax.set_ylim(-0.6, rows - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _money_axis(ax: Axes, step: Step, name: str, lang: str) -> None:
    ax.xaxis.set_major_locator(MaxNLocator(_TICKS))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: format_value(v, "number0", lang=lang)))
    slots = {"currency": str(step.subtitle.slots["currency"])}
    ax.set_xlabel(say(Message(f"value.axis.{name}", slots), lang))
