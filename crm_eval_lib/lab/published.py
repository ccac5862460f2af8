"""What a client's own notebooks hand to the scorecard, as far as their code says."""

import re
from collections.abc import Iterable
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
        notebook = read(item.path)
        code = _code(notebook)
        cell = _last_cell(item.factor)
        if not PUBLISHES.search(code):
            text = f"notebooks/{item.path.name}: no cell publishes anything, and a run needs it. "
            text += f"Its last cell must be {cell}"
            if NOTE in notebook["metadata"]:
                raise UsageError(text)
            notices.append(text)
        named = [] if item.factor in BESIDE else NAMED.findall(code)
        if named and item.factor not in named:
            raise UsageError(
                f"notebooks/{item.path.name} publishes factor {named[-1]!r}, but its file name "
                f"says {item.factor!r} ({nearest(named[-1], [item.factor])}). Rename one of the "
                f"two; the last cell would be {cell}"
            )
    return notices


def _last_cell(factor: str) -> str:
    if factor == "scorecard":
        return "that of the standard notebook: scorecard.with_beside(card, beside).publish(…)"
    return f'FactorResult.collect("{factor}", steps).publish(run_dir)'


def _code(notebook: dict[str, Any]) -> str:
    cells = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    return "\n".join("".join(cell["source"]) for cell in cells)
