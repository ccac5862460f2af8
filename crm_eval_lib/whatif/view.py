"""Sliders over a what-if, in JupyterLab only."""

from collections.abc import Callable
from html import escape
from itertools import pairwise
from typing import Any

import ipywidgets as widgets

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.results import Message
from crm_eval_lib.text import say, word
from crm_eval_lib.view import wrapped
from crm_eval_lib.whatif.answer import what_if
from crm_eval_lib.whatif.base import Base
from crm_eval_lib.whatif.block import client_yml
from crm_eval_lib.whatif.settings import Settings, plain
from crm_eval_lib.whatif.shown import answer_html
from crm_eval_lib.whatif.sliders import (
    WIDE,
    days_of,
    ends,
    indicators,
    sliders,
    take_over,
    transition_of,
    transitions,
)
from crm_eval_lib.whatif.transition import is_measured, measured_with

MONEY_AND_LEVEL = ("realisation", "discount_rate", "confidence")


class View(widgets.VBox):
    """Sliders, the answer below them, and the block for client.yml.

    Attributes
    ----------
    base : Base
    settings : Settings
        What the sliders ask now.
    sliders : dict
        By setting; those of weights by factor's name.
    block : Textarea
        What to put into client.yml; filled by the button.
    """

    def __init__(self, base: Base) -> None:
        self.base, self.settings = base, base.settings
        self.lang = base.client.language
        self.sliders = sliders(base, self.lang)
        self.indicator = indicators(base, self.lang)
        self.ends = ends(base.settings.anchors[self.indicator.value], self.lang)
        self.progress, self.shown = widgets.HTML(), widgets.HTML()
        self.block = widgets.Textarea(layout=widgets.Layout(width="60em", height="14em"))
        self.block.add_class("crm-eval-block")
        self.write = widgets.Button(description=self._word("write"), layout=WIDE)
        self.reset = widgets.Button(description=self._word("reset"), layout=WIDE)
        self._quiet = False
        self._listen()
        super().__init__(self._parts())
        base.notebooks_with_level  # noqa: B018 – read now, so that the first redraw is quick
        self._redraw()

    def _parts(self) -> list[widgets.Widget]:
        weights = [self.sliders[name] for name in self.base.settings.weights]
        others = [slider for name, slider in self.sliders.items()
                  if name not in self.base.settings.weights]  # fmt: skip
        left = widgets.VBox(
            [self._head("weights"), *weights, self._head("anchors"), self.indicator, *self.ends]
        )
        right = widgets.VBox([self._head("other"), *others, self.write, self.reset])
        return [widgets.HBox([left, right]), self.progress, self.shown, self.block]

    def _listen(self) -> None:
        for slider in (*self.sliders.values(), *self.ends):
            slider.observe(self._moved, "value")
        self.indicator.observe(self._chosen, "value")
        self.write.on_click(lambda _: self._write())
        self.reset.on_click(lambda _: self._reset())

    def _moved(self, change: Any) -> None:
        if self._quiet:
            return
        self.settings = self._asked()
        points = self.settings.anchors[self.indicator.value]
        self._silently(
            lambda: [_put_back(end, point)
                     for end, point in zip(self.ends, points, strict=False)]
        )  # fmt: skip
        self._redraw()

    def _asked(self) -> Settings:
        """Read the sliders; what was not moved stays exactly as it is."""
        base, value = self.base.settings, {n: s.value for n, s in self.sliders.items()}
        weights = {name: _kept(value[name], base.weights[name]) for name in base.weights}
        others = {name: _kept(value[name], getattr(base, name)) for name in MONEY_AND_LEVEL}
        if "blackout" in value:
            others["blackout"] = transition_of(self.base, value["blackout"])
        anchors = {self.indicator.value: self._points()}
        return self.settings.but(weights=weights, anchors=anchors, **others)

    def _points(self) -> tuple[float, ...]:
        """Return the anchors the sliders ask for; those before where they would turn round."""
        before = self.settings.anchors[self.indicator.value]
        given = tuple(plain(end.value) for end in self.ends[: len(before)])
        falls = before[0] > before[1]
        ordered = all(a >= b if falls else a <= b for a, b in pairwise(given))
        return given if ordered and given[0] != given[1] and given[-2] != given[-1] else before

    def _chosen(self, change: Any) -> None:
        """Show the anchors of another indicator; what was asked of the last one stays."""
        points = self.settings.anchors[self.indicator.value]
        fresh = ends(self.base.settings.anchors[self.indicator.value], self.lang)
        values = [*points, *(end.value for end in fresh[len(points) :])]
        self._silently(lambda: [take_over(old, new, value) for old, new, value in
                                zip(self.ends, fresh, values, strict=True)])  # fmt: skip

    def _reset(self) -> None:
        self.settings = self.base.settings
        fresh = sliders(self.base, self.lang)

        def back() -> None:
            for name, slider in self.sliders.items():
                slider.value = fresh[name].value

        self._silently(back)
        self._chosen(None)
        self.block.value = ""
        self._redraw()

    def _silently(self, change: Callable[[], Any]) -> None:
        self._quiet = True
        try:
            change()
        finally:
            self._quiet = False

    def _redraw(self) -> None:
        if not any(self.settings.weights.values()):  # a total has nothing to stand on
            self.shown.value = _paragraph(self._nothing_weighs())
            return
        try:
            self._measure_and_draw()
        except CrmEvalError as error:  # a callback's traceback would go unseen
            self.shown.value = _paragraph(str(error))
        self.progress.value = ""

    def _measure_and_draw(self) -> None:
        """Draw the answer; where its transition is the first, measure it before, the others after.

        So that every other one is redrawn at once.
        """
        waiting = self._not_measured()
        for place, days in enumerate(waiting, 1):
            slots = {"days": days, "n": place, "all": len(waiting)}
            working = Message("whatif.transition.working", slots)
            self.progress.value = _paragraph(say(working, self.lang))
            measured_with(self.base, transition_of(self.base, days))
            if place == 1:
                self._draw()
        if not waiting:
            self._draw()

    def _not_measured(self) -> list[int]:
        """Return the lengths to measure, the one asked first; none where that is at hand."""
        if is_measured(self.base, self.settings.blackout):
            return []
        asked = days_of(self.settings)
        lengths = [asked, *(days for days in transitions(self.base) if days != asked)]
        return [n for n in lengths if not is_measured(self.base, transition_of(self.base, n))]

    def _draw(self) -> None:
        self.shown.value = answer_html(self.base, what_if(self.base, self.settings), self.lang)

    def _nothing_weighs(self) -> str:
        return say(Message("whatif.sentence.no_weight", {}), self.lang)

    def _write(self) -> None:
        if not any(self.settings.weights.values()):
            self.block.value = f"# {self._nothing_weighs()}"  # client.yml would be refused
            return
        text = client_yml(self.base, self.settings)
        name = "block" if text else "block_none"
        said = say(Message(f"whatif.sentence.{name}", {"client": self.base.client.id}), self.lang)
        self.block.value = f"# {said}\n{text}"

    def _head(self, name: str) -> widgets.HTML:
        return widgets.HTML(f"<b>{self._word(name)}</b>")

    def _word(self, name: str) -> str:
        return word(f"whatif.word.{name}", self.lang)


def _paragraph(text: str) -> str:
    return wrapped(f"<p>{escape(text)}</p>")


def _put_back(slider: widgets.FloatSlider, point: float) -> None:
    """Put a slider back that was moved where no anchor can be."""
    if plain(slider.value) != plain(point):
        slider.value = point


def _kept(moved: float, before: float) -> float:
    """Return a setting as it was where its slider stands where that put it."""
    return before if plain(moved) == plain(before) else plain(moved)
