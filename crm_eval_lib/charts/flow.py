"""Charts of the flow of work: where the time went by step, and how many cases were open."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator
from matplotlib.patches import Patch

from crm_eval_lib.charts.style import AFTER, BEFORE, CONTEXT, INK, MUTED, axes_for, lone_mark
from crm_eval_lib.results import Message, Step
from crm_eval_lib.text import label_of, say, word
from crm_eval_lib.text.formats import format_value

MOST_STEPS = 8  # steps drawn one by one; the rest is one pair of bars
SMOOTHED_WEEKS = 9  # mean of two months: single weeks hide whether more comes in than goes out
_AREA = "efficiency.chart"
_THICK = 0.36
_WAITING = 0.4  # opacity of waiting beside work in the same colour
_ROOM_FOR_LABELS = 1.16
_LABEL_CHARACTERS, _TAIL_CHARACTERS = 26, 8  # names that differ at their end stay apart
_SAMPLES = (("before", BEFORE, _THICK / 2 + 0.02), ("after", AFTER, -_THICK / 2 - 0.02))
_HOURS = [f"{part}_{sample}_hours" for sample, *_ in _SAMPLES for part in ("wait", "work")]


def plot_step_times(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw waiting and work of each step before and after, for the first process.

    Parameters
    ----------
    step : Step
        From `efficiency.step_times`. Its table ``parts`` is drawn.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, table = axes_for(ax), step.tables["parts"]
    rows = _folded(table[table["process"].eq(table["process"].iloc[0])], lang)
    places = np.arange(len(rows))[::-1].astype(float)
    for sample, colour, shift in _SAMPLES:
        wait, work = (rows[f"{part}_{sample}_hours"] for part in ("wait", "work"))
        ax.barh(places + shift, wait, _THICK, color=colour, alpha=_WAITING)
        ax.barh(places + shift, work, _THICK, left=wait, color=colour)
        for place, hours in zip(places + shift, wait + work, strict=True):
            ax.annotate(format_value(hours, "number1", lang=lang), (hours, place), xytext=(3, 0),
                        textcoords="offset points", va="center", fontsize=7)  # fmt: skip
    ax.set_yticks(places, rows["activity_name"].tolist())
    ax.set_ylim(-0.7, len(rows) - 0.3)
    longest = max(float((rows[_HOURS[0]] + rows[_HOURS[1]]).max()),
                  float((rows[_HOURS[2]] + rows[_HOURS[3]]).max()))  # fmt: skip
    ax.set_xlim(0, longest * _ROOM_FOR_LABELS or 1)
    ax.set_xlabel(f"{word(f'{_AREA}.hours_per_case', lang)} · {table['title'].iloc[0]}")
    _legend(ax, bool((rows[[_HOURS[1], _HOURS[3]]] > 0).any(axis=None)), lang)
    return ax


def _folded(rows: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The steps with the most time, and the sum of all others."""
    named = rows["activity_name"].map(lambda name: not isinstance(name, Message))
    time = rows[_HOURS].sum(axis=1).where(named, -1.0)
    order = time.sort_values(ascending=False, kind="stable").index
    kept, rest = rows.loc[order[:MOST_STEPS]], rows.loc[order[MOST_STEPS:]]
    kept = kept.assign(activity_name=kept["activity_name"].map(lambda name: _name(name, lang)))
    if rest.empty:
        return kept
    inside = [name.slots["n"] for name in rest["activity_name"] if isinstance(name, Message)]
    count = len(rest) - len(inside) + sum(inside)
    other = say(Message("efficiency.word.other_steps", {"n": count}), lang)
    sums = {"activity_name": other} | rest[_HOURS].sum().to_dict()
    return pd.concat([kept, pd.DataFrame([sums])], ignore_index=True)


def _name(name: object, lang: str) -> str:
    text = say(name, lang) if isinstance(name, Message) else str(name)
    wide = 1 if text.isascii() else 2  # a Chinese character takes the place of two letters
    most, tail = _LABEL_CHARACTERS // wide, _TAIL_CHARACTERS // wide
    return text if len(text) <= most else f"{text[: most - tail - 1]}…{text[-tail:]}"


def _legend(ax: Axes, has_work: bool, lang: str) -> None:
    kinds = (("waiting", _WAITING), ("working", 1.0)) if has_work else (("waiting", _WAITING),)
    handles = [
        Patch(color=colour, alpha=opacity, linewidth=0,
              label=f"{label_of(sample, lang)} · {word(f'{_AREA}.{kind}', lang)}")
        for sample, colour, _ in _SAMPLES
        for kind, opacity in kinds
    ]  # fmt: skip
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.4, 1.14), ncols=len(handles),
              columnspacing=1.2, handlelength=1.2)  # fmt: skip


def plot_work_in_progress(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw open cases of the first process week by week, arrivals and completions smoothed.

    Parameters
    ----------
    step : Step
        From `efficiency.work_in_progress`.
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
    table = table[table["process"].eq(table["process"].iloc[0])]
    ax.fill_between(table["week"], table["open_cases"], step="post", color=CONTEXT, alpha=0.3,
                    linewidth=0)  # fmt: skip
    ax.plot(table["week"], table["open_cases"], color=INK, linewidth=0.8, drawstyle="steps-post",
            marker=lone_mark(len(table)), label=word(f"{_AREA}.open_cases", lang))  # fmt: skip
    for name, colour, line in (("arrivals", BEFORE, "-"), ("completions", AFTER, "--")):
        values = table[name].rolling(SMOOTHED_WEEKS, center=True, min_periods=1).mean()
        ax.plot(table["week"], values, color=colour, linestyle=line,
                marker=lone_mark(len(table)), linewidth=1.2,
                label=word(f"{_AREA}.{name}", lang))  # fmt: skip
    if "window" in step.tables:
        live = step.tables["window"]["day"].iloc[0]
        ax.axvline(live, color=MUTED, linewidth=1)
        ax.annotate(word(f"{_AREA}.go_live", lang), (live, 1), xycoords=("data", "axes fraction"),
                    xytext=(3, -8), textcoords="offset points", color=MUTED)  # fmt: skip
    ax.set_ylim(bottom=0)
    ax.margins(x=0.01)
    ax.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=7))
    ax.set_ylabel(word(f"{_AREA}.cases", lang))
    ax.set_xlabel(str(table["title"].iloc[0]))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    return ax
