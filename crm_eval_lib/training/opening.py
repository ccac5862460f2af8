"""A learner's folder in JupyterLab."""

import os
from importlib.resources import files
from pathlib import Path

from crm_eval_lib.lab.launching import QUIET, kernel_environment

STARTUP = "PYTHONSTARTUP"  # a file that every Python kernel runs when it starts


def environment() -> dict[str, str]:
    """Return what JupyterLab's kernels are told; a startup file of the user's own is left alone."""
    hook = str(files("crm_eval_lib") / "data" / "lesson_startup.py")
    return {STARTUP: os.environ.get(STARTUP) or hook, **kernel_environment()}


def options(folder: Path) -> list[str]:
    """Return JupyterLab's options: the learner's folder, and no question to a network."""
    return [f"--ServerApp.root_dir={folder.resolve()}", *QUIET]
