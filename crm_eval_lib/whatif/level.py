"""Another confidence: what the draws at hand say of it, and what only a run can say."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from scipy.stats import norm

from crm_eval_lib.results import CONFIDENCE, FactorResult, Indicator, Message
from crm_eval_lib.scorecard.card import Card
from crm_eval_lib.scorecard.terms import WEAKEST_GRADE
from crm_eval_lib.scorecard.uncertainty import printed_level
from crm_eval_lib.scorecard.wording import label
from crm_eval_lib.whatif.base import Base

Results = Mapping[str, FactorResult]


def at_level(base: Base, results: Results, confidence: float) -> Results:
    """Return results with the intervals of what is scored at another level.

    A score is drawn from each interval by a normal whose two halves reach its two ends; the same
    halves give the ends at any other level: value ± half · z(level)/z(its own). The draws stay as
    they are. A notebook would compute an interval anew (Wilson, bootstrap), so this is near, not
    exact.

    Parameters
    ----------
    base : Base
    results : mapping of str to FactorResult
        By factor; those whose notebook has no such knob stay as they are.
    confidence : float
        Two-sided level, 0–1.
    """
    following = {item.factor for item in base.notebooks_with_level}
    scored = base.card.rules.anchors
    found = dict(results)
    for name in following & set(results):
        indicators = tuple(
            _stretched(item, confidence) if item.base_id in scored else item
            for item in results[name].indicators
        )
        found[name] = replace(results[name], indicators=indicators)
    return found


def level_notes(base: Base, card: Card, confidence: float) -> tuple[Message, ...]:
    """Say what of the numbers shown is exact at this level, and what is near."""
    slots = {"level": confidence, "printed": printed_level()}
    moved = [label(name) for name in _moved(base, card)]
    near = Message("whatif.level.moved", {**slots, "names": moved})
    still = Message("whatif.level.still", slots)
    return Message("whatif.level.range", slots), near if moved else still


def undecided(base: Base, results: Results, confidence: float) -> Message:
    """Name what was called significant, or not, and might be called otherwise at this level."""
    slots = {"before": base.settings.confidence, "level": confidence}
    names = [label(item.id) for item in _crossing(results, confidence)]
    if names:
        return Message("whatif.needs_run.significance", {**slots, "names": names})
    return Message("whatif.needs_run.confidence", slots)


def _stretched(item: Indicator, confidence: float) -> Indicator:
    own = item.confidence
    if item.value is None or not own or (item.low is None and item.high is None):
        return item
    value, factor = float(item.value), _reach(confidence) / _reach(own)
    ends = {name: None if end is None else value + factor * (end - value)
            for name, end in (("low", item.low), ("high", item.high))}  # fmt: skip
    return replace(item, confidence=confidence, **ends)


def _reach(confidence: float) -> float:
    return float(norm.ppf((1 + confidence) / 2))


def _moved(base: Base, card: Card) -> list[str]:
    """Name what weak evidence puts at the end of its interval, here or in the report."""
    before = base.card.indicators
    return [
        item.id
        for factor in card.factors
        for item in (term.indicator for term in factor.terms)
        if item.score is not None and item.confidence and item.id in before
        and WEAKEST_GRADE in (item.grade, before[item.id].grade)
    ]  # fmt: skip


def _crossing(results: Results, confidence: float) -> Iterable[Indicator]:
    for result in results.values():
        for item in result.indicators:
            own = item.confidence or CONFIDENCE
            if item.p is not None and (item.p <= 1 - own) != (item.p <= 1 - confidence):
                yield item
