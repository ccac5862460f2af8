"""The map of a process: steps in layers, moves as arrows, coloured by what waits became."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.text import Text

from crm_eval_lib.charts.style import AFTER, BEFORE, CONTEXT, INK, MUTED, axes_for
from crm_eval_lib.results import Message, Step
from crm_eval_lib.text import say, word
from crm_eval_lib.text.formats import format_value

MAP_SIZE = (7.2, 5.6)  # inches, at most; layers are stacked, so a map may be higher than others
_LAYER_INCHES, _LEAST_INCHES = 1.0, 2.6
NOTICEABLE = 0.10  # a median wait that changed by less keeps its colour
LEAST_CHANGE = 0.01  # … and by less than this share of the longest wait on the map
_AREA = "efficiency.chart"
_THIN, _THICK = 0.6, 4.2  # points of the rarest and the most frequent move
_BEND = 0.28  # of arrows that pass a step or lead back
_NAME_CHARACTERS, _TAIL_CHARACTERS = 24, 6
_WIDE_LAYER = 3  # steps beside each other; in fuller layers every second one stands lower
_DEEP, _SIDES = 6, (0.27, 0.73)  # in maps of more layers lone steps take turns, for room
_STAGGER = 0.3  # of the distance between layers
_ALONG = (
    0.5,
    0.4,
    0.6,
    0.32,
    0.68,
    0.25,
    0.75,
    0.45,
    0.55,
)  # where along its arrow a label may stand
_APART = (0.13, 0.05)  # of two labels, in parts of the width and height
_ABOUT_SAME, _SHORTER, _LONGER = "about_same", "shorter", "longer"
_COLOURS = {_SHORTER: BEFORE, _LONGER: AFTER, _ABOUT_SAME: CONTEXT}
_WAITS = ["median_wait_before_hours", "median_wait_after_hours"]
_Point = tuple[float, float]
_Places = Mapping[str, _Point]
MINUTES_PER_HOUR = 60


def plot_process_map(step: Step, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the first process: width = moves, colour = wait shorter or longer after go-live.

    Beside an arrow stand the median hours of waiting before → after, beside a step how often a
    case visits it; dashed arrows exist on one side of go-live only. What is not drawn is counted.

    Parameters
    ----------
    step : Step
        From `efficiency.process_map`.
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
    edges, nodes = _of_first(step)
    drawn = edges[edges["drawn"] & edges["source_name"].ne(edges["target_name"])]
    places = _layered(nodes, drawn)
    boxes = _boxes(ax, nodes, places, lang)
    heaviest = float(_weight(drawn).max()) if len(drawn) else 1.0
    least = LEAST_CHANGE * float(drawn[_WAITS].max(axis=None)) if len(drawn) else 0.0
    labels = list(places.values())
    for row, weight in zip(drawn.to_dict("records"), _weight(drawn), strict=True):
        kind = _kind(*(row[name] for name in _WAITS), least)
        bend = _arrow(ax, row, (weight / heaviest, kind), (places, boxes))
        ends = places[row["source_name"]], places[row["target_name"]]
        labels.append(_free(ends, bend, labels))
        ax.text(*labels[-1], _waits(row, lang), fontsize=7, ha="center", va="center", zorder=3,
                color=INK, bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "alpha": 0.85,
                                 "edgecolor": "none"})  # fmt: skip
    _legend(ax, edges, lang)
    ax.set_xlim(-0.04, 1.04)
    ax.set_ylim(-0.08, 1.08)
    ax.set_axis_off()
    return ax


def map_size(step: Step) -> tuple[float, float]:
    """Return the inches that the map of a step needs: a tall one is made small in print.

    Parameters
    ----------
    step : Step
        From `efficiency.process_map`.

    Returns
    -------
    tuple of float
        Width and height, as `figure` takes them.

    Examples
    --------
    >>> from crm_eval_lib.efficiency import example_cases, process_map
    >>> all(inches > 0 for inches in map_size(process_map(example_cases())))
    True
    """
    if step.table is None:
        return MAP_SIZE
    edges, nodes = _of_first(step)
    if nodes.empty:
        return MAP_SIZE
    drawn = edges[edges["drawn"] & edges["source_name"].ne(edges["target_name"])]
    layers = len({height for _, height in _layered(nodes, drawn).values()})
    return MAP_SIZE[0], min(max(_LAYER_INCHES * layers, _LEAST_INCHES), MAP_SIZE[1])


def _of_first(step: Step) -> tuple[pd.DataFrame, pd.DataFrame]:
    edges, nodes = step.table, step.tables["steps"]
    process = edges["process"].iloc[0]
    edges = edges[edges["process"].eq(process)]
    drawn = edges[edges["drawn"]]
    joined = nodes["activity_name"].isin([*drawn["source_name"], *drawn["target_name"]])
    nodes = nodes[nodes["process"].eq(process) & nodes["drawn"] & joined]
    return edges, nodes.reset_index(drop=True)


def _weight(edges: pd.DataFrame) -> pd.Series:
    return edges[["before_moves_share", "after_moves_share"]].fillna(0).max(axis=1)


def _layered(nodes: pd.DataFrame, edges: pd.DataFrame) -> _Places:
    """Give every step a place: a layer below all steps that lead to it, in the order of cases."""
    order = {name: rank for rank, name in enumerate(nodes["activity_name"])}
    forward = [(a, b) for a, b in zip(edges["source_name"], edges["target_name"], strict=True)
               if order[a] < order[b]]  # fmt: skip
    layer = dict.fromkeys(order, 0)
    for name in order:  # by mean place, so that every predecessor is settled before
        layer[name] = max((layer[a] + 1 for a, b in forward if b == name), default=0)
    across: dict[str, float] = {}
    lower: dict[str, float] = {}
    for depth in range(max(layer.values()) + 1):
        inside = [name for name in order if layer[name] == depth]
        middle = {name: _middle([across[a] for a, b in forward if b == name]) for name in inside}
        inside.sort(key=middle.__getitem__)
        for place, name in enumerate(inside):
            across[name] = (place + 0.5) / len(inside)
            if len(inside) == 1 and max(layer.values()) > _DEEP:
                across[name] = _SIDES[depth % 2]
            lower[name] = _STAGGER * (place % 2) if len(inside) > _WIDE_LAYER else 0.0
    deepest = max(layer.values()) or 1
    return {name: (across[name], 1 - (layer[name] + lower[name]) / deepest) for name in order}


def _middle(places: list[float]) -> float:
    return float(np.mean(places)) if places else 0.5


def _boxes(ax: Axes, nodes: pd.DataFrame, places: _Places, lang: str) -> dict[str, Text]:
    boxes = {}
    for row in nodes.to_dict("records"):
        visits = [format_value(None if pd.isna(row[f"{s}_visits"]) else row[f"{s}_visits"],
                               "number", lang=lang) for s in ("before", "after")]  # fmt: skip
        name = str(row["activity_name"])
        most = _room(places, places[name]) // (1 if name.isascii() else 2)
        cut = f"{name[: most - _TAIL_CHARACTERS - 1]}…{name[-_TAIL_CHARACTERS:]}"
        short = name if len(name) <= most else cut
        boxes[name] = ax.text(
            *places[name], f"{short}\n{visits[0]} → {visits[1]}", ha="center", va="center",
            fontsize=7.5, color=INK, zorder=4, linespacing=1.25,
            bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": MUTED,
                  "linewidth": 0.8},
        )  # fmt: skip
    return boxes


def _room(places: _Places, at: _Point) -> int:
    """Characters of a name, fewer where more than two steps share a height."""
    beside = sum(height == at[1] for _, height in places.values())
    return _NAME_CHARACTERS if beside <= 2 else max(2 * _NAME_CHARACTERS // beside, 12)


def _arrow(
    ax: Axes, row: dict, how: tuple[float, str], where: tuple[_Places, dict[str, Text]]
) -> float:
    """Draw one move; return how far its arrow bends."""
    (weight, kind), (places, boxes) = how, where
    source, target = places[row["source_name"]], places[row["target_name"]]
    bend = _bend(source, target, places)
    one_sided = min(row["before_moves"], row["after_moves"]) == 0
    width = _THIN + (_THICK - _THIN) * weight
    ax.add_patch(FancyArrowPatch(
        source, target, connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>",
        mutation_scale=7 + 1.2 * width, linewidth=width, color=_COLOURS[kind], zorder=2,
        linestyle="--" if one_sided else "-", capstyle="butt", joinstyle="miter",
        patchA=boxes[row["source_name"]].get_bbox_patch(),
        patchB=boxes[row["target_name"]].get_bbox_patch(),
    ))  # fmt: skip
    return bend


def _waits(row: dict, lang: str) -> str:
    """The median waits in hours, or in minutes where both are below one hour."""
    hours = [None if pd.isna(row[name]) else float(row[name]) for name in _WAITS]
    known = [value for value in hours if value is not None]
    if known and max(known) < 1:
        minutes = [None if value is None else value * MINUTES_PER_HOUR for value in hours]
        said = " → ".join(format_value(value, "number1", lang=lang) for value in minutes)
        return f"{said} {word(f'{_AREA}.minutes', lang)}"
    return " → ".join(format_value(value, "number1", lang=lang) for value in hours)


def _bend(source: _Point, target: _Point, places: _Places) -> float:
    """Arrows ahead run straight where no step is in the way; others bend, back ones always."""
    others = [at for at in places.values() if at not in (source, target)]
    line = [_along(source, target, 0.0, part) for part in np.linspace(0.1, 0.9, 9)]
    ahead = source[1] > target[1]
    if ahead and not any(_close(point, other) for point in line for other in others):
        return 0.0
    outward = _BEND if source[0] <= 0.5 else -_BEND
    return outward if ahead else -outward


def _free(ends: tuple[_Point, _Point], bend: float, taken: list[_Point]) -> _Point:
    """A point of the bent line that is clear of steps and other labels, if there is one."""
    spots = [_along(*ends, bend, part) for part in _ALONG]
    clear = [spot for spot in spots if not any(_close(spot, other) for other in taken)]
    return clear[0] if clear else max(spots, key=lambda spot: min(_room_between(spot, taken)))


def _room_between(spot: _Point, others: list[_Point]) -> list[float]:
    """How far other labels are, in parts of what keeps two apart."""
    return [max(abs(spot[0] - x) / _APART[0], abs(spot[1] - y) / _APART[1]) for x, y in others]


def _along(source: _Point, target: _Point, bend: float, part: float) -> _Point:
    """A point of the quadratic curve that `arc3` draws."""
    start, end = np.array(source), np.array(target)
    across = (end - start)[::-1] * np.array([1, -1])
    control = (start + end) / 2 + across * bend
    point = (1 - part) ** 2 * start + 2 * part * (1 - part) * control + part**2 * end
    return float(point[0]), float(point[1])


def _close(one: _Point, other: _Point) -> bool:
    return abs(one[0] - other[0]) < _APART[0] and abs(one[1] - other[1]) < _APART[1]


def _kind(before: float, after: float, least: float) -> str:
    if pd.isna(before) or pd.isna(after):
        return _ABOUT_SAME
    if abs(after - before) <= max(NOTICEABLE * before, least):
        return _ABOUT_SAME
    return _SHORTER if after < before else _LONGER


def _legend(ax: Axes, edges: pd.DataFrame, lang: str) -> None:
    handles = [Line2D([], [], color=colour, linewidth=2.4, label=word(f"{_AREA}.{kind}", lang))
               for kind, colour in _COLOURS.items()]  # fmt: skip
    ax.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.02), ncols=3)
    left = edges[~edges["drawn"]]
    kept = edges.loc[edges["drawn"], ["before_moves_share", "after_moves_share"]]
    share = 1 - kept.dropna(axis=1, how="all").sum().min()
    if len(left):
        slots = {"n": len(left), "share": max(0.0, float(share))}
        ax.text(0.5, -0.03, say(Message(f"{_AREA}.not_drawn", slots), lang), fontsize=7.5,
                color=MUTED, ha="center", va="top", transform=ax.transAxes)  # fmt: skip
