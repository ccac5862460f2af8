"""README's help block from the command line: ``python -m crm_eval_lib.cli.helptext``."""

import re
from pathlib import Path

from click.testing import CliRunner

from crm_eval_lib.cli import cli

MARKS = ("<!-- help:begin -->\n", "<!-- help:end -->")
WIDTH = 100


def help_block() -> str:
    """Return the help of the command line as README prints it, indented by four."""
    answer = CliRunner().invoke(cli, ["--help"], terminal_width=WIDTH, prog_name="crm-eval")
    return "".join(f"    {line}".rstrip() + "\n" for line in answer.output.splitlines())


def refreshed(readme: str) -> str:
    """Return README with a fresh help block.

    >>> "Usage: crm-eval" in refreshed("".join(MARKS))
    True
    """
    block = MARKS[0] + help_block() + MARKS[1]
    return re.sub(f"{MARKS[0]}.*?{MARKS[1]}", lambda _: block, readme, flags=re.S)


if __name__ == "__main__":
    path = Path("README.md")
    path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8")
