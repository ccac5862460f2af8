"""Charts of the ladder of evidence: the series with its counterfactual, the rungs, the leads."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator
from matplotlib.ticker import MaxNLocator, PercentFormatter

from crm_eval_lib.charts.style import AFTER, BEFORE, CATEGORIES, CONTEXT, MUTED, axes_for, lone_mark
from crm_eval_lib.results import Step
from crm_eval_lib.text import word
from crm_eval_lib.text.formats import format_value

_AREA = "efficiency.chart"
_QUARTER_MONTHS = 3
_HEADROOM = 1.05  # above the highest mark, which would be cut in half


def plot_interrupted(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the series of the first process, and with its band the line without go-live.

    Parameters
    ----------
    step : Step
        From `efficiency.change`. Its table ``series`` is drawn.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, series = axes_for(ax), step.tables["series"]
    series = series[series["process"].eq(series["process"].iloc[0])].sort_values("start")
    seen = series[series["used"]]
    for after, colour, marker in ((False, BEFORE, "o"), (True, AFTER, "s")):
        part = seen[seen["after"].eq(after)]
        ax.plot(part["start"], part["hours"], marker, color=colour, markersize=4)
    _mark_window(ax, step, lang)
    if "without_event" in series:
        _lines(ax, seen, lang)
    ax.set_ylim(0, ax.get_ylim()[1] * _HEADROOM)
    ax.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=7))
    ax.set_ylabel(word(f"{_AREA}.median_hours", lang))
    ax.set_xlabel(str(series["title"].iloc[0]))
    return ax


def plot_event_study(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw a process against its comparison units, quarter by quarter; leads should be flat.

    Parameters
    ----------
    step : Step
        From `efficiency.change`. Its table ``event_study`` is drawn.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, study = axes_for(ax), step.tables["event_study"]
    study = study[study["process"].eq(study["process"].iloc[0])].sort_values("quarter")
    middle = study["quarter"] + 0.5  # a quarter lies between two borders
    ax.axhline(0, color=MUTED, linewidth=0.8)
    _shade_blackout(ax, step, study, lang)
    for phase, colour, marker in (("lead", BEFORE, "o"), ("lag", AFTER, "s")):
        own = study["phase"].eq(phase)
        ax.vlines(middle[own], study.loc[own, "low_ratio"], study.loc[own, "high_ratio"],
                  color=colour, linewidth=1.4)  # fmt: skip
        ax.plot(middle[own], study.loc[own, "change_ratio"], marker, color=colour)
        ax.annotate(
            word(f"{_AREA}.{phase}s", lang), (float(middle[own].mean()), 0),
            xycoords=("data", "axes fraction"), xytext=(0, 5), textcoords="offset points",
            ha="center", color=colour,
        )  # fmt: skip
    low, high = study["low_ratio"].min(), study["high_ratio"].max()
    room = 0.12 * (high - low)
    ax.set_ylim(min(low, 0) - 1.6 * room, max(high, 0) + room)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(f"{word(f'{_AREA}.quarters', lang)} · {study['title'].iloc[0]}")
    ax.set_ylabel(word(f"{_AREA}.against_comparison", lang))
    return ax


def plot_ladder(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw what each rung says of the first process; the rung reached in colour, untold hollow.

    Parameters
    ----------
    step : Step
        From `efficiency.change`. Its table ``rungs`` is drawn.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, rungs = axes_for(ax), step.tables["rungs"]
    rungs = rungs[rungs["process"].eq(rungs["process"].iloc[0])]
    verdicts = step.table[step.table["process"].eq(rungs["process"].iloc[0])]
    refuted = verdicts.loc[verdicts["measure"].eq("change"), "verdict"].eq("cannot_tell").any()
    places = np.arange(len(rungs))[::-1]
    ax.axvline(0, color=MUTED, linewidth=0.8)
    for place, row in zip(places, rungs.to_dict("records"), strict=True):
        untold = bool(refuted and row["reached"])
        colour = CATEGORIES[0] if row["reached"] and not untold else CONTEXT
        if pd.notna(row["low_ratio"]):
            ax.plot([row["low_ratio"], row["high_ratio"]], [place, place], color=colour)
        ax.plot(row["change_ratio"], place, "o", color=colour, mfc="white" if untold else colour)
        said = format_value(row["change_ratio"], "percent0", lang=lang)
        said = word(f"{_AREA}.cannot_tell", lang) if untold else said
        ax.annotate(said, (row["change_ratio"], place), xytext=(0, 6), textcoords="offset points",
                    ha="center", fontsize=8)  # fmt: skip
    _mark_detectable(ax, rungs, lang)
    ax.set_yticks(places, [word(f"{_AREA}.rung_{rung}", lang) for rung in rungs["rung"]])
    ax.set_ylim(-0.6, len(rungs) - 0.3)
    ax.margins(x=0.1)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel(f"{word(f'{_AREA}.change', lang)} · {rungs['title'].iloc[0]}")
    return ax


def _lines(ax: Axes, seen: pd.DataFrame, lang: str) -> None:
    """The model: dotted where it would have gone, with its band, drawn only where it was told."""
    for after in (False, True):
        part = seen[seen["after"].eq(after)]
        ax.plot(part["start"], part["fitted"], color=AFTER if after else BEFORE, linewidth=1.2,
                marker=lone_mark(len(part)), markersize=3)  # fmt: skip
    after = seen[seen["after"]]
    if after.empty:
        return
    ax.fill_between(after["start"], after["without_low"], after["without_high"], color=BEFORE,
                    alpha=0.15, linewidth=0)  # fmt: skip
    ax.plot(after["start"], after["without_event"], color=BEFORE, linestyle=":")
    last = after.iloc[-1]
    ax.annotate(word(f"{_AREA}.without_event", lang), (last["start"], last["without_high"]),
                xytext=(0, 3), textcoords="offset points", ha="right", color=BEFORE)  # fmt: skip


def _mark_window(ax: Axes, step: Step, lang: str) -> None:
    days = step.tables["window"].set_index("event")["day"]
    begins = min(days["go_live"], days.get("paused", days["go_live"]))
    if days["settled"] > begins:
        ax.axvspan(begins, days["settled"], color=CONTEXT, alpha=0.25, linewidth=0)
        _note(ax, begins + (days["settled"] - begins) / 2, word(f"{_AREA}.blackout", lang))
    else:
        _note(ax, days["go_live"], word(f"{_AREA}.go_live", lang))
    ax.axvline(days["go_live"], color=MUTED, linewidth=1)


def _shade_blackout(ax: Axes, step: Step, study: pd.DataFrame, lang: str) -> None:
    days = step.tables["window"].set_index("event")["day"]
    quarter = pd.Timedelta(days=365.25 / 12 * _QUARTER_MONTHS)
    begins = (min(days["go_live"], days.get("paused", days["go_live"])) - days["go_live"]) / quarter
    ends = (days["settled"] - days["go_live"]) / quarter
    ax.axvline(0, color=MUTED, linewidth=1)
    if ends > begins:
        ax.axvspan(begins, ends, color=CONTEXT, alpha=0.25, linewidth=0)
    name = "blackout" if ends > begins else "go_live"
    _note(ax, (begins + ends) / 2, word(f"{_AREA}.{name}", lang))


def _mark_detectable(ax: Axes, rungs: pd.DataFrame, lang: str) -> None:
    sizes = rungs.loc[rungs["reached"], "detectable_ratio"].dropna()
    for size in sizes.head(1):
        ax.axvline(-size, color=MUTED, linestyle="--", linewidth=1)
        _note(ax, -size, word(f"{_AREA}.detectable", lang))


def _note(ax: Axes, place: object, text: str) -> None:
    ax.annotate(text, (place, 1), xycoords=("data", "axes fraction"), xytext=(0, 2),
                textcoords="offset points", ha="center", va="bottom", color=MUTED)  # fmt: skip
