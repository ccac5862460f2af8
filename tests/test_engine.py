"""The fork engine: what a notebook holds after it equals what a kernel leaves; deaths are told."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from crm_eval_lib.client import open_client
from crm_eval_lib.runner import process
from crm_eval_lib.runner.aftermath import with_cell
from crm_eval_lib.runner.jobs import ClientJob, execute, executed
from crm_eval_lib.runner.outcome import Outcome
from crm_eval_lib.runner.process import run_isolated
from crm_eval_lib.runner.slots import Slots
from crm_eval_lib.runner.whole_files import replace_text

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
# the long form compares a client with all tables: CRM_EVAL_ENGINES=demo-trading
COMPARED = os.environ.get("CRM_EVAL_ENGINES", "demo-small")
AWKWARD = (
    "print('a'); import sys; print('e', file=sys.stderr); print('b'); 1 + 1",
    "import warnings\nwarnings.warn('look out')",
    "from IPython.display import HTML, Markdown, clear_output, display\n"
    "handle = display(HTML('<b>1</b>'), display_id='one'); display(Markdown('*two*'))",
    "handle.update(HTML('<b>changed</b>'))",
    "print('gone'); clear_output(); print('stays')",
    "import pandas as pd\npd.DataFrame({'a': [1, 2]})",
    "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()",
    "plt.plot([2, 1])",
    "import os\n_ = os.system('echo from a shell')\n!echo from a magic",
    "%%capture caught\nprint('caught')",
    "caught.stdout, __name__, _",
    "await __import__('asyncio').sleep(0)",
    "import logging\nlogging.warning('logged')",
    "shown = {'application/json': {'a': [1]}, 'text/html': ['b', 'c'], 'image/png': b'd'}\n"
    "display(shown, raw=True); shown['application/json']['a'].append(2)",
    "class Plain:\n    def __repr__(self): return 'plain'\nPlain()",
    "input('no one is there')",
)


def notebook(path, *sources, tags=()):
    cells = [new_code_cell(source, metadata={"tags": list(tags)}) for source in sources]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), path)
    return path


def run(path, folder, engine="fork", seconds=120, work=execute):
    """Execute one notebook as a client's run does; the answer and what the notebook then holds."""
    folder.mkdir(exist_ok=True)
    job = ClientJob("acme", "", str(folder), engine=engine)
    outcome = run_isolated(work, job, path.stem, str(path), {}, timeout_seconds=seconds)
    place = executed(folder, path.stem)
    outcome = with_cell(outcome, place) if outcome.died else outcome
    return outcome, nbformat.read(place, as_version=4)


def execute_outside_tests(*arguments):
    """In a child: execute a notebook whose commands print into it, not so if ipykernel sees us."""
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    return execute(*arguments)


def outputs(content):
    """Everything cells show: streams joined; times, ids and addresses dropped."""
    text = json.dumps([_joined(cell) for cell in content.cells if cell.cell_type == "code"])
    text = re.sub(r"0x[0-9a-f]{6,}|ipykernel_\d+/\d+|(?<=\\\" )[0-9a-f]{32}", "…", text)
    text = re.sub(r"\\u001b\[[0-9;]*m", "", text)
    return re.sub(r"(mpl|id|clip|p)[0-9a-f]{8,}|\d{4}-\d\d-\d\dT[\d:.]+(\+00:00)?", "…", text)


def _joined(cell):
    kept, streams = [], {}
    for output in cell.outputs:
        if output.output_type == "stream":
            streams[output.name] = streams.get(output.name, "") + output.text
        else:
            kept.append(output)
    return [cell.execution_count, streams, kept]


@pytest.mark.slow
def test_both_engines_leave_the_same_outputs_of_awkward_cells(tmp_path):
    path = notebook(tmp_path / "01_cost.ipynb", *AWKWARD)
    (ours, forked), (theirs, kernel) = (
        run(path, tmp_path / engine, engine) for engine in ("fork", "kernel")
    )
    for mine, stock in zip(forked.cells, kernel.cells, strict=True):
        assert outputs(new_notebook(cells=[mine])) == outputs(new_notebook(cells=[stock]))
    assert ours.message == theirs.message and "StdinNotImplementedError" in ours.message
    assert forked.metadata.language_info == kernel.metadata.language_info


