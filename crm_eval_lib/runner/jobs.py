"""The pieces of work of a run, each called in a child process of its own."""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import chdir
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_eval_lib.errors import ConfigError, CrmEvalError, DataError
from crm_eval_lib.runner.outcome import Outcome
from crm_eval_lib.runner.process import tell
from crm_eval_lib.runner.servers import ENVIRONMENT

if TYPE_CHECKING:  # the command line imports nothing of the page
    from crm_eval_lib.report.notebook import Notebook

KERNEL = "python3"
FORK = "crm-eval-fork"  # an entry point of this package, which papermill reads
COMMENTARY = "commentary.md"
LARGEST_COMMENTARY_BYTES = 200_000  # some fifty pages of paper, a tenth of what a page may weigh
KERNEL_DIED = "its process ended (killed, often for want of memory, or by an exit of its own)"
FOLDER_GONE = "the folder of the run has gone; a cell, or somebody else, has removed it"
ENGINES = {"fork": FORK, "kernel": "crm-eval-kernel"}  # names of the command line, and papermill's
_KERNEL_CONFIG = """c = get_config()  # noqa
c.IPKernelApp.log_level = 50
c.HistoryManager.enabled = False
"""


@dataclass(frozen=True, slots=True)
class ClientJob:
    """What a run of one client needs to know."""

    client_id: str
    clients_dir: str
    run_dir: str
    language: str = ""
    status_date: str = ""
    engine: str = "fork"

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters every notebook declares."""
        return {
            "client_id": self.client_id,
            "clients_dir": self.clients_dir,
            "run_dir": self.run_dir,
            "language": self.language,
            "status_date": self.status_date,
        }

    def settings(self, knobs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """What the run was given beside files, in plain types."""
        given = {name: dict(values) for name, values in knobs.items()}
        return {"language": self.language, "status_date": self.status_date, "knobs": given}


def execute(job: ClientJob, name: str, notebook: str, parameters: Mapping[str, Any]) -> Outcome:
    """Run one notebook with papermill; a failing cell is an outcome with its number."""
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import raise_for_execution_errors

    os.environ |= ENVIRONMENT | os.environ | {"IPYTHONDIR": str(_ipython_folder(job))}
    output = executed(job.run_dir, name)
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        raise_for_execution_errors(_executed(job, notebook, output, parameters), str(output))
    except PapermillExecutionError as error:
        return _failed_cell(name, error)
    except DeadKernelError:
        return Outcome(1, KERNEL_DIED, died=True)
    except FileNotFoundError:
        if output.parent.is_dir():
            raise
        return Outcome(1, FOLDER_GONE, died=True)
    return _published(job, name)


def _executed(job: ClientJob, notebook: str, output: Path, parameters: Mapping[str, Any]) -> Any:
    """Let papermill prepare a notebook, and its engine execute and save it.

    papermill would write the finished notebook once more, through an encoder that needs longer
    for it than many a notebook for its cells.
    """
    import papermill
    from papermill.engines import papermill_engines

    import crm_eval_lib.runner.kernel  # noqa: F401 – makes its engine known to papermill

    prepared = papermill.execute_notebook(
        notebook, str(output), dict(parameters), prepare_only=True,
        kernel_name=KERNEL, language="python",
    )  # fmt: skip
    with chdir(job.run_dir):
        return papermill_engines.execute_notebook_with_engine(
            ENGINES[job.engine], prepared, KERNEL, output_path=str(output),
            progress_bar=False, log_output=False, on_cell_start=_tell_cell,
        )  # fmt: skip


def executed(run_dir: str | Path, name: str) -> Path:
    """Return where the executed notebook of a run is."""
    return Path(run_dir) / "notebooks" / f"{name}.ipynb"


def _tell_cell(cell: Any, cell_index: int) -> None:
    tell(cell_index)


def render(job: ClientJob, names: list[str], own: list[str], mark: str) -> None:
    """Make report.html from the executed notebooks and complete results.json.

    Parameters
    ----------
    names, own : list of str
        All notebooks of the run in the order of the page; those that are the client's own.
    mark : str
        The fingerprint of what the report rests on.
    """
    from crm_eval_lib.client import open_client
    from crm_eval_lib.report import render_page
    from crm_eval_lib.report.notebook import read_notebook
    from crm_eval_lib.report.trace import with_sentences
    from crm_eval_lib.sources.logo import logo_of
    from crm_eval_lib.text.safe import escaped

    run_dir = Path(job.run_dir)
    client = open_client(job.client_id, run_dir=job.run_dir, language=job.language)
    path = run_dir / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    provenance = results["provenance"]
    books = [read_notebook(executed(run_dir, name), client.language) for name in names]
    provenance["parameters"] |= knobs_used(job, books)
    if own:
        provenance["parameters"]["own_notebooks"] = own
    provenance["fingerprint"] = mark
    provenance["generated_at"] = now()
    results = with_sentences(results, books)
    text = json.dumps(results, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(escaped(text), encoding="utf-8")
    page = render_page(
        notebooks=books,
        results=results,
        lang=client.language,
        commentary=commentary(Path(job.clients_dir) / job.client_id),
        config=client.config,
        cache_dir=run_dir.parents[1] / ".cache",
        logo=logo_of(Path(job.clients_dir) / job.client_id, client.config.report.logo),
    )
    (run_dir / "report.html").write_text(page, encoding="utf-8")


def restrict(job: ClientJob) -> None:
    """Write the restricted annex on single persons, beside the report and not into it."""
    from crm_eval_lib.client import open_client
    from crm_eval_lib.persons import annex, write_annex

    client = open_client(job.client_id, run_dir=job.run_dir, language=job.language)
    try:
        write_annex(job.run_dir, annex(client), client=client, made_at=now())
    except Exception as error:  # its text may name a person, and would go to logs and batch.json
        kind = type(error).__name__
        raise CrmEvalError(f"the restricted annex could not be made ({kind})") from None


def knobs_used(job: ClientJob, books: "Iterable[Notebook]") -> dict[str, dict[str, Any]]:
    """Return what each notebook was given beside the parameters that all of them share."""
    knobs = {
        book.name: {k: v for k, v in book.parameters.items() if k not in job.parameters}
        for book in books
    }
    return {name: values for name, values in knobs.items() if values}


def now() -> str:
    """Return the present moment in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _ipython_folder(job: ClientJob) -> Path:
    """Make a profile that reads nothing of the user's: no history file, errors only in the log."""
    folder = Path(job.run_dir) / "ipython"
    profile = folder / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text(_KERNEL_CONFIG, encoding="utf-8")
    return folder


