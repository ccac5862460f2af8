"""One piece of work in one child process: its end is known whatever happens to it."""

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import wait
from typing import Any

from crm_eval_lib.runner.descendants import (
    end_descendants,
    kill_descendants,
    kill_servers,
    take_in_orphans,
)
from crm_eval_lib.runner.outcome import Outcome, Told, outcome_of
from crm_eval_lib.runner.servers import CHECKER, PRELOADED, Checker, context, pool_is_there

JOIN_SECONDS = 5  # how long a finished child may take to leave
_PR_SET_PDEATHSIG = 1  # linux/prctl.h

_live: set[Any] = set()  # the children that have not answered yet
_live_lock = threading.Lock()
_stopping = threading.Event()  # nothing new begins until `go_on`
_to_parent: Any = None  # in a child: where `tell` speaks to
_begin_lock, _begun = threading.Lock(), threading.Event()
_NO_LIMIT = contextlib.nullcontext()


def tell(what: Any) -> None:
    """In a child: let the parent know how far the work has come; elsewhere nothing happens."""
    if _to_parent is not None:
        _to_parent.send(Told(what))


def run_isolated(
    work: Callable[..., Any],
    *arguments: Any,
    timeout_seconds: float,
    slot: contextlib.AbstractContextManager[Any] = _NO_LIMIT,
    checks: bool = False,
) -> Outcome:
    """Call work in a child process; a crash, a kill or a time-out is an outcome, never a hang.

    The slot is held until the child has answered: the next takes its place while it leaves.
    Work that only checks need not wait until the pool has imported everything.
    """
    if checks:
        _begin_pool(slot)
    with contextlib.ExitStack() as behind, slot:
        started = time.monotonic()
        early = CHECKER if checks and not pool_is_there.is_set() else None
        outcome = _answer(behind, work, arguments, timeout_seconds, early)
        seconds = round(time.monotonic() - started, 2)
    return replace(outcome, facts={"seconds": seconds, **outcome.facts})


def _answer(
    behind: contextlib.ExitStack,
    work: Callable[..., Any],
    arguments: tuple[Any, ...],
    timeout_seconds: float,
    checker: Checker | None = None,
) -> Outcome:
    if _stopping.is_set():
        return Outcome(1, "stopped before it began", died=True)
    methods = context()
    receiver, sender = methods.Pipe(duplex=False)
    process = methods.Process(target=_child, args=(sender, work, arguments), daemon=True)
    if checker:
        behind.enter_context(checker.needed())
    with _live_lock:
        _live.add(process)
    behind.callback(_see_off, process)
    try:
        _start(process, checker)
        sender.close()
        if _stopping.is_set():
            _kill(process)  # it began as the others were ended
        return _wait(process, receiver, timeout_seconds)
    except (EOFError, ConnectionError):
        return Outcome(1, "stopped before it began: what forks was ended", died=True)


def _start(process: Any, checker: Checker | None) -> None:
    if checker:
        checker.start(process)
    else:
        process.start()  # returns once the pool has imported everything
        if CHECKER and not pool_is_there.is_set():
            CHECKER.give_way()


def _begin_pool(slot: contextlib.AbstractContextManager[Any]) -> None:
    """Let the pool import, once, in a place of its own: it is as much at work as a child."""
    with _begin_lock:
        if CHECKER is None or _begun.is_set():
            return
        _begun.set()
        slot.__enter__()
    threading.Thread(target=_import_pool, args=(slot,), daemon=True).start()


def _import_pool(slot: contextlib.AbstractContextManager[Any]) -> None:
    with contextlib.ExitStack() as behind:
        behind.push(slot)
        with contextlib.suppress(OSError):  # told by the work that needs the pool
            _answer(behind, int, (), JOIN_SECONDS)
    if not pool_is_there.is_set():
        _begun.clear()  # it was ended: the next check begins it again


def _see_off(process: Any) -> None:
    """Wait until a child is gone; one that has answered ends itself and what it started."""
    with _live_lock:
        answered = process not in _live
    if answered:
        process.join(JOIN_SECONDS)
    if not answered or process.is_alive():
        stop(process)
    _no_longer_live(process)


def _no_longer_live(process: Any) -> None:
    with _live_lock:
        _live.discard(process)


