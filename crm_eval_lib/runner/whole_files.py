"""Files that appear whole or not at all."""

import os
from pathlib import Path


def replace_text(path: Path, text: str) -> None:
    """Write a file beside its place and move it there.

    Raises
    ------
    OSError
        The disk is full or the folder cannot be written; the old file stands.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")  # two runs may end at once
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