def whole_method(folder):
    """Put the cells of all standard notebooks and the portfolio into one, for one kernel to run."""
    cells = []
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                cells.append(cell.source)
                if "parameters" in cell.metadata.get("tags", []):
                    cells.append(f"client_id, run_dir, reports_dir = {COMPARED!r}, '.', '.'")
        if path.stem.startswith("05"):  # a report for the portfolio, which comes last
            cells.append("import pathlib, shutil\npathlib.Path('one').mkdir()\n"
                         "_ = shutil.copy('results.json', 'one')")  # fmt: skip
    return notebook(folder / "01_cost.ipynb", *cells)


@pytest.mark.slow
def test_both_engines_leave_the_same_outputs_of_every_notebook(tmp_path):
    path, contents = whole_method(tmp_path), []
    for engine in ("fork", "kernel"):
        open_client(COMPARED).validate().save(tmp_path / engine)
        outcome, content = run(path, tmp_path / engine, engine, seconds=600)
        assert outcome.exit_code == 0, outcome.message
        contents.append(content)
    for mine, stock in zip(*(content.cells for content in contents), strict=True):
        assert outputs(new_notebook(cells=[mine])) == outputs(new_notebook(cells=[stock]))
    assert len(outputs(contents[0])) > 300_000


WIDGETS = (
    "import ipywidgets as w\nfrom IPython.display import display\nslider = w.IntSlider(3); slider",
    "out = w.Output(); display(out)\nwith out:\n    print('inside')\nprint('outside')",
    "@w.interact(x=(0, 3))\ndef show(x=2):\n    print('shown', x)",
    "slider.value = 5",
)


def told_of_widgets(content):
    """What a notebook holds of widgets: states without their links, and outputs without ids."""
    states = content.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    kept = [
        (s["model_name"], s["state"].get("value"), s["state"].get("outputs"))
        for s in states.values()
    ]
    shown = [
        [(o.get("text"), sorted(o.get("data", {}))) for o in c.get("outputs", ())]
        for c in content.cells
    ]
    return sorted(map(str, kept)), shown


@pytest.mark.slow
def test_widgets_degrade_the_same_way_under_both_engines(tmp_path):
    path = notebook(tmp_path / "01_cost.ipynb", *WIDGETS)
    forked, kernel = (
        told_of_widgets(run(path, tmp_path / engine, engine)[1]) for engine in ("fork", "kernel")
    )
    assert forked == kernel
    assert "('IntSliderModel', 5, None)" in forked[0] and "shown 2" in str(forked[0])


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["fork", "kernel"])
def test_a_death_in_a_cell_is_named_and_marked(engine, tmp_path):
    path = notebook(tmp_path / "01_cost.ipynb", "1", "import os\nos.kill(os.getpid(), 9)", "3")
    outcome, content = run(path, tmp_path / "run", engine)
    assert outcome.died and outcome.message.startswith("01_cost, cell 2: ")
    states = [cell.metadata.papermill.status for cell in content.cells]
    assert states[1:] == ["failed", "pending"]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["fork", "kernel"])
@pytest.mark.parametrize("again", ["display", "update_display"])
def test_an_output_that_no_notebook_may_hold_is_an_error_of_its_cell(again, engine, tmp_path):
    cell = ("from IPython.display import display, update_display\n"
            "display({'text/plain': 'a'}, raw=True, display_id='x')\n"
            f"{again}({{'text/plain': 5}}, raw=True, display_id='x')")  # fmt: skip
    outcome, content = run(
        notebook(tmp_path / "01_cost.ipynb", cell, "2"), tmp_path / "run", engine
    )
    said = "01_cost, cell 1: ValidationError: an output of the cell: 5 is not valid"
    assert outcome.exit_code == 1 and outcome.message.startswith(said)
    kinds = [output.output_type for output in content.cells[-2].outputs]
    assert kinds == ["display_data", "error"]
    assert content.cells[-1].execution_count is None


