"""Chart of the order in which complaints were answered."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from crm_eval_lib.charts.style import CONTEXT, MUTED, STATUS, axes_for
from crm_eval_lib.results import Message, Step
from crm_eval_lib.text import say, word

MOST_ROWS = 12  # ranks in one figure; the table holds all
_AREA = "controls.chart"
_BESIDE = {"xytext": (6, 0), "textcoords": "offset points", "va": "center"}


def plot_complaint_order(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw per rank how many complaints a less important one overtook, the top rank in colour.

    Parameters
    ----------
    step : Step
        From `controls.complaint_order`.
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
    shares = table["overtaken_share"].to_numpy(dtype=float)
    colours = [STATUS["poor"] if rank == 1 else CONTEXT for rank in table["urgency_rank"]]
    ax.barh(places, shares, color=colours, height=0.62)
    for place, row in zip(places, table.to_dict("records"), strict=True):
        ax.annotate(_counts("overtaken", row, lang), (row["overtaken_share"], place), **_BESIDE)
    names = [say(Message(f"{_AREA}.urgency_rank", {"rank": int(rank)}), lang)
             for rank in table["urgency_rank"]]  # fmt: skip
    ax.set_yticks(places, names)
    ax.set_xlim(0, max(float(shares.max()) * 1.35, 0.1))
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel(word(f"{_AREA}.overtaken_axis", lang))
    rest = step.table.iloc[MOST_ROWS:]
    if len(rest):
        slots = {"n": len(rest), "words": _words("further_ranks", rest.sum())}
        ax.annotate(say(Message(f"{_AREA}.further", slots), lang), (0, -1), **_BESIDE, color=MUTED)
        ax.set_ylim(bottom=-1.6)
    return ax


def _counts(name: str, row: dict, lang: str) -> str:
    return say(_words(name, row), lang)


def _words(name: str, row: dict) -> Message:
    slots = {"k": int(row["overtaken"]), "n": int(row["complaints"])}
    share = {"share": float(row["overtaken_share"])} if name == "overtaken" else {}
    return Message(f"{_AREA}.{name}", slots | share)
