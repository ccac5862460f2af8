"""A learner's folder is made: the lessons in one language, and nothing solved yet."""

import json
from pathlib import Path
from typing import Any

from crm_eval_lib.errors import UsageError
from crm_eval_lib.runner.paths import notebooks_dir
from crm_eval_lib.runner.whole_files import replace_text
from crm_eval_lib.text import LANGUAGES
from crm_eval_lib.training.folder import STATE, Learner, read_learner, write_learner

LESSONS_FOLDER = "training"  # below the standard notebooks


def start(folder: Path, language: str = LANGUAGES[0]) -> list[Path]:
    """Copy the lessons that are not there yet; return those copied.

    Parameters
    ----------
    folder : Path
        The learner's folder; made if need be. Lessons that lie there stay as they are.
    language : str
        The language kept of every lesson.

    Raises
    ------
    UsageError
        The folder is a file, cannot be written, or was started in another language.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; lessons need a folder. Name another one.")
    if (folder / STATE).exists() and read_learner(folder).language != language:
        raise UsageError(f"{folder} was started in another language. Name a new folder for "
                         f"{language}.")  # fmt: skip
    try:
        folder.mkdir(parents=True, exist_ok=True)
        copied = [_copy(path, folder / path.name, language) for path in lesson_files()
                  if not (folder / path.name).exists()]  # fmt: skip
        if not (folder / STATE).exists():
            write_learner(Learner(folder, language, {}))
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}.") from error
    return copied


def lesson_files() -> list[Path]:
    """Return the notebooks of all lessons in their order."""
    return sorted((notebooks_dir() / LESSONS_FOLDER).glob("[0-9]*.ipynb"))


def in_language(notebook: dict[str, Any], language: str) -> dict[str, Any]:
    """Return a notebook with the prose of one language only."""
    others = {f"lang-{other}" for other in LANGUAGES if other != language}
    cells = [
        cell for cell in notebook["cells"] if not others & set(cell["metadata"].get("tags", ()))
    ]
    return {**notebook, "cells": cells}


def _copy(source: Path, target: Path, language: str) -> Path:
    content = in_language(json.loads(source.read_text("utf-8")), language)
    replace_text(target, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return target