def test_a_cell_can_be_interrupted_as_in_a_kernel_and_does_not_wait_for_sockets(tmp_path):
    cell = """import signal
from ipykernel.kernelbase import Kernel
from crm_eval_lib.runner.shell import Kernel as Ours
try: signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print(Kernel._execute_sleep.default_value > 0, Ours.instance()._execute_sleep)"""
    outcome, content = run(notebook(tmp_path / "01_cost.ipynb", cell), tmp_path / "run")
    assert content.cells[-1].outputs[0].text == "True 0.0\n", outcome


def test_half_a_character_is_printed_escaped(tmp_path):
    outcome, content = run(
        notebook(tmp_path / "01_cost.ipynb", r"print('\ud800x 好')"), tmp_path / "run"
    )
    assert content.cells[-1].outputs[0].text == "\\ud800x 好\n", outcome


@pytest.mark.slow
def test_printing_without_end_is_an_error_of_the_cell_in_a_kernel_too(tmp_path):
    path = notebook(tmp_path / "01_cost.ipynb", "while True: print('x' * 100_000)", "2")
    outcome, content = run(path, tmp_path / "run", "kernel")
    said = "The notebook has printed more than 10,000,000 characters; show less."
    assert (outcome.exit_code, outcome.message) == (1, f"01_cost, cell 1: RuntimeError: {said}")
    assert len(outputs(content)) < 10_100_000
    assert content.cells[-1].execution_count is None  # nothing runs after it


@pytest.mark.parametrize("cell", [
    "import subprocess\nsubprocess.run(['seq', '2000000'])",
    "import os\nfor _ in range(12): os.write(1, b'x' * 1_000_000)",
    "try: print('x' * 10_000_001)\nexcept RuntimeError: pass",
])  # fmt: skip
def test_what_commands_print_without_end_is_an_error_of_the_cell_too(cell, tmp_path):
    path = notebook(tmp_path / "01_cost.ipynb", cell, "2")
    outcome, content = run(path, tmp_path / "run", work=execute_outside_tests)
    said = "The notebook has printed more than 10,000,000 characters; show less."
    assert (outcome.exit_code, outcome.message) == (1, f"01_cost, cell 1: RuntimeError: {said}")
    assert len(outputs(content)) < 11_500_000  # of at least 12,000,000, ends of lines counted twice
    assert content.cells[-1].execution_count is None


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("import os\nos._exit(7)", "cell 1: the process died: exit code 7"),
        ("import ctypes\nctypes.string_at(0)", "cell 1: the process died: killed by SIGSEGV"),
        # its own child holds open what it spoke through
        ("import os, time\nif os.fork(): os._exit(7)\ntime.sleep(600)", "died: exit code 7"),
        ("exit()", "01_cost, cell 1: the notebook called exit here, before it had published"),
        ("quit", "01_cost, cell 1: the notebook called exit here, before it had published"),
    ],
)
def test_a_bad_cell_ends_in_a_sentence(cell, said, tmp_path):
    outcome, _ = run(notebook(tmp_path / "01_cost.ipynb", cell), tmp_path / "run")
    assert outcome.exit_code == 1
    assert said in outcome.message


def test_a_cell_that_removes_the_folder_of_its_run_is_named(tmp_path):
    cell = "import os, shutil\nshutil.rmtree(os.getcwd())"
    path = notebook(tmp_path / "01_cost.ipynb", "1", cell)
    (tmp_path / "run").mkdir()
    job = ClientJob("acme", "", str(tmp_path / "run"))
    outcome = run_isolated(execute, job, path.stem, str(path), {}, timeout_seconds=60)
    assert (outcome.exit_code, outcome.last_told) == (1, 1)  # the second
    assert "the folder of the run has gone" in outcome.message


