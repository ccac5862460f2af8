"""Fix a client's protocol: settings hashed with the time, no outcome table opened."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_eval_lib import __version__
from crm_eval_lib.errors import DataError, UsageError
from crm_eval_lib.runner.batch import replace_text
from crm_eval_lib.runner.jobs import now

BROKEN = "results.json cannot be read"


@dataclass(frozen=True, slots=True)
class Frozen:
    """What was written where."""

    path: Path
    record: Mapping[str, Any]
    versions: int


def freeze(client_id: str, clients: Path, reports: Path, *, again: bool = False) -> Frozen:
    """Write ``<reports>/<client>/protocol.json``.

    Parameters
    ----------
    client_id : str
        Name of the client's folder.
    clients, reports : Path
        Folders of the clients and of the reports.
    again : bool
        Fix again where a protocol stands already; the earlier versions are kept inside.

    Raises
    ------
    UsageError
        A protocol stands already and `again` was not asked for, or it cannot be read, or nothing
        can be written.
    """
    from crm_eval_lib.cli.clients import check_notebooks
    from crm_eval_lib.protocol.record import FILE_NAME, Protocol, new_record, read_protocol
    from crm_eval_lib.protocol.settings import settings_of
    from crm_eval_lib.runner.plan import plan

    folder = reports / client_id
    client = without_outcomes(client_id, clients)
    check_notebooks(client, plan(client.folder).all)
    known = read_protocol(folder)
    if known is not None and not again:
        raise UsageError(
            f"{folder / FILE_NAME} was fixed on {known.records[-1]['frozen_at']}; nothing was "
            "changed. To fix it again and keep that version inside: "
            f"crm-eval freeze {client_id} --again"
        )
    design, unread = _design_tables(client)
    earlier = known.records if known else ()
    record = new_record(
        settings_of(client, design),
        _circumstances(client, folder, unread),
        previous=earlier[-1]["sha256"] if earlier else None,
    )
    versions = Protocol((*earlier, record))
    text = json.dumps(versions.to_dict(client_id), ensure_ascii=False, indent=1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_text(folder / FILE_NAME, text + "\n")
    except OSError as error:
        raise UsageError(
            f"{folder / FILE_NAME} cannot be written: {error.strerror}. Allow it, or name another "
            "folder with --reports."
        ) from error
    return Frozen(folder / FILE_NAME, record, len(versions.records))


def without_outcomes(client_id: str, clients: Path) -> Any:
    """Open a client so that nothing but the tables of the design can be read through it."""
    from crm_eval_lib.client import Client, open_client
    from crm_eval_lib.protocol.settings import DESIGN_TABLES
    from crm_eval_lib.sources.load import Intake
    from crm_eval_lib.sources.paths import Area

    client = open_client(client_id, clients_dir=clients)  # reads client.yml only
    given = client.config.sources or {}
    sources = {name: s for name, s in given.items() if name in DESIGN_TABLES and not s.query}
    area = Area.of(client.folder, client.config.roots)
    zone = {"timezone": client.timezone, "currency": client.currency}
    return Client(client.config, client.folder, Intake(area, sources, only=DESIGN_TABLES, **zone))


def _design_tables(client: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the tables that say what is judged, and why some could not be had."""
    from crm_eval_lib.protocol.settings import DESIGN_TABLES

    tables, unread = {}, {}
    for name in DESIGN_TABLES:
        try:
            tables[name] = client.tables[name]
        except DataError as error:
            tables[name], unread[name] = None, str(error)
        source = (client.config.sources or {}).get(name)
        if source is not None and source.query:
            unread[name] = "it comes from a query, whose text is fixed in its place"
    return tables, unread


def _circumstances(client: Any, folder: Path, unread: Mapping[str, str]) -> dict[str, Any]:
    from crm_eval_lib.protocol.settings import DESIGN_TABLES, NORM_TABLES
    from crm_eval_lib.sources.paths import Area
    from crm_eval_lib.sources.presence import tables_lying

    area = Area.of(client.folder, client.config.roots)
    lying = tables_lying(area, client.config.sources or {})
    return {
        "frozen_at": now(),
        "version": __version__,
        "status_date": str(client.config.dates.status_date)[:10],
        "outcome_tables": [name for name in lying if name not in (*DESIGN_TABLES, *NORM_TABLES)],
        "reports": reports_before(folder),
        "unread": dict(unread),
    }


def reports_before(folder: Path) -> list[str]:
    """Return the status dates of the reports that were made for a client already."""
    paths = [*folder.glob("history/*/results.json"), folder / "results.json"]
    return sorted({_status_date(path) for path in paths if path.is_file()})


def _status_date(path: Path) -> str:
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["status_date"])
    except (OSError, ValueError, LookupError, TypeError):
        return BROKEN  # a report all the same
