"""Words of the scorecard's steps, as messages without a language."""

from crm_eval_lib.results import Message
from crm_eval_lib.scorecard.card import Card
from crm_eval_lib.scorecard.total import Overall, likelihood
from crm_eval_lib.scorecard.uncertainty import printed_level
from crm_eval_lib.text.formats import printed

STANDARD = ("cost", "problems", "efficiency", "controls")  # have a name in the catalogue


def range_of(card: Card, whole: Overall) -> Message:
    """Say where a score lies: an interval, or bounds near an anchor; another level is named."""
    ends = {"low": number(card, whole.low), "high": number(card, whole.high)}
    level = card.simulation.confidence
    if level == printed_level():
        return Message(f"score.word.range_{whole.kind}", ends)
    return Message(f"score.word.level_{whole.kind}", {**ends, "level": level})


def likelihood_word(probability: float) -> Message:
    """Return the calibrated word of a probability."""
    return Message(f"score.likelihood.{likelihood(probability)}", {})


def band_words(code: str) -> Message:
    """Return a band, or a run of bands, in words."""
    first, _, last = code.partition(" to ")
    if not last:
        return Message(f"score.band.{first}", {})
    ends = {"first": Message(f"score.band.{first}", {}), "last": Message(f"score.band.{last}", {})}
    return Message("score.word.band_range", ends)


def number(card: Card, score: float | None) -> Message:
    """Return a score as it is printed."""
    value, spec = printed(score, card.rules.bands)
    return Message(f"score.word.{spec}", {"value": value})


def factor_name(name: str) -> Message:
    """Return a factor's name."""
    if name in STANDARD:
        return Message(f"core.factor.{name}")
    return Message("score.word.factor", {"factor": name})


def label(indicator: str) -> Message:
    """Return an indicator's name."""
    return Message("score.word.indicator", {"id": indicator})


def sentence_of(name: str, slots: dict) -> Message:
    """Return a sentence of the scorecard."""
    return Message(f"score.sentence.{name}", slots)


def headline_of(name: str, slots: dict) -> Message:
    """Return a headline of the scorecard."""
    return Message(f"score.headline.{name}", slots)


def subtitle_of(name: str, slots: dict | None = None) -> Message:
    """Return a subtitle of the scorecard."""
    return Message(f"score.subtitle.{name}", slots or {})
