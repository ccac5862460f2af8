"""A cell run before its lesson is open: a sentence in the place of Python's NameError."""

import sys
from pathlib import Path
from typing import Any

from crm_eval_lib.errors import UsageError
from crm_eval_lib.results import Message
from crm_eval_lib.text import LANGUAGES, say
from crm_eval_lib.training.folder import find_learner

OPENED = ("lesson", "final")  # what the first code cell of a lesson makes


def watch() -> None:
    """Let the kernel say which cell comes first; outside of a notebook nothing happens."""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is not None:
        shell.set_custom_exc((NameError,), told)


def told(
    shell: Any, kind: type, error: NameError, trace: Any, tb_offset: int | None = None
) -> None:
    """Name the cell to run first while the lesson is not open; else show the error as it is.

    Parameters
    ----------
    shell : InteractiveShell
        Of the notebook; it calls this with what it would have shown.
    """
    if any(name in shell.user_ns for name in OPENED):
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        return
    said = Message("training.not_opened", {"name": error.name or str(error)})
    print(say(said, _language()), file=sys.stderr)


def _language() -> str:
    try:
        learner = find_learner(Path.cwd())
    except (UsageError, OSError):  # damaged or gone: the lesson's first cell says so
        return LANGUAGES[0]
    return learner.language if learner else LANGUAGES[0]
