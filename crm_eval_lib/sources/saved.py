"""Tables kept in a run folder: validated already, read as they are."""

from pathlib import Path

import pandas as pd

from crm_eval_lib.sources.load import Reading
from crm_eval_lib.tables.spec import Problem


class Saved:
    """The tables of a run; the same face as `Intake`.

    Parameters
    ----------
    folder : Path
        Holds one Parquet file per table.
    readings : list of Reading
    notes : tuple of Problem
        Defects of the client's folder that did not stop it.
    """

    def __init__(self, folder: Path, readings: list[Reading], notes: tuple[Problem, ...]) -> None:
        self._folder, self.notes = folder, notes
        self._readings = {item.table: item for item in readings}
        self._frames: dict[str, pd.DataFrame] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tables handed in."""
        return tuple(self._readings)

    def load(self, table: str) -> tuple[pd.DataFrame, Reading]:
        """Return a table's frame and what is known of it."""
        if table not in self._frames:
            self._frames[table] = pd.read_parquet(self._folder / f"{table}.parquet")
        return self._frames[table], self._readings[table]

    def check_absent(self, table: str) -> None:
        """Accept every absence: what was saved had been validated."""

    def problems(self) -> list[Problem]:
        """Return nothing: what was saved had been validated."""
        return []
