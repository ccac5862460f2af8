"""How an answer is read and compared, by its kind."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from numbers import Number
from typing import Any, Protocol

import numpy as np
import pandas as pd

from crm_eval_lib.letters import folded
from crm_eval_lib.results import Indicator, Message
from crm_eval_lib.text.safe import shortened

LARGE = 1e12
FULL_WIDTH = 0xFEE0  # from a letter to the one that Chinese keyboards write in its place
SHARE_TOLERANCE = 0.0006  # an answer rounded to three decimals counts
QUOTED = 120  # columns of an answer that are quoted back
MOST_NAMES = 100_000  # more than any table of a lesson has rows
AMOUNT_TOLERANCE = 0.0005  # of the amount: rounded to whole thousands of a few millions


class Unreadable(Exception):
    """An answer no comparison can be made with; its message says why."""

    def __init__(self, key: str, **slots: Any) -> None:
        super().__init__(key)
        self.message = Message(f"training.unreadable.{key}", slots)


def quoted(given: object) -> str:
    """Return a learner's words as they are quoted back: the first columns of a long text."""
    return shortened(str(given), QUOTED)


def printed(number: float, pattern: str) -> str:
    """Print a number; one too large to be read is printed with its power of ten.

    >>> printed(0.25, ",.4f"), printed(1e300, ",.4f")
    ('0.25', '1e+300')
    """
    if abs(number) >= LARGE:
        return f"{number:.6g}"
    return f"{number:{pattern}}".rstrip("0").rstrip(".")


class Kind(Protocol):
    """How answers of one kind are read, compared and quoted."""

    def read(self, value: Any) -> Any:
        """Return the answer in plain form; raise `Unreadable`."""

    def same(self, given: Any, wanted: Any) -> bool:
        """Say whether two answers are one and the same."""

    def quoted(self, given: Any) -> str:
        """Print a learner's answer."""

    def others(self, wanted: Any) -> list[Any]:
        """Return other ways to write the same answer, which must count as well."""


def one_number(value: Any) -> float:
    """Read a single number: Python's, numpy's, an indicator's, or a Series of one.

    >>> one_number(pd.Series([0.25]))
    0.25
    """
    if isinstance(value, Indicator):
        value = value.value
    if isinstance(value, pd.DataFrame | pd.Series | pd.Index | np.ndarray | list | tuple):
        values = np.asarray(value, dtype=object).ravel()
        if len(values) != 1:
            raise Unreadable("many", n=len(values))
        value = values[0]
    if isinstance(value, str):
        raise Unreadable("text", given=quoted(value))
    if isinstance(value, bool | np.bool_) or not isinstance(value, Number):
        raise Unreadable("type", kind=type(value).__name__)
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, OverflowError, ValueError) as error:
        raise Unreadable("type", kind=type(value).__name__) from error
    if not math.isfinite(number):
        raise Unreadable("nan")
    return number


