"""The rules of one client's score: the defaults of ``scoring.toml``, overridden by client.yml."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_eval_lib.errors import ConfigError, nearest
from crm_eval_lib.scoring import numbers, option

LOWEST_BAND = "not_met"
_ANCHOR_COUNTS = (2, 4)


@dataclass(frozen=True)
class Rules:
    """What holds for one client.

    Parameters
    ----------
    factor_weights : mapping of str to float
        As set, not yet shares.
    indicator_weights, anchors : mapping
        By indicator id without key; an indicator is scored when it has both.
    bands : mapping of str to float
        Lowest score of each band, rising.
    vetoes_off : frozenset of str
        Vetoes the client has switched off.
    """

    factor_weights: Mapping[str, float]
    indicator_weights: Mapping[str, float]
    anchors: Mapping[str, tuple[float, ...]]
    bands: Mapping[str, float]
    vetoes_off: frozenset[str]
    weight_spread: float

    @property
    def shares(self) -> dict[str, float]:
        """Factor weights as shares of one."""
        total = sum(self.factor_weights.values())
        return {factor: weight / total for factor, weight in self.factor_weights.items()}

    def scored_ids(self, factor: str) -> list[str]:
        """Ids (without key) that have a weight and anchors in this factor."""
        return [
            name
            for name in self.indicator_weights
            if name.startswith(f"{factor}.") and name in self.anchors
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types, for printing and for comparing clients."""
        return {
            "factor_weights": dict(self.factor_weights),
            "indicator_weights": dict(self.indicator_weights),
            "anchors": {name: list(points) for name, points in self.anchors.items()},
            "bands": dict(self.bands),
            "vetoes_off": sorted(self.vetoes_off),
            "weight_spread": self.weight_spread,
        }


def rules_for(config: Any = None) -> Rules:
    """Put the client's settings over the defaults; contradictions stop with a remedy.

    Parameters
    ----------
    config : object or mapping, optional
        client.yml as read: ``weights``, ``bands`` and ``scoring`` are used.

    Examples
    --------
    >>> rules_for({"weights": {"cost": 40}}).factor_weights["cost"]
    40.0
    """
    defaults = numbers()
    scoring = option(config, "scoring")
    anchors = {name: entry["anchors"] for name, entry in defaults["indicators"].items()}
    weights = {name: entry["weight"] for name, entry in defaults["indicators"].items()}
    anchors |= dict(option(scoring, "anchors", default={}))
    weights |= dict(option(scoring, "indicator_weights", default={}))
    spread = option(scoring, "weight_spread", default=defaults["uncertainty"]["weight_spread"])
    return Rules(
        _factor_weights(option(config, "weights", default={})),
        {name: _weight(f"scoring: indicator_weights: {name}", w) for name, w in weights.items()},
        {name: _anchor(name, points) for name, points in anchors.items()},
        _bands(option(config, "bands", default={})),
        _vetoes_off(option(scoring, "veto", default={})),
        _weight("scoring: weight_spread", spread),
    )


def _items(source: Any) -> dict[str, Any]:
    if isinstance(source, Mapping):
        return dict(source)
    return dict(source.model_dump() if hasattr(source, "model_dump") else vars(source))


def _factor_weights(own: Any) -> dict[str, float]:
    weights = {**numbers()["factor_weights"], **_items(own)}
    checked = {name: _weight(f"weights: {name}", value) for name, value in weights.items()}
    if sum(checked.values()) <= 0:
        raise ConfigError(
            "client.yml, weights: they sum to zero. Give one factor a weight above 0."
        )
    return checked


def _weight(place: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise ConfigError(f"client.yml, {place}: found {value!r}, allowed: a number from 0 up.")
    return float(value)


def _anchor(name: str, points: Any) -> tuple[float, ...]:
    values = tuple(float(point) for point in points)
    ordered = list(values) in (sorted(values), sorted(values, reverse=True))
    ends_differ = len(values) in _ANCHOR_COUNTS and values[0] != values[1]
    if len(values) == max(_ANCHOR_COUNTS):
        ends_differ = ends_differ and values[2] != values[3]
    if not (ends_differ and ordered):
        raise ConfigError(
            f"client.yml, scoring: anchors: {name}: found {list(points)}, allowed: [zero, full] or "
            "[zero, full, full, zero], rising or falling, zero and full apart."
        )
    return values


def _bands(own: Any) -> dict[str, float]:
    known = numbers()["bands"]
    given = {name: value for name, value in _items(own).items() if value is not None}
    for name in given:
        if name not in known:
            raise ConfigError(f"client.yml, bands: unknown band {name!r}; {nearest(name, known)}")
    bands = {name: _weight(f"bands: {name}", {**known, **given}[name]) for name in known}
    if list(bands.values()) != sorted(set(bands.values())):
        raise ConfigError(f"client.yml, bands: found {bands}; each must lie above the one before.")
    return bands


def _vetoes_off(own: Any) -> frozenset[str]:
    known = numbers()["vetoes"]
    switches = _items(own)
    for name in switches:
        if name not in known:
            raise ConfigError(f"client.yml, veto: unknown rule {name!r}; {nearest(name, known)}")
    return frozenset(name for name, switch in switches.items() if switch in (False, "off"))
