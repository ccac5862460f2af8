"""What a drawn figure shows where: the boxes of its texts, its marks and its colours."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import Collection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.transforms import Bbox

TOUCHING_PIXELS = 1.5  # boxes hold the room above and below their letters
NO_MARK = ("None", "none", " ", "", None)


def boxes(canvas: Figure) -> list[tuple[Text, Bbox]]:
    """Return every text that is seen, with its box in pixels."""
    renderer = FigureCanvasAgg(canvas).get_renderer()
    for legend in filter(None, (ax.get_legend() for ax in canvas.axes)):
        legend.draw(renderer)  # only then do its texts have their places
    found = []
    for text in (text for ax in canvas.axes for text in _texts(ax)):
        if text.get_visible() and text.get_text().strip():
            box = text.get_tightbbox(renderer)
            if box is not None and box.width > 0:  # what lies outside the axes has no box
                found.append((text, _letters(text, renderer)))
    return found


def overlaps(canvas: Figure) -> list[str]:
    """Name every two texts that lie over each other."""
    return [
        f"{one.get_text()!r} over {other.get_text()!r}"
        for (one, first), (other, second) in combinations(boxes(canvas), 2)
        if _over(first, second)
    ]


def outside(canvas: Figure) -> list[str]:
    """Name every text that leaves the figure."""
    width, height = canvas.get_size_inches() * canvas.dpi
    return [
        f"{text.get_text()!r} {box.x0:.0f}–{box.x1:.0f}, {box.y0:.0f}–{box.y1:.0f}"
        for text, box in boxes(canvas)
        if min(box.x0, box.y0) < -TOUCHING_PIXELS
        or box.x1 > width + TOUCHING_PIXELS
        or box.y1 > height + TOUCHING_PIXELS
    ]


def unmarked(canvas: Figure) -> list[str]:
    """Name lines of a single point that have neither a mark nor one at their place."""
    lines = [line for ax in canvas.axes for line in ax.lines]
    marks = [tuple(point) for ax in canvas.axes for point in _marks(ax)]
    return [
        f"{line.get_label()} {points[0]}"
        for line in lines
        for points in [np.unique(line.get_xydata(), axis=0)]
        if len(points) == 1 and line.get_marker() in NO_MARK
        and not any(np.allclose(points[0], mark) for mark in marks)
    ]  # fmt: skip


def marks_a_series(canvas: Figure) -> int:
    """Return the length of the longest series."""
    lengths = [len(line.get_xdata()) for ax in canvas.axes for line in ax.lines]
    lengths += [len(c.get_offsets()) for ax in canvas.axes for c in ax.collections]
    return max([*lengths, *(len(ax.patches) for ax in canvas.axes)], default=0)


def anything_drawn(canvas: Figure) -> bool:
    """Say whether there is a mark, a line or a bar at all."""
    return any(len(ax.lines) + len(ax.collections) + len(ax.patches) for ax in canvas.axes)


def colours(canvas: Figure) -> set[str]:
    """Return every colour that is seen."""
    found = []
    for artist in canvas.findobj(lambda artist: artist.get_visible()):
        if isinstance(artist, (Text, Line2D)):
            found.append(artist.get_color())
        if isinstance(artist, Line2D):
            found += [artist.get_markerfacecolor(), artist.get_markeredgecolor()]
        if isinstance(artist, Patch | Collection):
            found += [*_each(artist.get_facecolor()), *_each(artist.get_edgecolor())]
    return {to_hex(colour).upper() for colour in found if not _clear(colour)}


def _texts(ax: Axes) -> Iterator[Text]:
    yield from ax.texts
    yield from (ax.title, ax.xaxis.label, ax.yaxis.label, ax.xaxis.offsetText)
    if ax.get_legend() is not None:
        yield from ax.get_legend().get_texts()
    for axis in (ax.xaxis, ax.yaxis):
        if ax.axison and axis.get_visible():
            ends = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                if ends[0] <= tick.get_loc() <= ends[1]:
                    yield from (tick.label1, tick.label2)


def _letters(text: Text, renderer: object) -> Bbox:
    """The text alone, without an arrow or a frame."""
    return Text.get_window_extent(text, renderer)


def _over(one: Bbox, other: Bbox) -> bool:
    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
    high = min(one.y1, other.y1) - max(one.y0, other.y0)
    return wide > TOUCHING_PIXELS and high > TOUCHING_PIXELS


def _marks(ax: Axes) -> Iterator[np.ndarray]:
    for line in ax.lines:
        if line.get_marker() not in NO_MARK:
            yield from line.get_xydata()
    for collection in ax.collections:
        yield from collection.get_offsets()


def _each(colour: object) -> np.ndarray:
    return np.atleast_2d(np.asarray(colour, dtype=float)) if len(colour) else np.empty((0, 4))


def _clear(colour: object) -> bool:
    return (isinstance(colour, str) and colour.lower() == "none") or (
        not isinstance(colour, str) and len(colour) == 4 and colour[3] == 0
    )
