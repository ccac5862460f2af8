"""Tables as lines of text, for the terminal: columns aligned, Chinese characters two wide."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_eval_lib.text.cells import column_spec, heading, printed_cell
from crm_eval_lib.text.safe import shortened, width

CELL_WIDTH = 28  # columns; a wider cell is cut
GAP = "  "


def text_table(payload: Mapping[str, Any], lang: str, *, cell_width: int = CELL_WIDTH) -> list[str]:
    """Return the lines of a published table: heads, a rule, one line per row.

    Parameters
    ----------
    payload : mapping
        ``columns``, ``rows``, ``area``, ``currency`` as `crm_eval_lib.view` writes them.

    Examples
    --------
    >>> text_table({"columns": ["title", "items"], "rows": [["审批", 59]]}, "en")
    ['title  items', '-----  -----', '审批      59']
    """
    columns, rows = payload["columns"], payload["rows"]
    values = [[row[i] for row in rows] for i in range(len(columns))]
    pairs = list(zip(columns, values, strict=True))
    area = payload.get("area")
    specs = [column_spec(name, column, payload.get("currency"), area) for name, column in pairs]
    heads = [heading(name, lang, area) for name in columns]
    cells = [
        [shortened(printed_cell(v, c, s, lang), cell_width)
         for v, c, s in zip(row, columns, specs, strict=True)]
        for row in rows
    ]  # fmt: skip
    widths = [max(map(width, column)) for column in zip(heads, *cells, strict=True)]
    numeric = [bool(spec) for spec in specs]
    lines = [_line(heads, widths, numeric), GAP.join("-" * size for size in widths)]
    return [line.rstrip() for line in (*lines, *(_line(row, widths, numeric) for row in cells))]


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    return GAP.join(
        " " * (size - width(cell)) + cell if right else cell + " " * (size - width(cell))
        for cell, size, right in zip(cells, widths, numeric, strict=True)
    )
