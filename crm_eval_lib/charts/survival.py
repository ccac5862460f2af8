"""Charts of waiting: the share solved by day, of all problems and group by group."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from crm_eval_lib.charts.style import CATEGORIES, MUTED, axes_for
from crm_eval_lib.results import Message, Step
from crm_eval_lib.text import say, word
from crm_eval_lib.text.formats import format_value
from crm_eval_lib.text.safe import shortened

MOST_GROUPS = len(CATEGORIES)  # curves in one figure, the largest groups; the table holds all
STYLES = ("-", "--", "-.", ":")  # groups differ by line as well as by colour
_AREA = "problems.chart"
_BELOW_AXIS, _LINE = -46, -12  # points from the axis to the numbers watched, and between lines
_LABEL_COLUMNS = 24  # a group's name beside its curve
_ROW_COLUMNS = 16  # and before its numbers
MOST_STEPS = 400  # of a curve: one for each pixel of its width; more cannot be seen
_APART = 0.09  # of the axes' height, between the labels of two curves


def plot_solution_time(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the share solved over time with its band, the median and the numbers still watched.

    Parameters
    ----------
    step : Step
        From `problems.solution_time`.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, table = axes_for(ax), thinned(_until_last_watch(step))
    ax.fill_between(table["day"], table["low_share"], table["high_share"], step="post",
                    color=CATEGORIES[0], alpha=0.15, linewidth=0)  # fmt: skip
    ax.step(table["day"], table["solved_share"], where="post", color=CATEGORIES[0])
    median = next(item for item in step.indicators if item.id == "problems.median_days")
    if median.value is not None:
        ax.plot([0, median.value, median.value], [0.5, 0.5, 0], color=MUTED, linestyle=":",
                linewidth=1)  # fmt: skip
        ax.annotate(say(Message(f"{_AREA}.median", {"days": median.value}), lang),
                    (median.value, 0.5), xytext=(6, -10), textcoords="offset points")  # fmt: skip
    _dress(ax, float(table["day"].max()), lang)
    _numbers_watched(ax, [("", step.tables["at_risk"])], lang)
    return ax


def plot_time_by_group(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the share solved over time of up to four groups, and how many of each are watched.

    Parameters
    ----------
    step : Step
        From `problems.time_by_group`.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, drawn = axes_for(ax), _drawn(step.table)
    curves, watched = step.tables["curves"], step.tables["at_risk"]
    names = {key: _name(drawn["dimension"].iloc[0], key, lang) for key in drawn["key"]}
    ends = []
    for key, colour, line in zip(drawn["key"], CATEGORIES, STYLES, strict=False):
        curve = thinned(_of(curves, drawn, key))
        ax.step(curve["day"], curve["solved_share"], where="post", color=colour, linestyle=line)
        ends.append((float(curve["day"].iloc[-1]), float(curve["solved_share"].iloc[-1])))
    rows = [(shortened(names[key], _ROW_COLUMNS), _of(watched, drawn, key)) for key in names]
    _dress(ax, max([day for day, _ in ends] + [float(row["day"].max()) for _, row in rows]), lang)
    slots = [{"name": shortened(names[key], _LABEL_COLUMNS), "n": n}
             for key, n in zip(drawn["key"], drawn["problems"], strict=True)]  # fmt: skip
    labels = [say(Message(f"{_AREA}.group", slot), lang) for slot in slots]
    _label_curves(ax, ends, labels)
    _numbers_watched(ax, rows, lang)
    return ax


def _drawn(table: pd.DataFrame) -> pd.DataFrame:
    """Return the largest groups of the first dimension; fastest and slowest are among them."""
    first = table[table["dimension"] == table["dimension"].iloc[0]]
    compared = first[first["p"].notna()]
    if compared.empty:
        return first.nlargest(MOST_GROUPS, "problems", keep="first").sort_index()
    speed = compared["solved"] / compared["expected"]
    named = compared.index.isin([speed.idxmin(), speed.idxmax()])
    order = compared.assign(named=named).sort_values(["named", "problems"], ascending=False,
                                                     kind="stable")  # fmt: skip
    return order.head(MOST_GROUPS).sort_index()


def _of(stacked: pd.DataFrame, drawn: pd.DataFrame, key: str) -> pd.DataFrame:
    mine = (stacked["dimension"] == drawn["dimension"].iloc[0]) & (stacked["key"] == key)
    return stacked[mine]


def _name(dimension: str, key: str, lang: str) -> str:
    if dimension != "severity":
        return key
    return say(Message("problems.word.severity_band", {"key": key}), lang)


def _dress(ax: Axes, last: float, lang: str) -> None:
    ax.set_ylim(0, 1)
    ax.set_xlim(0, max(last, 1))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel(word(f"{_AREA}.days", lang))
    ax.set_ylabel(word(f"{_AREA}.share_solved", lang))


def _label_curves(ax: Axes, ends: Sequence[tuple[float, float]], labels: Sequence[str]) -> None:
    """Write each label beside the end of its curve, moved apart where curves end together."""
    heights = apart(np.array([height for _, height in ends]), _APART)
    for end, height, label, colour in zip(ends, heights, labels, CATEGORIES, strict=False):
        line = {"arrowstyle": "-", "color": colour, "linewidth": 1, "relpos": (0, 0.5),
                "patchA": None, "shrinkA": 4}  # fmt: skip
        ax.annotate(label, end, xytext=(1.03, height), textcoords="axes fraction", va="center",
                    arrowprops=line, annotation_clip=False)  # fmt: skip


def apart(heights: np.ndarray, least: float) -> np.ndarray:
    """Return heights between 0 and 1 moved up, else down, until two of them are so far apart."""
    placed, below = np.empty_like(heights), -np.inf
    order = np.argsort(heights, kind="stable")
    for place in order:
        below = placed[place] = max(heights[place], below + least)
    return placed - max(placed[order[-1]] - 1, 0)


def thinned(curve: pd.DataFrame, most: int = MOST_STEPS) -> pd.DataFrame:
    """Return at most so many steps of a curve, the first and the last among them.

    >>> thinned(pd.DataFrame({"day": range(9)}), 3)["day"].tolist()
    [0, 4, 8]
    """
    if len(curve) <= most:
        return curve
    return curve.iloc[np.linspace(0, len(curve) - 1, most).round().astype(int)]


def _until_last_watch(step: Step) -> pd.DataFrame:
    """Carry the curve on to the last day anyone was watched."""
    table, last = step.table, float(step.tables["at_risk"]["day"].max())
    if last <= table["day"].max():
        return table
    return pd.concat([table, table.tail(1).assign(day=last)], ignore_index=True)


def _numbers_watched(ax: Axes, rows: Sequence[tuple[str, pd.DataFrame]], lang: str) -> None:
    """Write a line of numbers under observation for each group below the axis."""
    title = word(f"{_AREA}.watched", lang)
    lines = [(name or title, _BELOW_AXIS + _LINE * (n + bool(name)), watched)
             for n, (name, watched) in enumerate(rows)]  # fmt: skip
    if rows[0][0]:
        _below(ax, title, 0, _BELOW_AXIS, "axes fraction", "left")
    for name, height, watched in lines:
        _below(ax, name, -0.05, height, "axes fraction", "right")
        for day, count in zip(watched["day"], watched["watched"], strict=True):
            _below(ax, format_value(count, "count"), day, height, "data", "center")


def _below(ax: Axes, text: str, x: float, height: float, measure: str, side: str) -> None:
    ax.annotate(text, (x, 0), xycoords=(measure, "axes fraction"), xytext=(0, height),
                textcoords="offset points", ha=side, color=MUTED, fontsize=8,
                annotation_clip=False)  # fmt: skip
