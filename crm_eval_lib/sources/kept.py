"""Rows of a Parquet file that was written by a run, as a frame."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

THREADED_ROWS = 100_000  # with fewer the threads cost more to start than they save


def read_kept(
    path: Path, columns: Collection[str] | None = None, *, coded: Collection[str] = ()
) -> pd.DataFrame:
    """Return the rows of a file: its own columns in their order, some texts as codes.

    `pandas.read_parquet` gives the same; it looks for a folder of files first, which takes longer
    than reading the few rows of most tables. A column has the type the file gives it: what pandas
    noted beside it is not asked.

    Parameters
    ----------
    path : Path
        One Parquet file.
    columns : collection of str, optional
        Those wanted; names the file does not have are passed over. All without.
    coded : collection of str
        Columns of texts that come as categories.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     pd.DataFrame({"a": [1], "b": [2]}).to_parquet(Path(folder) / "rows.parquet")
    ...     read_kept(Path(folder) / "rows.parquet", ["b", "c"]).to_dict("list")
    {'b': [2]}
    """
    with pq.ParquetFile(path, read_dictionary=list(coded)) as file:
        names = file.schema_arrow.names
        wanted = names if columns is None else [name for name in names if name in columns]
        threads = file.metadata.num_rows >= THREADED_ROWS
        rows = file.read(wanted, use_threads=threads)
    return rows.to_pandas(use_threads=threads, ignore_metadata=True)
