"""A what-if as sections of client.yml: what has to stand there for a run to say the same."""

from collections.abc import Mapping
from typing import Any

import yaml

from crm_eval_lib.whatif.base import CONFIDENCE_KNOB, Base
from crm_eval_lib.whatif.settings import DAY, Settings, plain

WIDTH = 100  # of a line


def client_yml(base: Base, settings: Settings) -> str:
    """Write changed settings as whole sections of client.yml; empty where nothing changed.

    Parameters
    ----------
    base : Base
    settings : Settings
        What was asked. A section that client.yml has already is repeated with what else stands
        in it, so that it takes the place of the one there.
    """
    sections: dict[str, Any] = {}
    asked = settings.changed(base.settings)
    present = base.client.config.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if "weights" in asked:
        sections["weights"] = {name: _number(value) for name, value in settings.weights.items()}
    if "anchors" in asked:
        sections["scoring"] = _scoring(base, settings, present.get("scoring") or {})
    money = {name: _number(getattr(settings, name))
             for name in ("discount_rate", "realisation") if name in asked}  # fmt: skip
    if money:
        sections["finance"] = {**(present.get("finance") or {}), **money}
    if "blackout" in asked:
        sections["dates"] = {**_days(base.client.config.dates), "blackout": _pair(settings)}
    if CONFIDENCE_KNOB in asked:
        sections["parameters"] = _parameters(base, settings)
    if not sections:
        return ""
    return yaml.safe_dump(
        sections, sort_keys=False, allow_unicode=True, default_flow_style=None, width=WIDTH
    )


def _scoring(base: Base, settings: Settings, present: Mapping[str, Any]) -> dict[str, Any]:
    """Repeat the section with the client's own anchors, and those that were changed."""
    before = base.settings.anchors
    changed = {n: points for n, points in settings.anchors.items() if points != before[n]}
    anchors = {**(present.get("anchors") or {}), **changed}
    written = {name: [_number(point) for point in points] for name, points in anchors.items()}
    return {**present, "anchors": written}


def _days(dates: Any) -> dict[str, str | None]:
    """Return the days as they are written; what is not set stays out."""
    names = [name for name in type(dates).model_fields if name in dates.model_fields_set]
    return {name: None if getattr(dates, name) is None else getattr(dates, name).strftime(DAY)
            for name in names if name != "blackout"}  # fmt: skip


def _pair(settings: Settings) -> list[str] | None:
    return None if settings.blackout is None else list(settings.blackout)


def _parameters(base: Base, settings: Settings) -> dict[str, dict[str, Any]]:
    """Set the level in every notebook that has one."""
    present = {name: dict(knobs) for name, knobs in base.client.config.parameters.items()}
    for item in base.notebooks_with_level:
        present.setdefault(item.name, {})[CONFIDENCE_KNOB] = _number(settings.confidence)
    return present


def _number(value: float) -> float | int:
    """Return a number as a person writes it.

    >>> _number(20.0), _number(0.1 + 0.2)
    (20, 0.3)
    """
    number = plain(value)
    return int(number) if number.is_integer() else number
