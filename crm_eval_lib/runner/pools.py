"""Where the runs of clients are worked: threads of this process, or an existing Dask cluster.

Both are executors of `concurrent.futures`. The threads of either only wait; the work is done by
children that they fork, so that a bad client costs a child and neither the batch nor a worker.
"""

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import uuid4

from crm_eval_lib.errors import UsageError
from crm_eval_lib.runner.client_run import ClientRun, Report, Settings, failed_run, run_client
from crm_eval_lib.runner.fingerprint import code_state
from crm_eval_lib.runner.paths import notebooks_dir
from crm_eval_lib.runner.process import go_on, stop_all
from crm_eval_lib.runner.slots import Slots

CONNECT_SECONDS = 10.0  # an address at which nobody answers by then is wrong
CLIENTS_PER_PROCESS = 3  # under way at one time
RETRIES = 2  # of a client's run that ended in an error of the cluster; lost workers are Dask's own


@dataclass(frozen=True, slots=True)
class Pool:
    """An executor, what it calls for each client, and how to end what is at work."""

    executor: Executor
    work: Callable[..., ClientRun]
    arguments: tuple[Any, ...]
    stop: Callable[[], object]

    def submit(self, client: str) -> Any:
        """Hand in a client; the future's result is its run."""
        return self.executor.submit(self.work, client, *self.arguments)


@contextmanager
def local_pool(settings: Settings, processes: int, on_done: Report) -> Iterator[Pool]:
    """Work in children of this process, `processes` of them at one time."""
    slots = Slots(processes)
    go_on()
    # more clients than can be at work: what one has to do fills the gaps of others, the checks of
    # the first the time of the imports, and the last ones end side by side
    with ThreadPoolExecutor(max_workers=CLIENTS_PER_PROCESS * processes) as executor:
        yield Pool(executor, _run_here, (settings, slots, on_done), _stop_here)


def _stop_here() -> None:
    """End what is at work; one Ctrl-C more meanwhile does not leave a part of it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        stop_all()
    finally:
        signal.signal(signal.SIGINT, before)


def _run_here(client: str, settings: Settings, slots: Slots, on_done: Report) -> ClientRun:
    return run_client(client, settings, slots=slots, on_done=on_done)


@contextmanager
def cluster_pool(settings: Settings, address: str, on_done: Report) -> Iterator[Pool]:
    """Work in children of the workers of a Dask cluster that shares this file system.

    Raises
    ------
    UsageError
        dask.distributed is not installed, or nobody answers at the address.
    """
    client = _connected(address)
    topic = f"crm-eval-{uuid4().hex}"
    client.subscribe_topic(topic, lambda event: on_done(*event[1]))
    given = replace(settings, notebooks_dir=settings.notebooks_dir or notebooks_dir())
    try:
        yield Pool(
            client.get_executor(pure=False, retries=RETRIES),
            run_in_worker,
            (given, topic, code_state()),
            lambda: client.run(stop_all),
        )
    finally:
        client.close()


def _connected(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError(
            "--scheduler needs Dask, which is not installed: pip install '.[dask]' in the "
            "project's folder"
        ) from error
    try:
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"No Dask scheduler answers at {address} ({error}). Start one with `dask scheduler` "
            "and give its address, such as tcp://host:8786."
        ) from error


def run_in_worker(client: str, settings: Settings, topic: str, code: str) -> ClientRun:
    """In a worker of a cluster: run one client and tell the batch of every piece that ended.

    As many pieces are worked at one time as the worker has threads.
    """
    from distributed import get_worker

    worker = get_worker()
    if code_state() != code:
        return failed_run(
            client, "cluster",
            f"the worker {worker.address} has another version of crm-eval or of its packages than "
            "the machine that started the batch. Install the same on both.",
        )  # fmt: skip
    go_on()  # a batch before this one may have been stopped
    multiprocessing.current_process().daemon = False  # a worker is one, and could have no children
    slots = _slots(worker.state.nthreads)

    def tell_batch(name: str, piece: str) -> None:
        worker.log_event(topic, (name, piece))

    return run_client(client, settings, slots=slots, on_done=tell_batch)


@cache
def _slots(threads: int) -> Slots:
    """Return what all runs of this worker share."""
    return Slots(threads)
