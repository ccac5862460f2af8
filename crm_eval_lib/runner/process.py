"""One piece of work in one child process: its end is known whatever happens to it."""

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crm_eval_lib.errors import CrmEvalError, told

PRELOADED = ["crm_eval_lib.runner.quick", "papermill", "pandas", "pyarrow", "crm_eval_lib.client",
             "crm_eval_lib.runner.jobs"]  # fmt: skip
JOIN_SECONDS = 5  # how long a finished child may take to leave
INTERNAL_ERROR = 3  # exit code for our own faults

_live: set[Any] = set()
_live_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a piece of work ended: `exit_code` 0 is good; `message` is for people."""

    exit_code: int = 0
    message: str = ""
    detail: str = ""
    problems: tuple[str, ...] = ()
    value: Any = None
    facts: dict[str, Any] = field(default_factory=dict)


def run_isolated(work: Callable[..., Any], *arguments: Any, timeout_seconds: float) -> Outcome:
    """Call work in a child process; a crash, a kill or a time-out is an outcome, never a hang."""
    context = _context()
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(sender, work, arguments), daemon=True)
    process.start()
    sender.close()
    with _live_lock:
        _live.add(process)
    try:
        return _wait(process, receiver, timeout_seconds)
    finally:
        stop(process)
        with _live_lock:
            _live.discard(process)


def stop_all() -> None:
    """End every child that is still at work (Ctrl-C)."""
    with _live_lock:
        running = list(_live)
    for process in running:
        stop(process)


def stop(process: Any) -> None:
    """End a child and everything it started."""
    if process.is_alive():
        process.join(JOIN_SECONDS if process.exitcode is not None else 0)
    for descendant in _descendants(process.pid):
        descendant.kill()
    if process.is_alive():
        process.kill()
    process.join(JOIN_SECONDS)


def _context() -> Any:
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if "forkserver" in methods:
        context.set_forkserver_preload(PRELOADED)
    return context


def _wait(process: Any, receiver: Any, timeout_seconds: float) -> Outcome:
    if not receiver.poll(timeout_seconds):
        limit = f"{timeout_seconds:.0f} s"
        return Outcome(1, f"stopped after {limit} (time-out); raise it with --timeout")
    try:
        return receiver.recv()
    except EOFError:
        process.join(JOIN_SECONDS)
        return Outcome(1, f"the process died: {_death(process.exitcode)}")


def _death(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        name = signal.Signals(-exit_code).name
        hint = " (often: out of memory)" if name == "SIGKILL" else ""
        return f"killed by {name}{hint}"
    return f"exit code {exit_code}"


def _child(sender: Any, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C goes to the parent only, which ends its children itself
    sender.send(_outcome(work, arguments))
    sender.close()


def _outcome(work: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    try:
        value = work(*arguments)
    except CrmEvalError as error:
        message, problems = told(error)
        return Outcome(error.exit_code, message, problems=tuple(problems))
    except Exception as error:  # reported with its traceback as our fault
        return Outcome(INTERNAL_ERROR, f"{type(error).__name__}: {error}", traceback.format_exc())
    return value if isinstance(value, Outcome) else Outcome(value=value)


def _descendants(pid: int | None) -> list[Any]:
    import psutil

    try:
        return psutil.Process(pid).children(recursive=True) if pid else []
    except psutil.NoSuchProcess:
        return []
