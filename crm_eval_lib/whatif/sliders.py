"""What a what-if is moved by: sliders, choices, and the ends of an indicator's anchors."""

from datetime import date, timedelta

import ipywidgets as widgets

from crm_eval_lib.text import indicator_label, word
from crm_eval_lib.whatif.base import Base
from crm_eval_lib.whatif.settings import DAY, Settings, plain

LEVELS = (0.80, 0.90, 0.95, 0.99)
DAYS = (0, 14, 30, 60, 90, 120, 180)  # of a transition; others are written into client.yml by hand
MOST_WEIGHT, WEIGHT_STEP = 100, 1
MOST_RATE, RATE_STEP, SHARE_STEP = 0.30, 0.01, 0.05
ANCHOR_STEPS = 40  # from one end of an anchor's slider to the other
ANCHOR_ROOM = 1.0  # how far its slider reaches beyond zero and full, in their distance
END_NAMES = ("zero", "full", "full_below", "zero_below")  # in the order of an indicator's anchors
WIDE = widgets.Layout(width="30em")
_LABELS = {"description_width": "13em"}


def sliders(base: Base, lang: str) -> dict[str, widgets.Widget]:
    """Make the sliders of everything but anchors."""
    now = base.settings
    made: dict[str, widgets.Widget] = {
        name: _slider(
            word(f"core.factor.{name}", lang), value, most=max(MOST_WEIGHT, value), step=WEIGHT_STEP
        )
        for name, value in now.weights.items()
    }
    share = {"most": 1.0, "step": SHARE_STEP, "form": ".0%"}
    made["realisation"] = _slider(_part("realisation", lang), now.realisation, **share)
    rate = {"most": max(MOST_RATE, now.discount_rate), "step": RATE_STEP, "form": ".0%"}
    made["discount_rate"] = _slider(_part("discount_rate", lang), now.discount_rate, **rate)
    levels = [(f"{plain(level * 100):g}%", level) for level in sorted({*LEVELS, now.confidence})]
    made["confidence"] = _steps(_part("confidence", lang), levels, now.confidence)
    lengths = transitions(base) if first_day(base) is not None else []
    if len(lengths) > 1:  # one alone leaves nothing to ask
        days = [(str(number), number) for number in lengths]
        made["blackout"] = _steps(word("whatif.word.blackout", lang), days, days_of(now))
    return made


def indicators(base: Base, lang: str) -> widgets.Select:
    """Offer the indicators that carry weight, by their names, each on a line of its own."""
    rules = base.card.rules
    names = [name for factor in rules.factor_weights for name in rules.scored_ids(factor)]
    return widgets.Select(
        options=[(indicator_label(name, lang), name) for name in names],
        value=names[0], rows=6, layout=WIDE,
    )  # fmt: skip


def ends(points: tuple[float, ...], lang: str) -> list[widgets.FloatSlider]:
    """Make the sliders of anchors: two, and two more that are hidden where there is one side."""
    return [_end(points, place, lang) for place in range(len(END_NAMES))]


def _end(points: tuple[float, ...], place: int, lang: str) -> widgets.FloatSlider:
    shown = place < len(points)
    pair = (points if shown else points * 2)[place - place % 2 :][:2]
    span = abs(pair[1] - pair[0])
    slider = _slider(
        word(f"whatif.word.{END_NAMES[place]}", lang), pair[place % 2],
        least=plain(min(pair) - ANCHOR_ROOM * span), most=plain(max(pair) + ANCHOR_ROOM * span),
        step=plain(span / ANCHOR_STEPS),
    )  # fmt: skip
    slider.layout = widgets.Layout(width=WIDE.width, display=None if shown else "none")
    return slider


def take_over(slider: widgets.FloatSlider, other: widgets.FloatSlider, value: float) -> None:
    """Give a slider another's range, and a value within."""
    slider.min, slider.max = min(slider.min, other.min), max(slider.max, other.max)
    slider.step = other.step
    slider.value = value
    slider.min, slider.max = other.min, other.max
    slider.layout.display = other.layout.display


def transitions(base: Base) -> list[int]:
    """Return the lengths of transition on offer: those that end before the status date."""
    first, now = first_day(base), days_of(base.settings)
    last = base.client.dates.status_date
    room = (last.date() - first).days if last is not None and first is not None else 0
    return sorted({now, *(days for days in DAYS if days <= room)})


def first_day(base: Base) -> date | None:
    """Return the day a transition begins: that of client.yml, else go-live."""
    if base.settings.blackout is not None:
        return date.fromisoformat(base.settings.blackout[0])
    live = base.client.dates.go_live
    return None if live is None else live.date()


def days_of(settings: Settings) -> int:
    """Return the days of a transition, both ends counted."""
    if settings.blackout is None:
        return 0
    first, last = map(date.fromisoformat, settings.blackout)
    return (last - first).days + 1


def transition_of(base: Base, days: int) -> tuple[str, str] | None:
    """Return the transition of so many days; the report's own where it has as many."""
    if days == days_of(base.settings):
        return base.settings.blackout
    first = first_day(base)
    if not days or first is None:
        return None
    return f"{first:{DAY}}", f"{first + timedelta(days=days - 1):{DAY}}"


def _slider(
    label: str, value: float, *, most: float, step: float, least: float = 0.0, form: str = ".3g"
) -> widgets.FloatSlider:
    return widgets.FloatSlider(
        value, min=least, max=most, step=step, description=label, readout_format=form,
        continuous_update=False, style=_LABELS, layout=WIDE,
    )  # fmt: skip


def _steps(label: str, options: list[tuple[str, float]], value: float) -> widgets.SelectionSlider:
    return widgets.SelectionSlider(
        options=options, value=value, description=label, continuous_update=False,
        style=_LABELS, layout=WIDE,
    )  # fmt: skip


def _part(name: str, lang: str) -> str:
    return word(f"whatif.part.{name}", lang)
