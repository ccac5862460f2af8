"""How a score is shown: number, band word, mark, interval, and its place on the 0–100 line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from crm_eval_lib.report.trace import marked, numbered
from crm_eval_lib.results import Message
from crm_eval_lib.scorecard.total import band_of
from crm_eval_lib.scorecard.uncertainty import BOUNDS, CAPPED
from crm_eval_lib.text import say, word
from crm_eval_lib.text.formats import DASH, format_value, printed

MARKS = {"not_met": "poor", "pass": "watch", "good": "good", "excellent": "good"}
NO_SCORE = "not_assessed"


@dataclass(frozen=True, slots=True)
class ScoreView:
    """One score in words and marks.

    Parameters
    ----------
    text : str
        The printed score; a dash without one.
    mark : str
        good, watch, poor or not_assessed: shape and colour.
    word : str
        The band, or the state where there is no score.
    interval, bounds : str
        In words; empty where unknown.
    """

    text: str
    mark: str
    word: str
    interval: Markup | str = ""
    bounds: Markup | str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    hollow: bool = False


def score_view(
    entry: Mapping[str, Any] | None,
    bands: Mapping[str, float],
    lang: str,
    *,
    key: str = "score",
    path: str = "",
) -> ScoreView:
    """Show one factor's entry of results.json (or the total's), ``path`` its reference."""
    entry = entry or {}
    score, bounds = entry.get(key), entry.get("bounds") or (None, None)
    low, high = entry.get("low"), entry.get("high")
    bounds_text = _span(bounds, lang, path, ("bounds/0", "bounds/1"))
    if score is None:
        state = word(f"core.state.{entry.get('state', NO_SCORE)}", lang)
        return ScoreView(
            DASH, NO_SCORE, state, bounds=bounds_text, low=bounds[0], high=bounds[1], hollow=True
        )
    band = band_of(score, bands)
    return ScoreView(
        score_text(score, bands, lang), MARKS.get(band, "watch"), band_word(band, lang),
        _labelled(entry, lang, path), bounds_text, float(score), low, high,
    )  # fmt: skip


def score_text(score: float | None, bands: Mapping[str, float], lang: str) -> str:
    """Print a score as a whole number, with one decimal only at the edge of a band.

    >>> score_text(71.2, {"pass": 60}, "en"), score_text(59.7, {"pass": 60}, "en")
    ('71', '59.7')
    """
    if score is None:
        return DASH
    value, spec = printed(score, bands)
    return format_value(value, spec, lang=lang)


def band_word(band: str | None, lang: str) -> str:
    """Return a band, or a run of bands (``pass to good``), in words."""
    if not band:
        return DASH
    names = [word(f"score.band.{name}", lang) for name in band.split(" to ")]
    if len(names) == 1:
        return names[0]
    return say(Message("score.word.band_range", {"first": names[0], "last": names[-1]}), lang)


def word_of(score: float | None, bands: Mapping[str, float], lang: str) -> str:
    """Return the band of a score in words, or that there is none."""
    return band_word(band_of(score, bands), lang) if score is not None else _no_score(lang)


def mark_of(score: float | None, bands: Mapping[str, float]) -> str:
    """Return the mark of a score: good, watch, poor or not_assessed."""
    return NO_SCORE if score is None else MARKS.get(band_of(score, bands), "watch")


def _no_score(lang: str) -> str:
    return word(f"core.state.{NO_SCORE}", lang)


def _labelled(entry: Mapping[str, Any], lang: str, path: str) -> Markup:
    text = _span((entry.get("low"), entry.get("high")), lang, path, ("low", "high"))
    kind = entry.get("range_kind")
    if text and kind in (BOUNDS, CAPPED):
        return marked(Message(f"report.verdict.{kind}", {"range": text}), lang)
    return text


def _span(ends: Sequence[float | None], lang: str, path: str, places: tuple[str, str]) -> Markup:
    if None in ends:
        return Markup("")
    texts = (format_value(end, "score", lang=lang) for end in ends)
    return Markup("–").join(
        numbered(text, path and f"{path}/{place}")
        for text, place in zip(texts, places, strict=True)
    )
