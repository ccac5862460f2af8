"""How a table of the contract is written down: columns with type, unit, allowed values, meaning.

`crm_eval_lib.tables` holds the tables themselves; schemas and documentation are made from them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

CONFIG_NAME = "client.yml"
KINDS = ("id", "text", "amount", "number", "integer", "ratio", "scale", "date", "timestamp", "enum",
         "yes_no")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Parameters
    ----------
    name : str
        English header.
    kind : str
        id and text are text; amount, number, integer, ratio (0–1), scale (1–5) are float64 with
        NaN for empty; date is datetime64 at midnight, without zone; timestamp is datetime64 in the
        client's time zone; enum and yes_no hold the English codes, None for empty.
    en, zh : str
        Meaning in English and in Chinese.
    header_zh : str
        Chinese header, accepted as a synonym.
    required : bool
        The column must be there and must not be empty (``*`` in TABLES.md).
    values : mapping of str to str
        For enum: English code to Chinese synonym.
    minimum, maximum : float or None
        Inclusive limits.
    above : float or None
        Exclusive lower limit.
    unit : str
        What a number counts: money, hours, 1–5 …; ``ISO 4217`` marks a currency code.
    default : str or None
        What the reader puts into empty cells.
    empty_means : str
        How the steps read an empty cell; it stays empty in the table.
    unless : str
        Column that, where it is filled, lets this required one be empty.
    also : tuple of str
        Further headers that are accepted.
    words : mapping of str to str
        Words that are accepted in place of a number (yes = 1 in a count).
    """

    name: str
    kind: str
    en: str
    zh: str
    header_zh: str
    required: bool = False
    values: dict[str, str] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    unit: str = ""
    default: str | None = None
    empty_means: str = ""
    unless: str = ""
    also: tuple[str, ...] = ()
    words: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> tuple[str, ...]:
        """All headers a file may use for this column."""
        return (self.name, self.header_zh, *self.also)


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns in order, the key that must not repeat, the factor it serves.

    ``title_en`` and ``title_zh`` name it in a heading; ``en`` and ``zh`` say what one row is.
    """

    name: str
    factor: str
    en: str
    zh: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    core: bool = True
    open_columns: bool = False  # further columns are attributes, not mistakes
    title_en: str = ""
    title_zh: str = ""

    def column(self, name: str) -> Column | None:
        """Return a column by its English name."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the required columns."""
        return tuple(column.name for column in self.columns if column.required)


@dataclass(frozen=True, slots=True)
class Problem:
    """One defect of the client's data, with its place and its remedy (English text).

    ``blocking`` problems stop the client; the others go on with the consequence named.
    """

    table: str
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    found: str = ""
    allowed: str = ""
    remedy: str = ""
    blocking: bool = True

    def __str__(self) -> str:
        entry = self.file == CONFIG_NAME and self.table  # one of several entries of sources:
        place = [
            self.file or self.table,
            f"sources: {self.table}" if entry else "",
            f"sheet {self.sheet}" if self.sheet else "",
            f"row {self.row}" if self.row is not None else "",
            f"column {self.column}" if self.column else "",
        ]
        parts = [", ".join(item for item in place if item)]
        parts += [
            f"found {self.found}" if self.found else "",
            f"allowed: {self.allowed}" if self.allowed else "",
        ]
        return " – ".join(part for part in [*parts, self.remedy] if part)


def known_columns(table: Table) -> Iterable[str]:
    """All headers a file may use: English names and Chinese synonyms."""
    return [header for column in table.columns for header in column.headers if header]
