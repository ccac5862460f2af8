"""Cells to values: strict rules for text, numbers, shares, codes; vectorised.

Each converter returns the values and a mask of the cells it cannot read; empty cells are neither.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crm_eval_lib.tables.words import plain

NUMBER = r"^[+-]?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?$"
GROUPED = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"  # 1,234,567.80
GROUPED_BEYOND_DOUBT = r"^[+-]?\d{1,3}((,\d{3})+\.\d+|(,\d{3}){2,})$"
PERCENT = r"^[+-]?\d+(\.\d+)?\s*%$"
_BLANK, _NOTHING = pa.scalar(""), pa.scalar(None, pa.string())
Cells = np.ndarray | pd.api.extensions.ExtensionArray  # of a frame; as arrays they cost half


@dataclass(frozen=True)
class Converted:
    """Values of a column and the cells that could not be read."""

    values: Cells
    bad: np.ndarray


def is_text(column: pa.ChunkedArray) -> bool:
    """Say whether a column holds text as found (not typed values)."""
    return pa.types.is_string(column.type) or pa.types.is_large_string(column.type)


def always(mask: pa.ChunkedArray) -> bool:
    """Say whether something holds for every cell that is not empty."""
    return pc.all(mask, min_count=0).as_py()


def texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return trimmed text, blanks as null; typed whole numbers without a fraction.

    >>> texts(pa.chunked_array([pa.array([7.0, None])])).to_pylist()
    ['7', None]
    """
    if pa.types.is_floating(column.type):
        column = _text_of_floats(column)
    elif pa.types.is_decimal(column.type):
        column = pc.replace_substring_regex(column.cast(pa.string()), r"\.0+$", "")
    elif pa.types.is_timestamp(column.type):
        column = _iso(column)
    if column.type != pa.string():
        column = column.cast(pa.string())
    trimmed = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(trimmed, _BLANK), _NOTHING, trimmed)


