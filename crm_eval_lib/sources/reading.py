"""What is known of a table beside its rows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from crm_eval_lib.tables.spec import Problem


@dataclass(frozen=True)
class Reading:
    """What is known of one table beside its rows.

    Parameters
    ----------
    table : str
        Name of the table.
    place : str
        File, sheet or entry of client.yml, for people.
    files : tuple of (path, sha256)
        Every file read, relative to the client's folder.
    rows : int
        Number of records.
    extra_columns : tuple of str
        Columns the contract does not know; kept.
    clock_changes : mapping of str to (int, int)
        By column: times in an hour that a clock change repeats, and in one that it skips.
    short_rows : int
        Rows with fewer cells than the header.
    notes : tuple of Problem
        Defects that do not stop the client.
    """

    table: str
    place: str
    files: tuple[tuple[str, str], ...] = ()
    rows: int = 0
    extra_columns: tuple[str, ...] = ()
    clock_changes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    encoding: str = ""
    short_rows: int = 0
    notes: tuple[Problem, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {**asdict(self), "notes": [asdict(note) for note in self.notes]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Reading":
        """Read what `to_dict` wrote."""
        return cls(
            **{
                **data,
                "files": tuple((path, digest) for path, digest in data["files"]),
                "extra_columns": tuple(data["extra_columns"]),
                "clock_changes": {k: tuple(v) for k, v in data["clock_changes"].items()},
                "notes": tuple(Problem(**note) for note in data["notes"]),
            }
        )
