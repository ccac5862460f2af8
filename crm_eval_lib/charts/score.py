"""Charts of the scorecard and the portfolio: dots with intervals, lost points, swings, states."""

import pandas as pd
from matplotlib.axes import Axes

from crm_eval_lib.charts.style import (
    CATEGORIES,
    CONTEXT,
    HEIGHT_INCHES,
    INK,
    MUTED,
    STATUS,
    WIDTH_INCHES,
    axes_for,
)
from crm_eval_lib.results import Step
from crm_eval_lib.scorecard.sensitivity import BY_INTERVAL
from crm_eval_lib.scorecard.total import band_of
from crm_eval_lib.scorecard.uncertainty import BOUNDS
from crm_eval_lib.scoring import numbers
from crm_eval_lib.text import indicator_label, label_of, process_name, word
from crm_eval_lib.text.formats import format_value, number
from crm_eval_lib.text.safe import shortened, shown

LABEL_COLUMNS = 60  # widest name of an indicator beside its bar
SHOWN_BARS = 12  # more bars cannot be read; the table has all
CLIENT_COLUMNS = 30  # a client's name beside the axis
MOST_CLIENTS = 24  # the worst; what `portfolio_size` makes room for on a page
_CLIENT_INCHES, _AXIS_INCHES = 0.31, 0.75
MARKERS = {"good": "o", "watch": "^", "poor": "s", "not_assessed": "o"}  # the page's shapes
_BAND_STATUS = {"not_met": "poor", "pass": "watch", "good": "good", "excellent": "good"}
_COLUMN_STATUS = "_state"
_BEHIND_TEXT = {"facecolor": "white", "edgecolor": "none", "pad": 0.4}  # hides the line behind


