"""Options that several verbs share."""

from typing import Any

import click

from crm_eval_lib.errors import ended, nearest

LANGUAGES = ("en", "zh-Hans")  # as in crm_eval_lib.text, which is slow to start; a test compares
ALSO_CALLED = {"zh": "zh-Hans", "zh-cn": "zh-Hans", "cn": "zh-Hans", "en-us": "en", "en-gb": "en"}


PASSED_ON = {"ignore_unknown_options": True, "allow_extra_args": True}  # to JupyterLab


class Language(click.ParamType):
    """A language of the reports by its name or a name in common use."""

    name = "language"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """Show the names in the help text."""
        return f"[{'|'.join(LANGUAGES)}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name; an unknown one is answered with the nearest."""
        known = {name.lower(): name for name in LANGUAGES} | ALSO_CALLED
        found = known.get(str(value).lower().replace("_", "-"))
        if found is None:
            self.fail(
                ended(f"{value!r} is not a language of the reports: {nearest(value, LANGUAGES)}")
            )
        return found


clients_option = click.option(
    "--clients", "clients_folder", metavar="DIR", help="Folder of the clients [data/clients]."
)
reports_option = click.option(
    "--reports", "reports_folder", metavar="DIR", help="Folder of the reports [reports]."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
language_option = click.option(
    "--lang", "language", type=Language(), help="Language [the client's]."
)
