"""Local time without an offset to universal time, in a database: days, clock changes, leaps."""

from functools import cached_property

import numpy as np
import pandas as pd

from crm_eval_lib.worktime import MICROSECONDS_PER_DAY

FIRST, LAST = "1995-01-01", "2036-01-01"  # moments outside are left to the careful reader
_SLOT = "15min"  # clocks change on quarter hours
_SLOTS_A_DAY = 96


class LocalTime:
    """Offsets of one time zone by local day.

    On a day without a change all moments have one offset. On a day with one, moments before
    ``low`` have the first offset and moments from ``high`` the second; between them lies the hour
    that is skipped. Of a repeated hour the first pass counts.
    """

    def __init__(self, timezone: str) -> None:
        self.timezone = timezone

    @cached_property
    def _grid(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Per day and quarter of an hour: offset in microseconds, skipped, repeated."""
        local = pd.date_range(FIRST, LAST, freq=_SLOT, inclusive="left", unit="us")
        first_pass = np.ones(len(local), dtype=bool)
        moved = local.tz_localize(self.timezone, ambiguous=first_pass, nonexistent="shift_forward")
        known = local.tz_localize(self.timezone, ambiguous=first_pass, nonexistent="NaT")
        single = local.tz_localize(self.timezone, ambiguous="NaT", nonexistent="shift_forward")
        parts = (local.asi8 - moved.asi8, np.asarray(known.isna()), np.asarray(single.isna()))
        return tuple(part.reshape(-1, _SLOTS_A_DAY) for part in parts)

    @property
    def fixed(self) -> int | None:
        """The offset, where it never changes."""
        offset, _, _ = self._grid
        return int(offset[0, 0]) if (offset == offset[0, 0]).all() else None

    def table(self) -> pd.DataFrame:
        """Return a row per local day: its number since 1970, both offsets, skipped moments."""
        offset, skipped, _ = self._grid
        slot = MICROSECONDS_PER_DAY // _SLOTS_A_DAY
        whole = np.arange(_SLOTS_A_DAY)
        changed = offset != offset[:, :1]
        low = np.where(changed | skipped, whole, _SLOTS_A_DAY).min(axis=1)
        high = np.where(skipped, whole + 1, low[:, None]).max(axis=1)
        day = pd.Timestamp(FIRST).value // 1000 // MICROSECONDS_PER_DAY
        return pd.DataFrame({
            "day": day + np.arange(len(offset)), "first": offset[:, 0], "second": offset[:, -1],
            "low": low * slot, "high": high * slot,
        })  # fmt: skip

    def sql(self, local: str, day: str) -> str:
        """Return the universal microseconds of local ones, their day's row joined as ``day``."""
        span = [pd.Timestamp(text).value // 1000 for text in (FIRST, LAST)]
        inside = f"{local} >= {span[0]} AND {local} < {span[1]}"
        if self.fixed is not None:
            return f"CASE WHEN NOT ({inside}) THEN error('far') ELSE {local} - ({self.fixed}) END"
        time = f"({local} % {MICROSECONDS_PER_DAY})"
        return (
            f"CASE WHEN NOT ({inside}) THEN error('far') "
            f"WHEN {time} < {day}.low THEN {local} - {day}.first "
            f"WHEN {time} < {day}.high THEN error('skipped') ELSE {local} - {day}.second END"
        )

    def repeated(self) -> list[tuple[int, int]]:
        """Return the spans of universal time that are first passes of a repeated hour."""
        offset, _, twice = self._grid
        slot = MICROSECONDS_PER_DAY // _SLOTS_A_DAY
        start = pd.Timestamp(FIRST).value // 1000
        places = np.flatnonzero(twice)
        moments = start + places * slot - offset.ravel()[places]
        return [(int(moment), int(moment) + slot) for moment in moments]
