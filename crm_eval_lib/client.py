"""One client: its configuration and its validated tables.

>>> client = open_client("demo-trading")
>>> client.currency, list(client.tables.budget.columns)[:3]
('CNY', ['line_id', 'category', 'description'])
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from crm_eval_lib.client_folder import client_folder
from crm_eval_lib.config import ClientConfig, load_config
from crm_eval_lib.errors import UsageError, nearest
from crm_eval_lib.results import Caveat
from crm_eval_lib.runner.paths import clients_dir as find_clients_dir
from crm_eval_lib.sources.event_log import EventLog
from crm_eval_lib.sources.load import Intake, Reading, summary
from crm_eval_lib.sources.paths import Area
from crm_eval_lib.sources.reference import (
    class_inputs,
    class_problems,
    read_classes,
    reference_files,
)
from crm_eval_lib.sources.saved import Names, Saved, keep_tables
from crm_eval_lib.tables import TABLES
from crm_eval_lib.tables.spec import Problem

SAVED = "client.json"  # beside the Parquet files of a run
FEW_ROWS = 50_000  # of a run's longest table; sorting and grouping Python's texts takes longer then
_Store = Intake | Saved


@dataclass(frozen=True, slots=True)
class Dates:
    """The client's dates: midnights without zone, None where client.yml says nothing."""

    project_start: pd.Timestamp | None
    planned_go_live: pd.Timestamp | None
    forecast_go_live: pd.Timestamp | None
    go_live: pd.Timestamp | None
    status_date: pd.Timestamp | None
    blackout: tuple[pd.Timestamp, pd.Timestamp] | None

    @classmethod
    def of(cls, dates: Any) -> "Dates":
        """Take the dates of a configuration."""
        names = [name for name in cls.__slots__ if name != "blackout"]
        single = {name: _midnight(getattr(dates, name, None)) for name in names}
        blackout = getattr(dates, "blackout", None)
        return cls(**single, blackout=tuple(map(_midnight, blackout)) if blackout else None)


class Tables(Mapping[str, pd.DataFrame]):
    """The client's tables, each read and validated when first asked for.

    ``tables.budget`` and ``tables["budget"]`` give a DataFrame, or None when the table was not
    handed in; iteration gives the names of those that were.
    """

    def __init__(self, store: "_Store") -> None:
        self._store = store

    def __getitem__(self, name: str) -> pd.DataFrame | None:
        if name not in TABLES:
            raise KeyError(f"there is no table {name!r}: {nearest(name, TABLES)}")
        if name in self:
            return self._store.load(name)[0]
        self._store.check_absent(name)
        return None

    def __getattr__(self, name: str) -> pd.DataFrame | None:
        if name.startswith("_") or name not in TABLES:
            raise AttributeError(f"there is no table {name!r}: {nearest(name, TABLES)}")
        return self[name]

    def lean(self, name: str, columns: Names, coded: Names = ()) -> pd.DataFrame | None:
        """Return a table for one use: of one kept by a run these columns, some texts as codes."""
        return self._store.lean(name, columns, coded) if name in self else self[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._store.names)

    def __len__(self) -> int:
        return len(self._store.names)

    def __contains__(self, name: object) -> bool:
        return self._store.holds(str(name))

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *TABLES]

    def __repr__(self) -> str:
        return f"Tables({', '.join(self) or 'none'})"