def test_a_thread_left_running_holds_nothing_up(tmp_path):
    cell = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()"
    outcome, _ = run(notebook(tmp_path / "01_cost.ipynb", cell), tmp_path / "run", seconds=60)
    assert not outcome.died  # it goes on to say that nothing was published
    assert "without publishing" in outcome.message


@pytest.mark.parametrize("engine", ["fork", pytest.param("kernel", marks=pytest.mark.slow)])
def test_nothing_runs_behind_a_call_of_exit(engine, tmp_path):
    path = notebook(tmp_path / "01_cost.ipynb", "exit()", "2")
    outcome, content = run(path, tmp_path / "run", engine)
    assert "cell 1: the notebook called exit here" in outcome.message
    assert [cell.execution_count for cell in content.cells] == [1, None]


@pytest.mark.skipif(sys.platform != "linux", reason="processes are taken in on Linux only")
@pytest.mark.parametrize("behind", ["", "os._exit(3)"])
def test_what_a_cell_started_ends_with_it(behind, tmp_path):
    own = "" if behind else "setsid -f "  # one left by a death, or a daemon
    cell = f"import os\nos.system('{own}sleep 612 &')\nos.system('sleep 0.2')\n{behind}"
    run(notebook(tmp_path / "01_cost.ipynb", cell), tmp_path / "run")
    asked = psutil.process_iter(["cmdline", "status"])
    sleeping = [p for p in asked if p.info["cmdline"] == ["sleep", "612"]]
    assert psutil.wait_procs(sleeping, timeout=5)[1] == []


def start_without_end():
    """Leave a thread that starts processes, also while its piece of work answers."""

    def work():
        while True:
            subprocess.Popen(["sleep", "616"])

    threading.Thread(target=work).start()
    time.sleep(0.2)


@pytest.mark.skipif(sys.platform == "win32", reason="groups of processes end together")
def test_what_a_thread_starts_while_its_piece_of_work_answers_ends_with_it():
    assert not run_isolated(start_without_end, timeout_seconds=60).died
    asked = psutil.process_iter(["cmdline"])
    sleeping = [p for p in asked if p.info["cmdline"] == ["sleep", "616"]]
    assert psutil.wait_procs(sleeping, timeout=5)[1] == []


def test_a_place_is_free_while_the_child_that_has_answered_still_leaves(monkeypatch):
    places, left = Slots(1), []
    monkeypatch.setattr(process, "_see_off", lambda child: left.append((places._free, child)))
    assert run_isolated(abs, -1, timeout_seconds=60, slot=places).value == 1
    [(free, child)] = left
    assert free == 1 and child not in process._live
    child.join(60)
    assert not child.is_alive()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="asks /proc")
def test_what_commands_of_a_cell_print_does_not_reach_the_answer_of_the_batch():
    assert run_isolated(os.readlink, "/proc/self/fd/1", timeout_seconds=60).value == os.devnull


def test_a_cell_that_forks_lets_only_the_parent_go_on(tmp_path):
    log = tmp_path / "log"
    write = f"open({str(log)!r}, 'a').write('went on\\n')"
    path = notebook(tmp_path / "01_cost.ipynb", "import os, time\nchild = os.fork()", write)
    outcome, _ = run(path, tmp_path / "run")
    assert "without publishing" in outcome.message  # the end of the parent, not of its child
    assert log.read_text() == "went on\n"


LEAKS = (
    "import os, random, sys\nimport numpy as np, pandas as pd, matplotlib as mpl\n"
    "random.seed(1); np.random.seed(1); mpl.rcParams['font.size'] = 99\n"
    "pd.set_option('display.max_rows', 3); os.environ['LEFT'] = 'over'; os.chdir('/')\n"
    "sys.path.append('/left'); pd.left = 'over'",
)
SEEN = (
    "import os, random, sys\nimport numpy as np, pandas as pd, matplotlib as mpl\n"
    "print(mpl.rcParams['font.size'] == 99, pd.get_option('display.max_rows') == 3, "
    "'LEFT' in os.environ, os.getcwd() == '/', '/left' in sys.path, hasattr(pd, 'left'))",
    "print(random.random(), np.random.rand())",
)


