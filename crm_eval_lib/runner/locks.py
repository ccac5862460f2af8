"""One run per client at a time: a lock the system lets go of when its owner dies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crm_eval_lib.errors import UsageError

FOLDER = ".locks"


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
