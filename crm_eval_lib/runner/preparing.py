"""What a run does before its notebooks: settings and tables checked, kept, and marked by hashes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crm_eval_lib.runner.fingerprint import code_state, file_state, fingerprint, folder_state
from crm_eval_lib.runner.jobs import ClientJob, commentary
from crm_eval_lib.runner.parameters import assigned
from crm_eval_lib.runner.record import run_fingerprint

REFERENCE = "reference"  # the client's own reference classes, below its folder


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the run of a client goes by.

    Attributes
    ----------
    parameters : dict
        Of each notebook.
    status_date : str
    person_level : bool
        Whether a restricted annex is wanted.
    mark : str
        The fingerprint of all that the report rests on.
    roots : tuple of str
        Folders beside its own that the client reads.
    keys : dict of str to str
        Of each notebook: a hash of all it rests on but tables.
    tables : dict of str to str
        A hash of each table handed in, and of what else a notebook can ask kept tables for.
    """

    parameters: dict[str, dict[str, Any]]
    status_date: str
    person_level: bool
    mark: str
    roots: tuple[str, ...]
    keys: dict[str, str]
    tables: dict[str, str]


def get_ready() -> None:
    """Do once, in the process that forks, what each check would do anew; no thread starts here.

    The library is hashed as it is imported here, and the classes it ships are read.
    """
    from crm_eval_lib.client import FEW_ROWS  # noqa: F401 – all that opens a client
    from crm_eval_lib.config.fields import country
    from crm_eval_lib.scoring import numbers
    from crm_eval_lib.sources.logo import logo_of  # noqa: F401
    from crm_eval_lib.sources.reference import class_problems

    code_state()
    numbers()
    country("CN")  # reads the names of all countries
    class_problems()


def prepare(
    job: ClientJob, notebooks: Mapping[str, str], knobs: Mapping[str, Mapping[str, Any]]
) -> Prepared:
    """Check parameters, validate all tables and keep them as Parquet in the run folder.

    The files are hashed before they are read: one that changes meanwhile makes the report out of
    date, never wrongly current.
    """
    from crm_eval_lib.client import open_client
    from crm_eval_lib.sources.logo import logo_of

    client = open_client(
        job.client_id,
        clients_dir=job.clients_dir,
        language=job.language,
        status_date=job.status_date,
    )
    paths = {name: Path(path) for name, path in notebooks.items()}
    parameters = assigned(paths, job.parameters, client.config.parameters, knobs)
    commentary(client.folder)  # what cannot be read stops the run now, not at its end
    logo_of(client.folder, client.config.report.logo)
    roots = tuple(str((client.folder / Path(root).expanduser()).resolve())
                  for root in client.config.roots)  # fmt: skip
    mark = run_fingerprint(
        client.folder, Path(job.run_dir).parents[1] / job.client_id, paths,
        roots=roots, settings=job.settings(knobs),
    )  # fmt: skip
    client.validate()
    client.config = client.config.model_copy(
        update={"parameters": {**client.config.parameters, **_joined(client.config, knobs)}}
    )  # what holds in this run, for the comparison with the protocol
    client.save(job.run_dir)
    return Prepared(
        parameters,
        client.dates.status_date.date().isoformat(),
        client.config.privacy.annex_wanted,
        mark,
        roots,
        _keys(job, client, paths, parameters, mark),
        _table_marks(client),
    )


def _joined(config: Any, knobs: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Put the knobs of the command line over those of client.yml."""
    return {name: {**config.parameters.get(name, {}), **turned} for name, turned in knobs.items()}


def _keys(
    job: ClientJob,
    client: Any,
    paths: Mapping[str, Path],
    parameters: Mapping[str, Mapping[str, Any]],
    mark: str,
) -> dict[str, str]:
    """Hash what each notebook rests on; the client's own may read any file of its folder."""
    config = client.config.model_dump(mode="json", by_alias=True)
    common = {
        "code": code_state(),
        "config": {name: part for name, part in config.items() if name != "parameters"},
        "reference": folder_state(client.folder / REFERENCE),
    }
    keys = {}
    for name, path in paths.items():
        knobs = {k: v for k, v in parameters[name].items() if k not in job.parameters}
        whole = mark if path.is_relative_to(client.folder) else ""
        keys[name] = fingerprint(
            common | {"notebook": file_state(path), "knobs": knobs, "whole": whole}
        )
    return keys


def _table_marks(client: Any) -> dict[str, str]:
    from crm_eval_lib.sources.saved import EVERY_NAME, NOTES

    marks = {item.table: fingerprint(item.to_dict()) for item in client.readings}
    notes = [asdict(note) for note in client.notes]
    return marks | {EVERY_NAME: fingerprint({"names": sorted(marks)}),
                    NOTES: fingerprint({"notes": notes})}  # fmt: skip
