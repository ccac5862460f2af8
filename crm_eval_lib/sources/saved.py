"""Tables kept in a run folder: validated already, read as they are."""

import shutil
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from crm_eval_lib.sources.event_codes import keep_codes
from crm_eval_lib.sources.event_log import LARGE_ROWS, EventLog
from crm_eval_lib.sources.kept import read_kept
from crm_eval_lib.sources.load import EVENTS, Intake, Reading
from crm_eval_lib.tables.spec import Problem

Names = Collection[str]
EVERY_NAME, NOTES = "*", "!notes"  # asked for: which tables there are; the folder's defects
ASKED: set[str] = set()  # what this process has asked of kept tables: it decides what is current


class Saved:
    """The tables of a run; the same face as `Intake`.

    Parameters
    ----------
    folder : Path
        Holds one Parquet file per table.
    readings : list of Reading
    timezone : str
        The client's.
    notes : tuple of Problem
        Defects of the client's folder that did not stop it.
    """

    def __init__(
        self, folder: Path, readings: list[Reading], notes: tuple[Problem, ...], *, timezone: str
    ) -> None:
        self._folder, self._notes, self._timezone = folder, notes, timezone
        self._readings = {item.table: item for item in readings}
        self._frames: dict[str, pd.DataFrame] = {}

    @classmethod
    def of(cls, folder: Path, saved: Mapping[str, Any]) -> "Saved":
        """Take what `Client.save` wrote beside the tables."""
        readings = [Reading.from_dict(item) for item in saved["readings"]]
        notes = tuple(Problem(**note) for note in saved["notes"])
        return cls(folder, readings, notes, timezone=saved["config"]["timezone"])

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tables handed in."""
        ASKED.add(EVERY_NAME)
        return tuple(self._readings)

    @property
    def notes(self) -> tuple[Problem, ...]:
        """Defects of the client's folder that did not stop it."""
        ASKED.add(NOTES)
        return self._notes

    def remarks(self) -> list[Problem]:
        """Return what did not stop the client."""
        return list(self.notes)

    def holds(self, table: str) -> bool:
        """Say whether a table was handed in."""
        ASKED.add(table)
        return table in self._readings

    def load(self, table: str) -> tuple[pd.DataFrame, Reading]:
        """Return a table's frame and what is known of it."""
        ASKED.add(table)
        if table not in self._frames:
            self._frames[table] = self._frame(table)
        return self._frames[table], self._readings[table]

    def _frame(self, table: str) -> pd.DataFrame:
        path = self._folder / f"{table}.parquet"
        return EventLog(path).to_frame(self._timezone) if table == EVENTS else read_kept(path)

    def lean(self, table: str, columns: Names, coded: Names) -> pd.DataFrame:
        """Return some columns of a table, texts that repeat as codes; the frame is not kept."""
        ASKED.add(table)
        if table in self._frames:
            return self._frames[table]
        frame = read_kept(self._folder / f"{table}.parquet", columns, coded=coded)
        texts = frame.select_dtypes("category")
        return frame.assign(**{name: _sorted_codes(texts[name]) for name in texts})

    def columns(self, table: str) -> Mapping[str, pd.Series]:
        """Return a table's columns."""
        return dict(self.load(table)[0].items())

    def event_log(self) -> EventLog | None:
        """Return the events in their file where they are too many for memory."""
        log = EventLog(self._folder / f"{EVENTS}.parquet")
        return log if self.holds(EVENTS) and len(log) >= LARGE_ROWS else None

    def reading(self, table: str) -> Reading:
        """Return what is known of a table beside its rows."""
        ASKED.add(table)
        return self._readings[table]

    def check_absent(self, table: str) -> None:
        """Accept every absence: what was saved had been validated."""

    def problems(self) -> list[Problem]:
        """Return nothing: what was saved had been validated."""
        return []


def _sorted_codes(texts: pd.Series) -> pd.Series:
    return texts.cat.reorder_categories(texts.cat.categories.sort_values())


def keep_tables(store: Intake | Saved, folder: Path, names: Iterable[str]) -> None:
    """Write tables as Parquet, one file each; a large log is copied as it is, its texts coded."""
    for name in names:
        target = folder / f"{name}.parquet"
        log = store.event_log() if name == EVENTS else None
        if log is None:
            columns = store.columns(name)
            cells = [pa.array(values, from_pandas=True) for values in columns.values()]
            pq.write_table(pa.Table.from_arrays(cells, names=list(columns)), target)
        elif log.path != target:
            shutil.copyfile(log.path, target)
            keep_codes(target)
