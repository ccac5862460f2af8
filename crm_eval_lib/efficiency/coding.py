"""Events in numbers: cases and names as codes, kept beside the log or found in the database."""

from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa

from crm_eval_lib.efficiency.log_tables import (
    CODED,
    KEPT,
    NAMED,
    NUMBERED,
    NUMBERED_KEPT,
    SAMPLE_TYPE,
    STEP_NAMES,
    TYPES,
)
from crm_eval_lib.efficiency.opened import OpenedLog
from crm_eval_lib.efficiency.sequences import Arrays, taken
from crm_eval_lib.errors import ConfigError
from crm_eval_lib.sources.event_codes import CASE, Codes

_TYPES = (("TINYINT", 127), ("SMALLINT", 32_767))
Names = dict[str, list[str]]


def coded(
    log: OpenedLog, *, attributes: Sequence[str], condition: str, now: int
) -> tuple[Names, Arrays]:
    """Make the types of names and the table ``numbered``; return the names and the events.

    Parameters
    ----------
    log : OpenedLog
    attributes : sequence of str
        Columns of the view ``events``, of which is told whether a row has them.
    condition : str
        The client's, on columns of ``events``; one that is none is refused.
    now : int
        Events completed from this microsecond on are not seen.
    """
    database = log.database
    parts = {
        "attributes": "".join(f", {name} IS NOT NULL AS has{name}" for name in attributes),
        "kept": "".join(f", has{name}" for name in attributes),
        "condition": f"({condition.strip() or 'FALSE'})", "now": now,
    }  # fmt: skip
    database.execute(SAMPLE_TYPE)
    if log.codes is not None:
        events = _asked(log, KEPT.format(**parts), condition)
        return _named(database, log.codes), _placed(database, log.codes, events)
    for statement in (*TYPES, NUMBERED.format(now=now, process=NAMED["process"])):
        database.execute(statement)
    names = names_of(database)
    query = CODED.format(
        process=NAMED["process"],
        names=", ".join(f"{name}::{name}_name AS _{name}" for name in STEP_NAMES),
        codes=", ".join(
            f"coalesce(enum_code(_{n}), -1)::{whole_type(len(names[n]))} AS {n}" for n in STEP_NAMES
        ),
        **parts,
    )
    return names, _asked(log, query, condition)


def names_of(database: duckdb.DuckDBPyConnection) -> Names:
    """Return the texts of each kind of names, each at the place of its code."""
    lists = {name: f"SELECT enum_range(NULL::{name}_name)" for name in NAMED}
    return {name: database.execute(query).fetchall()[0][0] for name, query in lists.items()}


def _asked(log: OpenedLog, query: str, condition: str) -> Arrays:
    """Return the answer to a query; a client's condition that is none is refused."""
    try:
        if len(duckdb.extract_statements(f"SELECT ({condition.strip() or 'FALSE'})")) != 1:
            raise duckdb.ParserException("more than one statement")
        return log.database.execute(query).fetchnumpy()
    except duckdb.Error as error:
        if not condition.strip() or isinstance(error, duckdb.OutOfMemoryException):
            raise
        raise ConfigError(
            f"client.yml, efficiency.comparison: {condition!r} is no condition on the "
            f"columns of events ({str(error).splitlines()[0]})."
        ) from error


def whole_type(count: int) -> str:
    """Return the smallest type of whole numbers that tells so many names, and none of them.

    >>> whole_type(127), whole_type(128)
    ('TINYINT', 'SMALLINT')
    """
    return next((kind for kind, most in _TYPES if count <= most), "INTEGER")


def _named(database: duckdb.DuckDBPyConnection, codes: Codes) -> Names:
    """Make the types of names from the lists that were kept."""
    for name in NAMED:
        database.register("kept_names", pa.table({"name": codes.names[name]}))
        database.execute(f"CREATE TYPE {name}_name AS ENUM (SELECT name FROM kept_names)")
    return names_of(database)


def _placed(database: duckdb.DuckDBPyConnection, codes: Codes, events: Arrays) -> Arrays:
    """Give the events their kept codes; make the table ``numbered``."""
    if (events["row"][1:] < events["row"][:-1]).any():
        events = taken(events, np.argsort(events["row"]))
    rows, ids = codes.rows, codes.names[CASE]
    whole = len(events["row"]) == len(rows[CASE])
    if not whole:
        rows = taken(rows, events["row"])
    if (rows[CASE] < 0).any():
        known = rows[CASE] >= 0
        events, rows, whole = taken(events, known), taken(rows, known), False
    case = rows[CASE].astype(np.int32, copy=False)
    if not whole:  # what is not seen yet leads to other first rows
        case, ids = _in_order(case, ids)
    process = np.zeros(len(ids), rows["process"].dtype)
    process[case] = rows["process"]
    numbered = {"process": pa.DictionaryArray.from_arrays(process, codes.names["process"]),
                "case_id": ids, "case_no": np.arange(len(ids), dtype=np.int32)}  # fmt: skip
    database.register("kept_cases", pa.table(numbered))
    database.execute(NUMBERED_KEPT)
    return events | {name: rows[name] for name in STEP_NAMES} | {"case": case}


def _in_order(case: np.ndarray, ids: pa.Array) -> tuple[np.ndarray, pa.Array]:
    """Number cases anew in the order in which they first come.

    >>> case, ids = _in_order(np.array([2, 0, 2]), pa.array(["a", "b", "c"]))
    >>> case.tolist(), ids.to_pylist()
    ([0, 1, 0], ['c', 'a'])
    """
    first = np.full(len(ids), len(case))
    first[case[::-1]] = np.arange(len(case))[::-1]
    order = np.argsort(first, kind="stable")[: np.count_nonzero(first < len(case))]
    number = np.zeros(len(ids), dtype=np.int32)
    number[order] = np.arange(len(order))
    return number[case], ids.take(pa.array(order))
