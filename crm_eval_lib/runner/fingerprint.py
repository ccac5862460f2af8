"""What a report rests on, as one hash: files by content, settings, notebooks, code, versions.

Only the standard library stands here: an unchanged batch is confirmed without loading pandas.
"""

import json
import os
import platform
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from crm_eval_lib.runner.paths import PACKAGE_ROOT

NO_INPUT = (".", "~$")  # names beginning so: hidden files, locks of spreadsheet programs
CODE = ("crm_eval_lib", "data/reference")  # below the project: the library and what it ships
_COMPILED = ("__pycache__",)


def fingerprint(parts: Mapping[str, Any]) -> str:
    """Hash named parts of plain JSON types, whatever their order.

    >>> fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})
    True
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return sha256(text.encode()).hexdigest()


def client_parts(folder: Path, roots: Iterable[Path], settings: Mapping[str, Any]) -> dict:
    """Gather what decides a client's report.

    Parameters
    ----------
    folder : Path
        The client's folder; every file counts, read or not.
    roots : iterable of Path
        Further folders that client.yml lets it read.
    settings : mapping
        Language, status date and knobs as the run was given them.
    """
    return {
        "client": folder_state(folder),
        "roots": [folder_state(root) for root in roots],
        "settings": dict(settings),
        "code": code_state(),
    }


def folder_state(folder: Path) -> str:
    """Hash names and contents of all files below a folder; one that is gone has a state too."""
    return fingerprint({name: file_state(path) for name, path in _files(folder)})


def file_state(path: Path) -> str:
    """Hash a file's content; of a file that is not there or cannot be read, say so."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"unreadable: {error.errno}"


@lru_cache(maxsize=1)
def code_state() -> str:
    """Hash the library, the data it ships, Python's version and the names of installed packages."""
    return fingerprint({
        "code": {name: folder_state(PACKAGE_ROOT / name) for name in CODE},
        "python": platform.python_version(),
        "packages": installed(),
    })  # fmt: skip


def installed() -> list[str]:
    """Name the installed packages with their versions, as the folders beside them are named."""
    places = {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}
    return sorted(
        entry.name
        for place in places
        for entry in os.scandir(place)
        if entry.name.endswith((".dist-info", ".egg-info"))
    )


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(n for n in folders if not n.startswith(NO_INPUT) and n not in _COMPILED)
        for name in names:
            if not name.startswith(NO_INPUT):
                path = Path(place, name)
                yield path.relative_to(folder).as_posix(), path
