"""The floor of a batch: what a client's cells and page cost in a process that holds everything.

benchmarks/batch.py starts this script as often as there are processes at one time.
"""

import argparse
import json
import statistics
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from time import process_time


def floor(notebooks: Path, clients: Path, work: Path, *, processes: int) -> dict[str, float]:
    """(d) CPU of cells, page and imports of a client, each in a process that holds everything.

    As many processes are at work at one time as are asked for; the mean of them counts. `work`
    holds a report of each client.
    """
    names = sorted(path.name for path in clients.iterdir())[:processes]
    began = [
        subprocess.Popen([sys.executable, __file__, *map(str, (notebooks, clients, work)), name],
                         stdout=subprocess.PIPE)
        for name in names
    ]  # fmt: skip
    said = [process.communicate()[0] for process in began]
    assert not any(process.returncode for process in began), said
    parts = [json.loads(text.splitlines()[-1]) for text in said]
    return {name: statistics.mean(part[name] for part in parts) for name in parts[0]}


def _floor(notebooks: Path, clients: Path, work: Path, client: str) -> None:
    from crm_eval_lib.runner.servers import PRELOADED

    start = process_time()
    for name in PRELOADED:  # as the process that forks does
        import_module(name)
    imports = process_time() - start
    run_dir = _prepared(client, clients, work)
    cells = {path.stem: _cells(path, client, clients, run_dir)
             for path in sorted(notebooks.glob("0*.ipynb"))}  # fmt: skip
    start = process_time()
    _page(client, clients, work)
    page = process_time() - start
    print(json.dumps({"imports": imports, "page": page, "cells": sum(cells.values()), **cells}))


def _prepared(client: str, clients: Path, work: Path) -> Path:
    from crm_eval_lib.client import open_client

    run_dir = work / f".floor-{client}"
    opened = open_client(client, clients_dir=clients).validate()
    opened.save(run_dir)
    return run_dir


def _cells(notebook: Path, client: str, clients: Path, run_dir: Path) -> float:
    """Run the cells of a notebook in a plain IPython shell; return their CPU seconds."""
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.core.pylabtools import select_figure_formats
    from IPython.utils.capture import capture_output

    InteractiveShell.enable_gui = lambda shell, gui=None: None  # no windows: figures appear inline
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.enable_matplotlib("inline")
    select_figure_formats(shell, {"png"})  # drawn, as a kernel does it, and not only named
    values = {"client_id": client, "clients_dir": str(clients), "run_dir": str(run_dir),
              "language": "", "status_date": ""}  # fmt: skip
    spent = 0.0
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "code":
            start = process_time()
            with capture_output():
                shell.run_cell(cell.source).raise_error()
            spent += process_time() - start
            if "parameters" in cell.metadata.get("tags", []):
                shell.push(values)
    return spent


def _page(client: str, clients: Path, work: Path) -> None:
    from crm_eval_lib.client import open_client
    from crm_eval_lib.report import render_page
    from crm_eval_lib.runner.jobs import commentary

    report = work / client
    opened = open_client(client, clients_dir=clients)
    render_page(
        notebooks=sorted((report / "notebooks").glob("0*.ipynb")),
        results=json.loads((report / "results.json").read_text(encoding="utf-8")),
        lang=opened.language, commentary=commentary(opened.folder), config=opened.config,
        cache_dir=work / ".cache",
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("notebooks", "clients", "work"):
        parser.add_argument(name, type=Path)
    parser.add_argument("client")
    given = parser.parse_args()
    _floor(given.notebooks, given.clients, given.work, given.client)


if __name__ == "__main__":
    main()
