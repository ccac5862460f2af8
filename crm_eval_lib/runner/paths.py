"""Where the project's own folders are: notebooks, clients, reports."""

from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from time import time

from crm_eval_lib.errors import UsageError
from crm_eval_lib.runner.locks import client_lock

RUNS = ".runs"  # below the reports: <client>.<number of the process>, gone when a run has ended
LEFT = (".*.new", ".try-*")  # what a killed run was writing at that moment
LEFT_SECONDS = 60.0  # nobody writes such a file for as long, on this machine or another

PACKAGE_ROOT = Path(__file__).resolve().parents[2]


def project_folder(name: str) -> Path:
    """Find a project folder from the working folder upwards, else beside the package.

    Parameters
    ----------
    name : str
        Path below the project, such as ``notebooks`` or ``data/clients``.
    """
    here = Path.cwd().resolve()
    for root in (here, *here.parents, PACKAGE_ROOT):
        of_a_client = (root / "client.yml").is_file()  # it may have a folder notebooks, too
        if (root / name).is_dir() and (root / "notebooks").is_dir() and not of_a_client:
            return root / name
    raise UsageError(
        f"No folder {name!r} in or above {here}. Go to the project's folder or name the folder."
    )


def notebooks_dir() -> Path:
    """Return the folder of the standard notebooks."""
    return project_folder("notebooks")


def clients_dir(given: str | Path | None = None) -> Path:
    """Return the folder of the clients: the one given, else the project's."""
    folder = Path(given).expanduser() if given else project_folder("data/clients")
    if not folder.is_dir():
        raise UsageError(f"The clients folder {folder} does not exist. Name it with --clients.")
    return folder.resolve()


def reports_dir(given: str | Path | None = None) -> Path:
    """Return the folder of the reports, made if need be."""
    folder = Path(given).expanduser() if given else notebooks_dir().parent / "reports"
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; reports need a folder. Name one with --reports.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"The reports folder {folder} cannot be made: {error.strerror}."
        ) from error
    return folder.resolve()


def writable(reports: Path) -> Path:
    """Return the folder of the reports after making sure that a run can write there."""
    try:
        _clear_left(reports)
        _clear_runs(reports)
        with TemporaryDirectory(prefix=".try-", dir=reports):
            return reports
    except OSError as error:
        raise UsageError(
            f"Nothing can be written to the reports folder {reports}: {error.strerror}. Allow it, "
            "or name another with --reports."
        ) from error


def _clear_left(reports: Path) -> None:
    for path in (path for pattern in LEFT for path in reports.glob(pattern)):
        if path.is_file() and time() - path.stat().st_mtime > LEFT_SECONDS:
            path.unlink(missing_ok=True)
        elif path.is_dir() and time() - path.stat().st_mtime > LEFT_SECONDS:
            rmtree(path, ignore_errors=True)


def _clear_runs(reports: Path) -> None:
    """Remove what killed runs left, whatever has become of their clients since."""
    for left in reports.glob(f"{RUNS}/*.*"):
        with suppress(UsageError), client_lock(reports, left.stem):  # else its run is at work
            rmtree(left, ignore_errors=True)


def client_folders(folder: Path) -> list[str]:
    """Name the folders below the clients' or reports' folder, hidden ones and ``_…`` left out."""
    return sorted(
        path.name for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._"
    )
