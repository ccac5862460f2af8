"""What the database cannot read: unpacked or decoded piece by piece into a file that it can."""

import codecs
import gzip
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

from crm_eval_lib.sources.delimited import (
    DAMAGED_UTF8_RATIO,
    UTF8_CHARACTER,
    UTF16_MARKS,
)
from crm_eval_lib.sources.files import member_of, split_name
from crm_eval_lib.sources.raw import Place

PIECE_BYTES = 1 << 20  # read at once, and on to the end of the line


def unpacked(path: Path, folder: Path, place: Place) -> Path:
    """Return the file itself, or the one table of an archive, written into a folder.

    Raises
    ------
    DataError
        The archive holds no table, several, or one behind a password.
    """
    if not path.name.lower().endswith(".zip"):
        return path
    with zipfile.ZipFile(path) as archive:
        member = member_of(archive, place)
        target = folder / f"unpacked{split_name(member.filename)[1]}"
        with archive.open(member) as stream, target.open("wb") as out:
            shutil.copyfileobj(stream, out, PIECE_BYTES)
    return target


def recoded(path: Path, folder: Path) -> Path | None:
    """Write a text in GB18030 as UTF-8 into a folder; None where it is none.

    No character of either encoding holds a line's end, so that lines are decoded as the whole.
    """
    if not _is_gb18030(path):
        return None
    target = folder / f"recoded{split_name(path.name)[1].removesuffix('.gz')}"
    try:
        with target.open("wb") as out:
            for piece in _pieces(path):
                out.write(piece.decode("gb18030").encode("utf-8"))
    except UnicodeDecodeError:
        return None
    return target


def _is_gb18030(path: Path) -> bool:
    """Judge as `as_utf8` does of a text in memory: broken characters against whole ones."""
    broken = whole = 0
    for number, piece in enumerate(_pieces(path)):
        if number == 0 and (piece.startswith((codecs.BOM_UTF8, *UTF16_MARKS)) or b"\0" in piece):
            return False
        if not piece.isascii():
            broken += piece.decode("utf-8", errors="replace").count("\ufffd")
            whole += len(UTF8_CHARACTER.findall(piece))
    return broken > 0 and whole < DAMAGED_UTF8_RATIO * broken


def _pieces(path: Path) -> Iterator[bytes]:
    """Yield whole lines, about a mebibyte at a time."""
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    with opener(path, "rb") as stream:
        while piece := stream.read(PIECE_BYTES):
            yield piece + stream.readline()
