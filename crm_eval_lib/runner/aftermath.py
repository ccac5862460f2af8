"""What an executed notebook says after its process died, which papermill does not know.

papermill's own engine marks every cell completed when a kernel is killed; with the other engine
nobody is left to mark anything. The parent knows the cell the child had come to.
"""

import json
from dataclasses import replace
from pathlib import Path

from crm_eval_lib.runner.outcome import Outcome
from crm_eval_lib.runner.whole_files import replace_text


def with_cell(outcome: Outcome, notebook: Path) -> Outcome:
    """Name in the outcome the cell that was at work, and mark it in the notebook.

    Parameters
    ----------
    outcome : Outcome
        Of a process that died or was stopped; `last_told` is the index of the cell.
    notebook : Path
        The executed notebook as it was saved last.
    """
    index = outcome.last_told
    if index is None or not notebook.is_file():
        return replace(outcome, message=f"{notebook.stem}: {outcome.message}")
    content = json.loads(notebook.read_text(encoding="utf-8"))
    cells = content["cells"]
    for place, cell in enumerate(cells[index:]):
        state = cell["metadata"].setdefault("papermill", {})
        state |= {"status": "pending", "exception": None} if place else {
            "status": "failed", "exception": True}  # fmt: skip
    content["metadata"].setdefault("papermill", {})["exception"] = True
    replace_text(notebook, json.dumps(content, ensure_ascii=False, indent=1))
    return replace(outcome, message=f"{notebook.stem}, cell {_number(cells, index)}: "
                                    f"{outcome.message}")  # fmt: skip


def _number(cells: list[dict], index: int) -> int:
    """Return the number a cell carries when all before it have run: `In [n]`."""
    run = [c for c in cells[: index + 1] if c["cell_type"] == "code" and "".join(c["source"])]
    return len(run)
