"""A canvas that draws a figure once, and each text of it measured once.

Matplotlib goes through all ticks and texts of a figure four times to save it cut to its contents:
twice to lay it out, once to find the cut, once to draw. Here one axes are laid out by one look at
their ticks, and the cut is what was drawn.
"""

import io
import re
from functools import lru_cache
from math import isfinite
from typing import Any, TextIO

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.path import get_path_collection_extents
from matplotlib.spines import Spine
from matplotlib.text import Annotation, Text
from matplotlib.textpath import TextToPath
from matplotlib.transforms import Affine2D, Bbox

POINTS_PER_INCH = 72  # of SVG
_REMEMBERED = 4096  # texts, over all figures; one figure has some forty
_LOOKS = 2  # at what sticks out of the axes: an annotation moves as they shrink
_PAGE = re.compile(r'width="[^"]*" height="[^"]*" viewBox="[^"]*"')
_measure = TextToPath().get_text_width_height_descent


class Layout(ConstrainedLayoutEngine):
    """Matplotlib's constrained layout, with a short way where a figure holds one axes alone."""

    def execute(self, fig: Figure) -> None:
        """Give the axes all the room that their labels and annotations leave."""
        if set(fig.get_children()) != {fig.patch, *fig.axes[:1]}:
            super().execute(fig)
            return
        (ax,) = fig.axes
        for axis in (ax.xaxis, ax.yaxis):
            if not axis.get_label_text():  # else all ticks are measured to find its place
                axis.set_label_coords(0, 0)
        ticks = _margins(ax, ax.get_tightbbox(for_layout_only=True, bbox_extra_artists=[]))
        others = [item for item in ax.get_default_bbox_extra_artists()
                  if not isinstance(item, Spine)]  # fmt: skip
        for _ in range(_LOOKS):
            margins = {item: _margins(ax, _box_of(item)) for item in others}
            others = [item for item, margin in margins.items() if (margin > 0).any()]
            self._place(ax, np.max([ticks, *margins.values()], axis=0))

    def _place(self, ax: Axes, margins: np.ndarray) -> None:
        figure = ax.get_figure(root=True)
        size = figure.get_size_inches()
        pads = np.array([self.get()["w_pad"], self.get()["h_pad"]])
        low, high = np.split(margins / figure.dpi + np.tile(pads, 2), 2)
        if (low + high < size).all():  # else no room is left: it stays where it is
            ax.set_position(Bbox([low / size, 1 - high / size]))
            ax.set_in_layout(True)  # which a position given by hand ends


def _box_of(item: Artist) -> Bbox | None:
    """Return what an artist takes up; a text beside a point by a shorter way to the same."""
    beside = type(item) is Annotation and item.anncoords == "offset points"
    if not beside or any([item.arrow_patch, item.get_clip_box(), item.get_clip_path()]):
        return item.get_tightbbox()
    renderer = item.get_figure(root=True)._get_renderer()
    if not item.get_text() or not item._check_xy(renderer):
        return None
    item.update_positions(renderer)
    return Text.get_window_extent(item, renderer)


def _margins(ax: Axes, box: Bbox | None) -> np.ndarray:
    """Return how far a box sticks out of the axes: left, below, right, above."""
    if box is None or not np.isfinite(box.extents).all():
        return np.zeros(4)
    return np.maximum((ax.bbox.extents - box.extents) * (1, 1, -1, -1), 0)