def stopping() -> bool:
    """Say whether all work was ended and none may begin."""
    return _stopping.is_set()


def go_on() -> None:
    """Let children begin again after `stop_all`."""
    _stopping.clear()


def stop_all() -> None:
    """End every child that is still at work and let no other begin (Ctrl-C).

    All are ended before any is waited for. A child that has not begun waits for the process that
    forks, which is still importing: that is ended then, and the next batch starts another.
    """
    _stopping.set()
    with _live_lock:
        running = list(_live)
    for process in running:
        _kill(process)
    if any(process.pid is None for process in running):
        kill_servers()
    for process in running:
        stop(process)


def stop(process: Any) -> None:
    """End a child and everything it started; one that never began needs no end."""
    _kill(process)
    if process.pid is not None:
        process.join(JOIN_SECONDS)


def _kill(process: Any) -> None:
    if process.pid is None:
        return
    if process.is_alive():  # the number of one that has gone may be another's
        kill_descendants(process.pid)
        process.kill()
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):  # of a child that died, what it started is left
            os.killpg(process.pid, signal.SIGKILL)


def _wait(process: Any, receiver: Any, timeout_seconds: float) -> Outcome:
    deadline, last = time.monotonic() + timeout_seconds, None
    # the pipe alone does not tell of a death: a process that a cell has forked holds it open, too
    while wait([receiver, process.sentinel], max(deadline - time.monotonic(), 0.0)):
        try:
            received = receiver.recv() if receiver.poll() else None
        except EOFError:
            received = None
        if received is None:
            process.join(JOIN_SECONDS)
            message = f"the process died: {_death(process.exitcode)}"
            return Outcome(1, message, last_told=last, died=True)
        if not isinstance(received, Told):
            _no_longer_live(process)
            return replace(received, last_told=last)
        last = received.what
    stop(process)  # while it still holds its place: it may be what takes all the memory
    limit = f"{timeout_seconds:.0f} s"
    message = f"stopped after {limit} (time-out); raise it with --timeout"
    return Outcome(1, message, last_told=last, died=True)


def _death(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        name = signal.Signals(-exit_code).name
        hint = " (often: out of memory)" if name == "SIGKILL" else ""
        return f"killed by {name}{hint}"
    return f"exit code {exit_code}"


def _child(sender: Any, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    global _to_parent
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C goes to the parent only, which ends its children itself
    signal.signal(signal.SIGINT, signal.default_int_handler)  # as a kernel has it
    _die_with_parent()
    multiprocessing.current_process().daemon = False  # which could start no pool of its own
    # what a cell's commands print is in the notebook; the batch's own answer stands alone
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _to_parent = sender
    outcome = _outcome(work, arguments)
    end_descendants()
    with contextlib.suppress(BrokenPipeError):  # the batch was killed, and nobody asks any more
        sender.send(replace(outcome, facts=outcome.facts | _used()))
    if hasattr(os, "killpg"):  # at once, with what threads have started since
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def _die_with_parent() -> None:
    """On Linux: a batch that is killed leaves no child behind, nor a child that ends a daemon."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    take_in_orphans()
    _let_go_of_batch()
    pool = getattr(sys.modules.get(PRELOADED[0]), "POOL", None)
    if pool is not None and os.getppid() != pool:
        os._exit(1)  # what forked it died before it could be asked to tell


def _let_go_of_batch() -> None:
    """Close the pipe by whose end the pool knows that the batch is gone; children get it, too."""
    from multiprocessing.forkserver import _forkserver as pool  # not to be had on Windows

    if pool._forkserver_alive_fd is not None:
        os.close(pool._forkserver_alive_fd)
        pool._forkserver_alive_fd = None


def _used() -> dict[str, float]:
    """Return the seconds of CPU and the peak MB of this process, its children included."""
    try:
        import resource
    except ImportError:  # Windows
        return {"cpu_seconds": round(time.process_time(), 2)}
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    cpu = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    per_mb = 1024**2 if sys.platform == "darwin" else 1024
    peak = max(own.ru_maxrss, children.ru_maxrss) / per_mb
    return {"cpu_seconds": round(cpu, 2), "peak_mb": round(peak)}


def _outcome(work: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    try:
        value = work(*arguments)
    except Exception as error:
        return outcome_of(error)
    return value if isinstance(value, Outcome) else Outcome(value=value)
