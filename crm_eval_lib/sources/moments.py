"""Cells to dates and timestamps: ISO 8601 and Excel dates; other formats only when declared."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crm_eval_lib.sources.values import Cells, always, is_text, narrowed

PLAIN = r"^[1-9]\d{3}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?$"
DAY = r"^\d{4}-\d{2}-\d{2}$|^\d{8}$"
MOMENT = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?\s?(Z|z|[+-]\d{2}(:?\d{2})?)?$"
OFFSET = r"[T ]\d{2}:\d{2}.*(Z|z|[+-]\d{2}(:?\d{2})?)$"
RESOLUTION = "us"  # microseconds reach from year 1 to 9999; nanoseconds end in 2262
LIKELY_FORMATS = (
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M",
    "%m/%d/%Y", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y-%m-%d %H:%M", "%Y-%m-%d",
    "%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y.%m.%d", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日", "%d-%b-%Y",
    "%d %b %Y", "%b %d, %Y",
)  # fmt: skip


@dataclass(frozen=True)
class Moments:
    """Values of a date or timestamp column; moments a clock change makes doubtful, counted."""

    values: Cells
    bad: np.ndarray
    ambiguous: int = 0
    nonexistent: int = 0


_Array = pd.arrays.DatetimeArray
_Parsed = tuple[_Array, _Array | None, np.ndarray]


def to_timestamps(
    column: pa.ChunkedArray, timezone: str, *, declared_format: str | None = None
) -> Moments:
    """Timestamps in the client's zone.

    A timestamp with an offset is converted; one without is in the client's zone. An hour that the
    clock change repeats is taken as its first pass, one that it skips moves to the first moment
    after; both are counted.

    >>> cells = pa.chunked_array([["2024-09-02T08:00:00Z", "2024-09-02 08:00"]])
    >>> to_timestamps(cells, "Asia/Shanghai").values.hour.tolist()
    [16, 8]
    """
    naive, aware, bad = _parsed(column, timezone, declared_format)
    local, ambiguous, nonexistent = _localised(naive, timezone)
    return Moments(_either(local, aware), bad, ambiguous, nonexistent)


def to_dates(
    column: pa.ChunkedArray, timezone: str, *, declared_format: str | None = None
) -> Moments:
    """Dates at midnight without zone; of a timestamp with an offset the client's day.

    >>> to_dates(pa.chunked_array([["2024-01-31", "31/01/2024"]]), "UTC").bad.tolist()
    [False, True]
    """
    naive, aware, bad = _parsed(column, timezone, declared_format)
    moments = _either(naive, None if aware is None else aware.tz_localize(None))
    days = moments.to_numpy().astype("datetime64[D]")
    return Moments(days.astype(f"datetime64[{RESOLUTION}]"), bad)


def likely_format(text: str) -> str | None:
    """Guess the format of a date for a hint in a message; None when none or several fit.

    >>> likely_format("31/01/2024"), likely_format("01/02/2024")
    ('%d/%m/%Y', None)
    """
    fitting = [
        known
        for known in LIKELY_FORMATS
        if pd.notna(pd.to_datetime(text, format=known, errors="coerce"))
    ]
    return fitting[0] if len(fitting) == 1 else None


def _either(moments: _Array, aware: _Array | None) -> _Array:
    return moments if aware is None else pd.Series(aware).where(~aware.isna(), moments).array


def _localised(naive: _Array, timezone: str) -> tuple[_Array, int, int]:
    """Put moments into a zone; count those that it has twice, and those that it has not."""
    doubtful = naive.tz_localize(timezone, ambiguous="NaT", nonexistent="NaT")
    if (doubtful.isna() == naive.isna()).all():
        return doubtful, 0, 0
    local = naive.tz_localize(timezone, ambiguous="NaT", nonexistent="shift_forward")
    ambiguous = int((~naive.isna() & local.isna()).sum())
    nonexistent = int((~local.isna() & doubtful.isna()).sum())
    if ambiguous:
        first_pass = np.ones(len(naive), dtype=bool)
        local = naive.tz_localize(timezone, ambiguous=first_pass, nonexistent="shift_forward")
    return local, ambiguous, nonexistent


def _parsed(column: pa.ChunkedArray, timezone: str, declared_format: str | None) -> _Parsed:
    """Return moments without zone, those in the client's zone if any, and what cannot be read."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _typed(column, timezone)
    if not is_text(column) and not pa.types.is_integer(kind):
        return _nothing(column), None, pc.is_valid(column).to_numpy()
    cells = narrowed(column)
    if declared_format:
        return _by_format(cells, timezone, declared_format)
    moments = _plain(cells)
    if moments is not None:
        return moments, None, np.zeros(len(moments), dtype=bool)
    return _by_iso(cells, timezone)


def _typed(column: pa.ChunkedArray, timezone: str) -> _Parsed:
    zone = getattr(column.type, "tz", None)
    stamps = column.cast(pa.timestamp(RESOLUTION, tz=zone), safe=False).to_pandas().array
    bad = np.zeros(len(stamps), dtype=bool)
    if zone is None:
        return stamps, None, bad
    return _nothing(column), stamps.tz_convert(timezone), bad


def _by_format(cells: pa.ChunkedArray, timezone: str, declared: str) -> _Parsed:
    zoned = "%z" in declared or "%Z" in declared
    text = cells.to_pandas()
    stamps = pd.to_datetime(text, format=declared, errors="coerce", utc=zoned or None)
    bad = (text.notna() & stamps.isna()).to_numpy()
    if not zoned:
        return stamps.array.as_unit(RESOLUTION), None, bad
    return _nothing(cells), _in_zone(stamps, timezone), bad


def _plain(cells: pa.ChunkedArray) -> _Array | None:
    """Read a column of nothing but days and minutes or seconds of a day; None for any other."""
    if not always(pc.match_substring_regex(cells, PLAIN)):
        return None
    try:
        return pd.array(cells.cast(pa.timestamp(RESOLUTION)).to_numpy())
    except pa.ArrowInvalid:  # the 31st of April: read with the others, which tells the cell
        return None


def _by_iso(cells: pa.ChunkedArray, timezone: str) -> _Parsed:
    present = pc.is_valid(cells).to_numpy()
    right_form = pc.or_(
        pc.match_substring_regex(cells, DAY), pc.match_substring_regex(cells, MOMENT)
    )
    cells = pc.replace_substring_regex(cells, r"([.,]\d{6})\d+", r"\1")
    cells = pc.replace_substring_regex(cells, r"(\d{2}),(\d+)", r"\1.\2")
    readable = pc.if_else(right_form, cells, pa.scalar(None, pa.string()))
    offset = pc.fill_null(pc.match_substring_regex(readable, OFFSET), False)
    offset = offset.to_numpy()
    text = readable.to_pandas()
    if not offset.any():
        naive = pd.to_datetime(text, format="ISO8601", errors="coerce")
        return naive.array.as_unit(RESOLUTION), None, present & naive.isna().to_numpy()
    naive = pd.to_datetime(text.where(~offset), format="ISO8601", errors="coerce")
    moments = pd.to_datetime(text.where(offset), format="ISO8601", errors="coerce", utc=True)
    bad = present & naive.isna().to_numpy() & moments.isna().to_numpy()
    return naive.array.as_unit(RESOLUTION), _in_zone(moments, timezone), bad


def _in_zone(moments: pd.Series, timezone: str) -> _Array:
    return moments.array.as_unit(RESOLUTION).tz_convert(timezone)


def _nothing(cells: pa.ChunkedArray) -> _Array:
    return pd.array(np.full(len(cells), np.datetime64("NaT", RESOLUTION)))
