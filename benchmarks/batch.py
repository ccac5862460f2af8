"""How long does a batch take beside stock papermill, and beside what its cells cost alone?

    python benchmarks/batch.py               print the tables, write them into docs/performance.md
    python benchmarks/batch.py --clients 4   fewer clients
    python benchmarks/batch.py --once        every set-up one time, without a spread
    python benchmarks/batch.py --many 200    flat memory and flat time over many clients

Set-ups over the same notebooks and clients, two processes each, all bytecode compiled before:
(a) the command lines of papermill and nbconvert, two at a time; (b) their Python interfaces in two
long-lived worker processes; (c) ours; (d) the floor: the CPU of cells and page with everything
imported, divided by the two processes.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time

from batch_page import PROCESSES, many_section, section
from large import publish
from make_light import NAMES, PROJECT, write_clients, write_notebooks

CLIENTS, MANY = 10, 200
RUNS = {"a": 1, "b": 2, "c": 3, "c-real": 3, "c-one": 3}  # the dear ones fewer times
STANDARD_DEMO = "demo-trading"
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
           "PYDEVD_DISABLE_FILE_VALIDATION": "1"}  # fmt: skip


def command_lines(notebooks: Path, names: list[str], work: Path) -> float:
    """(a) papermill and nbconvert as commands, two at a time."""
    return _took(ThreadPoolExecutor, _command_line, _jobs(notebooks, names, work))


def _jobs(notebooks: Path, names: list[str], work: Path) -> list[tuple[Path, Path, str]]:
    """Pair every client with every notebook: the notebook, its output, the client."""
    return [
        (notebooks / f"{name}.ipynb", work / f"{client}-{name}.ipynb", client)
        for client in names
        for name in NAMES
    ]


def _took(pool: type[Executor], work: Callable[..., None], jobs: list) -> float:
    start = perf_counter()
    with pool(PROCESSES) as workers:
        list(workers.map(work, jobs))
    return perf_counter() - start


def _command_line(job: tuple[Path, Path, str]) -> None:
    notebook, output, client = job
    run = [sys.executable, "-m", "papermill", "--no-progress-bar", "-p", "client_id", client,
           str(notebook), str(output)]  # fmt: skip
    page = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", str(output)]
    for command in (run, page):
        subprocess.run(command, check=True, capture_output=True)


def workers(notebooks: Path, names: list[str], work: Path) -> float:
    """(b) papermill and nbconvert as libraries in two processes that stay."""
    return _took(ProcessPoolExecutor, _in_worker, _jobs(notebooks, names, work))


def _in_worker(job: tuple[Path, Path, str]) -> None:
    import nbconvert
    import papermill

    notebook, output, client = job
    papermill.execute_notebook(notebook, output, {"client_id": client}, progress_bar=False)
    page, _ = nbconvert.HTMLExporter().from_filename(str(output))
    output.with_suffix(".html").write_text(page, encoding="utf-8")


def ours(notebooks: Path, clients: Path, work: Path) -> tuple[float, list[dict]]:
    """(c) one command; return its seconds and what batch.json says of each client."""
    work.mkdir(exist_ok=True)
    # no script as main module: children would read it anew, of the command they find it read
    command = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import batch"
    start = perf_counter()
    subprocess.run([sys.executable, "-c", f"{command}; batch.main()", "--task", "ours",
                    "--work", str(work), "--notebooks", str(notebooks), "--folder", str(clients)],
                   check=True)  # fmt: skip
    took = perf_counter() - start
    batch = json.loads((work / "batch.json").read_text(encoding="utf-8"))
    assert all(run["state"] == "done" for run in batch["clients"]), batch
    return took, batch["clients"]


def _ours(notebooks: Path, clients: Path, work: Path) -> None:
    from crm_eval_lib.runner.batch import run_batch, write_index
    from crm_eval_lib.runner.client_run import Settings

    names = sorted(path.name for path in clients.iterdir())
    settings = Settings(clients, work, notebooks_dir=notebooks, force=True)
    run_batch(names, settings, processes=PROCESSES)
    write_index(work, "en")


def floor(notebooks: Path, clients: Path, work: Path) -> dict[str, float]:
    """(d) CPU of the cells and of one page of one client, in a process that holds everything."""
    done = subprocess.run([sys.executable, __file__, "--task", "floor", "--work", str(work),
                           "--notebooks", str(notebooks), "--folder", str(clients)],
                          check=True, stdout=subprocess.PIPE)  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def _floor(notebooks: Path, clients: Path, work: Path) -> None:
    from crm_eval_lib.runner.process import PRELOADED

    start = process_time()
    for name in PRELOADED:  # as the process that forks does
        import_module(name)
    imports = process_time() - start
    client = sorted(path.name for path in clients.iterdir())[0]
    run_dir = _prepared(client, clients, work)
    cells = {path.stem: _cells(path, client, clients, run_dir)
             for path in sorted(notebooks.glob("0*.ipynb"))}  # fmt: skip
    start = process_time()
    _page(client, clients, work)
    page = process_time() - start
    print(json.dumps({"imports": imports, "page": page, "cells": sum(cells.values()), **cells}))


def _prepared(client: str, clients: Path, work: Path) -> Path:
    from crm_eval_lib.client import open_client

    run_dir = work / ".floor"
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


def compared(count: int, work: Path, runs: Mapping[str, int] = RUNS) -> str:
    """Measure all set-ups, each in turn, and return the section of docs/performance.md."""
    light, small, real = work / "light", work / "small", work / "real"
    standard = PROJECT / "notebooks"
    write_notebooks(light)
    names = write_clients(small, count)
    write_clients(real, count, STANDARD_DEMO)
    first = _first(real, work / "one")
    ours(light, _first(small, work / "warm"), work / "c-warm")  # compiles the bytecode of all
    _command_line((light / f"{NAMES[0]}.ipynb", work / "warm.ipynb", names[0]))
    setups: dict[str, Callable[[Path], float]] = {
        "a": lambda folder: command_lines(light, names, folder),
        "b": lambda folder: workers(light, names, folder),
        "c": lambda folder: ours(light, small, folder)[0],
        "c-real": lambda folder: ours(standard, real, folder)[0],
        "c-one": lambda folder: ours(standard, first, folder)[0],
    }
    took: dict[str, list[float]] = {name: [] for name in setups}
    for turn in range(max(runs.values())):
        for name, measure in setups.items():
            if turn < runs[name]:
                (work / name).mkdir(exist_ok=True)
                took[name].append(measure(work / name))
    floors = {"light": floor(light, small, work / "c"),
              "real": floor(standard, real, work / "c-real")}  # fmt: skip
    return section(count, took, floors, _seconds(work / "c-real"))


def _seconds(work: Path) -> list[float]:
    """Return the seconds of each client of the batch that ran last."""
    batch = json.loads((work / "batch.json").read_text(encoding="utf-8"))
    return [run["seconds"] for run in batch["clients"]]


def _first(clients: Path, folder: Path) -> Path:
    folder.mkdir()
    first = sorted(clients.iterdir())[0]
    (folder / first.name).symlink_to(first)
    return folder


def many(count: int, work: Path) -> str:
    """Run many clients in one command: is memory flat, is the time per client?"""
    light, clients, reports = work / "light", work / "clients", work / "reports"
    write_notebooks(light)
    write_clients(clients, count)
    reports.mkdir()
    took, runs = ours(light, clients, reports)
    cpu = [sum(stage.get("cpu_seconds", 0) for stage in run["notebooks"].values()) for run in runs]
    peak = max(stage["peak_mb"] for run in runs for stage in run["notebooks"].values())
    return many_section(took, cpu, peak)


def treat_alike() -> None:
    """Give all set-ups the same surroundings: one thread each, and bytecode that is kept."""
    os.environ.update(THREADS)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--many", type=int, nargs="?", const=MANY)
    parser.add_argument("--task", choices=("ours", "floor"), help="for the script itself")
    for name in ("--work", "--notebooks", "--folder"):
        parser.add_argument(name, type=Path)
    chosen = parser.parse_args()
    treat_alike()
    if chosen.task:
        task = {"ours": _ours, "floor": _floor}[chosen.task]
        task(chosen.notebooks, chosen.folder, chosen.work)
        return
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        runs = dict.fromkeys(RUNS, 1) if chosen.once else RUNS
        text = many(chosen.many, work) if chosen.many else compared(chosen.clients, work, runs)
    publish(text)


if __name__ == "__main__":
    main()
