"""One run per client at a time: a lock the system lets go of when its owner dies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from crm_eval_lib.errors import UsageError

FOLDER = ".locks"
WAIT_SECONDS, LOOK_SECONDS = 5.0, 0.02  # for a lock that is held for an instant only


@contextmanager
def client_lock(reports: Path, client_id: str) -> Iterator[None]:
    """Hold the lock of a client's report.

    The file stays; what counts is the system's lock on it, which ends with the process.

    Raises
    ------
    UsageError
        Another process holds it; its number is named.
    """
    path = reports / FOLDER / f"{client_id}.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        if not _taken(file.fileno()):
            file.seek(0)
            owner = file.read().strip() or "unknown"
            raise UsageError(
                f"another run is making this report (process {owner}). Wait for its end, or stop "
                "it."
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def waited_lock(path: Path) -> Iterator[None]:
    """Hold the lock of a small file, waiting for whoever writes it at the moment.

    Raises
    ------
    UsageError
        It stays held for longer than any writing takes.
    OSError
        The lock's file cannot be made.
    """
    end = monotonic() + WAIT_SECONDS
    with path.open("a+", encoding="utf-8") as file:
        while not _taken(file.fileno()):
            if monotonic() > end:
                raise UsageError(f"{path} is held by another process. Wait for its end, or stop "
                                 "it.")  # fmt: skip
            sleep(LOOK_SECONDS)
        yield


def _taken(descriptor: int) -> bool:
    """Take the system's lock on an open file unless another holds it."""
    try:
        if os.name == "nt":
            import msvcrt

            os.lseek(descriptor, 2**30, os.SEEK_SET)  # beyond the text, which others may read
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
