"""What can be asked otherwise: weights, anchors, money, confidence, blackout."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from numbers import Real
from typing import Any

from crm_eval_lib.errors import UsageError, nearest
from crm_eval_lib.results import CONFIDENCE
from crm_eval_lib.scorecard.rules import rules_for

DIGITS = 10  # a slider that adds 0.1 three times means 0.3
DAY = "%Y-%m-%d"
NUMBERS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {  # as client.yml and notebooks allow
    "confidence": ("between 0 and 1, such as 0.9", lambda level: 0 < level < 1),
    "realisation": ("a share from 0 to 1, such as 0.5", lambda share: 0 <= share <= 1),
    "discount_rate": ("from 0 to below 1, such as 0.1", lambda rate: 0 <= rate < 1),
}


@dataclass(frozen=True)
class Settings:
    """One answer to "what if": everything a what-if can ask.

    Attributes
    ----------
    weights : mapping of str to float
        Of the factors, as set, not as shares.
    anchors : mapping of str to tuple of float
        Zero and full point (four values: a plateau) by indicator id without key.
    realisation : float
        Share of saved hours that becomes money, 0–1.
    discount_rate : float
        A year, 0 to below 1.
    confidence : float
        Two-sided level of the notebooks' intervals, 0–1.
    blackout : tuple of str or None
        First and last day of the transition, YYYY-MM-DD.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    anchors: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    realisation: float = 0.0
    discount_rate: float = 0.0
    confidence: float = CONFIDENCE
    blackout: tuple[str, str] | None = None

    @classmethod
    def of(cls, config: Any, confidence: float = CONFIDENCE) -> "Settings":
        """Take what client.yml says, the defaults included.

        >>> from crm_eval_lib.config import ClientConfig
        >>> dates = {"go_live": "2024-09-02", "status_date": "2025-08-31"}
        >>> Settings.of(ClientConfig(client="acme", dates=dates)).weights["problems"]
        30.0
        """
        rules, days = rules_for(config), config.dates.blackout
        return cls(
            dict(rules.factor_weights),
            {name: tuple(points) for name, points in rules.anchors.items()},
            config.finance.realisation,
            config.finance.discount_rate,
            confidence,
            None if days is None else tuple(day.strftime(DAY) for day in days),
        )

    def but(self, **changes: Any) -> "Settings":
        """Return these settings with some changed; weights and anchors may be given in part.

        Raises
        ------
        UsageError
            A setting, factor or indicator that is not there (the nearest is named), a level
            or share outside of 0–1, or days no calendar has.
        """
        _known(changes, self.__dataclass_fields__, "setting")
        for name in ("weights", "anchors"):
            if name in changes:
                present = getattr(self, name)
                _known(changes[name], present, f"{name}: one")
                changes[name] = {**present, **changes[name]}
        found = replace(self, **changes)
        _refuse(found)
        return found

    def changed(self, other: "Settings") -> list[str]:
        """Name what differs from other settings.

        >>> Settings({"cost": 20.0}).changed(Settings({"cost": 30.0}))
        ['weights']
        """
        return [name for name in self.__dataclass_fields__
                if getattr(self, name) != getattr(other, name)]  # fmt: skip


def plain(value: float) -> float:
    """Return a number as a slider means it.

    >>> plain(0.1 + 0.2)
    0.3
    """
    return round(float(value), DIGITS)


def _refuse(settings: Settings) -> None:
    """Refuse what no run would take; weights and anchors are checked where they are scored."""
    for name, (allowed, holds) in NUMBERS.items():
        found = getattr(settings, name)
        if not isinstance(found, Real) or not holds(found):
            raise UsageError(f"what-if, {name}: found {found!r}; allowed: {allowed}")
    try:
        days = [date.fromisoformat(day) for day in settings.blackout or ()]
        sound = not days or (len(days) == 2 and days[0] <= days[1])
    except (TypeError, ValueError):
        sound = False
    if not sound:
        raise UsageError(
            f"what-if, blackout: found {settings.blackout!r}; allowed: None, or first and last "
            'day in order, such as ("2024-09-02", "2024-11-30")'
        )


def _known(given: Any, known: Mapping[str, Any], kind: str) -> None:
    if not isinstance(given, Mapping):
        raise UsageError(
            f"what-if, {kind.partition(':')[0]}: found {given!r}; allowed: names with their "
            f"values, such as {{{next(iter(known))!r}: …}}"
        )
    for name in given:
        if name not in known:
            raise UsageError(f"what-if, {kind}: there is no {name!r} – {nearest(name, known)}")
