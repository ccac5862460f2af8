"""Sliders over a what-if, in JupyterLab only."""

from collections.abc import Callable
from datetime import date, timedelta
from html import escape
from typing import Any

import ipywidgets as widgets

from crm_eval_lib.results import Message
from crm_eval_lib.text import indicator_label, say, word
from crm_eval_lib.view import wrapped
from crm_eval_lib.whatif.answer import what_if
from crm_eval_lib.whatif.base import Base
from crm_eval_lib.whatif.block import client_yml
from crm_eval_lib.whatif.settings import Settings, plain
from crm_eval_lib.whatif.shown import answer_html

LEVELS = (0.80, 0.90, 0.95, 0.99)
MOST_WEIGHT, WEIGHT_STEP = 100, 1
MOST_RATE, RATE_STEP, SHARE_STEP = 0.30, 0.01, 0.05
MOST_DAYS = 365  # of a transition; longer ones are written into client.yml by hand
ANCHOR_STEPS = 40  # from one end of an anchor's slider to the other
ANCHOR_ROOM = 1.0  # how far its slider reaches beyond zero and full, in their distance
_WIDE = widgets.Layout(width="30em")
_LABELS = {"description_width": "13em"}


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
        self.sliders = _sliders(base, self.lang)
        self.indicator = _indicators(base, self.lang)
        self.ends = _ends(base.settings.anchors[self.indicator.value], self.lang)
        self.shown = widgets.HTML()
        self.block = widgets.Textarea(layout=widgets.Layout(width="60em", height="14em"))
        self.block.add_class("crm-eval-block")
        self.write = widgets.Button(description=self._word("write"), layout=_WIDE)
        self.reset = widgets.Button(description=self._word("reset"), layout=_WIDE)
        self._quiet = False
        self._listen()
        super().__init__(self._parts())
        self._redraw()

    def _parts(self) -> list[widgets.Widget]:
        heads = {name: widgets.HTML(f"<b>{self._word(name)}</b>") for name in ("weights", "other")}
        weights = [self.sliders[name] for name in self.base.settings.weights]
        others = [slider for name, slider in self.sliders.items()
                  if name not in self.base.settings.weights]  # fmt: skip
        left = widgets.VBox([heads["weights"], *weights, self.indicator, *self.ends])
        right = widgets.VBox([heads["other"], *others, self.write, self.reset])
        return [widgets.HBox([left, right]), self.shown, self.block]

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
            lambda: [_at(end, point) for end, point in zip(self.ends, points[:2], strict=True)]
        )
        self._redraw()

    def _asked(self) -> Settings:
        """Read the sliders; what was not moved stays exactly as it is."""
        base, value = self.base.settings, {n: s.value for n, s in self.sliders.items()}
        weights = {name: _kept(value[name], base.weights[name]) for name in base.weights}
        money = {name: _kept(value[name], getattr(base, name))
                 for name in ("realisation", "discount_rate", "confidence")}  # fmt: skip
        anchors = {self.indicator.value: self._points()}
        return self.settings.but(
            weights=weights, anchors=anchors, blackout=self._blackout(value), **money
        )

    def _points(self) -> tuple[float, ...]:
        before = self.settings.anchors[self.indicator.value]
        given = (plain(self.ends[0].value), plain(self.ends[1].value), *before[2:])
        rising = list(before) in (sorted(before), sorted(before, reverse=True))
        same_way = (given[0] < given[1]) == (before[0] < before[1])
        ordered = list(given) in (sorted(given), sorted(given, reverse=True))
        return given if given[0] != given[1] and same_way and ordered and rising else before

    def _blackout(self, value: dict[str, Any]) -> tuple[str, str] | None:
        if "blackout" not in value or value["blackout"] == _days_of(self.base.settings):
            return self.base.settings.blackout
        first = _first_day(self.base)
        if not value["blackout"]:
            return None
        return str(first), str(first + timedelta(days=value["blackout"] - 1))

    def _chosen(self, change: Any) -> None:
        """Show the anchors of another indicator; what was asked of the last one stays."""
        zero, full = self.settings.anchors[self.indicator.value][:2]
        fresh = _ends(self.base.settings.anchors[self.indicator.value], self.lang)
        self._silently(lambda: [_moved_to(old, new, value) for old, new, value in
                                zip(self.ends, fresh, (zero, full), strict=True)])  # fmt: skip

    def _reset(self) -> None:
        self.settings = self.base.settings
        fresh = _sliders(self.base, self.lang)

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
            self.shown.value = wrapped(f"<p>{escape(self._nothing_weighs())}</p>")
            return
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

    def _word(self, name: str) -> str:
        return word(f"whatif.word.{name}", self.lang)


