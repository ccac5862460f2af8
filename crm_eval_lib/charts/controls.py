"""Charts of factor 4: the control matrix, test limits, prices below the floor, waiting times."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from crm_eval_lib.charts.style import AFTER, BEFORE, CATEGORIES, CONTEXT, MUTED, STATUS, axes_for
from crm_eval_lib.controls.assured_told import OVER, VERDICTS, WITHIN
from crm_eval_lib.controls.points import MODES, strength
from crm_eval_lib.results import Message, Step
from crm_eval_lib.text import label_of, say, word
from crm_eval_lib.text.formats import format_value
from crm_eval_lib.text.safe import shortened

MOST_ROWS = 12  # control points or groups in one figure; the table holds all
MOST_MONTHS = 10  # labels on the month axis
LABEL_COLUMNS = 30  # a longer name is cut beside the axis
CRITICAL = "◆"  # before the name of a critical point, as the subtitle says
POINT_COLUMNS = 42  # a longer risk is cut beside the axis
_AREA = "controls.chart"
_STANDING = {WITHIN: "good", OVER: "poor"}  # what is neither is watched, and hollow
_ROW_MARGIN = 0.6
_BESIDE = {"xytext": (6, 0), "textcoords": "offset points", "va": "center"}


def plot_control_matrix(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw required, configured and observed mode of each control point, gaps on top.

    Parameters
    ----------
    step : Step
        From `controls.mode_matrix`.
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
    places = _places(ax, table, lang)
    required, configured, observed = (
        strength(table[f"{name}_mode"].astype(object)).to_numpy()
        for name in ("required", "configured", "observed")
    )
    ax.hlines(places, observed, required, color=STATUS["poor"], linewidth=1.2)
    ax.plot(configured, places, "s", color=CONTEXT, markersize=8, label=_word("configured", lang))
    ax.plot(required, places, "|", color=MUTED, markersize=10, markeredgewidth=2.2,
            label=_word("required", lang))  # fmt: skip
    short = (table["gap"] != "").to_numpy()
    for flags, colour in ((~short, STATUS["good"]), (short, STATUS["poor"])):
        ax.plot(observed[flags], places[flags], "o", color=colour, markersize=5)
    ax.plot([], [], "o", color=MUTED, markersize=5, label=_word("observed", lang))
    for place, gap, end in zip(places, table["gap"], np.fmax(required, observed), strict=True):
        if gap:
            ax.annotate(label_of(gap, lang), (end, place), **_BESIDE, color=STATUS["poor"])
    names = [label_of(mode, lang).replace(" ", "\n") for mode in MODES]  # side by side they collide
    ax.set_xticks(range(len(MODES)), names)
    ax.set_xlim(-0.4, len(MODES) + 0.6)
    ax.grid(axis="x")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    rest = step.table.iloc[MOST_ROWS:]
    if len(rest):
        weaker = int((rest["gap"] != "").sum())
        slots = {"weaker": weaker, "equal": len(rest) - weaker}
        _further(ax, len(rest), Message(f"{_AREA}.further_points", slots), lang)
    return ax


def plot_test_limits(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the deviation rate each test cannot exclude, against the tolerable one.

    Of many points those with a sample come first: the others have nothing to show.

    Parameters
    ----------
    step : Step
        From `controls.assurance`.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    whole = step.table.assign(_open=step.table["upper_limit_rate"].isna())
    whole = whole.sort_values("_open", kind="stable") if len(whole) > MOST_ROWS else whole
    ax, table = axes_for(ax), whole.head(MOST_ROWS)
    places = _places(ax, table, lang)
    limits, tolerable = table["upper_limit_rate"], table["tolerable_rate"]
    ax.plot(tolerable, places, "|", color=MUTED, markersize=10, markeredgewidth=2.2,
            label=_word("tolerable", lang))  # fmt: skip
    ax.plot([], [], "o", color=MUTED, label=_word("upper_limit", lang))
    for place, row in zip(places, table.to_dict("records"), strict=True):
        if pd.isna(row["upper_limit_rate"]):
            ax.annotate(_word("not_tested", lang), (row["tolerable_rate"], place), **_BESIDE,
                        color=MUTED)  # fmt: skip
            continue
        colour = STATUS[_STANDING.get(row["verdict"], "watch")]
        ax.plot([row["deviation_rate"], row["upper_limit_rate"]], [place, place], color=colour)
        ax.plot(row["upper_limit_rate"], place, "o", color=colour,
                fillstyle="full" if row["verdict"] in _STANDING else "none")  # fmt: skip
        slots = {"k": int(row["deviations"]), "n": int(row["items"])}
        said = say(Message(f"{_AREA}.deviations", slots), lang)
        said += "" if row["verdict"] == WITHIN else f" · {label_of(row['verdict'], lang)}"
        end = max(row["upper_limit_rate"], row["tolerable_rate"])
        ax.annotate(said, (end, place), **_BESIDE)
    largest = float(np.nanmax(np.concatenate([limits.to_numpy(), tolerable.to_numpy()])))
    ax.set_xlim(0, min(largest * 1.3, 1.15))
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel(_word("limit_axis", lang))
    ax.grid(axis="x")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    rest = whole.iloc[MOST_ROWS:]["verdict"].value_counts()
    if len(rest):
        slots = {name: int(rest.get(name, 0)) for name in VERDICTS}
        _further(ax, int(rest.sum()), Message(f"{_AREA}.further_tests", slots), lang)
    return ax


def plot_below_floor(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the share of order lines below the floor per month, with go-live.

    Parameters
    ----------
    step : Step
        From `controls.below_floor`.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, table = axes_for(ax), step.table.reset_index(drop=True)
    for period, colour in (("before", BEFORE), ("blackout", CONTEXT), ("after", AFTER)):
        rows = table[table["period"] == period]
        if rows.empty:
            continue
        ax.plot(rows.index, rows["below_floor_rate"], "o-", color=colour)
        mean = rows["below_floor"].sum() / rows["lines"].sum()
        ax.plot(rows.index[[0, -1]], [mean, mean], ":", color=colour, linewidth=1.2)
        text = f"{_word(period, lang)} {format_value(mean, 'percent', lang=lang)}"
        ax.annotate(text, (float(np.mean(rows.index)), 1.0), ha="center", va="bottom",
                    xycoords=ax.get_xaxis_transform(),
                    color=MUTED if period == "blackout" else colour)  # fmt: skip
    later = table.index[table["period"] != "before"]
    if len(later) and later[0] > 0:
        ax.axvline(later[0] - 0.5, color=MUTED, linestyle="--", linewidth=1)
        ax.annotate(_word("go_live", lang), (later[0] - 0.5, 0), ha="right", va="bottom",
                    xycoords=ax.get_xaxis_transform(), rotation=90, color=MUTED,
                    xytext=(-2, 3), textcoords="offset points")  # fmt: skip
    every = -(-len(table) // MOST_MONTHS)
    ax.set_xticks(table.index[::every], table["month"][::every])
    ax.set_ylim(0, max(float(table["below_floor_rate"].max()) * 1.1, 0.01))
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    ax.set_ylabel(_word("rate_axis", lang))
    return ax


def plot_leakage(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw what each product group gave away below its floor, with and without approval.

    Parameters
    ----------
    step : Step
        From `controls.leakage`.
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
    total = table["leakage"].to_numpy(dtype=float)
    part = pd.to_numeric(table["not_approved_leakage"], errors="coerce").to_numpy(dtype=float)
    if np.isnan(part).all():
        ax.barh(places, total, color=CONTEXT, height=0.62, label=_word("all_leakage", lang))
    else:
        ax.barh(places, part, color=STATUS["poor"], height=0.62, label=_word("not_approved", lang))
        ax.barh(places, total - part, left=part, color=CONTEXT, height=0.62,
                label=_word("approved", lang))  # fmt: skip
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    for place, amount in zip(places, total, strict=True):
        ax.annotate(format_value(amount, "number0", lang=lang), (amount, place), **_BESIDE)
    currency = next((item.currency for item in step.indicators if item.currency), "")
    by = "product_group" if "product_group" in table else "product"
    ax.set_yticks(places, [shortened(str(group), LABEL_COLUMNS) for group in table[by]])
    ax.set_xlim(0, max(float(total.max()), 1.0) * 1.15)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: format_value(v, "number0", lang=lang)))
    ax.set_xlabel(say(Message(f"{_AREA}.amount_axis", {"currency": currency}), lang))
    return ax


def plot_complaint_waits(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the median wait for an answer by priority with its interval, and who still waits.

    Parameters
    ----------
    step : Step
        From `controls.complaint_times`.
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
    ends = []
    for place, row in zip(places, table.to_dict("records"), strict=True):
        known = not pd.isna(row["response_hours"])
        at = row["response_hours"] if known else np.nan_to_num(row["response_low_hours"])
        low, high = (at if pd.isna(row[f"response_{end}_hours"]) else row[f"response_{end}_hours"]
                     for end in ("low", "high"))  # fmt: skip
        ax.plot([low, high], [place, place], color=CONTEXT, linewidth=2)
        ax.plot(at, place, "o", color=CATEGORIES[0], fillstyle="full" if known else "none")
        slots = {"n": int(row["unanswered"]), "m": int(row["complaints"])}
        text = say(Message(f"{_AREA}.waiting", slots), lang)
        if not known:
            text = f"{_word('not_reached', lang)} · {text}"
        ax.annotate(text, (high, place), **_BESIDE)
        ends.append(high)
    names = [
        say(Message(f"{_AREA}.priority", {"priority": "–" if pd.isna(p) else f"{p:g}"}), lang)
        for p in table["priority"]
    ]
    ax.set_yticks(places, names)
    ax.set_ylim(-_ROW_MARGIN, len(table) - 1 + _ROW_MARGIN)
    ax.set_xlim(0, max(*ends, 1.0) * 1.35)
    ax.set_xlabel(_word("hours_axis", lang))
    ax.grid(axis="x")
    return ax


def _places(ax: Axes, table: pd.DataFrame, lang: str) -> np.ndarray:
    """Put one row per control point on the axis and return the heights, the first on top."""
    places = np.arange(len(table))[::-1]
    names = [
        f"{CRITICAL} " * bool(critical)
        + shortened(f"{id} {'' if pd.isna(risk) else risk}".strip(), POINT_COLUMNS)
        for id, risk, critical in zip(
            table["control_id"], table["risk"], table["critical"], strict=True
        )
    ]
    ax.set_yticks(places, names)
    ax.set_ylim(-_ROW_MARGIN, len(table) - 1 + _ROW_MARGIN)
    return places


def _further(ax: Axes, n: int, words: Message, lang: str) -> None:
    """Say below the rows drawn what the others come to; the table has them all."""
    ax.annotate(say(Message(f"{_AREA}.further", {"n": n, "words": words}), lang), (0, -1),
                xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points",
                va="center", color=MUTED)  # fmt: skip
    ax.set_ylim(bottom=-1 - _ROW_MARGIN)


def _word(name: str, lang: str) -> str:
    return word(f"{_AREA}.{name}", lang)
