"""The answer to a what-if: scored again, valued again, and what only a run can answer."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from crm_eval_lib.results import FactorResult, Indicator, Message, Step
from crm_eval_lib.scorecard.card import Card, score
from crm_eval_lib.scorecard.steps import flip_weights
from crm_eval_lib.scorecard.total import Overall
from crm_eval_lib.value import benefits, worth
from crm_eval_lib.value.published import MONEY_SAVED
from crm_eval_lib.whatif.base import Base
from crm_eval_lib.whatif.settings import NEEDS_RUN, Settings


@dataclass(frozen=True)
class Answer:
    """What a what-if found.

    Attributes
    ----------
    settings : Settings
        What was asked.
    card : Card
        The verdict under it: score, interval, P(pass), factors.
    flips : Step
        Which weight of a factor would change the band.
    worth : Step
        Net present value and payback under it; beside the score.
    needs_run : tuple of Message
        What was asked but changes the measuring: the numbers shown do not hold it yet.
    """

    settings: Settings
    card: Card
    flips: Step
    worth: Step
    needs_run: tuple[Message, ...] = ()

    @property
    def overall(self) -> Overall:
        """The verdict."""
        return self.card.overall


def what_if(base: Base, settings: Settings) -> Answer:
    """Score and value a client under other settings, from what its factors published.

    Parameters
    ----------
    base : Base
        From `base_of`.
    settings : Settings
        Such as ``base.settings.but(weights={"cost": 40})``.

    Returns
    -------
    Answer
        The same numbers that a run gives once `client_yml` stands in client.yml. Confidence and
        blackout decide what is measured; for these a run is needed, and `needs_run` says so.
    """
    client = _under(base, settings)
    results, unknown = _money(base, settings)
    card = score(results, client=client, around=base.around, **base.card.options)
    asked = settings.changed(base.settings)
    needs = [Message(f"whatif.needs_run.{name}", {}) for name in NEEDS_RUN if name in asked]
    return Answer(
        settings, card, flip_weights(card), _worth(base, settings, results), (*needs, *unknown)
    )


def _under(base: Base, settings: Settings) -> Any:
    """Return the client with these weights and anchors in the place of its own."""
    config = base.client.config
    scoring = config.scoring.model_copy(update={"anchors": dict(settings.anchors)})
    twin = copy.copy(base.client)
    changes = {"weights": dict(settings.weights), "scoring": scoring}
    twin.config = config.model_copy(update=changes)
    return twin


def _money(
    base: Base, settings: Settings
) -> tuple[Mapping[str, FactorResult], tuple[Message, ...]]:
    """Return the results with hours saved turned into money at another share.

    Money is hours × hourly cost × realisation, so every end of it moves by one factor.
    """
    before, after = base.settings.realisation, settings.realisation
    found = base.results.get("efficiency")
    if before == after or found is None:
        return base.results, ()
    if before == 0:  # nothing to scale: the money of the report is zero throughout
        return base.results, (Message("whatif.needs_run.realisation", {}),)
    indicators = tuple(_scaled(item, after / before, after) for item in found.indicators)
    return {**base.results, "efficiency": replace(found, indicators=indicators)}, ()


def _scaled(item: Indicator, factor: float, realisation: float) -> Indicator:
    if item.base_id != MONEY_SAVED or item.value is None:
        return item
    ends = {name: None if getattr(item, name) is None else getattr(item, name) * factor
            for name in ("value", "low", "high")}  # fmt: skip
    return replace(item, parts={**(item.parts or {}), "realisation": realisation}, **ends)


def _worth(base: Base, settings: Settings, results: Mapping[str, FactorResult]) -> Step:
    client, tables = base.client, base.client.tables
    gained = benefits(
        results, tables.benefits, controls=tables.controls, processes=tables.processes,
        dates=client.dates, currency=client.currency,
    )  # fmt: skip
    return worth(
        base.spent, gained, rate=settings.discount_rate, currency=client.currency,
        years=client.config.finance.horizon_years, **base.card.options,
    )  # fmt: skip
