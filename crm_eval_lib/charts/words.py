"""What a figure says of its step: where the numbers come from, and why nothing is drawn."""

from crm_eval_lib.results import Message, Step
from crm_eval_lib.text import say
from crm_eval_lib.text.named import table_label


def source_of(step: Step, lang: str) -> str:
    """Name the client's tables that a step rests on; a step on results rests on this report.

    >>> source_of(Step("score.factors", (), sources=("budget",)), "en")
    "Source: the client's tables Budget."
    >>> source_of(Step("score.factors", ()), "en")
    'Source: computed in this report.'
    """
    named = (name for indicator in step.indicators for name in indicator.tables)
    tables = dict.fromkeys((*named, *step.sources))
    if not tables:
        return say(Message("report.figure.source_own"), lang)
    named = [table_label(name, lang) for name in tables]
    return say(Message("report.figure.source", {"tables": named}), lang)


def reasons_of(step: Step) -> Message:
    """Give the reasons of the step's indicators, each once, else what the step itself says.

    >>> reasons_of(Step("problems.ledger", (), sources=("problems",))).key
    'report.figure.nothing_in'
    """
    reasons: list[Message] = []
    for item in step.indicators:
        if item.reason is not None and item.reason not in reasons:
            reasons.append(item.reason)
    if not (reasons or step.indicators) and step.table is None:
        reasons = [step.sentence] if step.sentence else [item.message for item in step.caveats]
    if reasons:
        return Message("report.figure.reasons", {"reasons": reasons})
    if step.sources:
        return Message("report.figure.nothing_in", {"tables": list(step.sources)})
    return Message("report.figure.nothing")
