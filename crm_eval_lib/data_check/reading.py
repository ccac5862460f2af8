"""What the reading of the files makes doubtful: names, unknown columns, persons, clock changes."""

from collections.abc import Iterable, Sequence

from crm_eval_lib.results import Caveat, Message
from crm_eval_lib.sources.load import Reading
from crm_eval_lib.tables import TABLES
from crm_eval_lib.tables.spec import Problem


def reading_caveats(
    readings: Sequence[Reading], notes: Iterable[Problem] = ()
) -> tuple[Caveat, ...]:
    """Say what was noticed while reading.

    Parameters
    ----------
    readings : sequence of Reading
        One per table.
    notes : iterable of Problem
        Defects of the folder that do not stop the client.
    """
    found = [_named(note) for note in notes if not note.column and not _blank_sheet(note)]
    for reading in readings:
        found += _of_table(reading)
    return tuple(found)


def _of_table(reading: Reading) -> Iterable[Caveat]:
    table = reading.table
    if reading.extra_columns and not TABLES[table].open_columns:
        columns = list(reading.extra_columns)
        yield _caveat("extra_columns", table, n=len(columns), columns=columns)
    for note in reading.notes:
        if note.column and note.row is not None:
            yield _caveat("person_as_role", table, column=note.column, row=note.row)
        elif note.column:
            yield _caveat("misspelt_column", table, column=note.column, meant=note.allowed)
    for column, (ambiguous, nonexistent) in reading.clock_changes.items():
        if ambiguous:
            yield _caveat("clock_repeats", table, column=column, n=ambiguous)
        if nonexistent:
            yield _caveat("clock_skips", table, column=column, n=nonexistent)
    if reading.short_rows:
        yield _caveat("short_rows", table, n=reading.short_rows)


def _named(note: Problem) -> Caveat:
    """A file or sheet whose name is nearly a table's."""
    name = f"{note.file} / {note.sheet}" if note.sheet else note.file
    message = Message("data_check.caveat.misspelt_name", {"name": name, "meant": note.allowed})
    return Caveat(message, tables=(note.table,) if note.table else ())


def _blank_sheet(note: Problem) -> bool:
    """A sheet without anything is told as a table without rows."""
    return bool(note.sheet) and note.found == "an empty sheet"


def _caveat(name: str, table: str, **slots: object) -> Caveat:
    return Caveat(Message(f"data_check.caveat.{name}", {"table": table, **slots}), tables=(table,))
