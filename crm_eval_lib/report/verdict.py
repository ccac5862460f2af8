"""The verdict in words: score, interval, probability of a pass, what caps it."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from crm_eval_lib.report.scores import band_word, score_text
from crm_eval_lib.report.trace import marked
from crm_eval_lib.results import Message
from crm_eval_lib.scorecard.rules import Rules
from crm_eval_lib.scorecard.total import likelihood
from crm_eval_lib.scorecard.uncertainty import BOUNDS, CAPPED
from crm_eval_lib.text import word
from crm_eval_lib.text.formats import format_value

RANGES = {BOUNDS: "near_end", CAPPED: "capped"}  # what is not a plain interval, in words


def verdict(results: Mapping[str, Any], rules: Rules, lang: str) -> Markup:
    overall, factors = results.get("overall") or {}, results.get("factors", ())
    if overall.get("score") is not None:
        slots = {
            "score": score_text(overall["score"], rules.bands, lang),
            "band": band_word(overall.get("band"), lang),
        }
        paths = {"score": "overall/score"}
        return marked(Message("report.verdict.total", slots), lang, paths=paths)
    weighed = [f for f in factors if f.get("weight")]
    missing = [f for f in weighed if f.get("score") is None]
    if overall.get("assessed_score") is not None:
        names = [word(f"core.factor.{f['id']}", lang) for f in missing]
        return marked(Message("report.verdict.no_total", {"missing": names}), lang)
    counts = {"n": len(weighed) - len(missing), "m": len(weighed)}
    name = "too_few" if counts["n"] else "none"
    paths = {"n": "overall/scored_factors", "m": "overall/weighed_factors"}
    return marked(Message(f"report.verdict.{name}", counts), lang, paths=paths)


def interval(overall: Mapping[str, Any], key: str, lang: str) -> Markup:
    low, high = overall.get("low"), overall.get("high")
    if overall.get(key) is not None and key == "score" and low is not None and high is not None:
        name = RANGES.get(overall.get("range_kind"), "interval")
        ends = Message(f"report.summary.{name}", {"low": low, "high": high})
        return marked(ends, lang, paths={"low": "overall/low", "high": "overall/high"})
    low, high = overall.get("bounds") or (None, None)
    if low is None or high is None:
        return Markup("")
    ends = Message("report.summary.bounds", {"low": low, "high": high})
    return marked(ends, lang, paths={"low": "overall/bounds/0", "high": "overall/bounds/1"})


def notes_on(overall: Mapping[str, Any], rules: Rules, lang: str) -> list[Markup]:
    """Say what stands beside the score: the chance of a pass, the caps, the equal weights."""
    notes: list[Markup] = []
    whole = overall.get("score") is not None

    def note(key: str, place: str = "", **slots: Any) -> None:
        paths = dict.fromkeys(("score", "share"), f"overall/{place}")
        notes.append(marked(Message(f"report.summary.{key}", slots), lang, paths=paths))

    def text(name: str) -> str:
        return score_text(overall.get(name), rules.bands, lang)

    if not whole and overall.get("assessed_score") is not None:
        note("assessed", "assessed_score", score=text("assessed_score"))
    if whole and overall.get("p_pass") is not None:  # of a part it would promise too much
        code = likelihood(overall["p_pass"])
        share = format_value(overall["p_pass"], "probability", lang=lang)
        note("probability", "p_pass", share=share, words=word(f"score.likelihood.{code}", lang))
    if overall.get("capped_by"):
        rule = word(f"score.veto.{overall['capped_by']}", lang, overall["capped_by"])
        note("held", "uncapped", rule=rule, score=text("uncapped"))
    if overall.get("equal_weights_score") is not None:
        key = "equal" if whole else "equal_assessed"
        note(key, "equal_weights_score", score=text("equal_weights_score"))
    return notes
