"""Copies of standard notebooks: what they were copied from, and what became of that since."""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from crm_eval_lib import __version__
from crm_eval_lib.errors import UsageError

OWN_FOLDER = "notebooks"  # below the client's folder
OWN = "own"  # folder of the lab that leads there
ORIGINS = ".origin"  # beside the copies: the standard notebooks as they were copied
NOTE = "crm_eval"  # key of a copy's metadata
KEPT = "keep_output"  # tag of cells whose short output belongs to the notebook
INDENT = 1  # as JupyterLab writes notebooks, keys in order


def content_hash(notebook: dict[str, Any]) -> str:
    """Hash what a notebook says and computes: sources, kinds and tags of its cells.

    >>> cell = {"cell_type": "code", "source": ["1 + ", "2"], "metadata": {}, "outputs": []}
    >>> run = {**cell, "source": "1 + 2", "outputs": [3]}
    >>> content_hash({"cells": [cell]}) == content_hash({"cells": [run]})
    True
    """
    cells = [
        [cell["cell_type"], "".join(cell["source"]), sorted(cell["metadata"].get("tags", []))]
        for cell in notebook["cells"]
    ]
    return sha256(json.dumps(cells).encode()).hexdigest()


def as_stored(notebook: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return a notebook without outputs, and with the kernel and language its file names.

    >>> cell = {"cell_type": "code", "outputs": [{"text": "3"}], "execution_count": 7,
    ...         "metadata": {"execution": {}}, "source": "1 + 2"}
    >>> as_stored({"cells": [cell], "metadata": {}}, {})["cells"][0]["outputs"]
    []
    """
    named = {key: metadata[key] for key in ("kernelspec", "language_info") if key in metadata}
    cells = [_without_outputs(cell) for cell in notebook["cells"]]
    return {**notebook, "cells": cells, "metadata": {**notebook["metadata"], **named}}


def _without_outputs(cell: Mapping[str, Any]) -> dict[str, Any]:
    if cell["cell_type"] != "code" or KEPT in cell["metadata"].get("tags", []):
        return dict(cell)
    metadata = {key: value for key, value in cell["metadata"].items() if key != "execution"}
    return {**cell, "outputs": [], "execution_count": None, "metadata": metadata}


def read(path: Path) -> dict[str, Any]:
    """Read a notebook's file as it is.

    Raises
    ------
    UsageError
        It cannot be read, or is no notebook.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        content_hash(notebook)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path} cannot be read as a notebook ({str(error)[:120]}). Save it again in "
            "JupyterLab, or remove it."
        ) from error
    return notebook


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tell in a sentence when a file or folder may not be written."""
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"{error.filename or path} cannot be written: {error.strerror}. Ask for the right to "
            "write there, or make room for it; then try again."
        ) from error


def write(notebook: dict[str, Any], path: Path) -> Path:
    """Write a notebook's file, its folder made if need be."""
    text = json.dumps(notebook, ensure_ascii=False, indent=INDENT, sort_keys=True)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    return path


def customise(folder: Path, standard: Path, changed: Path | None = None) -> Path:
    """Copy a standard notebook into a client's folder; return the copy.

    Parameters
    ----------
    folder : Path
        The client's.
    standard : Path
        The standard notebook. The copy's metadata hold the hash of its content, and the file
        itself is kept beside the copy, so that `since` can tell what changed.
    changed : Path, optional
        A copy with changes already, such as one of the lab: its cells are taken, no outputs.
    """
    copy = folder / OWN_FOLDER / standard.name
    if copy.exists():
        raise UsageError(
            f"{copy} exists already; nothing was changed. Go on with it in crm-eval lab "
            f"{folder.name}, or remove it first."
        )
    origin = read(standard)
    taken = as_stored(read(changed), origin["metadata"]) if changed else origin
    return _noted(taken, standard, copy)


def accept(folder: Path, standard: Path) -> Path:
    """Note that a copy has been held against the standard notebook of today."""
    copy = folder / OWN_FOLDER / standard.name
    if not copy.is_file():
        raise UsageError(
            f"{folder.name} has no copy of {standard.stem} yet. Make one first: "
            f"crm-eval customise {folder.name} {standard.stem}"
        )
    return _noted(read(copy), standard, copy)


def _noted(notebook: dict[str, Any], standard: Path, copy: Path) -> Path:
    note = {"origin": standard.stem, "sha256": content_hash(read(standard)),
            "version": __version__}  # fmt: skip
    write({**notebook, "metadata": {**notebook["metadata"], NOTE: note}}, copy)
    kept = copy.parent / ORIGINS / standard.name
    with writing(kept):
        kept.parent.mkdir(exist_ok=True)
        shutil.copyfile(standard, kept)
    return copy


def since(copy: Path, standard_folder: Path) -> list[str]:
    """Say what changed in the standard notebook since a copy was made; nothing where nothing did.

    Parameters
    ----------
    copy : Path
        A client's own notebook; one that is no copy has no origin.
    standard_folder : Path
        Where the standard notebooks are.
    """
    note = read(copy)["metadata"].get(NOTE)
    if not isinstance(note, dict) or "origin" not in note:
        return []
    client, name = copy.parents[1].name, str(note["origin"])
    standard = standard_folder / f"{name}.ipynb"
    if not standard.is_file():
        return [f"notebooks/{copy.name}: its origin, the standard notebook {name}, is gone"]
    if content_hash(read(standard)) == note.get("sha256"):
        return []
    lines = "; ".join(_changes(copy.parent / ORIGINS / standard.name, standard, note))
    return [
        f"notebooks/{copy.name}: the standard notebook has changed since it was copied: {lines}. "
        f"Take over what you need, then: crm-eval customise {client} {name} --accept"
    ]


def _changes(kept: Path, standard: Path, note: dict[str, Any]) -> Iterable[str]:
    from crm_eval_lib.lab.changes import changes

    if not kept.is_file() or content_hash(read(kept)) != note.get("sha256"):
        return [f"what, cannot be told, for {ORIGINS}/{standard.name} is not what was copied"]
    return changes(read(kept), read(standard))
