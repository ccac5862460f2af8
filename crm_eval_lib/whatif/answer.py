"""The answer to a what-if: scored again, valued again, and what only a run can answer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from crm_eval_lib.client import Client
from crm_eval_lib.results import FactorResult, Indicator, Message, Step
from crm_eval_lib.scorecard.card import Card, score
from crm_eval_lib.scorecard.steps import flip_weights
from crm_eval_lib.scorecard.total import Overall
from crm_eval_lib.value import benefits, worth
from crm_eval_lib.value.published import MONEY_SAVED
from crm_eval_lib.whatif.base import Base
from crm_eval_lib.whatif.level import at_level, level_notes, undecided
from crm_eval_lib.whatif.settings import Settings
from crm_eval_lib.whatif.transition import left_to_run, measured_with, transition_notes, with_days


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
    notes : tuple of Message
        How the numbers came about where something was measured again, or is near only.
    needs_run : tuple of Message
        What was asked but only a run decides: the numbers shown do not hold it yet.
    """

    settings: Settings
    card: Card
    flips: Step
    worth: Step
    notes: tuple[Message, ...] = ()
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
        The same numbers that a run gives once `client_yml` stands in client.yml. Another
        transition is measured when first asked, which takes seconds. Another confidence moves the
        ranges of the scores exactly and single intervals nearly: `notes` and `needs_run` say so.
    """
    client = _under(base, settings)
    results, unknown = _money(base, measured_with(base, settings.blackout), settings)
    level = settings.confidence if settings.confidence != base.settings.confidence else None
    card = _scored(base, client, results, level)
    notes, needs = _told(base, card, results, settings)
    valued = _worth(base, client, settings, results)
    return Answer(settings, card, flip_weights(card), valued, notes, (*needs, *unknown))


def _scored(
    base: Base, client: Client, results: Mapping[str, FactorResult], level: float | None
) -> Card:
    told = results if level is None else at_level(base, results, level)
    card = score(told, client=client, around=base.around, **base.card.options)
    return card if level is None else card.at_level(level)


def _told(
    base: Base, card: Card, results: Mapping[str, FactorResult], settings: Settings
) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    """Say how the numbers came about, and what of the question is left to a run."""
    notes: tuple[Message, ...] = ()
    needs: tuple[Message, ...] = ()
    if settings.blackout != base.settings.blackout:
        notes, needs = transition_notes(base), left_to_run(base)
    if settings.confidence != base.settings.confidence:
        notes += level_notes(base, card, settings.confidence)
        needs += (undecided(base, results, settings.confidence),)
    return notes, needs


def _under(base: Base, settings: Settings) -> Client:
    """Return the client with these weights, anchors and days in the place of its own."""
    twin = with_days(base.client, settings.blackout)
    config = twin.config
    scoring = config.scoring.model_copy(update={"anchors": dict(settings.anchors)})
    changes = {"weights": dict(settings.weights), "scoring": scoring}
    twin.config = config.model_copy(update=changes)
    return twin


def _money(
    base: Base, results: Mapping[str, FactorResult], settings: Settings
) -> tuple[Mapping[str, FactorResult], tuple[Message, ...]]:
    """Return the results with hours saved turned into money at another share.

    Money is hours × hourly cost × realisation, so every end of it moves by one factor.
    """
    before, after = base.settings.realisation, settings.realisation
    found = results.get("efficiency")
    if before == after or found is None:
        return results, ()
    if before == 0:  # nothing to scale: the money of the report is zero throughout
        return results, (Message("whatif.needs_run.realisation", {}),)
    indicators = tuple(_scaled(item, after / before, after) for item in found.indicators)
    return {**results, "efficiency": replace(found, indicators=indicators)}, ()


def _scaled(item: Indicator, factor: float, realisation: float) -> Indicator:
    if item.base_id != MONEY_SAVED or item.value is None:
        return item
    ends = {name: None if getattr(item, name) is None else getattr(item, name) * factor
            for name in ("value", "low", "high")}  # fmt: skip
    return replace(item, parts={**(item.parts or {}), "realisation": realisation}, **ends)


def _worth(
    base: Base, client: Client, settings: Settings, results: Mapping[str, FactorResult]
) -> Step:
    tables = client.tables
    gained = benefits(
        results, tables.benefits, controls=tables.controls, processes=tables.processes,
        dates=client.dates, currency=client.currency,
    )  # fmt: skip
    return worth(
        base.spent, gained, rate=settings.discount_rate, currency=client.currency,
        years=client.config.finance.horizon_years, **base.card.options,
    )  # fmt: skip
