"""A canvas that saves the same SVG as matplotlib's own, at half the cost.

Matplotlib draws a figure twice to cut it to its contents, and in each of some ten passes over it
looks up the fonts of every text again.
"""

import io
from functools import lru_cache
from typing import Any, TextIO

from matplotlib.artist import Artist
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.text import Text
from matplotlib.textpath import TextToPath

POINTS_PER_INCH = 72  # of SVG
_REMEMBERED = 4096  # texts, over all figures; one figure has some forty
_measure = TextToPath().get_text_width_height_descent


class Renderer(RendererSVG):
    """Matplotlib's, with a memory for what it measures."""

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple:
        """Return width, height and descent of a text in points."""
        return _text_size(s, prop.copy(), ismath)  # a copy: a key must stay what it is

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple:
        """Return ascent, descent and line gap; matplotlib asks a renderer that has this."""
        return _line_size(prop.copy())


class Canvas(FigureCanvasSVG):
    """Matplotlib's, over `Renderer`."""

    def __init__(self, figure: Figure) -> None:
        super().__init__(figure)
        figure.dpi = POINTS_PER_INCH
        self._measuring = self._renderer(io.StringIO())

    def get_renderer(self) -> Renderer:
        """Return what layouts are measured with; matplotlib asks a canvas that has this."""
        return self._measuring

    def print_svg(self, filename: TextIO, *, metadata: Any = None, **_: Any) -> None:
        """Write the figure; nothing of it is turned into pixels."""
        renderer = self._renderer(filename, metadata)
        for text in self.figure.findobj(_in_a_box):  # arrows end there and are drawn before it
            text.update_bbox_position_size(renderer)
        self.figure.draw(renderer)
        renderer.finalize()

    def _renderer(self, stream: TextIO, metadata: Any = None) -> Renderer:
        width, height = self.figure.get_size_inches() * POINTS_PER_INCH
        return Renderer(width, height, stream, metadata=metadata)


def save_tight(figure: Figure, stream: TextIO, *, pad_inches: float, metadata: Any) -> None:
    """Write the figure as SVG, cut to what is drawn and a margin around it."""
    Canvas(figure)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine(None)  # it is done; matplotlib would do it again
    box = figure.get_tightbbox().padded(pad_inches)
    figure.savefig(stream, format="svg", dpi=POINTS_PER_INCH, bbox_inches=box, metadata=metadata)


def _in_a_box(artist: Artist) -> bool:
    return isinstance(artist, Text) and artist.get_bbox_patch() is not None


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
