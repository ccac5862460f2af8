"""Invested against yearly benefit, on the summary: what the scorecard's steps on value say."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from crm_eval_lib.report.matrix import step_named
from crm_eval_lib.report.notebook import Notebook
from crm_eval_lib.report.trace import marked, ref
from crm_eval_lib.text import has

STEPS = ("costs", "benefits")  # steps of the scorecard's notebook; each says one half


def worth_of(scorecard: Notebook | None, lang: str) -> Markup:
    """Say what went in and what comes back in a year; nothing where neither is known."""
    said = (_short(step_named(scorecard, name), lang) for name in STEPS)
    return Markup(" " if lang == "en" else "").join(text for text in said if text)


def _short(step: Mapping[str, Any] | None, lang: str) -> Markup:
    """Say the step's sentence in the few words of the sheet, from the same slots."""
    sentence = (step or {}).get("sentence")
    if not isinstance(sentence, Mapping):
        return Markup("")
    short = f"report.worth.{str(sentence['key']).rpartition('.')[2]}"
    if not has(short, lang):
        return Markup("")
    return marked({**sentence, "key": short}, lang, ref("steps", step.get("name", ""), "sentence"))