def commentary(folder: Path) -> str | None:
    """Return the consultant's words, None without any; UTF-8 or GB18030 like all text."""
    from crm_eval_lib.config import decode

    path = folder / COMMENTARY
    said = f"{folder.name}/{COMMENTARY}"
    try:
        content = path.read_bytes() if path.is_file() else None
        if content is None or len(content) <= LARGEST_COMMENTARY_BYTES:
            return None if content is None else decode(content)
    except (ConfigError, OSError) as error:
        raise DataError(f"{said} cannot be read: {error}") from error
    raise DataError(
        f"{said} has {len(content):,} bytes; the page takes {LARGEST_COMMENTARY_BYTES:,}. "
        "Say it shorter, or hand it over as a document of its own."
    )


def _failed_cell(name: str, error: Any) -> Outcome:
    import crm_eval_lib.errors as errors

    ours = getattr(errors, error.ename, None)
    exit_code = ours.exit_code if ours and issubclass(ours, CrmEvalError) else 1
    message = f"{name}, cell {error.exec_count}: {error.ename}: {error.evalue}"
    return Outcome(exit_code, message, "\n".join(error.traceback))


def _exit_cell(notebook: Path) -> int | None:
    """Return the number of the cell that ended the notebook without an error; None without one."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if any(output.get("ename") == "SystemExit" for output in cell.get("outputs", ())):
            return cell["execution_count"]
    return None


def _published(job: ClientJob, name: str) -> Outcome:
    from crm_eval_lib.sources.saved import ASKED

    factor = name[3:]
    path = Path(job.run_dir, "results.json" if factor == "scorecard" else f"results/{factor}.json")
    if not path.is_file():
        left = _exit_cell(executed(job.run_dir, name))
        if left:
            return Outcome(1, f"{name}, cell {left}: the notebook called exit here, before it had "
                              f"published {path.name}. Remove the call.")  # fmt: skip
        return Outcome(
            1,
            f"{name} ended without publishing {path.name}: its last cell must be "
            f'FactorResult.collect("{factor}", steps).publish(run_dir)',
        )
    return Outcome(value=sorted(ASKED) if job.engine == "fork" else None)  # a kernel keeps its own
