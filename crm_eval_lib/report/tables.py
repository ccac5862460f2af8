"""Tables of the page: printed cells, and the published rows as a CSV that can be saved."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from crm_eval_lib.text.cells import column_spec, heading, printed_cell, words
from crm_eval_lib.text.safe import disarmed

ROWS_SHOWN = 10  # rows printed on the page; the CSV link holds the published ones
_BOM = "%EF%BB%BF"
# What an address or an attribute would not keep; a browser encodes the rest itself.
_IN_ADDRESS = {code: quote(chr(code)) for code in (*range(32), *map(ord, "\"#%&'<>`"), 127)}
_SIGNIFICANT = 10  # digits of a saved number: cents of a hundred million; the file has them all


@dataclass(frozen=True, slots=True)
class TableView:
    """One table, ready to be printed."""

    title: Markup
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int]
    total: int
    csv: str
    file: str
    published: int

    @property
    def label(self) -> str:
        """The title as plain text, for attributes."""
        return self.title.striptags()

    @property
    def name(self) -> str:
        """File name of the CSV."""
        return self.file.rpartition("/")[2] or "table.csv"


def table_view(
    payload: Mapping[str, Any] | None, lang: str, *, title: Markup | str = "", name: str = ""
) -> TableView | None:
    """Prepare a published table; None where it has no rows.

    Parameters
    ----------
    payload : mapping
        ``columns``, ``rows``, ``total``, ``area``, ``currency`` as `crm_eval_lib.view` writes them.
    name : str
        The step's name; its whole table stands beside the page as ``tables/<name>.csv``.
    """
    if not isinstance(payload, Mapping) or not payload.get("rows"):
        return None
    columns = [str(column) for column in payload["columns"]]
    published = [list(row)[: len(columns)] for row in payload["rows"]]
    area, currency = payload.get("area"), payload.get("currency")
    specs = [
        column_spec(column, [row[i] for row in published if i < len(row)], currency, area)
        for i, column in enumerate(columns)
    ]
    rows = tuple(
        tuple(printed_cell(v, c, s, lang) for v, c, s in zip(row, columns, specs, strict=False))
        for row in published[:ROWS_SHOWN]
    )
    return TableView(
        title=escape(title),
        heads=tuple(
            heading(column, lang, area, currency if spec else None)
            for column, spec in zip(columns, specs, strict=True)
        ),
        rows=rows,
        numeric=frozenset(i for i, spec in enumerate(specs) if spec),
        total=int(payload.get("total") or len(published)),
        csv=csv_link(columns, [[_said(value, lang) for value in row] for row in published]),
        file=f"tables/{quote(name)}.csv" if name else "",
        published=len(published),
    )


def csv_link(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a data address that saves the rows as CSV for spreadsheets, formulas disarmed."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([disarmed(column) for column in columns])
    writer.writerows([_exact(value) for value in row] for row in rows)
    text = stream.getvalue().encode("utf-8", "replace").decode("utf-8")
    return f"data:text/csv;charset=utf-8,{_BOM}{text.translate(_IN_ADDRESS)}"


def _said(value: Any, lang: str) -> Any:
    return words(value, lang) if isinstance(value, Mapping) and "key" in value else value


def _exact(value: Any) -> Any:
    return f"{value:.{_SIGNIFICANT}g}" if isinstance(value, float) else disarmed(value)
