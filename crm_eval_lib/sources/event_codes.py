"""The texts of a kept event log as codes in a file beside it.

To find the same case and the same names again among ten million texts costs more than most of what
is told of them; every process that opens the log would do it anew. The codes are a help only: where
they are absent or were made of another file, the log itself is coded.
"""

import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

NAMES = ("process", "activity", "resource", "role", "system")
CASE = "case_id"
_SUFFIX = ".codes.arrow"
_MARK = b"made_of"
_TAIL_BYTES = 1 << 20  # a Parquet file ends with sizes and bounds of all its parts


@dataclass(frozen=True)
class Codes:
    """Codes of the rows of a log, in their order; −1 for no text.

    Attributes
    ----------
    rows : dict of str to ndarray
        ``case_id`` is the number of the case (a process and an id) in the order of first rows,
        others the place of the name in its list.
    names : dict of str to pyarrow.Array
        The sorted names of each column of `NAMES`; of ``case_id`` the id of each case.
    """

    rows: dict[str, np.ndarray] = field(repr=False)
    names: dict[str, pa.Array] = field(repr=False)


def keep_codes(log: Path) -> None:
    """Write the codes of a kept log beside it; nothing where its columns are no plain texts."""
    schema = pq.read_schema(log)
    texts = [field.name for field in schema
             if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]  # fmt: skip
    if not {*NAMES, CASE} <= set(texts):
        return
    kept = {name: _sorted(_encoded(log, name)) for name in NAMES}
    kept[CASE] = _numbered(_whole(kept["process"]), _encoded(log, CASE))
    table = pa.table(kept).replace_schema_metadata({_MARK: _mark(log)})
    with pa.OSFile(str(_beside(log)), "wb") as out, pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)


def codes_of(log: Path) -> Codes | None:
    """Return the codes that were kept of a log, read where they lie; None where there are none."""
    path = _beside(log)
    if not path.is_file():
        return None
    table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    if table.schema.metadata.get(_MARK) != _mark(log):
        return None
    columns = {name: table.column(name).combine_chunks() for name in table.column_names}
    return Codes({name: _whole(column) for name, column in columns.items()},
                 {name: column.dictionary for name, column in columns.items()})  # fmt: skip


def _beside(log: Path) -> Path:
    return log.with_suffix(_SUFFIX)


def _mark(log: Path) -> bytes:
    """Tell one file from another by its length and its end."""
    length = log.stat().st_size
    with log.open("rb") as stream:
        stream.seek(max(length - _TAIL_BYTES, 0))
        return f"{length} {zlib.crc32(stream.read())}".encode()


def _encoded(log: Path, name: str) -> pa.DictionaryArray:
    """Return a column with each text once; the ids of cases in the order of their first rows."""
    coded = [] if name == CASE else [name]  # the lists of the file's parts lie in any order
    column = pq.read_table(log, columns=[name], read_dictionary=coded).column(0)
    column = column.unify_dictionaries() if coded else column.dictionary_encode()
    return column.combine_chunks() if column.num_chunks else pa.array([], column.type)


def _sorted(column: pa.DictionaryArray) -> pa.DictionaryArray:
    """Return a column with its texts in their order.

    >>> _sorted(pa.array(["b", None, "a"]).dictionary_encode()).indices.to_pylist()
    [1, None, 0]
    """
    order = pc.sort_indices(column.dictionary)
    places = np.full(len(order) + 1, -1, _kind(len(order)))
    places[order.to_numpy()] = np.arange(len(order))
    return _coded(places[_whole(column)], column.dictionary.take(order))


def _numbered(process: np.ndarray, case: pa.DictionaryArray) -> pa.DictionaryArray:
    """Number the cases: an id that two processes use is two of them."""
    own, ids = _whole(case), case.dictionary
    of_id = np.full(len(ids) + 1, -1)
    of_id[own] = process
    if (of_id[own] == process)[own >= 0].all():
        return case
    known = np.flatnonzero(own >= 0)
    key = own[known].astype(np.int64) * (int(process.max()) + 2) + process[known]
    _, first, number = np.unique(key, return_index=True, return_inverse=True)
    order = np.argsort(first)
    places, codes = np.empty_like(order), np.full(len(own), -1)
    places[order] = np.arange(len(order))
    codes[known] = places[number]
    return _coded(codes, ids.take(pa.array(own[known[first[order]]])))


def _whole(column: pa.DictionaryArray) -> np.ndarray:
    """Return the codes of a column, −1 for none."""
    codes = column.indices
    return (codes.fill_null(-1) if codes.null_count else codes).to_numpy()


def _coded(codes: np.ndarray, names: pa.Array) -> pa.DictionaryArray:
    kept = pa.array(codes.astype(_kind(len(names)), copy=False), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(kept, names)


def _kind(count: int) -> np.dtype:
    """Return the smallest type of whole numbers that tells so many names, and none of them."""
    return np.min_scalar_type(-max(count, 1))
