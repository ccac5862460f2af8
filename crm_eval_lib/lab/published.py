"""What a client's own notebooks hand to the scorecard, as far as their code says."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crm_eval_lib.errors import UsageError, nearest
from crm_eval_lib.lab.copies import NOTE, read

PUBLISHES = re.compile(r"\.publish\s*\(")
NAMED = re.compile(r"""FactorResult\.collect\(\s*["']([^"']+)["']""")
BESIDE = ("data_check", "scorecard")  # notebooks whose last cell has a form of its own


def check_published(notebooks: Iterable[Any]) -> list[str]:
    """Make sure that each of a client's own notebooks publishes, and under its own id.

    Parameters
    ----------
    notebooks : iterable of PlannedNotebook

    Returns
    -------
    list of str
        Notebooks whose code names no publishing, which they may leave to a module.

    Raises
    ------
    UsageError
        A copy has lost its last cell, or one publishes a factor by another name than its file's.
    """
    notices = []
    for item in notebooks:
        notebook, name = read(item.path), f"notebooks/{item.path.name}"
        cell, named = _last_cell(item.factor), _named(notebook)
        if not PUBLISHES.search(_code(notebook)):
            if NOTE in notebook["metadata"]:
                raise UsageError(_nothing(name, cell))
            notices.append(_nothing(name, cell))
        if named and item.factor not in (*named, *BESIDE):
            raise UsageError(
                f"{name} publishes factor {named[-1]!r}, but its file name "
                f"says {item.factor!r} ({nearest(named[-1], [item.factor])}). Rename one of the "
                f"two; the last cell would be {cell}"
            )
    return notices


def check_taken(changed: Path, standard: Path) -> None:
    """Make sure that a changed copy is one of this standard notebook, and whole.

    Raises
    ------
    UsageError
        It publishes nothing, or what another notebook publishes.
    """
    notebook, factor = read(changed), standard.stem[3:]
    if not PUBLISHES.search(_code(notebook)):
        raise UsageError(_nothing(str(changed), _last_cell(factor)))
    found, wanted = _named(notebook), _named(read(standard))
    if found and not set(found) & set(wanted):
        raise UsageError(
            f"{changed} publishes factor {found[-1]!r}, and {standard.stem} publishes "
            f"{wanted[-1]!r}; nothing was changed. Name the notebook that this one was copied from."
        )


def _nothing(name: str, cell: str) -> str:
    return f"{name}: no cell publishes anything, and a run needs it. Its last cell must be {cell}"


def _named(notebook: dict[str, Any]) -> list[str]:
    """Return the factors a notebook's code collects by name."""
    return NAMED.findall(_code(notebook))


def _last_cell(factor: str) -> str:
    if factor == "scorecard":
        return "that of the standard notebook: scorecard.with_beside(card, beside).publish(…)"
    return f'FactorResult.collect("{factor}", steps).publish(run_dir)'


def _code(notebook: dict[str, Any]) -> str:
    cells = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    return "\n".join("".join(cell["source"]) for cell in cells)