def test_nothing_leaks_from_one_notebook_to_the_next(tmp_path):
    run(notebook(tmp_path / "01_cost.ipynb", *LEAKS), tmp_path / "run")
    path = notebook(tmp_path / "02_problems.ipynb", *SEEN)
    (_, first), (_, second) = (run(path, tmp_path / "run") for _ in range(2))
    assert first.cells[0].outputs[0].text == "False " * 5 + "False\n"
    drawn = [content.cells[1].outputs[0].text for content in (first, second)]
    assert drawn[0] != drawn[1]  # random states differ between notebooks, as between kernels


def test_the_engine_is_known_to_papermill():
    import tomllib

    project = tomllib.loads((NOTEBOOKS.parent / "pyproject.toml").read_text("utf-8"))
    (target,) = project["project"]["entry-points"]["papermill.engine"].values()
    module, name = target.split(":")
    assert hasattr(__import__(module, fromlist=[name]), name)


def kept_ready():
    """What a child finds done, and whether doing it left matplotlib or a thread changed."""
    import matplotlib

    from crm_eval_lib.charts.style import covered
    from crm_eval_lib.runner.fingerprint import code_state
    from crm_eval_lib.text import catalogue

    done = [kept.cache_info().currsize for kept in (covered, code_state, catalogue)]
    own = {"backend", "backend_fallback", "interactive"}
    plain = matplotlib.rc_params_from_file(matplotlib.matplotlib_fname())
    left = [name for name in plain if plain[name] != matplotlib.rcParams[name]]
    return done, [name for name in left if name not in own], matplotlib.pyplot.get_fignums()


def test_a_child_finds_fonts_grammars_and_catalogues_ready_and_no_setting_changed():
    outcome = run_isolated(kept_ready, timeout_seconds=120)
    assert outcome.value == ([1, 1, 2], [], []), outcome.detail


def threads_of_pool():
    """Name the threads of the process that forks, those apart that tidy up a memory allocator."""
    folders = Path(f"/proc/{os.getppid()}/task").iterdir()
    names = [(folder / "comm").read_text().strip() for folder in folders]
    return [name for name in names if not name.startswith("jemalloc")]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts threads through /proc")
def test_the_process_that_forks_has_one_thread():
    assert len(run_isolated(threads_of_pool, timeout_seconds=60).value) == 1


def test_a_child_reports_what_it_used():
    facts = run_isolated(sum, range(3_000_000), timeout_seconds=60).facts
    assert 0 <= facts["cpu_seconds"] < 30 and facts["peak_mb"] > 30


def test_what_is_saved_on_the_way_is_a_valid_notebook(tmp_path):
    from crm_eval_lib.runner.shell import Manager

    shown = new_output("display_data", {"text/html": "<p>一</p>\n", "application/json": {"n": [1]}})
    content = new_notebook(cells=[new_code_cell("a = 1\na", outputs=[shown])])
    content.metadata["papermill"] = {}
    manager = Manager(content, output_path=str(tmp_path / "a.ipynb"), progress_bar=False)
    manager.set_timer()
    manager.save()
    saved = nbformat.read(tmp_path / "a.ipynb", as_version=4)
    nbformat.validate(saved)
    assert saved == content


def test_a_notebook_never_saved_gets_no_cell(tmp_path):
    outcome = with_cell(Outcome(1, "died", last_told=3, died=True), tmp_path / "01_cost.ipynb")
    assert outcome.message == "01_cost: died"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    (tmp_path / "batch.json").write_text("old")

    def full(self, *args, **kwargs):
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        replace_text(tmp_path / "batch.json", "new")
    assert os.listdir(tmp_path) == ["batch.json"]
    assert (tmp_path / "batch.json").read_text() == "old"
