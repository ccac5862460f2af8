"""Axes whose ticks and bars are quickly made and quickly drawn.

A tick is five artists, each built from some thirty settings, and most of them are never seen. Here
the first tick of an axis is built when it is first drawn, and the others are copies of it; where
they stand is worked out once for each look at them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis, Tick, XAxis, YAxis
from matplotlib.backend_bases import RendererBase
from matplotlib.patches import Patch, Rectangle
from matplotlib.transforms import Bbox, IdentityTransform

_PARTS = ("tick1line", "tick2line", "gridline", "label1", "label2")  # of a tick
_AXIS_GROUP = Axis.__module__  # how matplotlib names the part of a drawing that is an axis

_Artist = TypeVar("_Artist", bound=Artist)


class _QuickAxis(Axis):
    """An axis that builds one tick and copies it, and measures no label without need."""

    def reset_ticks(self) -> None:
        """Forget all ticks; matplotlib itself would keep one of each kind."""
        self.majorTicks: list[Tick] = []
        self.minorTicks: list[Tick] = []

    def _get_tick(self, major: bool) -> Tick:
        made = self.majorTicks if major else self.minorTicks
        if made:
            return _tick_like(made[0])
        tick = super()._get_tick(major)
        tick.set_clip_path(self.axes.patch)
        return tick

    def _copy_tick_props(self, src: Tick, dest: Tick) -> None:
        """Leave a new tick as it is: it is a copy."""

    def _get_ticks_position(self) -> str | int:
        # matplotlib looks at the first; to make one may begin both lists anew
        first = self.majorTicks or [self._get_tick(major=True)]
        second = self.minorTicks or [self._get_tick(major=False)]
        self.majorTicks, self.minorTicks = first, second
        return super()._get_ticks_position()

    def get_children(self) -> list[Artist]:
        """Return label and ticks; to ask for them makes none."""
        return [self.label, self.offsetText, *self.majorTicks, *self.minorTicks]

    def get_tightbbox(
        self, renderer: RendererBase | None = None, *, for_layout_only: bool = False
    ) -> Bbox | None:
        """Return what ticks and labels take up."""
        with self._standing_still():
            return super().get_tightbbox(renderer, for_layout_only=for_layout_only)

    def draw(self, renderer: RendererBase) -> None:
        """Draw ticks and labels; their sizes are asked only where a text must avoid them."""
        if not self.get_visible():
            return
        with self._standing_still():
            ticks = self._update_ticks()
            if self.major.formatter.get_offset():
                super().draw(renderer)
                return
            renderer.open_group(_AXIS_GROUP, gid=self.get_gid())
            for tick in ticks:
                tick.draw(renderer)
            if self.label.get_text():
                self._update_label_position(renderer)
                self.label.draw(renderer)
            renderer.close_group(_AXIS_GROUP)
        self.stale = False

    @contextmanager
    def _standing_still(self) -> Iterator[None]:
        """Hold what is known of the ticks: nothing moves meanwhile."""
        self._known: dict[str, Any] = {}
        try:
            yield
        finally:
            del self._known

    def _update_ticks(self) -> list[Tick]:
        known = vars(self).get("_known", {})
        if "ticks" not in known:
            known["ticks"] = super()._update_ticks()
        return known["ticks"]

    def _get_ticklabel_bboxes(self, ticks: list[Tick], renderer: RendererBase) -> tuple:
        known = vars(self).get("_known", {})
        if "boxes" not in known:
            known["boxes"] = super()._get_ticklabel_bboxes(ticks, renderer)
        return known["boxes"]


def _tick_like(tick: Tick) -> Tick:
    """Return a tick that looks the same and stands on its own."""
    twin = _copied(tick)
    for name in _PARTS:
        setattr(twin, name, _copied(getattr(tick, name)))
    for label in (twin.label1, twin.label2):
        label.set_fontproperties(label.get_fontproperties())  # which keeps a copy
    return twin


def _copied(artist: _Artist) -> _Artist:
    twin = object.__new__(type(artist))
    vars(twin).update(vars(artist))
    return twin


class _XAxis(_QuickAxis, XAxis): ...


class _YAxis(_QuickAxis, YAxis): ...


class _Ground(Rectangle):
    """What axes stand on; its own transform changes nothing and all are clipped by it."""

    def get_patch_transform(self) -> IdentityTransform:
        """Return how the unit square becomes this one."""
        return IdentityTransform()


class PlainAxes(Axes):
    """Axes whose ticks and bars are quickly made."""

    def _init_axis(self) -> None:
        for sides, name, kind in (("bottom top", "xaxis", _XAxis), ("left right", "yaxis", _YAxis)):
            axis = kind(self, clear=False)
            setattr(self, name, axis)
            for side in sides.split():
                self.spines[side].register_axis(axis)

    def _gen_axes_patch(self) -> Rectangle:
        return _Ground((0, 0), 1, 1)

    def _update_patch_limits(self, patch: Patch) -> None:
        if type(patch) is not Rectangle:
            super()._update_patch_limits(patch)
            return
        moved = patch.get_data_transform()
        across, up = moved.contains_branch_separately(self.transData)
        if (across or up) and (patch.get_width() or patch.get_height()):
            corners = patch.get_corners()
            if moved is not self.transData:
                corners = (moved - self.transData).transform(corners)
            self.update_datalim(corners, updatex=across, updatey=up)
