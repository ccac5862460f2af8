"""The pieces of work of a run, each called in a child process of its own."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from crm_eval_lib import __version__
from crm_eval_lib.config import decode
from crm_eval_lib.errors import ConfigError, CrmEvalError, DataError
from crm_eval_lib.runner.parameters import assigned
from crm_eval_lib.runner.process import ENVIRONMENT, Outcome, tell

KERNEL = "python3"
FORK = "crm-eval-fork"
COMMENTARY = "commentary.md"
KERNEL_DIED = "its process ended (killed, often for want of memory, or by an exit of its own)"
ENGINES = {"fork": FORK, "kernel": "nbclient"}  # the names of the command line, and papermill's
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


def prepare(
    job: ClientJob, notebooks: Mapping[str, str], knobs: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Check parameters, validate all tables and keep them as Parquet in the run folder."""
    from crm_eval_lib.client import open_client
    from crm_eval_lib.persons.annex import wanted

    client = open_client(
        job.client_id,
        clients_dir=job.clients_dir,
        language=job.language,
        status_date=job.status_date,
    )
    paths = {name: Path(path) for name, path in notebooks.items()}
    parameters = assigned(paths, job.parameters, client.config.parameters, knobs)
    commentary(client.folder)  # what cannot be read stops the run now, not at its end
    client.validate()
    client.config = client.config.model_copy(
        update={"parameters": {**client.config.parameters, **_joined(client.config, knobs)}}
    )  # what holds in this run, for the comparison with the protocol
    client.save(job.run_dir)
    return {
        "language": client.language,
        "person_level": wanted(client.config),
        "parameters": parameters,
        "status_date": client.dates.status_date.date().isoformat(),
    }


def _joined(config: Any, knobs: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Put the knobs of the command line over those of client.yml."""
    return {name: {**config.parameters.get(name, {}), **turned} for name, turned in knobs.items()}


def execute(job: ClientJob, name: str, notebook: str, parameters: Mapping[str, Any]) -> Outcome:
    """Run one notebook with papermill; a failing cell is an outcome with its number."""
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError

    from crm_eval_lib.runner.engine import ForkEngine

    papermill_engines.register(FORK, ForkEngine)  # an older install may lack the entry point
    os.environ.update(ENVIRONMENT, IPYTHONDIR=str(_ipython_folder(job)))
    output = executed(job.run_dir, name)
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        papermill.execute_notebook(
            notebook, str(output), dict(parameters), kernel_name=KERNEL, language="python",
            progress_bar=False, cwd=job.run_dir, log_output=False,
            engine_name=ENGINES[job.engine], on_cell_start=_tell_cell,
        )  # fmt: skip
    except PapermillExecutionError as error:
        return _failed_cell(name, error)
    except DeadKernelError:
        return Outcome(1, KERNEL_DIED, died=True)
    return _published(job, name)


def executed(run_dir: str | Path, name: str) -> Path:
    """Return where the executed notebook of a run is."""
    return Path(run_dir) / "notebooks" / f"{name}.ipynb"


def _tell_cell(cell: Any, cell_index: int) -> None:
    tell(cell_index)


def render(job: ClientJob, names: list[str], own: list[str]) -> None:
    """Make report.html from the executed notebooks and complete results.json.

    Parameters
    ----------
    names, own : list of str
        All notebooks of the run in the order of the page; those that are the client's own.
    """
    from crm_eval_lib.client import open_client
    from crm_eval_lib.report import render_page

    run_dir = Path(job.run_dir)
    client = open_client(job.client_id, run_dir=job.run_dir, language=job.language)
    path = run_dir / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    provenance = results["provenance"]
    provenance["parameters"] |= knobs_used(job, run_dir, names)
    if own:
        provenance["parameters"]["own_notebooks"] = own
    provenance["fingerprint"] = fingerprint(results, run_dir, names)
    provenance["generated_at"] = now()
    text = json.dumps(results, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text, encoding="utf-8")
    page = render_page(
        notebooks=[executed(run_dir, name) for name in names],
        results=results,
        lang=client.language,
        commentary=commentary(Path(job.clients_dir) / job.client_id),
        config=client.config,
        cache_dir=run_dir.parents[1] / ".cache",
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


def knobs_used(job: ClientJob, run_dir: Path, names: list[str]) -> dict[str, dict[str, Any]]:
    """Return what each notebook was given beside the parameters that all of them share."""
    given = {
        name: json.loads(executed(run_dir, name).read_text("utf-8"))["metadata"] for name in names
    }
    knobs = {
        name: {k: v for k, v in data["papermill"]["parameters"].items() if k not in job.parameters}
        for name, data in given.items()
    }
    return {name: values for name, values in knobs.items() if values}


def fingerprint(results: Mapping[str, Any], run_dir: Path, names: list[str]) -> str:
    """Hash what the report rests on: inputs, parameters, notebooks' code, version."""
    digest = sha256(__version__.encode())
    for part in (results["provenance"]["inputs"], results["provenance"]["parameters"]):
        digest.update(json.dumps(part, sort_keys=True, ensure_ascii=False).encode())
    for name in names:
        cells = json.loads(executed(run_dir, name).read_text("utf-8"))["cells"]
        own = [cell for cell in cells if "injected-parameters" not in cell["metadata"]["tags"]]
        digest.update("".join("".join(cell["source"]) for cell in own).encode())
    return digest.hexdigest()


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
    path = folder / COMMENTARY
    try:
        return decode(path.read_bytes()) if path.is_file() else None
    except (ConfigError, OSError) as error:
        raise DataError(f"{folder.name}/{COMMENTARY} cannot be read: {error}") from error


def _failed_cell(name: str, error: Any) -> Outcome:
    import crm_eval_lib.errors as errors

    ours = getattr(errors, error.ename, None)
    exit_code = ours.exit_code if ours and issubclass(ours, CrmEvalError) else 1
    message = f"{name}, cell {error.exec_count}: {error.ename}: {error.evalue}"
    return Outcome(exit_code, message, "\n".join(error.traceback))


def _published(job: ClientJob, name: str) -> Outcome:
    factor = name[3:]
    path = Path(job.run_dir, "results.json" if factor == "scorecard" else f"results/{factor}.json")
    if not path.is_file():
        return Outcome(
            1,
            f"{name} ended without publishing {path.name}: its last cell must be "
            f'FactorResult.collect("{factor}", steps).publish(run_dir)',
        )
    return Outcome()
