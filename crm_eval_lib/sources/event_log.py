"""An event log that stays in its file: read in DuckDB, never wholly in memory."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from crm_eval_lib.sources.kept import read_kept

LARGE_ROWS = 1_000_000  # from here on a log stays in its file


@dataclass(frozen=True)
class EventLog:
    """A checked table `events` kept as Parquet.

    Parameters
    ----------
    path : Path
        The file; columns as in the data dictionary, further ones after them.
    """

    path: Path

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in the order of the file."""
        return tuple(pq.read_schema(self.path).names)

    def __len__(self) -> int:
        return pq.read_metadata(self.path).num_rows

    def to_frame(self, timezone: str) -> pd.DataFrame:
        """Read the whole log into memory, moments in a time zone."""
        frame = read_kept(self.path)
        moments = frame.select_dtypes("datetimetz").columns
        return frame.assign(**{name: frame[name].dt.tz_convert(timezone) for name in moments})