def narrowed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return text with full-width characters made narrow (NFKC) and real minus signs plain."""
    cells = texts(column)
    if not always(pc.string_is_ascii(cells)):
        cells = pc.replace_substring(pc.utf8_normalize(cells, "NFKC"), "−", "-")
        cells = pc.utf8_trim_whitespace(cells)
    return cells


def to_text(column: pa.ChunkedArray) -> Cells:
    """Ids and text: as found, trimmed."""
    return in_frame(texts(column))


def in_frame(words: pa.ChunkedArray | pa.Array) -> Cells:
    """Return texts as a frame holds them."""
    return pd.StringDtype(na_value=np.nan).__from_arrow__(words)


def to_numbers(
    column: pa.ChunkedArray, *, percent: bool = False, decimal_doubt: bool = False
) -> Converted:
    """Numbers: decimal point, thousands commas, full-width digits; everything else is refused.

    Parameters
    ----------
    percent : bool
        "12.5%" is accepted as 0.125.
    decimal_doubt : bool
        The file separates cells by semicolons, so that "1,234" may mean 1.234: refused.

    >>> to_numbers(pa.chunked_array([["1,234.50", "０.１", "12%", "¥5"]])).values.tolist()
    [1234.5, 0.1, nan, nan]
    """
    if pa.types.is_boolean(column.type):
        return _refused(column)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        values = column.cast(pa.float64(), safe=False).to_numpy()
        return Converted(values, np.isinf(values))
    cells = narrowed(column)
    plain = pc.match_substring_regex(cells, NUMBER)
    digits = cells if always(plain) else _digits(cells, plain, percent, decimal_doubt)
    values = digits.cast(pa.float64()).to_numpy()
    bad = pc.is_valid(cells).to_numpy() & ~np.isfinite(values)
    return Converted(np.where(bad, np.nan, values), bad)


def _digits(
    cells: pa.ChunkedArray, plain: pa.ChunkedArray, percent: bool, decimal_doubt: bool
) -> pa.ChunkedArray:
    """Write numbers with thousands commas and per cents as plain ones; what is none is empty."""
    grouped = _matches(cells, GROUPED_BEYOND_DOUBT if decimal_doubt else GROUPED)
    shares = _matches(cells, PERCENT) if percent else pa.scalar(False)
    digits = pc.if_else(grouped, pc.replace_substring(cells, ",", ""), cells)
    if percent:
        exact = pc.replace_substring_regex(cells, r"\s*%$", "e-2")  # exact: 12.3% is 12.3e-2
        digits = pc.if_else(shares, exact, digits)
    readable = pc.or_(pc.or_(pc.fill_null(plain, False), grouped), shares)
    return pc.if_else(readable, digits, _NOTHING)


def to_codes(column: pa.ChunkedArray, known: Mapping[str, str]) -> Converted:
    """Codes: English or Chinese words of a list, in any case and width.

    Parameters
    ----------
    known : mapping of str to str
        Plain spelling to code, as `value_map` gives it.
    """
    words, positions = _distinct(texts(column))
    codes = [known.get(plain(word)) for word in words]
    unknown = np.array([*(code is None for code in codes), False])
    return Converted(in_frame(_taken(codes, positions)), unknown[positions])


def replaced(column: pa.ChunkedArray, mapping: Mapping[str, str | None]) -> pa.ChunkedArray:
    """Replace values by a mapping (None: empty); others stay.

    >>> replaced(pa.chunked_array([["Closed", "New"]]), {"closed": "solved"}).to_pylist()
    ['solved', 'New']
    """
    exact = {str(source): code for source, code in mapping.items()}
    folded = {plain(source): code for source, code in mapping.items()}

    def look_up(text: str) -> str | None:
        return exact[text] if text in exact else folded.get(plain(text), text)

    return pa.chunked_array([_by_value(texts(column), look_up)])


def emptied(column: pa.ChunkedArray, nulls: list[str]) -> pa.ChunkedArray:
    """Make cells that hold one of the ``nulls:`` words empty."""
    cells = texts(column)
    words = pa.array([word.strip() for word in nulls], pa.string())
    hit = pc.fill_null(pc.is_in(cells, words), False)
    return pc.if_else(hit, _NOTHING, cells) if pc.any(hit).as_py() else column


def _by_value(cells: pa.ChunkedArray, function: Callable[[str], str | None]) -> pa.Array:
    """Apply a function once per distinct text."""
    words, positions = _distinct(cells)
    return _taken([function(word) for word in words], positions)


def _distinct(cells: pa.ChunkedArray) -> tuple[list[str], np.ndarray]:
    """Return the distinct texts and of each cell its place among them; their number for none."""
    encoded = cells.combine_chunks().dictionary_encode()
    words = encoded.dictionary.to_pylist()
    return words, encoded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)


def _taken(words: Sequence[str | None], positions: np.ndarray) -> pa.Array:
    return pa.array([*words, None], pa.string()).take(pa.array(positions))


def _matches(cells: pa.ChunkedArray, pattern: str) -> pa.ChunkedArray:
    return pc.fill_null(pc.match_substring_regex(cells, pattern), False)


def _refused(column: pa.ChunkedArray) -> Converted:
    present = pc.is_valid(column).to_numpy().astype(bool)
    return Converted(np.full(len(column), np.nan), present)


def _text_of_floats(column: pa.ChunkedArray) -> pa.ChunkedArray:
    values = column.to_pandas().tolist()
    words = [
        None if v != v else (str(int(v)) if float(v).is_integer() else repr(v)) for v in values
    ]
    return pa.chunked_array([pa.array(words, pa.string())])


def _iso(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Moments as ISO 8601 writes them, fractions of a second only where there are some."""
    if column.type.tz is None and column.type.unit != "ns":
        moments = pc.strftime(column.cast(pa.timestamp("us")), format="%Y-%m-%dT%H:%M:%S")
        return pc.replace_substring_regex(moments, r"\.0+$", "")
    words = [None if pd.isna(v) else v.isoformat() for v in column.to_pandas()]
    return pa.chunked_array([pa.array(words, pa.string())])
