"""A verdict in words, so that two of them can be put beside each other."""

from typing import Any

from crm_eval_lib.results import Message
from crm_eval_lib.scorecard.card import Card
from crm_eval_lib.text.formats import printed


def verdict_row(card: Card) -> dict[str, Any]:
    """Return a verdict as a row of a table."""
    whole = card.overall
    return {
        "score": whole.score if whole.score is not None else whole.assessed_score,
        "low": whole.low,
        "high": whole.high,
        "worst": whole.bounds[0],
        "best": whole.bounds[1],
        "band": _band(whole.band),
        "pass_probability": None if whole.p_pass is None else _probability(card),
    }


def take_home(card: Card) -> tuple[Any, ...]:
    """What a reader takes home: the printed score and the band, or that there is no total."""
    score, spec = printed(verdict_row(card)["score"], card.rules.bands)
    if score is None:
        return tuple(round(end) for end in card.overall.bounds)
    whole = card.overall.score is not None
    return round(score, 1 if spec == "score1" else 0), card.overall.band, whole


def verdict_words(card: Card) -> Message:
    """Say a verdict in half a sentence."""
    score, spec = printed(verdict_row(card)["score"], card.rules.bands)
    if score is None:
        worst, best = card.overall.bounds
        return Message("protocol.word.no_total", {"worst": worst, "best": best})
    points = Message(f"score.word.{spec}", {"value": score})
    slots = {"score": points, "band": _band(card.overall.band), "p_pass": _probability(card)}
    key = "verdict" if card.overall.score is not None else "verdict_assessed"
    return Message(f"protocol.word.{key}", slots)


def _probability(card: Card) -> Message:
    return Message("protocol.word.probability", {"share": card.overall.p_pass})


def _band(code: str | None) -> Message | None:
    """Name a band, or a run of two."""
    if code is None:
        return None
    ends = [Message(f"score.band.{name}", {}) for name in code.split(" to ")]
    if len(ends) == 1:
        return ends[0]
    return Message("score.word.band_range", {"first": ends[0], "last": ends[1]})