class Client:
    """One client, as `open_client` gives it.

    Attributes
    ----------
    id, name, language, currency, timezone : str
    folder : Path
        Where the client's files are.
    config : ClientConfig
        Everything client.yml says.
    dates : Dates
    tables : Tables
    """

    def __init__(self, config: ClientConfig, folder: Path, store: "_Store") -> None:
        self.config, self.folder, self._store = config, folder, store
        self.id: str = config.client
        self.name: str = config.name or config.client
        self.language: str = config.language
        self.currency: str = config.currency
        self.timezone: str = config.timezone
        self.dates = Dates.of(config.dates)
        self.tables = Tables(store)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What is known of each table beside its rows: file, checksum, oddities."""
        return tuple(self._store.reading(name) for name in self._store.names)

    @property
    def events(self) -> pd.DataFrame | EventLog | None:
        """The events, in memory or, where they are too many, in their file."""
        return self._store.event_log() or self.tables.events

    @property
    def notes(self) -> tuple[Problem, ...]:
        """Defects of folder and tables that do not stop the client."""
        return (*self._store.notes, *(note for item in self.readings for note in item.notes))

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """Every file read: table, path below the client's folder, sha256, rows of the table."""
        return [
            {"table": item.table, "path": path, "sha256": digest, "rows": item.rows}
            for item in self.readings
            for path, digest in item.files
        ] + class_inputs(self.folder)

    @cached_property
    def caveats(self) -> tuple[Caveat, ...]:
        """What the reading of the files makes doubtful, for the report."""
        from crm_eval_lib.data_check import reading_caveats

        return reading_caveats(self.readings, self._store.notes)

    @cached_property
    def reference_classes(self) -> pd.DataFrame:
        """Quantiles of finished projects: the classes shipped and those in ``reference/``."""
        return read_classes(reference_files(self.folder), lang=self.language)

    def validate(self) -> "Client":
        """Read every table and every reference class.

        Raises
        ------
        DataError
            Some break the contract: all problems of all tables, and beside them all remarks.
        """
        problems = [*self._store.problems(), *class_problems(self.folder)]
        if problems:
            raise summary([*problems, *self._store.remarks()])
        return self

    def save(self, run_dir: str | Path) -> Path:
        """Keep configuration and validated tables below ``run_dir/data``; return that folder."""
        folder = Path(run_dir) / "data"
        folder.mkdir(parents=True, exist_ok=True)
        keep_tables(self._store, folder, self.tables)
        saved = {
            "config": self.config.model_dump(mode="json", by_alias=True),
            "folder": str(self.folder),
            "readings": [item.to_dict() for item in self.readings],
            "notes": [asdict(note) for note in self._store.notes],
        }
        text = json.dumps(saved, ensure_ascii=False, indent=1)
        (folder / SAVED).write_text(text, encoding="utf-8")
        return folder

    def __repr__(self) -> str:
        lines = [f"{label}: {value}" for label, value in self._facts()]
        return "\n".join([f"Client {self.id}", *lines])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th scope='row'>{escape(label)}</th><td>{escape(value)}</td></tr>"
            for label, value in self._facts()
        )
        return f"<table><caption>{escape(self.id)}</caption><tbody>{rows}</tbody></table>"

    def _facts(self) -> list[tuple[str, str]]:
        from crm_eval_lib.text import word

        days = [self.dates.project_start, self.dates.go_live, self.dates.status_date]
        values = (self.name, self.currency, *(f"{day:%Y-%m-%d}" if day else "–" for day in days))
        keys = ("name", "currency", "project_start", "go_live", "status_date")
        facts = [
            (word(f"data_check.column.{key}"), value)
            for key, value in zip(keys, values, strict=True)
        ]
        return [*facts, (word("data_check.column.tables"), ", ".join(self.tables) or "–")]


def open_client(
    client_id: str = "demo-trading",
    *,
    clients_dir: str | Path = "",
    run_dir: str | Path = "",
    language: str = "",
    status_date: str = "",
) -> Client:
    """Open a client: its configuration at once, its tables when they are asked for.

    Parameters
    ----------
    client_id : str
        Name of its folder.
    clients_dir : str or Path
        Where the clients' folders are; empty: ``data/clients`` of the project.
    run_dir : str or Path
        Folder of a run; tables saved there are taken instead of the client's files. Where none has
        more than `FEW_ROWS` rows, pandas keeps texts as Python's own from then on.
    language, status_date : str
        Take the place of what client.yml says; empty: the client's.

    Returns
    -------
    Client
        ``tables`` by name (DataFrames as in the data dictionary, None where missing), ``events``,
        ``dates``, ``currency``, ``timezone``, ``config`` and ``notes`` on defects of the files.

    Raises
    ------
    UsageError
        No such client; the nearest is named.
    ConfigError
        client.yml is missing or wrong.

    Examples
    --------
    >>> open_client("demo-tradng")
    Traceback (most recent call last):
    crm_eval_lib.errors.UsageError: There is no client ...
    """
    saved = Path(run_dir) / "data" / SAVED if run_dir else None
    if saved is not None and saved.is_file():
        return _saved_client(saved, client_id, language)
    folder = client_folder(client_id, find_clients_dir(clients_dir or None))
    config = load_config(folder, language=language, status_date=status_date)
    area = Area.of(folder, config.roots)
    sources = config.sources or {}
    intake = Intake(area, sources, timezone=config.timezone, currency=config.currency)
    return Client(config, folder, intake)


def _saved_client(path: Path, client_id: str, language: str) -> Client:
    saved = json.loads(path.read_text(encoding="utf-8"))
    config = ClientConfig.model_validate(saved["config"])
    if client_id and config.client != client_id:
        raise UsageError(
            f"The run folder {path.parents[1]} belongs to client {config.client!r}, not to "
            f"{client_id!r}. Name another run folder."
        )
    if language and language != config.language:
        config = config.model_copy(update={"language": language})
    _store_texts_for(max((item["rows"] for item in saved["readings"]), default=0))
    return Client(config, Path(saved["folder"]), Saved.of(path.parent, saved))


def _store_texts_for(rows: int) -> None:
    """Let pandas keep texts, column names among them, as suits tables of so many rows.

    Arrow's are made for long columns; the method's many small frames take a tenth less CPU with
    Python's. Types and missing values are the same, and so are the method's results. Sorted by one
    text, rows of the same text come in any order, of Arrow's in that which they had; a merge of
    texts made before with later ones has keys of type object.
    """
    pd.options.mode.string_storage = "python" if rows <= FEW_ROWS else "auto"


def _midnight(day: Any) -> pd.Timestamp | None:
    return None if day is None else pd.Timestamp(day).normalize()
