"""The verb ``plan``: what could be shown, and how many items to draw, before fieldwork."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import click

from crm_eval_lib.cli.options import clients_option, language_option
from crm_eval_lib.cli.running import chosen_clients
from crm_eval_lib.runner.paths import clients_dir

FORMATS = ("text", "csv", "json")


@click.command()
@click.argument("name", metavar="CLIENT")
@click.option("--months-before", type=click.FloatRange(1, 120), default=12, show_default=True,
              help="Months of log before go-live.")  # fmt: skip
@click.option("--months-after", type=click.FloatRange(1, 120),
              help="Months of log after the transition [up to the status date].")  # fmt: skip
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@clients_option
@language_option
def plan(
    name: str,
    months_before: float,
    months_after: float | None,
    form: str,
    clients_folder: str | None,
    language: str | None,
) -> None:
    """Say before fieldwork what change could be shown, and how many items to draw.

    Example: crm-eval plan acme --months-before 18
    """
    from crm_eval_lib.fieldwork import plan_steps
    from crm_eval_lib.runner.freezing import without_outcomes

    clients = clients_dir(clients_folder)
    (chosen,) = chosen_clients(clients, (name,), False)
    client = without_outcomes(chosen, clients)
    steps = plan_steps(client, months_before=months_before, months_after=months_after)
    lang = language or client.language
    tell = {"text": _text, "csv": _csv, "json": _json}[form]
    click.echo(tell(client, steps, lang))


def _text(client: Any, steps: list[Any], lang: str) -> str:
    from crm_eval_lib.results import Message
    from crm_eval_lib.text import say, word
    from crm_eval_lib.text.cells import words
    from crm_eval_lib.text.plain_tables import text_table

    dates = client.dates
    live = dates.go_live if dates.go_live is not None else dates.planned_go_live
    slots = {"client": client.name, "live": str(live), "status": str(dates.status_date)}
    lines = [say(Message("plan.word.intro", slots), lang), word("plan.word.nothing_read", lang)]
    for step in steps:
        lines += ["", f"== {words(step.headline, lang)}", words(step.sentence, lang)]
        for title, payload in _tables(step, lang):
            lines += ["", *([title] if title else []), *text_table(payload, lang)]
    return "\n".join(lines)


def _csv(client: Any, steps: list[Any], lang: str) -> str:
    """One line per value: table, row, column, value as it is (shares 0–1)."""
    from crm_eval_lib.text.cells import words

    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["table", "row", "column", "value"])
    for step in steps:
        for name, payload in _payloads(step):
            for place, row in enumerate(payload["rows"], start=1):
                for column, value in zip(payload["columns"], row, strict=True):
                    said = words(value, lang) if isinstance(value, dict) else value
                    writer.writerow([name, place, column, said])
    return stream.getvalue().rstrip("\n")


def _json(client: Any, steps: list[Any], lang: str) -> str:
    from crm_eval_lib.text.cells import words

    content = [
        {
            "step": step.name,
            "sentence": words(step.sentence, lang),
            "tables": {
                name: [
                    {c: words(v, lang) if isinstance(v, dict) else v
                     for c, v in zip(payload["columns"], row, strict=True)}
                    for row in payload["rows"]
                ]
                for name, payload in _payloads(step)
            },
        }
        for step in steps
    ]  # fmt: skip
    return json.dumps({"client": client.id, "plan": content}, ensure_ascii=False, indent=1)


def _tables(step: Any, lang: str) -> Iterator[tuple[str, dict[str, Any]]]:
    from crm_eval_lib.text import word

    for name, payload in _payloads(step):
        area, _, rest = name.partition(".")
        yield ("" if name == step.name else word(f"{area}.table.{rest}", lang)), payload


def _payloads(step: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a step's tables, whole, by name."""
    from crm_eval_lib.view import payload_of_table

    if step.table is not None:
        yield step.name, payload_of_table(step.table, step, rows=len(step.table))
    for part, table in step.tables.items():
        yield f"{step.name}.{part}", payload_of_table(table, step, rows=len(table))
