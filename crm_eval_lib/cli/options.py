"""Options that several verbs share."""

import click

clients_option = click.option(
    "--clients", "clients_folder", metavar="DIR", help="Folder of the clients [data/clients]."
)
reports_option = click.option(
    "--reports", "reports_folder", metavar="DIR", help="Folder of the reports [reports]."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
language_option = click.option(
    "--lang", "language", type=click.Choice(["en", "zh-Hans"]), help="Language [the client's]."
)
