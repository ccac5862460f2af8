"""What a what-if shows: one step with its table, and the sentences around it, as HTML."""

from html import escape

import pandas as pd

from crm_eval_lib.results import Message, Step
from crm_eval_lib.scorecard.steps import verdict
from crm_eval_lib.text.cells import words
from crm_eval_lib.view import payload_of_table, table_html, wrapped
from crm_eval_lib.whatif.answer import Answer
from crm_eval_lib.whatif.base import Base
from crm_eval_lib.whatif.frozen import frozen_words


def answer_step(base: Base, answer: Answer) -> Step:
    """Put the factors under what was asked beside the factors as they stand.

    Returns
    -------
    Step
        One row per factor: its share of the total, its score now, and its score, interval and
        bounds under what was asked. The sentence is the verdict's.
    """
    rows = [
        {
            "factor": item.factor,
            "weight_share": item.weight,
            "score_now": base.card[item.factor].score,
            "score": item.score,
            "low": item.low,
            "high": item.high,
            "bound_low": item.bounds[0],
            "bound_high": item.bounds[1],
        }
        for item in answer.card.factors
    ]
    table = pd.DataFrame(rows).astype({"score_now": float, "score": float})
    return Step("score.what_if", table=table, sentence=verdict(answer.card).sentence)


def answer_html(base: Base, answer: Answer, lang: str) -> str:
    """Return an answer as it stands in the notebook: verdict, factors, flip points, value."""
    step = answer_step(base, answer)
    now = Message("whatif.sentence.now", {"verdict": verdict(base.card).sentence})
    asked = Message("whatif.sentence.asked", {"verdict": step.sentence})
    changed = answer.settings.changed(base.settings)
    parts = [
        *_paragraphs((*base.notes, *frozen_words(base, answer.settings)), lang, "crm-note"),
        *_paragraphs([asked] if changed else [], lang, "crm-verdict"),
        *_paragraphs([now], lang, "crm-now"),
        *_paragraphs(answer.notes, lang, "crm-approximate"),
        *_paragraphs(answer.needs_run, lang, "crm-needs-run"),
        table_html(payload_of_table(step.table, step), lang),
        *_paragraphs([answer.flips.sentence], lang, "crm-flips"),
        _flips(answer, lang),
        *_paragraphs([answer.worth.sentence], lang, "crm-worth"),
        *_paragraphs([Message("whatif.sentence.nothing_enters", {})], lang, "crm-rule"),
    ]
    return wrapped("".join(parts))


def _flips(answer: Answer, lang: str) -> str:
    table = answer.flips.table
    if table is None or table["flips_at_share"].isna().all():
        return ""
    return table_html(payload_of_table(table, answer.flips), lang)


def _paragraphs(said: tuple | list, lang: str, kind: str) -> list[str]:
    return [f'<p class="{kind}">{escape(words(item, lang))}</p>' for item in said if item]
