"""Charts of factor 2: the funnel, departments, the survey."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from crm_eval_lib.charts.bars import nested_bars
from crm_eval_lib.charts.style import CATEGORIES, CONTEXT, MUTED, axes_for
from crm_eval_lib.problems.funnel import ASIDE, LEAVING
from crm_eval_lib.problems.grouping import MINIMUM_RANKED
from crm_eval_lib.problems.ledger import WHOLE
from crm_eval_lib.results import Message, Step
from crm_eval_lib.text import label_of, say, word
from crm_eval_lib.text.formats import format_value

MOST_ROWS = 12  # departments or items in one figure; the table holds all
_AREA = "problems.chart"
_STAGES = {"proven": CATEGORIES[0], ASIDE: CATEGORIES[1], **dict.fromkeys(LEAVING, "none")}


def plot_funnel(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw what was entered, what leaves the count and why, what is reported and what is proven.

    Parameters
    ----------
    step : Step
        From `problems.solved`.
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
    leaves = table["stage"].isin(LEAVING)
    # A reason nobody used needs no bar.
    table = table[~(leaves | table["stage"].eq(ASIDE)) | (table["count"] > 0)]
    leaves = leaves[table.index]
    places, counts = np.arange(len(table))[::-1], table["count"].to_numpy(dtype=float)
    remaining = table["count"].iloc[0] - table["count"].where(leaves, 0).cumsum()
    starts = remaining.where(leaves, 0).to_numpy(dtype=float)
    colours = [_STAGES.get(stage, CONTEXT) for stage in table["stage"]]
    ax.barh(places, np.nan_to_num(counts), left=starts, color=colours, height=0.62,
            edgecolor=[CONTEXT if minus else "none" for minus in leaves])  # fmt: skip
    for place, start, count, minus in zip(places, starts, counts, leaves, strict=True):
        unknown = np.isnan(count)
        text = word(f"{_AREA}.not_recorded", lang) if unknown else format_value(count, "count")
        ax.annotate(f"−{text}" if minus else text, (start if unknown else start + count, place),
                    xytext=(4, 0), textcoords="offset points", va="center")  # fmt: skip
    ax.set_yticks(places, [word(f"problems.stage.{stage}", lang) for stage in table["stage"]])
    ax.set_xlim(0, max(float(np.nanmax(starts + counts)), 1) * 1.12)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(word(f"{_AREA}.count", lang))
    return ax


def plot_breaks(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw on which link the chains break first, the severe problems among them in colour.

    Parameters
    ----------
    step : Step
        From `problems.ledger`. Its table ``breaks`` is drawn.
    ax : Axes, optional
        Drawn on; default: a new one of the standard size.
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    Axes
        The one drawn on.
    """
    ax, table = axes_for(ax), step.tables["breaks"]
    whole = table["first_break"].isin(WHOLE)
    colours = [CATEGORIES[0] if held else CONTEXT for held in whole]
    texts = [
        say(Message(f"{_AREA}.{'with' if row['severe'] else 'without'}_severe",
                    {"n": row["problems"], "severe": row["severe"]}), lang)
        for row in table.to_dict("records")
    ]  # fmt: skip
    severe = table["severe"].mask(whole, 0).to_numpy()
    places = nested_bars(ax, table["problems"].to_numpy(), severe, texts,
                         colours=(colours, CATEGORIES[1]))  # fmt: skip
    ax.set_yticks(places, [label_of(name, lang) for name in table["first_break"]])
    ax.set_xlabel(word(f"{_AREA}.count", lang))
    return ax


def plot_groups(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw each department's (else process's) proven share, the smallest on top.

    Groups of too few problems to be ranked stand below the others.

    Parameters
    ----------
    step : Step
        From `problems.by_group`.
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
    table = step.table[step.table["dimension"] == step.table["dimension"].iloc[0]]
    table = table[table["problems"] > 0]
    table = table.assign(small=table["problems"] < MINIMUM_RANKED)
    table = table.sort_values(["small", "solved_share", "problems", "key"],
                              ascending=[True, True, False, True])  # fmt: skip
    table = table.head(MOST_ROWS)
    known = table["solved_share"].notna().to_numpy()
    places = np.arange(len(table))[::-1]
    shares = table["solved_share"].to_numpy()
    _dots(ax, shares[known], places[known], table[known], ("low_share", "high_share"))
    # Without acceptance and evidence only bounds are known: hollow, and said in words.
    for place, (low, high) in zip(places[~known], _ends(table[~known]), strict=True):
        ax.plot([low, high], [place, place], color=CONTEXT, linewidth=1.2)
        ax.annotate(word("core.state.not_assessed", lang), (high, place), xytext=(6, 0),
                    textcoords="offset points", va="center", color=MUTED)  # fmt: skip
    labels = [f"{key} (n={n})" for key, n in zip(table["key"], table["problems"], strict=True)]
    ax.set_yticks(places, labels)
    ax.set_ylim(-0.6, len(table) - 0.4)
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel(word(f"{_AREA}.share_proven", lang))
    ax.grid(axis="x")
    return ax


def plot_survey(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw each item's shift with its interval; what got better in colour, worse in the other.

    Parameters
    ----------
    step : Step
        From `problems.survey`.
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
    table = step.table[step.table["shift"].notna()].head(MOST_ROWS)
    places = np.arange(len(table))[::-1]
    ax.axvline(0, color=MUTED, linewidth=0.8)
    signs = table["higher_is_better"].map({"yes": 1.0, "no": -1.0}).fillna(0).to_numpy()
    direction = signs * np.sign(table["shift"].to_numpy())
    for name, sign, colour, marker in _DIRECTIONS:
        rows = direction == sign
        _dots(ax, table["shift"].to_numpy()[rows], places[rows], table[rows], ("low", "high"),
              colour=colour, marker=marker)  # fmt: skip
        ends = table[["shift", "high"]].max(axis=1)[rows]
        for place, end in zip(places[rows], ends, strict=True):
            if name:
                ax.annotate(word(f"{_AREA}.{name}", lang), (end, place), xytext=(7, 0),
                            textcoords="offset points", va="center", fontsize=8)  # fmt: skip
    ax.set_yticks(places, [_item_label(row, lang) for row in table.to_dict("records")])
    ax.set_ylim(-0.6, len(table) - 0.3)
    ax.margins(x=0.1)
    ax.set_xlabel(word(f"{_AREA}.shift", lang))
    return ax


_DIRECTIONS = (
    ("better", 1.0, CATEGORIES[0], "o"),
    ("worse", -1.0, CATEGORIES[1], "s"),
    ("", 0.0, CONTEXT, "D"),
)


def _dots(
    ax: Axes,
    values: np.ndarray,
    places: np.ndarray,
    table: pd.DataFrame,
    ends: tuple[str, str],
    *,
    colour: str = CATEGORIES[0],
    marker: str = "o",
) -> None:
    if not len(values):
        return
    low, high = (table[name].to_numpy(dtype=float) for name in ends)
    reach = np.vstack([values - low, high - values])
    ax.errorbar(values, places, xerr=np.clip(np.nan_to_num(reach), 0, None), fmt=marker,
                color=colour, capsize=2, elinewidth=1.2)  # fmt: skip


def _ends(table: pd.DataFrame) -> list[tuple[float, float]]:
    return list(zip(table["low_share"], table["high_share"], strict=True))


def _item_label(row: dict, lang: str) -> str:
    text = str(row["text"])
    if row["higher_is_better"] == "no":
        return say(Message(f"{_AREA}.reversed", {"text": text}), lang)
    return text
