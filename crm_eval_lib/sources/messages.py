"""What messages about a cell say: what its column accepts, and what to do."""

from crm_eval_lib.errors import nearest
from crm_eval_lib.sources.moments import likely_format
from crm_eval_lib.tables.declare import CURRENCY_UNIT
from crm_eval_lib.tables.spec import Column
from crm_eval_lib.tables.words import plain, value_map

TEXT_KINDS = ("id", "text")
CODE_KINDS = ("enum", "yes_no")
MOMENT_KINDS = ("date", "timestamp")
NUMBER_KINDS = ("amount", "number", "integer", "ratio", "scale")
ACCEPTED = {
    "yes_no": "yes (是) or no (否)",
    "date": "a date as 2024-01-31",
    "timestamp": "a time as 2024-01-31 13:30 or 2024-01-31T13:30:00+08:00",
    "integer": "a whole number",
    "ratio": "a share such as 0.125 or 12.5%",
    "id": "text",
    "text": "text",
}


def allowed(column: Column, declared_format: str | None = None) -> str:
    """Say what a column accepts.

    >>> allowed(Column("amount", "amount", "", "", "金额", minimum=0.0))
    'a number such as 1234.56, at least 0'
    """
    if column.unit == CURRENCY_UNIT:
        return "a currency code of ISO 4217 such as CNY, USD, EUR"
    if column.kind == "enum":
        return ", ".join(f"{code} ({zh})" if zh else code for code, zh in column.values.items())
    if declared_format and column.kind in MOMENT_KINDS:
        return f"a date as {declared_format}"
    return ACCEPTED.get(column.kind, "a number such as 1234.56") + limit_words(column)


def is_coded(column: Column) -> bool:
    """Say whether a column takes words of a list."""
    return column.kind in CODE_KINDS or column.unit == CURRENCY_UNIT


def limit_words(column: Column) -> str:
    """Say the limits of a column as an addition to a sentence.

    >>> limit_words(Column("x", "scale", "", "", "", minimum=1.0, maximum=5.0))
    ', from 1 to 5'
    """
    if column.minimum is not None and column.maximum is not None:
        return f", from {column.minimum:g} to {column.maximum:g}"
    if column.minimum is not None:
        return f", at least {column.minimum:g}"
    if column.above is not None:
        return f", above {column.above:g}"
    return f", at most {column.maximum:g}" if column.maximum is not None else ""


def remedy(word: str, column: Column, table: str, declared_format: str | None = None) -> str:
    """Say what to do about a value that cannot be read.

    >>> remedy("31/01/2024", Column("raised_on", "date", "", "", ""), "problems")[-50:]
    ' formats: {raised_on: "%d/%m/%Y"}}} in client.yml.'
    """
    if is_coded(column):
        return _code_remedy(word, column)
    if column.kind not in MOMENT_KINDS:
        return "Write the plain number; leave the cell empty when there is none."
    if declared_format:
        return "Correct the cell, or the format in client.yml."
    example = f'{{{column.name}: "{likely_format(word) or "%d/%m/%Y"}"}}'
    return (
        "Correct the cell; if all dates look like this, say "
        f"sources: {{{table}: {{file: …, formats: {example}}}}} in client.yml."
    )


def meant(word: str, known: object) -> str:
    """Return a question with the nearest known word, or nothing.

    >>> meant("hardwear", ["hardware", "software"])
    "Did you mean 'hardware'? "
    """
    hint = nearest(word, known)
    return f"{hint[:1].upper()}{hint[1:]} " if hint.startswith("did you") else ""


def _code_remedy(word: str, column: Column) -> str:
    return (
        f"{meant(plain(word), value_map(column))}Correct it, or map it with values: in client.yml."
    )
