"""What the events that controls still let through cost a year: all together, then by point."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from crm_eval_lib.charts.style import AFTER, BEFORE, INK, MUTED, RULE, axes_for
from crm_eval_lib.results import Message, Step
from crm_eval_lib.text import say, word
from crm_eval_lib.text.formats import format_value
from crm_eval_lib.text.safe import shortened

LABEL_COLUMNS = 42  # a longer risk is cut beside the axis
_AREA = "controls.chart"
_APART = 0.17  # rows between the marks of before and after
_LOOKS = {"before": (BEFORE, "none"), "after": (AFTER, "full")}  # colour, how the dot is filled
_TICKS = 5


def plot_residual_loss(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the loss expected a year before and after, with intervals; the sum on top.

    Parameters
    ----------
    step : Step
        From `controls.residual_loss`. Its table ``by_point`` is drawn.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, years, points = axes_for(ax), step.tables["years"], step.tables["by_point"]
    ids = points["control_id"].drop_duplicates().tolist()
    parts = ids if len(ids) > 1 else []  # a single point is the sum
    whole = years.assign(control_id=None)
    drawn = pd.concat([whole, points[points["control_id"].isin(parts)]], ignore_index=True)
    places = {None: len(parts), **{one: len(parts) - 1 - n for n, one in enumerate(parts)}}
    drawn = drawn.assign(
        place=[places[None if pd.isna(one) else one] for one in drawn["control_id"]]
    )
    for when, rows in drawn.groupby("period", sort=False):
        _draw(ax, rows, when, _lift(when, years), lang)
    for place, rows in drawn.groupby("place"):
        amounts = [format_value(v, "number0", lang=lang) for v in rows["expected_amount"]]
        ax.annotate(" → ".join(amounts), (rows["high_amount"].max(), place), xytext=(6, 0),
                    textcoords="offset points", va="center")  # fmt: skip
    _bad_year(ax, years, len(parts), lang)
    if parts:
        ax.axhline(len(parts) - 0.5, color=RULE, linewidth=0.8)  # the sum apart from its parts
    _axes(ax, step, parts, lang)
    return ax


def _lift(when: str, years: pd.DataFrame) -> float:
    """Return how far above its row a period stands: before over after, one alone in the middle."""
    return 0.0 if len(years) == 1 else _APART * (1 if when == years["period"].iloc[0] else -1)


def _draw(ax: Axes, rows: pd.DataFrame, when: str, lift: float, lang: str) -> None:
    """Draw one period: a line for each interval, a dot for what is expected."""
    colour, fill = _LOOKS[when]
    at = rows["place"] + lift
    ax.hlines(at, rows["low_amount"], rows["high_amount"], color=colour, linewidth=1.2)
    ax.plot(rows["expected_amount"], at, "o", color=colour, fillstyle=fill,
            label=word(f"{_AREA}.{when}", lang))  # fmt: skip


def _bad_year(ax: Axes, years: pd.DataFrame, place: int, lang: str) -> None:
    """Mark what one year in twenty exceeds, in the last period known."""
    last = years.iloc[-1]
    ax.plot(last["bad_year_amount"], place + _lift(last["period"], years), "|", color=INK,
            markersize=9, markeredgewidth=1.8, label=word(f"{_AREA}.bad_year", lang))  # fmt: skip


def _axes(ax: Axes, step: Step, parts: list[str], lang: str) -> None:
    years, points = step.tables["years"], step.tables["by_point"].drop_duplicates("control_id")
    names = [shortened(str(row.control_id) if pd.isna(row.risk) else f"{row.control_id} {row.risk}",
                       LABEL_COLUMNS) for row in points.itertuples()]  # fmt: skip
    if parts:
        n = int(years["points"].iloc[-1])
        name = "all_points" if n == len(parts) else "all_points_listed"
        slots = {"n": n, "listed": len(parts)}
        names = [say(Message(f"{_AREA}.{name}", slots), lang), *names]
    ax.set_yticks(range(len(parts), -1, -1), names)
    ax.set_ylim(-0.6, len(parts) + 0.6)
    ax.set_xlim(0, max(float(years[["high_amount", "bad_year_amount"]].max().max()), 1.0) * 1.42)
    ax.xaxis.set_major_locator(MaxNLocator(_TICKS))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: format_value(v, "number0", lang=lang)))
    slots = {"currency": str(step.subtitle.slots["currency"])}
    ax.set_xlabel(say(Message(f"{_AREA}.loss_axis", slots), lang))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0, colors=MUTED)
