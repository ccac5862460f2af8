"""A what-if beside the protocol: what was fixed beforehand, and what is asked otherwise."""

from crm_eval_lib.protocol.record import known_before
from crm_eval_lib.results import Message
from crm_eval_lib.whatif.base import Base, level_of
from crm_eval_lib.whatif.settings import Settings

DAY_LENGTH = 10  # characters of an ISO moment up to its day


def frozen_settings(base: Base) -> Settings | None:
    """Return what the protocol fixed of what a what-if can ask; None without one."""
    if base.protocol is None:
        return None
    fixed = base.protocol.binding["settings"]
    money = fixed.get("finance") or {}
    return Settings(
        dict(fixed["weights"]["factor_weights"]),
        {name: tuple(points) for name, points in fixed["anchors"].items()},
        money.get("realisation", base.settings.realisation),
        money.get("discount_rate", base.settings.discount_rate),
        level_of(fixed.get("parameters") or {}, base.settings.confidence),
        tuple(fixed["blackout"]) if fixed.get("blackout") else None,
    )


def frozen_words(base: Base, settings: Settings) -> tuple[Message, ...]:
    """Say that a protocol is frozen, and what of these settings departs from it.

    Parameters
    ----------
    base : Base
    settings : Settings
        What is asked.

    Returns
    -------
    tuple of Message
        Nothing where no protocol was fixed.
    """
    frozen = frozen_settings(base)
    if frozen is None:
        return ()
    record = base.protocol.binding
    slots = {"day": record["frozen_at"][:DAY_LENGTH]}
    late = "frozen_late" if known_before(record) else "frozen"
    asked = settings.changed(frozen)
    if not asked:
        return (Message(f"whatif.protocol.{late}", slots),)
    parts = [Message(f"whatif.part.{name}", {}) for name in asked]
    return (
        Message(f"whatif.protocol.{late}", slots),
        Message("whatif.protocol.departs", {**slots, "parts": parts, "n": len(parts)}),
    )
