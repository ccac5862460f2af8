"""A learner's folder in JupyterLab."""

import os
from pathlib import Path

from crm_eval_lib.lab.launching import DATA, QUIET, jupyter_environment

STARTUP = "PYTHONSTARTUP"  # a file that every Python kernel runs when it starts


def environment() -> dict[str, str]:
    """Return what JupyterLab and its kernels are told; the user's own startup file stays."""
    hook = str(DATA / "lesson_startup.py")
    return {STARTUP: os.environ.get(STARTUP) or hook, **jupyter_environment()}


def options(folder: Path) -> list[str]:
    """Return JupyterLab's options: the learner's folder, and no question to a network."""
    return [f"--ServerApp.root_dir={folder.resolve()}", *QUIET]