@dataclass(frozen=True, slots=True)
class Share:
    """A ratio: 0.127 for 12.7 per cent."""

    tolerance: float = SHARE_TOLERANCE

    def read(self, value: Any) -> float:
        """Read one number."""
        return one_number(value)

    def same(self, given: float, wanted: float) -> bool:
        """Compare to three decimals."""
        return abs(given - wanted) <= self.tolerance

    def quoted(self, given: float) -> str:
        """Print with four decimals at most."""
        return printed(given, ".4f")

    def others(self, wanted: float) -> list[Any]:
        """Return the same ratio rounded, of numpy, and in a Series of one."""
        return [round(wanted, 3), np.float64(wanted), pd.Series([wanted])]


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of any size: money, hours, days."""

    tolerance: float = AMOUNT_TOLERANCE

    def read(self, value: Any) -> float:
        """Read one number."""
        return one_number(value)

    def same(self, given: float, wanted: float) -> bool:
        """Compare relative to the right amount."""
        return abs(given - wanted) <= self.tolerance * max(abs(wanted), 1.0)

    def quoted(self, given: float) -> str:
        """Print with two decimals at most."""
        return printed(given, ",.2f")

    def others(self, wanted: float) -> list[Any]:
        """Return the same amount of numpy and in an array of one."""
        return [np.float64(wanted), np.array([wanted])]


@dataclass(frozen=True, slots=True)
class Count:
    """A whole number."""

    def read(self, value: Any) -> int:
        """Read one whole number."""
        number = one_number(value)
        if number != round(number):
            raise Unreadable("whole", given=f"{number:g}")
        return round(number)

    def same(self, given: int, wanted: int) -> bool:
        """Compare exactly."""
        return given == wanted

    def quoted(self, given: int) -> str:
        """Print the number."""
        return quoted(given)

    def others(self, wanted: int) -> list[Any]:
        """Return the same number as a float and of numpy."""
        return [float(wanted), np.int64(wanted)]


@dataclass(frozen=True, slots=True)
class Choice:
    """One letter of those the lesson offers."""

    options: tuple[str, ...] = ("a", "b", "c", "d")

    def read(self, value: Any) -> str:
        """Read a letter in any width and case."""
        if not isinstance(value, str):
            raise Unreadable("letter", options=list(self.options))
        letter = folded(value).strip("().）。（ ")
        if letter not in self.options:
            raise Unreadable("letter", options=list(self.options))
        return letter

    def same(self, given: str, wanted: str) -> bool:
        """Compare the letters."""
        return given == wanted

    def quoted(self, given: str) -> str:
        """Print the letter."""
        return given

    def others(self, wanted: str) -> list[Any]:
        """Return the letter in capitals and of full width."""
        return [f" {wanted.upper()} ", chr(ord(wanted) + FULL_WIDTH)]


@dataclass(frozen=True, slots=True)
class Names:
    """A set of names or row keys, in any order."""

    def read(self, value: Any) -> dict[str, str]:
        """Read one text or any collection of texts: as it is compared, and as it was typed."""
        if isinstance(value, str):
            return {folded(value): value}
        if isinstance(value, pd.DataFrame) or not isinstance(value, Iterable):
            raise Unreadable("names", kind=type(value).__name__)
        if isinstance(value, pd.Series) and value.dtype.kind in "fiub":
            value = value.index  # value_counts(): the names are the index
        names = [item for item in islice(value, MOST_NAMES) if item is not None]
        if not all(isinstance(item, str) for item in names):
            raise Unreadable("names", kind=type(value).__name__)
        return {folded(item): item for item in names}

    def same(self, given: Mapping[str, str], wanted: Iterable[str]) -> bool:
        """Compare as sets."""
        return set(given) == set(self.read(wanted))

    def quoted(self, given: Mapping[str, str]) -> str:
        """Print the names as they were typed, in their order."""
        return quoted(", ".join(sorted(given.values()))) or "–"

    def others(self, wanted: Iterable[str]) -> list[Any]:
        """Return the names in another order and as a Series."""
        names = sorted(wanted)
        return [names[::-1], set(names), pd.Series(names)]


@dataclass(frozen=True, slots=True)
class Day:
    """A date, however it is written."""

    def read(self, value: Any) -> date:
        """Read a date, a moment, or a text like 2024-05-13."""
        if isinstance(value, pd.Series | pd.Index | np.ndarray | list | tuple):
            if len(value) != 1:
                raise Unreadable("many", n=len(value))
            value = next(iter(value))
        if not isinstance(value, str | date | np.datetime64):
            raise Unreadable("day", kind=type(value).__name__)
        try:
            moment = pd.Timestamp(value)
        except (ValueError, OverflowError) as error:
            raise Unreadable("day", kind=type(value).__name__) from error
        if moment is pd.NaT:
            raise Unreadable("nan")
        return moment.date()

    def same(self, given: date, wanted: date) -> bool:
        """Compare the days."""
        return given == self.read(wanted)

    def quoted(self, given: date) -> str:
        """Print as year, month, day."""
        return given.isoformat()

    def others(self, wanted: date) -> list[Any]:
        """Return the day as a text and as a moment."""
        return [self.read(wanted).isoformat(), pd.Timestamp(wanted) + pd.Timedelta(hours=9)]
