"""How long does a batch take beside stock papermill, and beside what its cells cost alone?

    python benchmarks/batch.py               print the tables, write them into docs/performance.md
    python benchmarks/batch.py --clients 4   fewer clients
    python benchmarks/batch.py --once        every set-up one time, without a spread
    python benchmarks/batch.py --many 200    flat memory and flat time over many clients

Set-ups over the same notebooks and clients, two processes each, all bytecode compiled before:
(a) the command lines of papermill and nbconvert, two at a time; (b) their Python interfaces in two
long-lived worker processes; (c) ours; (d) the floor: the CPU of cells and page with everything
imported, divided by the two processes. The floor is measured in two processes at one time as well,
for two that are at work slow each other down, and before and behind each run of ours, for the clock
of a machine drifts within minutes.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

from batch_floor import floor
from batch_ours import PROCESSES, YARDSTICK
from batch_page import many_section, section
from large import publish
from make_light import NAMES, PROJECT, write_clients, write_notebooks

CLIENTS, MANY = 10, 200
RUNS = {"a": 1, "b": 2, "c": 3, "c-real": 3, "c-one": 3}  # the dear ones fewer times
TURN = ("a", "b", "d", "c", "d", "d-real", "c-real", "d-real", "c-one", "d-one")  # d: the floors
OURS = {"d": "c", "d-real": "c-real", "d-one": "c-one"}  # whose floor it is
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


def ours(
    notebooks: Path, clients: Path, work: Path, *, options: Sequence[str] = ()
) -> tuple[float, list[dict]]:
    """(c) one command; return its seconds and what batch.json says of each client."""
    work.mkdir(exist_ok=True)
    # no script as main module: children would read it anew, of the command they find it read
    command = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import batch_ours"
    given = [*map(str, (notebooks, clients, work)), *options]
    start = perf_counter()
    subprocess.run([sys.executable, "-c", f"{command}; batch_ours.main()", *given], check=True)
    took = perf_counter() - start
    batch = json.loads((work / "batch.json").read_text(encoding="utf-8"))
    expected = "unchanged" if "--again" in options else "done"
    assert all(run["state"] == expected for run in batch["clients"]), batch
    return took, batch["clients"]


def compared(count: int, work: Path, runs: Mapping[str, int] = RUNS) -> str:
    """Measure all set-ups, each in turn, and return the section of docs/performance.md."""
    setups = _setups(count, work)
    took: dict[str, list[float]] = {name: [] for name in RUNS}
    floors: dict[str, list[dict[str, float]]] = {name: [] for name in OURS}
    for turn in range(max(runs.values())):
        for name in TURN:
            if turn < runs[OURS.get(name, name)]:
                (took | floors)[name].append(setups[name]())
    return section(count, took, {name: _medians(of) for name, of in floors.items()},
                   _seconds(work / "c-real"))  # fmt: skip


def _setups(count: int, work: Path) -> dict[str, Callable[[], Any]]:
    """Write notebooks and clients, let all run once, and return what measures each set-up."""
    light, small, real = work / "light", work / "small", work / "real"
    standard = PROJECT / "notebooks"
    write_notebooks(light)
    names = write_clients(small, count)
    write_clients(real, count, STANDARD_DEMO)
    one, two_real = (_first(real, work / name, count) for name, count in (("one", 1), ("two", 2)))
    two_small = _first(small, work / "two-small", 2)
    for name in ("a", "b"):
        (work / name).mkdir()
    ours(light, two_small, work / "seen")  # compiles the bytecode of all; floors make its pages
    ours(standard, two_real, work / "seen-real")
    _command_line((light / f"{NAMES[0]}.ipynb", work / "warm.ipynb", names[0]))
    return {
        "a": lambda: command_lines(light, names, work / "a"),
        "b": lambda: workers(light, names, work / "b"),
        "c": lambda: ours(light, small, work / "c")[0],
        "d": lambda: floor(light, two_small, work / "seen", processes=PROCESSES),
        "c-real": lambda: ours(standard, real, work / "c-real")[0],
        "d-real": lambda: floor(standard, two_real, work / "seen-real", processes=PROCESSES),
        "c-one": lambda: ours(standard, one, work / "c-one")[0],
        "d-one": lambda: floor(standard, two_real, work / "seen-real", processes=1),
    }


def _medians(floors: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(each[name] for each in floors) for name in floors[0]}


def _seconds(work: Path) -> list[float]:
    """Return the seconds of each client of the batch that ran last."""
    batch = json.loads((work / "batch.json").read_text(encoding="utf-8"))
    return [run["seconds"] for run in batch["clients"]]


def _first(clients: Path, folder: Path, number: int) -> Path:
    """Return a folder of the first so many clients."""
    folder.mkdir()
    for client in sorted(clients.iterdir())[:number]:
        (folder / client.name).symlink_to(client)
    return folder


def many(count: int, work: Path) -> str:
    """Run many clients in one command: is memory flat, is the time per client? And run again."""
    light, clients, reports = work / "light", work / "clients", work / "reports"
    write_notebooks(light)
    write_clients(clients, count)
    reports.mkdir()
    took, runs = ours(light, clients, reports, options=["--yardstick"])
    measured = json.loads((reports / YARDSTICK).read_text(encoding="utf-8"))
    again, _ = ours(light, clients, reports, options=["--again"])
    cpu = [sum(stage.get("cpu_seconds", 0) for stage in run["notebooks"].values()) for run in runs]
    peak = max(stage["peak_mb"] for run in runs for stage in run["notebooks"].values())
    return many_section(took, cpu, [measured[run["client"]] for run in runs], peak, again)


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
    chosen = parser.parse_args()
    treat_alike()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        runs = dict.fromkeys(RUNS, 1) if chosen.once else RUNS
        text = many(chosen.many, work) if chosen.many else compared(chosen.clients, work, runs)
    publish(text)


if __name__ == "__main__":
    main()
