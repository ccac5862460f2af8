"""What differs between two versions of a notebook, in words."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

import crm_eval_lib.runner.quick  # noqa: F401 – else nbformat, which nbdime imports, is slow

NAME_LENGTH = 48  # letters of a cell's first line that name it


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Say cell by cell what changed; outputs and metadata do not count.

    Parameters
    ----------
    before, after : dict
        Two notebooks; cells are numbered from 1, as they stood before.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> old, new = (new_notebook(cells=[new_code_cell(s, id="a")]) for s in ("x = 1", "x = 2"))
    >>> changes(old, new)
    ['cell 1 (x = 1) changed: 1 line']
    """
    import nbformat
    from nbdime import diff_notebooks

    first, second = (nbformat.from_dict(_sources(item)) for item in (before, after))
    cells = next((d["diff"] for d in diff_notebooks(first, second) if d["key"] == "cells"), [])
    return [text for item in cells for text in _told(item, first.cells, second.cells)]


def _sources(notebook: dict[str, Any]) -> dict[str, Any]:
    """Leave what is compared: kind, id and source of each cell."""
    cells = [
        {
            "cell_type": cell["cell_type"],
            "id": cell.get("id", f"cell-{place}"),
            "metadata": {},
            "source": "".join(cell["source"]),
            **({"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {}),
        }
        for place, cell in enumerate(notebook["cells"])
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def _told(item: dict[str, Any], before: list[Any], after: list[Any]) -> Iterator[str]:
    place = item["key"]
    if item["op"] == "patch":
        old = before[place]
        new = next((cell for cell in after if cell.id == old.id), None)
        lines = "" if new is None else f": {_lines(old.source, new.source)}"
        yield f"cell {place + 1} ({_name(old)}) changed{lines}"
    elif item["op"] == "addrange":
        where = f"after cell {place} ({_name(before[place - 1])})" if place else "at the top"
        for cell in item["valuelist"]:
            yield f"new cell {where}: {_name(cell)}"
    elif item["op"] == "removerange":
        for gone in range(place, place + item["length"]):
            yield f"cell {gone + 1} ({_name(before[gone])}) is gone"


def _lines(old: str, new: str) -> str:
    steps = SequenceMatcher(None, old.splitlines(), new.splitlines()).get_opcodes()
    count = sum(max(b - a, d - c) for kind, a, b, c, d in steps if kind != "equal")
    return "1 line" if count == 1 else f"{count} lines"


def _name(cell: Any) -> str:
    line = next((line.strip("# ") for line in cell["source"].splitlines() if line.strip()), "empty")
    return line if len(line) <= NAME_LENGTH else f"{line[: NAME_LENGTH - 1]}…"
