"""The verb ``freeze``: settle the choices before the outcomes can be known."""

import json
from typing import Any

import click

from crm_eval_lib.cli.options import clients_option, json_option, reports_option
from crm_eval_lib.cli.running import chosen_clients
from crm_eval_lib.runner.paths import clients_dir, reports_dir


@click.command()
@click.argument("name", metavar="CLIENT")
@click.option("--again", is_flag=True, help="Fix it again; the earlier versions stay inside.")
@clients_option
@reports_option
@json_option
def freeze(
    name: str, again: bool, clients_folder: str | None, reports_folder: str | None, as_json: bool
) -> None:
    """Fix weights, anchors, blackout and key indicators before outcomes are read.

    Writes protocol.json beside the client's reports, hashed with the time. No outcome table is
    opened. Every report says from then on what was changed, with the verdict under both.

    Example: crm-eval freeze acme
    """
    from crm_eval_lib.runner.freezing import freeze as fix

    clients = clients_dir(clients_folder)
    (client,) = chosen_clients(clients, (name,), False)
    frozen = fix(client, clients, reports_dir(reports_folder), again=again)
    if as_json:
        summary = {k: v for k, v in frozen.record.items() if k != "settings"}
        click.echo(json.dumps({"protocol": str(frozen.path), **summary}, indent=1))
        return
    click.echo(str(frozen.path))
    for line in _told(frozen):
        click.echo(line, err=True)


def _told(frozen: Any) -> list[str]:
    record, settings = frozen.record, frozen.record["settings"]
    lines = [
        f"Fixed at {record['frozen_at']}: {len(settings['key_indicators'])} key indicators, their "
        "weights and anchors, blackout, bands, vetoes and rules of measurement.",
        f"SHA-256 {record['sha256']}",
        "Write this hash into the minutes: the file alone cannot prove that nobody replaced it.",
    ]
    if frozen.versions > 1:
        lines.append(f"It is version {frozen.versions}; the earlier ones stay inside.")
    if record["outcome_tables"]:
        tables = ", ".join(record["outcome_tables"])
        lines.append(f"Fixed after outcome tables lay there already, and the report will say so: "
                     f"{tables}.")  # fmt: skip
    if record["reports"]:
        days = ", ".join(record["reports"])
        lines.append(f"Fixed after a report was made already, and the report will say so: {days}.")
    lines += [f"Not fixed: table {name} – {why}" for name, why in record["unread"].items()]
    return lines