def plot_factor_scores(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw each factor's score with its interval, and what missing evidence leaves open.

    A factor that is not scored has a hollow mark in the middle of its bounds.

    Parameters
    ----------
    step : Step
        From `scorecard.factor_scores`.
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
    rows = step.table.iloc[::-1].reset_index(drop=True)
    pass_score = float((step.subtitle.slots if step.subtitle else {}).get("pass", 60.0))
    _pass_line(ax, pass_score, lang)
    for place, row in rows.iterrows():
        bounds = (row["bound_low"], row["bound_high"])
        _dot(ax, place, row, bounds, lang)
    _name_rows(ax, [_factor(name, lang) for name in rows["factor"]])
    _points_axis(ax, lang)
    return ax


def plot_indicator_scores(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the points of the total that each indicator lost, and those that stand open.

    Parameters
    ----------
    step : Step
        From `scorecard.indicator_scores`.
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
    table = step.table.assign(gone=step.table["lost"] + step.table["open"])
    rows = table[table["gone"] > 0].nlargest(SHOWN_BARS, "gone").iloc[::-1]
    rows = rows.reset_index(drop=True)
    ax.barh(rows.index, rows["lost"], color=CATEGORIES[0], height=0.6)
    ax.barh(rows.index, rows["open"], left=rows["lost"], facecolor="none",
            edgecolor=MUTED, linewidth=1, height=0.6)  # fmt: skip
    for place, row in rows.iterrows():
        kind = "lost" if row["lost"] > 0 else "open"
        text = f"{number(row['gone'], 1, lang)} {word(f'score.word.{kind}', lang)}"
        ax.annotate(text, (row["gone"], place), (4, 0), textcoords="offset points",
                    va="center", color=INK)  # fmt: skip
    _name_rows(ax, [_indicator(name, lang) for name in rows["indicator"]])
    ax.set_xlim(0, max(rows["gone"].max() * 1.2 if len(rows) else 1.0, 1.0))
    ax.set_xlabel(word("score.axis.total_points", lang))
    return ax


def plot_sensitivity(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw how far each indicator alone could move the total, largest first.

    Parameters
    ----------
    step : Step
        From `scorecard.sensitivity`.
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
    rows = step.table.head(SHOWN_BARS).iloc[::-1].reset_index(drop=True)
    for place, row in rows.iterrows():
        filled = row["kind"] == BY_INTERVAL
        ax.barh(place, row["swing"], left=row["down"], height=0.6,
                color=CATEGORIES[0] if filled else "none",
                edgecolor="none" if filled else MUTED, linewidth=1)  # fmt: skip
        ax.annotate(number(row["swing"], 1, lang), (row["up"], place), (4, 0), va="center",
                    textcoords="offset points", color=INK)  # fmt: skip
    ax.axvline(0, color=MUTED, linewidth=0.8)
    _name_rows(ax, [_indicator(name, lang) for name in rows["indicator"]])
    reach = max(rows["up"].max() - rows["down"].min(), 1.0)
    ax.set_xlim(rows["down"].min() - 0.05 * reach, rows["up"].max() + 0.15 * reach)
    ax.set_xlabel(word("score.axis.total_points", lang))
    return ax


def plot_matrix(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the processes against the factors: a mark by state, the points beside it.

    Parameters
    ----------
    step : Step
        From `scorecard.matrix`.
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
    rows = step.table.head(SHOWN_BARS).iloc[::-1].reset_index(drop=True)
    factors = [c.removesuffix(_COLUMN_STATUS) for c in rows if c.endswith(_COLUMN_STATUS)]
    for place, row in rows.iterrows():
        for column, factor in enumerate(factors):
            state = row[f"{factor}{_COLUMN_STATUS}"]
            _mark(ax, column, place, state)
            unknown = pd.isna(row[factor])
            text = label_of(state, lang) if unknown else _in_words(row[factor], lang)
            ax.annotate(text, (column, place), (9, 0), textcoords="offset points",
                        va="center", color=INK)  # fmt: skip
    _name_rows(ax, [process_name(str(code), lang) for code in rows["process"]])
    ax.set_xticks(range(len(factors)), [_factor(name, lang) for name in factors])
    ax.set_xlim(-0.3, len(factors) - 0.2)
    ax.xaxis.tick_top()
    ax.spines[["left", "bottom"]].set_visible(False)
    return ax


def plot_portfolio(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw every client's total with its interval, worst first; hollow where there is no total.

    Parameters
    ----------
    step : Step
        From `portfolio.comparison`.
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
    rows = step.table.head(MOST_CLIENTS).iloc[::-1].reset_index(drop=True)
    _pass_line(ax, float(numbers()["bands"]["pass"]), lang)
    for place, row in rows.iterrows():
        bounds = (row["worst"], row["best"])
        _dot(ax, place, row, bounds, lang)
    _name_rows(ax, [shortened(str(name), CLIENT_COLUMNS) for name in rows["client"]])
    _points_axis(ax, lang)
    return ax


def portfolio_size(step: Step) -> tuple[float, float]:
    """Return the inches that the portfolio needs for its clients.

    Parameters
    ----------
    step : Step
        From `portfolio.comparison`.

    Returns
    -------
    tuple of float
        Width and height, as `figure` takes them.

    Examples
    --------
    >>> from crm_eval_lib.portfolio import comparison
    >>> all(inches > 0 for inches in portfolio_size(comparison([])))
    True
    """
    clients = 0 if step.table is None else min(len(step.table), MOST_CLIENTS)
    return WIDTH_INCHES, max(HEIGHT_INCHES, _AXIS_INCHES + _CLIENT_INCHES * clients)


def _dot(ax: Axes, place: int, row: pd.Series, bounds: tuple[float, float], lang: str) -> None:
    score = row["score"]
    ax.plot(bounds, [place, place], color=CONTEXT, linewidth=0.8, zorder=1)
    if pd.isna(score):
        middle = sum(bounds) / 2
        _mark(ax, middle, place, "not_assessed")
        text = label_of(row.get("state", "not_assessed"), lang)
        ax.annotate(text, (middle, place), (0, 8), textcoords="offset points",
                    ha="center", color=MUTED, bbox=_BEHIND_TEXT)  # fmt: skip
        return
    state = _BAND_STATUS[band_of(score, numbers()["bands"])]
    if not pd.isna(row["low"]):
        dashes = (0, (2, 1.2)) if row.get("range_kind") == BOUNDS else "-"
        ax.plot([row["low"], row["high"]], [place, place], color=STATUS[state], linewidth=2.4,
                linestyle=dashes, zorder=2, solid_capstyle="butt")  # fmt: skip
    _mark(ax, score, place, state)
    ax.annotate(_in_words(score, lang), (score, place), (0, 8), textcoords="offset points",
                ha="center", color=INK, bbox=_BEHIND_TEXT)  # fmt: skip


def _in_words(score: float, lang: str) -> str:
    """Return a score with its band, as page one says it."""
    band = word(f"score.band.{band_of(score, numbers()['bands'])}", lang)
    return f"{_score(score, lang)} {band}"


def _indicator(id: str, lang: str) -> str:
    """Name an indicator; its key may be a client's text of any length."""
    return shortened(shown(indicator_label(id, lang)), LABEL_COLUMNS)


def _factor(name: str, lang: str) -> str:
    return word(f"core.factor.{name}", lang, label_of(name, lang))


def _mark(ax: Axes, x: float, place: int, state: str) -> None:
    hollow = state == "not_assessed"
    ax.plot(x, place, marker=MARKERS[state], markersize=7, linestyle="none", zorder=3,
            markeredgecolor=STATUS[state], markerfacecolor="none" if hollow else STATUS[state],
            markeredgewidth=1.4)  # fmt: skip


def _score(score: float, lang: str) -> str:
    return format_value(score, "score", lang=lang)


def _pass_line(ax: Axes, score: float, lang: str) -> None:
    ax.axvline(score, color=MUTED, linewidth=0.8, linestyle=(0, (3, 3)), zorder=0)
    text = word("score.band.pass", lang)
    ax.annotate(f"{text} {_score(score, lang)}", (score, 1), (3, 2), color=MUTED,
                xycoords=("data", "axes fraction"), textcoords="offset points")  # fmt: skip


def _name_rows(ax: Axes, names: list[str]) -> None:
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(-0.6, max(len(names), 1) - 0.15)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _points_axis(ax: Axes, lang: str) -> None:
    ax.set_xlim(0, 100)
    ax.set_xlabel(word("score.axis.points", lang))
