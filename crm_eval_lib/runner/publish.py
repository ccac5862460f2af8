"""Results appear whole or not at all: run folders, the exchange of folders, history."""

import contextlib
import ctypes
import glob
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from crm_eval_lib.runner.paths import RUNS

NOT_PUBLISHED = ("data", "ipython")
NOT_KEPT = ("data", "restricted")  # of a run that failed
PROTOCOL = "protocol.json"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # linux/fs.h, for renameat2


def new_run_dir(reports: Path, client_id: str) -> Path:
    """Make an empty folder for a run, on the same file system as the reports.

    Called with the client's lock held: what other runs of this client left, they left dying.
    """
    for left in (reports / RUNS).glob(f"{glob.escape(client_id)}.*"):
        if left.name.removeprefix(f"{client_id}.").isdigit():
            shutil.rmtree(left, ignore_errors=True)
    parked, place = _parked(reports / client_id), reports / client_id
    if parked.is_dir() and not place.exists():
        parked.rename(place)  # died between the two steps of an exchange
    folder = reports / RUNS / f"{client_id}.{os.getpid()}"
    folder.mkdir(parents=True)
    return folder


@contextlib.contextmanager
def removed_at_the_end(run_dir: Path) -> Iterator[None]:
    """Remove what of a run was not moved to its place, so that a full disk gets no fuller."""
    try:
        yield
    finally:
        shutil.rmtree(run_dir, ignore_errors=True)


def publish(run_dir: Path, reports: Path, client_id: str) -> Path:
    """Put a finished run in the place of the client's report."""
    target = reports / client_id
    for name in NOT_PUBLISHED:
        shutil.rmtree(run_dir / name, ignore_errors=True)
    _carry_protocol(target, run_dir)  # it may have been fixed again while the run was at work
    try:
        run_dir.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        exchange(run_dir, target)  # a report stands there already
        shutil.rmtree(run_dir)
    shutil.rmtree(reports / ".failed" / client_id, ignore_errors=True)
    return target


def set_aside(run_dir: Path, reports: Path, client_id: str) -> Path:
    """Keep a failed run's notebooks apart from the reports and say where."""
    target = reports / ".failed" / client_id
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(exist_ok=True)
    for name in NOT_KEPT:
        shutil.rmtree(run_dir / name, ignore_errors=True)
    run_dir.rename(target)
    return target


def carry_history(reports: Path, client_id: str, run_dir: Path, status_date: str) -> None:
    """Copy what earlier reports left: ``history/<status_date>/results.json`` and the protocol.

    Called before the notebooks run, so that the scorecard can show the change since then.
    """
    old = reports / client_id
    if (old / "history").is_dir():
        shutil.copytree(old / "history", run_dir / "history", dirs_exist_ok=True)
    _carry_protocol(old, run_dir)
    before = _status_date(old)
    if before and before != status_date:
        folder = run_dir / "history" / before
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(old / "results.json", folder / "results.json")


def exchange(new: Path, old: Path) -> None:
    """Swap two folders in one step on Linux, in two steps elsewhere."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        paths = (os.fsencode(new), os.fsencode(old))
        if libc.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0:
            return
    parked = _parked(old)
    shutil.rmtree(parked, ignore_errors=True)
    old.rename(parked)
    new.rename(old)
    parked.rename(new)


def _carry_protocol(old: Path, run_dir: Path) -> None:
    if (old / PROTOCOL).is_file():
        shutil.copy2(old / PROTOCOL, run_dir / PROTOCOL)


def _parked(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _status_date(folder: Path) -> str | None:
    """Return the status date of the report that stands; None without one that can be read."""
    with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        return str(results["status_date"])
    return None