def _sliders(base: Base, lang: str) -> dict[str, widgets.Widget]:
    """Make the sliders of everything but anchors."""
    now = base.settings
    sliders: dict[str, widgets.Widget] = {
        name: _slider(_factor(name, lang), value, most=max(MOST_WEIGHT, value), step=WEIGHT_STEP)
        for name, value in now.weights.items()
    }
    share = {"most": 1.0, "step": SHARE_STEP, "form": ".0%"}
    sliders["realisation"] = _slider(_part("realisation", lang), now.realisation, **share)
    rate = {"most": max(MOST_RATE, now.discount_rate), "step": RATE_STEP, "form": ".0%"}
    sliders["discount_rate"] = _slider(_part("discount_rate", lang), now.discount_rate, **rate)
    levels = [(f"{level:.0%}", level) for level in sorted({*LEVELS, now.confidence})]
    sliders["confidence"] = widgets.SelectionSlider(
        options=levels, value=now.confidence, description=_part("confidence", lang),
        continuous_update=False, style=_LABELS, layout=_WIDE,
    )  # fmt: skip
    if _first_day(base) is not None:
        days = _days_of(now)
        sliders["blackout"] = widgets.IntSlider(
            days, min=0, max=max(MOST_DAYS, days), description=word("whatif.word.blackout", lang),
            continuous_update=False, style=_LABELS, layout=_WIDE,
        )  # fmt: skip
    return sliders


def _slider(
    label: str, value: float, *, most: float, step: float, least: float = 0.0, form: str = ".3g"
) -> widgets.FloatSlider:
    return widgets.FloatSlider(
        value, min=least, max=most, step=step, description=label, readout_format=form,
        continuous_update=False, style=_LABELS, layout=_WIDE,
    )  # fmt: skip


def _indicators(base: Base, lang: str) -> widgets.Dropdown:
    """Offer the indicators that carry weight, by their names."""
    rules = base.card.rules
    names = [name for factor in rules.factor_weights for name in rules.scored_ids(factor)]
    return widgets.Dropdown(
        options=[(indicator_label(name, lang), name) for name in names],
        description=_part("anchors", lang), style=_LABELS, layout=_WIDE,
    )  # fmt: skip


def _ends(points: tuple[float, ...], lang: str) -> list[widgets.FloatSlider]:
    """Make the sliders of an indicator's zero and full point."""
    span = abs(points[1] - points[0])
    low, high = min(points[:2]) - ANCHOR_ROOM * span, max(points[:2]) + ANCHOR_ROOM * span
    room = {"least": plain(low), "most": plain(high), "step": plain(span / ANCHOR_STEPS)}
    return [_slider(word(f"whatif.word.{name}", lang), value, **room)
            for name, value in zip(("zero", "full"), points[:2], strict=True)]  # fmt: skip


def _moved_to(slider: widgets.FloatSlider, other: widgets.FloatSlider, value: float) -> None:
    """Give a slider another's range, and a value within."""
    slider.min, slider.max = min(slider.min, other.min), max(slider.max, other.max)
    slider.step = other.step
    slider.value = value
    slider.min, slider.max = other.min, other.max


def _at(slider: widgets.FloatSlider, point: float) -> None:
    """Put a slider back that was moved where no anchor can be."""
    if plain(slider.value) != plain(point):
        slider.value = point


def _kept(moved: float, before: float) -> float:
    """Return a setting as it was where its slider stands where that put it."""
    return before if plain(moved) == plain(before) else plain(moved)


def _first_day(base: Base) -> date | None:
    """Return the day a transition begins: that of client.yml, else go-live."""
    if base.settings.blackout is not None:
        return date.fromisoformat(base.settings.blackout[0])
    live = base.client.dates.go_live
    return None if live is None else live.date()


def _days_of(settings: Settings) -> int:
    """Return the days of a transition, both ends counted."""
    if settings.blackout is None:
        return 0
    first, last = map(date.fromisoformat, settings.blackout)
    return (last - first).days + 1


def _factor(name: str, lang: str) -> str:
    return word(f"core.factor.{name}", lang)


def _part(name: str, lang: str) -> str:
    return word(f"whatif.part.{name}", lang)
