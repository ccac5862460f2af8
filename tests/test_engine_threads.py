"""What threads and pools of a notebook come to in the fork engine."""

import threading

from ipykernel.inprocess.socket import DummySocket
from test_engine import notebook, run

from crm_eval_lib.runner.shell import Kernel


def test_what_two_threads_show_goes_out_one_after_the_other():
    outbox = Kernel._default_iopub_thread(_Stand())
    meeting, alone = threading.Barrier(2, timeout=0.1), []

    def show():
        try:
            meeting.wait()  # for the other, which would be here at the same time
        except threading.BrokenBarrierError:
            alone.append(True)

    threads = [threading.Thread(target=outbox.schedule, args=(show,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert alone == [True, True]


def test_a_cell_may_work_in_a_pool_of_processes(tmp_path):
    cell = "import multiprocessing as m\nwith m.Pool(2) as pool: print(pool.map(abs, [-1, 2]))"
    _, content = run(notebook(tmp_path / "01_cost.ipynb", cell), tmp_path / "run")
    assert [shown.get("text") for shown in content.cells[0].outputs] == ["[1, 2]\n"]


class _Stand:
    """What the outbox asks of a kernel."""

    session = None

    def __init__(self):
        self._underlying_iopub_socket = DummySocket()
