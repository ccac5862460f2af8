"""What a process has started, and those below it: none of it stays."""

import atexit
import contextlib
import ctypes
import os
import signal
import sys
import warnings

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def take_in_orphans() -> None:
    """On Linux: let daemons and what dead children have started be this process's own children."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def leave_nothing() -> None:
    """In a process that forks: end with it, which ends with the batch, all its children started.

    Ctrl-C is the batch's affair, which would else show where an import was interrupted.
    """
    take_in_orphans()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.filterwarnings("ignore", r"forkserver: waitpid returned", UserWarning)  # an orphan
    atexit.register(end_descendants)


def end_descendants() -> None:
    """Kill all that this process and those below it have started."""
    if not _childless():
        kill_descendants(os.getpid())


def _childless() -> bool:
    """On Linux: say whether nothing is below a process that takes in orphans; a search is dear."""
    if sys.platform != "linux":
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False


def kill_descendants(pid: int) -> None:
    """Kill all that a process and those below it have started."""
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        for descendant in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):  # it ended meanwhile, or became another's
                descendant.kill()


def kill_servers() -> None:
    """End the processes that fork, which this one has as children of a telling name."""
    import psutil

    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if any("multiprocessing.forkserver" in word for word in child.cmdline()):
                child.kill()