class Renderer(RendererSVG):
    """Matplotlib's, with a memory for what it measures and for how far it drew."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.drawn: list[tuple[float, float, float, float]] = []  # extents

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple:
        """Return width, height and descent of a text in points."""
        return _text_size(s, prop.copy(), ismath)  # a copy: a key must stay what it is

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple:
        """Return ascent, descent and line gap; matplotlib asks a renderer that has this."""
        return _line_size(prop.copy())

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        """Draw one line of text."""
        super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
        if not _unclipped(gc):
            return
        width, height, low = self.get_text_width_height_descent(s, prop, ismath)
        ascent, descent, _ = self._get_font_height_metrics(prop)
        low, high = -max(low, descent or 0), max(height - low, ascent or 0)
        if not angle:
            foot = self.height - y
            self._drew(x, foot + low, x + width, foot + high)
            return
        turned = Affine2D().rotate_deg(angle).translate(x, self.height - y)
        corners = turned.transform([(0, low), (0, high), (width, low), (width, high)])
        self._drew(*corners.min(axis=0), *corners.max(axis=0))

    def draw_path(self, gc, path, transform, rgbFace=None):
        """Draw a line or an area."""
        super().draw_path(gc, path, transform, rgbFace)
        if _unclipped(gc) and len(path.vertices):
            self._drew(*path.get_extents(transform).extents)

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        """Draw a marker at each point of a path."""
        super().draw_markers(gc, marker_path, marker_trans, path, trans, rgbFace)
        if _unclipped(gc) and len(path.vertices):
            size = marker_path.get_extents(marker_trans).extents
            self._drew(*(path.get_extents(trans).extents + size))

    def draw_path_collection(self, gc, master, paths, transforms, offsets, moved, *more, **named):
        """Draw many areas or marks."""
        super().draw_path_collection(gc, master, paths, transforms, offsets, moved, *more, **named)
        if _unclipped(gc) and len(paths) and len(offsets):
            box = get_path_collection_extents(master, paths, transforms, offsets, moved)
            self._drew(*box.extents)

    def _drew(self, *extents: float) -> None:
        if all(map(isfinite, extents)):
            self.drawn.append(extents)


def _unclipped(gc: GraphicsContextBase) -> bool:
    """Return whether it may reach out of its axes."""
    return gc.get_clip_rectangle() is None


class Canvas(FigureCanvasSVG):
    """Matplotlib's, over `Renderer`."""

    def __init__(self, figure: Figure) -> None:
        super().__init__(figure)
        figure.dpi = POINTS_PER_INCH
        self._measuring = self.renderer(io.StringIO())

    def get_renderer(self) -> Renderer:
        """Return what layouts are measured with; matplotlib asks a canvas that has this."""
        return self._measuring

    def renderer(self, stream: TextIO, metadata: Any = None) -> Renderer:
        """Return what draws into a stream."""
        width, height = self.figure.get_size_inches() * POINTS_PER_INCH
        return Renderer(width, height, stream, metadata=metadata)


def drawn_tight(figure: Figure, *, pad_inches: float, metadata: Any) -> str:
    """Return the figure as SVG, cut to what is drawn and a margin around it."""
    canvas, stream = Canvas(figure), io.StringIO()
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine(None)  # it is done; matplotlib would do it again
    renderer = canvas.renderer(stream, metadata)
    for text in _texts(figure):
        text.update_bbox_position_size(renderer)  # arrows end at its box and are drawn before it
    figure.patch.set_visible(False)  # a page has its own ground
    figure.draw(renderer)
    renderer.finalize()
    box = _around([*(ax.bbox.extents for ax in figure.axes), *renderer.drawn])
    return _PAGE.sub(_cut(box.padded(pad_inches * POINTS_PER_INCH), renderer.height),
                     stream.getvalue(), count=1)  # fmt: skip


def _cut(box: Bbox, height: float) -> str:
    """Return the page of a drawing; the box counts upwards, SVG downwards."""
    place = f"{box.x0:f} {height - box.y1:f} {box.width:f} {box.height:f}"
    return f'width="{box.width:f}pt" height="{box.height:f}pt" viewBox="{place}"'


def _texts(figure: Figure) -> list[Text]:
    """Return the texts that may stand in a box."""
    return [text for owner in (figure, *figure.axes) for text in owner.texts]


def _around(extents: list[tuple[float, float, float, float]]) -> Bbox:
    corners = np.array(extents).reshape(-1, 2)
    return Bbox([corners.min(axis=0), corners.max(axis=0)])


@lru_cache(_REMEMBERED)
def _text_size(text: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
    return _measure(text, prop, ismath)


@lru_cache(_REMEMBERED)
def _line_size(prop: FontProperties) -> tuple[float | None, ...]:
    font = get_font(fontManager._find_fonts_by_props(prop))
    table = font.get_sfnt_table("OS/2")
    if table is None:
        return None, None, None  # matplotlib then measures letters
    scale = 1 / font.get_sfnt_table("head")["unitsPerEm"] * prop.get_size_in_points()
    sizes = table["sTypoAscender"], -table["sTypoDescender"], table["sTypoLineGap"]
    return tuple(size * scale for size in sizes)
