"""The command line ``crm-eval``: one level of verbs, light to start.

Results go to standard output, messages to standard error. Exit codes: 0 done, 1 some client or
check failed, 2 wrong usage, 3 our fault.
"""

import sys
import traceback

import click

from crm_eval_lib import __version__
from crm_eval_lib.cli import clients, fixing, laboratory, planning, reports, running, training
from crm_eval_lib.errors import CrmEvalError, nearest, told

INTERNAL_ERROR = 3
INTERRUPTED = 130  # the shell's convention for Ctrl-C


class Verbs(click.Group):
    """A group that suggests the nearest verb."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple:
        """Find the verb; a misspelt one gets the nearest suggestion."""
        if args and args[0] not in self.commands:
            raise click.UsageError(f"No verb {args[0]!r}: {nearest(args[0], self.commands)}")
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Keep the order in which a consultant meets the verbs."""
        return list(self.commands)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="crm-eval")
def cli() -> None:
    """Did the CRM system work? Cost, problems, efficiency, controls – one report per client.

    Example: crm-eval run demo-trading
    """


for command in (
    clients.new, clients.check, planning.plan, fixing.freeze, running.run, reports.list_reports,
    reports.open_report, laboratory.lab, laboratory.customise, laboratory.new_factor,
    clients.params, clients.doctor, clients.simulate, reports.clean, training.train,
):  # fmt: skip
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    try:
        code = cli.main(arguments, prog_name="crm-eval", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("Stopped. Reports made before stand as they were.", err=True)
        code = INTERRUPTED
    except CrmEvalError as error:
        message, problems = told(error)
        click.echo(message, err=True)
        for problem in problems:
            click.echo(f"  - {problem}", err=True)
        code = error.exit_code
    except Exception:  # our fault: say so, with what a maintainer needs
        click.echo(
            f"This is a fault of crm-eval, please report it:\n{traceback.format_exc()}", err=True
        )
        code = INTERNAL_ERROR
    sys.exit(code if isinstance(code, int) else 0)
