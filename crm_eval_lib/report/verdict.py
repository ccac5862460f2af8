"""The verdict in words: score, interval, probability of a pass, what caps it."""

from collections.abc import Mapping
from typing import Any

from crm_eval_lib.report.scores import band_word, score_text
from crm_eval_lib.results import Message
from crm_eval_lib.scorecard.rules import Rules
from crm_eval_lib.scorecard.total import likelihood
from crm_eval_lib.scorecard.uncertainty import BOUNDS
from crm_eval_lib.text import say, word
from crm_eval_lib.text.formats import format_value


def verdict(results: Mapping[str, Any], rules: Rules, lang: str) -> str:
    overall, factors = results.get("overall") or {}, results.get("factors", ())
    if overall.get("score") is not None:
        slots = {
            "score": score_text(overall["score"], rules.bands, lang),
            "band": band_word(overall.get("band"), lang),
        }
        return say(Message("report.verdict.total", slots), lang)
    weighed = [f for f in factors if f.get("weight")]
    missing = [f for f in weighed if f.get("score") is None]
    if overall.get("assessed_score") is not None:
        names = [word(f"core.factor.{f['id']}", lang) for f in missing]
        return say(Message("report.verdict.no_total", {"missing": names}), lang)
    counts = {"n": len(weighed) - len(missing), "m": len(weighed)}
    name = "too_few" if counts["n"] else "none"
    return say(Message(f"report.verdict.{name}", counts), lang)


def interval(overall: Mapping[str, Any], key: str, lang: str) -> str:
    low, high = overall.get("low"), overall.get("high")
    if overall.get(key) is not None and key == "score" and low is not None and high is not None:
        name = "near_end" if overall.get("range_kind") == BOUNDS else "interval"
        return say(Message(f"report.summary.{name}", {"low": low, "high": high}), lang)
    low, high = overall.get("bounds") or (None, None)
    if low is None or high is None:
        return ""
    return say(Message("report.summary.bounds", {"low": low, "high": high}), lang)


def notes_on(overall: Mapping[str, Any], rules: Rules, lang: str) -> list[str]:
    """Say what stands beside the score: the chance of a pass, the caps, the equal weights."""
    notes: list[str] = []
    whole = overall.get("score") is not None

    def note(key: str, **slots: Any) -> None:
        notes.append(say(Message(f"report.summary.{key}", slots), lang))

    def text(name: str) -> str:
        return score_text(overall.get(name), rules.bands, lang)

    if not whole and overall.get("assessed_score") is not None:
        note("assessed", score=text("assessed_score"))
    if overall.get("p_pass") is not None:
        code = likelihood(overall["p_pass"])
        share = format_value(overall["p_pass"], "probability", lang=lang)
        key = "probability" if whole else "probability_assessed"
        note(key, share=share, words=word(f"score.likelihood.{code}", lang))
    if overall.get("capped_by"):
        note("uncapped", rule=overall["capped_by"], score=text("uncapped"))
    if overall.get("equal_weights_score") is not None:
        note("equal", score=text("equal_weights_score"))
    return notes
