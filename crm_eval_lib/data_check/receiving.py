"""Step 1: which tables were received, from when to when, out of which file."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crm_eval_lib.data_check.reading import reading_caveats
from crm_eval_lib.data_check.rows import filled_cells
from crm_eval_lib.data_check.rules import RECORD_DATES, USED_FALLBACKS
from crm_eval_lib.results import Caveat, Message, Step, measured
from crm_eval_lib.sources.load import Reading
from crm_eval_lib.tables import TABLES
from crm_eval_lib.tables.spec import Problem

SHOWN_DIGITS = 12  # of a checksum; the whole one stands in results.json
MOMENT_KINDS = ("date", "timestamp")


def received(
    tables: Mapping[str, pd.DataFrame | None],
    *,
    readings: Sequence[Reading] = (),
    notes: Sequence[Problem] = (),
    dates: Any = None,
) -> Step:
    """List the tables received, with rows, period, file, checksum, empty cells and defects.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The client's tables.
    readings : sequence of Reading
        What is known of each table beside its rows.
    notes : sequence of Problem
        Defects that do not stop the client.
    dates : Dates, optional
        The client's; go-live and status date are drawn beside the periods.

    Returns
    -------
    Step
        ``tables_received`` (with rows) and ``rows``. Table: one row per table: rows, first and
        last day, file, checksum, share of empty cells 0–1, defects; table ``days``: go-live,
        status date.

    Examples
    --------
    >>> step = received({"budget": pd.DataFrame({"line_id": ["1", "2"]})})
    >>> step["data_check.tables_received"].value, step["data_check.rows"].value
    (1, 2)
    """
    frames = {name: tables[name] for name in tables if tables[name] is not None}
    by_table = {reading.table: reading for reading in readings}
    rows = [_row(name, frame, by_table.get(name), notes) for name, frame in frames.items()]
    total = sum(len(frame) for frame in frames.values())
    filled = [name for name, frame in frames.items() if len(frame)]
    slots = {"tables": len(filled), "rows": total, "known": len(TABLES)}
    folder_notes = [note for note in notes if not any(note in r.notes for r in readings)]
    return Step(
        "data_check.received",
        (
            measured("data_check.tables_received", len(filled), "count", n=len(TABLES)),
            measured("data_check.rows", total, "count", tables=tuple(filled)),
        ),
        table=pd.DataFrame(rows, columns=COLUMNS),
        sentence=Message("data_check.sentence.received", slots),
        headline=Message("data_check.headline.received", slots),
        subtitle=Message("data_check.subtitle.received"),
        caveats=(
            *_headers_only(frames), *_fallback(filled), *reading_caveats(readings, folder_notes)
        ),
        tables={} if dates is None else {"days": _marked_days(dates)},
    )  # fmt: skip


COLUMNS = ["table_name", "factor", "rows", "first_day", "last_day", "file", "sha256",
           "missing_share", "defects"]  # fmt: skip


def _row(
    name: str, frame: pd.DataFrame, reading: Reading | None, notes: Sequence[Problem]
) -> dict[str, object]:
    first, last = _period(name, frame)
    files = reading.files if reading else ()
    return {
        "table_name": name,
        "factor": TABLES[name].factor,
        "rows": len(frame),
        "first_day": first,
        "last_day": last,
        "file": ", ".join(dict.fromkeys(path for path, _ in files)),
        "sha256": ", ".join(dict.fromkeys(digest[:SHOWN_DIGITS] for _, digest in files)),
        "missing_share": missing_share(name, frame),
        "defects": sum(note.table == name for note in notes),
    }


def missing_share(name: str, frame: pd.DataFrame) -> float | None:
    """Return the share of empty cells in the contract's columns that hold any value.

    >>> missing_share("budget", pd.DataFrame({"line_id": ["1", "2"], "amount": [5.0, None]}))
    0.25
    """
    filled = [count for count in filled_cells(frame, name).values() if count]
    cells = len(filled) * len(frame)
    return (cells - sum(filled)) / cells if filled else None


def _period(name: str, frame: pd.DataFrame) -> tuple[str | None, str | None]:
    """Return the first and last day of a table: of its record date, else of all its dates."""
    own = RECORD_DATES.get(name)
    names = [own] if own else [c.name for c in TABLES[name].columns if c.kind in MOMENT_KINDS]
    days = [frame[column] for column in names if column in frame]
    ends = [(day.min(), day.max()) for day in days if day.notna().any()]
    if not ends:
        return None, None
    first = min(earliest.tz_localize(None) for earliest, _ in ends)
    last = max(latest.tz_localize(None) for _, latest in ends)
    return f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"


def _marked_days(dates: Any) -> pd.DataFrame:
    """Return the days a reader compares the periods with."""
    days = {"go_live": dates.go_live, "status_date": dates.status_date}
    known = [
        (name, f"{day:%Y-%m-%d}")
        for name, day in days.items()
        if day is not None and (dates.status_date is None or day <= dates.status_date)
    ]
    return pd.DataFrame(known, columns=["event_name", "day"])


def _headers_only(frames: Mapping[str, pd.DataFrame]) -> list[Caveat]:
    """Name all tables without rows at once: an intake workbook has a sheet for every table."""
    empty = [name for name, frame in frames.items() if frame.empty]
    if not empty:
        return []
    slots = {"tables": empty, "n": len(empty)}
    return [Caveat(Message("data_check.caveat.headers_only", slots), tables=tuple(empty))]


def _fallback(filled: list[str]) -> list[Caveat]:
    """Name the fallback tables that are read and checked, and on which no indicator rests yet."""
    names = [name for name in filled if not TABLES[name].core and name not in USED_FALLBACKS]
    message = Message("data_check.caveat.fallback", {"tables": names})
    return [Caveat(message, tables=tuple(names))] if names else []
