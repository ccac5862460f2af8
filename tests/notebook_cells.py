"""Run a notebook's code cells in this process, without a kernel."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def published(notebook: Any, run_dir: Path, factor: str, **parameters: Any) -> dict[str, Any]:
    """Run the code cells one after another with other parameters; return what was published."""
    names: dict[str, Any] = {"display": lambda *shown: None}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
            if "parameters" in cell.metadata.tags:
                names.update(parameters, run_dir=str(run_dir))
    return json.loads((run_dir / "results" / f"{factor}.json").read_text("utf-8"))


def run_cells(notebook: Mapping[str, Any], *, replacing: Mapping[str, str]) -> dict[str, Any]:
    """Run a notebook read as JSON; texts of its setup cell are replaced; return its variables."""
    names: dict[str, Any] = {"display": lambda *shown: None}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            if "setup" in cell["metadata"].get("tags", ()):
                for old, new in replacing.items():
                    source = source.replace(old, new)
            exec(source, names)
    return names
