"""How JupyterLab saves in the lab: a client's own notebooks without what running left in them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from crm_eval_lib.lab.copies import OWN

KEPT = "keep_output"  # tag of cells whose short output belongs to the notebook


class LabContents(AsyncLargeFileManager):
    """Stores a client's own notebooks as they would be committed: running changes no file."""

    def run_pre_save_hooks(self, model: dict[str, Any], path: str, **kwargs: Any) -> None:
        """Take outputs out of what is to be saved below the client's folder."""
        super().run_pre_save_hooks(model=model, path=path, **kwargs)
        if model.get("type") == "notebook" and path.strip("/").startswith(f"{OWN}/"):
            stored = Path(self._get_os_path(path.strip("/")))
            model["content"] = as_stored(model["content"], _metadata(stored))


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


def _metadata(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))["metadata"]
    except (OSError, ValueError, LookupError):
        return {}  # a new notebook
