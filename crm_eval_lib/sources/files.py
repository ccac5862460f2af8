"""One file of one table: unpacked, handed to the reader of its ending."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from crm_eval_lib.sources.delimited import read_delimited
from crm_eval_lib.sources.excel import Workbook
from crm_eval_lib.sources.raw import Place, Raw
from crm_eval_lib.sources.typed import read_jsonl, read_parquet
from crm_eval_lib.sources.xes import read_xes
from crm_eval_lib.tables.words import plain

Reader = Callable[[bytes, Place], Raw]


def _tabbed(data: bytes, place: Place) -> Raw:
    return read_delimited(data, place, delimiters="\t")


READERS: dict[str, Reader] = {  # a further kind of file needs one entry here
    ".csv": read_delimited,
    ".tsv": _tabbed,
    ".parquet": read_parquet,
    ".jsonl": read_jsonl,
    ".xes": read_xes,
}
WORKBOOK = ".xlsx"
PACKED = (".gz", ".zip")
FOREIGN = (".xls", ".xlsm", ".xlsb", ".ods", ".txt", ".json", ".numbers", ".et")
ACCEPTED = ".csv, .tsv, .parquet, .jsonl, .xes (each also .gz or .zip), or a sheet of intake.xlsx"
LARGE_BYTES = {".csv": 64 << 20, ".tsv": 64 << 20, ".csv.gz": 8 << 20, ".tsv.gz": 8 << 20,
               ".csv.zip": 8 << 20, ".tsv.zip": 8 << 20, ".zip": 8 << 20, ".parquet": 8 << 20,
               ".parquet.zip": 8 << 20}  # fmt: skip
IGNORED_PARTS = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
SEVEN_BIT_ENCRYPTED = 0x1  # general purpose flag of an encrypted member of a zip


def split_name(name: str) -> tuple[str, str]:
    """Split a file's name into stem and ending, packing included.

    >>> split_name("Events.csv.gz"), split_name("budget.CSV"), split_name("v1.2 notes.md")
    (('Events', '.csv.gz'), ('budget', '.csv'), ('v1.2 notes', '.md'))
    """
    path = PurePosixPath(name)
    ending = path.suffix.lower()
    stem = path.stem
    if ending in PACKED and PurePosixPath(stem).suffix.lower() in READERS:
        return PurePosixPath(stem).stem, PurePosixPath(stem).suffix.lower() + ending
    return stem, ending


def is_large(path: Path) -> bool:
    """Say whether a file is one that is not to be read into memory."""
    least = LARGE_BYTES.get(split_name(path.name)[1])
    return least is not None and path.stat().st_size >= least


def readable(ending: str) -> bool:
    """Say whether a file with this ending can hold a table."""
    return ending == ".zip" or ending == WORKBOOK or _bare(ending) in READERS


def read_file(path: Path, place: Place) -> Raw:
    """Read the file of one table, whatever its ending."""
    ending = split_name(path.name)[1]
    if ending == WORKBOOK:
        return _single_sheet(path, place)
    data = _content(path, place)
    if ending.endswith(".zip"):
        ending, data = unzipped(data, place)
    if ending.endswith(".gz"):
        ending, data = ending.removesuffix(".gz"), _gunzipped(data, place)
    if ending not in READERS:
        raise place.refuse(
            found=f"a file with the ending {ending or '(none)'}",
            allowed=ACCEPTED,
            remedy="Save the table in one of these forms.",
        )
    return replace(READERS[ending](data, place), files=(path,))


def _bare(ending: str) -> str:
    for packing in PACKED:
        ending = ending.removesuffix(packing)
    return ending


def _content(path: Path, place: Place) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise place.refuse(
            found=f"a file that cannot be read ({error.strerror})",
            allowed="a file the program may open",
            remedy="Check its permissions, or copy it again.",
        ) from error


def _gunzipped(data: bytes, place: Place) -> bytes:
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise place.refuse(
            found=f"a corrupt gzip file ({error})", remedy="Pack or copy the file again."
        ) from error


def unzipped(data: bytes, place: Place) -> tuple[str, bytes]:
    """Take the one table out of a zip archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            member = member_of(archive, place)
            return split_name(member.filename)[1], archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise place.refuse(
            found=f"a corrupt zip archive ({error})", remedy="Pack or copy the file again."
        ) from error


def member_of(archive: zipfile.ZipFile, place: Place) -> zipfile.ZipInfo:
    """Return the one table of a zip archive; none, several or a locked one are refused."""
    members = [item for item in archive.infolist() if _is_table(item)]
    if len(members) != 1:
        names = ", ".join(item.filename for item in members) or "none"
        raise place.refuse(
            found=f"an archive with {len(members)} tables ({names})",
            allowed="exactly one CSV, TSV, Parquet, JSONL or XES file inside",
            remedy="Pack one table per archive.",
        )
    if members[0].flag_bits & SEVEN_BIT_ENCRYPTED:
        raise place.refuse(
            found="a password-protected archive",
            allowed="an archive that opens without a password",
            remedy="Pack the file again without a password.",
        )
    return members[0]


def _is_table(item: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(item.filename).parts
    if item.is_dir() or any(part in IGNORED_PARTS or part.startswith("._") for part in parts):
        return False
    return _bare(split_name(item.filename)[1]) in READERS


def _single_sheet(path: Path, place: Place) -> Raw:
    """Read a workbook of one table: the sheet of its name, or the only sheet that is filled."""
    book = Workbook(path, place.file)
    named = [sheet for sheet in book.sheets if plain(sheet) == place.table]
    raws = [raw for raw in (book.read(s, place.table) for s in named or book.sheets) if raw]
    if len(raws) != 1:
        raise place.refuse(
            found=f"a workbook with {len(raws)} filled sheets ({', '.join(book.sheets)})",
            allowed=f"one filled sheet, or a sheet named {place.table}",
            remedy=f"Name the right sheet {place.table}.",
        )
    return raws[0]
