"""What a run does before its notebooks: quick to load, and no less careful for that."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from crm_eval_lib.client import open_client
from crm_eval_lib.runner import parameters
from crm_eval_lib.sources.kept import read_kept

HEAVY = {"duckdb", "matplotlib", "nbformat", "papermill", "PIL", "scipy", "statsmodels"}
PREPARING = """
import sys
from pathlib import Path
from crm_eval_lib.runner.jobs import ClientJob
from crm_eval_lib.runner.paths import notebooks_dir
from crm_eval_lib.runner.preparing import prepare

notebooks = {path.stem: str(path) for path in notebooks_dir().glob("0*.ipynb")}
run_dir = Path(sys.argv[1]) / "reports" / ".runs" / "run"
run_dir.mkdir(parents=True)
clients_dir = str(notebooks_dir().parent / "data" / "clients")
prepare(ClientJob("demo-trading", clients_dir, str(run_dir)), notebooks, {})
print(*sys.modules)
"""
PLAIN = ["a: str = ''  # b: c, 'd'", "a: float = 1e3 # share ", "a: dict = {'b': [1, 2]}"]
ODD = [
    "a = 1  # plain", "a: int = 1  # n = 2", "a: int = 1  # type: str x", "a: str = '#'  # hash",
    "a: list = [1,  # one\n  2]  # two", "a: list[str] = []", "a: int=1", " a: int = 1", "a: int",
    "import os", "a: int = 1 if b == 2 else 3", "a: int = 1 # b: int = 2", "a: int = 1  #",
]  # fmt: skip


def test_preparing_a_client_loads_nothing_it_can_do_without(tmp_path):
    command = [sys.executable, "-c", PREPARING, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert "pandas" in done.stdout.split(), done.stderr
    assert not HEAVY & set(done.stdout.split())


def test_parameters_of_every_notebook_are_read_as_papermill_reads_them(project):
    notebooks = sorted((project / "notebooks").rglob("*.ipynb"))
    assert len(notebooks) > 6
    for path in notebooks:
        assert parameters._plainly_declared(path) == parameters._inspected(path), path.name


READY = """
from pathlib import Path
from crm_eval_lib.runner.preparing import get_ready

get_ready()
threads = [task.joinpath("comm").read_text().strip() for task in Path("/proc/self/task").iterdir()]
print(sum(name != "jemalloc_bg_thd" for name in threads))
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts threads through /proc")
def test_getting_ready_to_check_starts_no_thread():
    done = subprocess.run(
        [sys.executable, "-c", READY], capture_output=True, text=True, timeout=100
    )
    assert done.stdout.strip() == "1", done.stderr


def test_kept_tables_are_the_frames_of_the_client(tmp_path):
    client = open_client("demo-services")
    folder = client.save(tmp_path)
    for name, table in client.tables.items():
        pd.testing.assert_frame_equal(read_kept(folder / f"{name}.parquet"), table)


@pytest.mark.parametrize("line", ODD)
def test_a_line_that_is_not_plain_is_left_to_papermill(tmp_path, line):
    path = written(tmp_path, new_notebook(cells=[tagged(f"a: float = 0.5\n\n# so\n{line}")]))
    assert parameters._plainly_declared(path) is None


@pytest.mark.parametrize("line", PLAIN)
def test_a_plain_line_is_read_as_papermill_reads_it(tmp_path, line):
    cells = [new_code_cell("1"), tagged(line), tagged("b = 1")]
    path = written(tmp_path, new_notebook(cells=cells))
    assert parameters._plainly_declared(path) == parameters._inspected(path)


def tagged(source):
    return new_code_cell(source, metadata={"tags": ["parameters"]})


def written(folder: Path, book) -> Path:
    path = folder / "01_a.ipynb"
    nbformat.write(book, path)
    return path
