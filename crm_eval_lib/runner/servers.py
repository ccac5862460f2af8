"""The processes that fork: the pool, which holds everything, and one that can check before it does.

The pool imports for seconds, on one processor. What needs little of that, the check of a client's
settings and tables, is forked meanwhile from a second process on another. That one goes when the
pool is there.
"""

import multiprocessing
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

PRELOADED = ["crm_eval_lib.runner.quick", "crm_eval_lib.runner.warm"]  # in this order
CHECKING = ["crm_eval_lib.runner.quick", "crm_eval_lib.runner.checking"]
ENVIRONMENT = {  # one thread per child, needed before numpy is imported; a quiet debugger
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    # of glibc, in bytes: keep what large arrays leave, for the next, instead of giving it back to
    # the system, which would clear every page anew; 40 % of the page faults of a large notebook
    "MALLOC_MMAP_THRESHOLD_": "33554432",
    "MALLOC_TRIM_THRESHOLD_": "268435456",
}
FORKS = "forkserver" in multiprocessing.get_all_start_methods()

pool_is_there = threading.Event()
_asked = threading.local()  # of a thread: whether its child is one of the process that checks


def context() -> Any:
    """Return how children start here."""
    if not FORKS:
        return multiprocessing.get_context("spawn")
    os.environ |= ENVIRONMENT | os.environ  # what the user has set stays
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(PRELOADED)
    return forking


class Checker:
    """The second process that forks: started by its first child, ended with its last."""

    def __init__(self) -> None:
        from multiprocessing import forkserver  # not to be had on Windows

        self._lock, self._children = threading.Lock(), 0
        self._server = forkserver.ForkServer()
        self._server.set_forkserver_preload(CHECKING)
        pool = forkserver.connect_to_new_process

        def connect(handles: list[int]) -> tuple[int, int]:
            checks = getattr(_asked, "checks", False)
            return (self._server.connect_to_new_process if checks else pool)(handles)

        # the library knows one process that forks, and asks for it by this name
        forkserver.connect_to_new_process = connect

    def start(self, process: Any) -> None:
        """Start a child of this process instead of one of the pool."""
        _asked.checks = True
        try:
            process.start()
        finally:
            _asked.checks = False

    @contextmanager
    def needed(self) -> Iterator[None]:
        """Keep it for as long as a child of it is at work."""
        with self._lock:
            self._children += 1
        try:
            yield
        finally:
            with self._lock:
                self._children -= 1
            self._leave()

    def give_way(self) -> None:
        """Note that the pool is there: this process ends, now or with its last child."""
        pool_is_there.set()
        self._leave()

    def _leave(self) -> None:
        with self._lock:
            if not self._children and pool_is_there.is_set():
                # nobody waits for its end but a thread
                threading.Thread(target=self._stop, daemon=True).start()

    def _stop(self) -> None:
        with self._lock, suppress(ChildProcessError):  # which has ended by itself
            if not self._children:  # nor has one begun since
                self._server._stop()


CHECKER = Checker() if FORKS else None
