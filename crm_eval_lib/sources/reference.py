"""Reference classes: quantiles of finished projects, one CSV file for one class or several."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.errors import DataError, UsageError
from crm_eval_lib.runner.paths import project_folder
from crm_eval_lib.sources.files import read_file
from crm_eval_lib.sources.load import summary
from crm_eval_lib.sources.normalise import Rules, normalise
from crm_eval_lib.sources.paths import Area, checksum
from crm_eval_lib.sources.raw import Place, Raw
from crm_eval_lib.tables.reference import QUANTILE, REFERENCE_CLASS
from crm_eval_lib.tables.spec import Problem

SHIPPED = "data/reference"  # below the project's folder
OWN = "reference"  # below a client's folder
COLUMNS = ("class_id", "measure", "form", "p", "value", "n", "year", "source", "licence", "title",
           "baseline", "file")  # fmt: skip
_SHARED = ("measure", "form", "n", "year", "source", "licence", "title_en", "title_zh",
           "baseline_en", "baseline_zh")  # fmt: skip
_REMEDY = "Correct it; docs/reference_classes.md describes the columns."
_LEAST_QUANTILES = 2  # one point cannot be interpolated
_REMEMBERED = 64  # files; those shipped are read by every client of a batch
_NO_RULES = Rules(timezone="UTC", currency="")
_SUFFIX = {"zh-Hans": "zh"}


@dataclass(frozen=True)
class _Part:
    """The rows of one file, with the number of each row for people."""

    raw: Raw
    frame: pd.DataFrame
    problems: tuple[Problem, ...]


def reference_files(client_folder: Path | None = None) -> list[tuple[str, Path]]:
    """List the files of reference classes, those shipped first, as (name to show, path).

    Shipped ones lie in ``data/reference`` of the project, a client's own in its folder
    ``reference``. A project folder that is not there (the library installed alone) gives none.
    """
    folders = []
    with suppress(UsageError):  # no class then: the step says so
        folders.append((SHIPPED, project_folder(SHIPPED)))
    if client_folder is not None:
        folders.append((OWN, client_folder / OWN))
    return [
        (f"{name}/{path.name}", path)
        for name, folder in folders
        if folder.is_dir()
        for path in sorted(folder.glob("*.csv"))
        if not path.name.startswith((".", "~"))
    ]


def read_classes(files: Sequence[tuple[str, Path]], *, lang: str = "en") -> pd.DataFrame:
    """Read reference classes and put them below each other.

    Parameters
    ----------
    files : sequence of (str, Path)
        Name to show and path, as `reference_files` lists them.
    lang : str
        Language of ``title`` and ``baseline``.

    Returns
    -------
    DataFrame
        One row per class and quantile, sorted by class and p; see ``docs/reference_classes.md``.

    Raises
    ------
    DataError
        Files break the schema; file, row, what was found and what is allowed are listed.
    """
    parts = _checked(files)
    frames = [part.frame.assign(file=part.raw.place.file) for part in parts]
    suffix = _SUFFIX.get(lang, lang)
    every = (
        pd.concat(frames)
        if frames
        else pd.DataFrame(columns=list(dict.fromkeys([*_SHARED, *COLUMNS])))
    )
    words = {name: every[f"{name}_{suffix}"] for name in ("title", "baseline")}
    every = every.assign(**words)[list(COLUMNS)]
    return every.sort_values(["class_id", "p"], ignore_index=True)


def class_problems(client_folder: Path | None = None) -> list[Problem]:
    """Return what is wrong with the reference classes, those shipped and the client's own."""
    try:
        _checked(reference_files(client_folder))
    except DataError as error:
        return list(error.problems)
    return []


def class_inputs(client_folder: Path) -> list[dict[str, Any]]:
    """List the client's own files of reference classes as inputs: table, path, sha256, rows."""
    own = [(name, path) for name, path in reference_files(client_folder) if name.startswith(OWN)]
    return [
        {"table": REFERENCE_CLASS.name, "path": name, "sha256": checksum(path),
         "rows": len(_read(name, path).frame)}
        for name, path in own
    ]  # fmt: skip


def _checked(files: Sequence[tuple[str, Path]]) -> list[_Part]:
    parts = [_read(name, path) for name, path in files]
    problems = [problem for part in parts for problem in part.problems]
    problems += list(_shared_ids(parts))
    if any(problem.blocking for problem in problems):
        raise summary([problem for problem in problems if problem.blocking])
    return parts


def _read(name: str, path: Path) -> _Part:
    place = Place(REFERENCE_CLASS.name, name)
    area = Area.of(path.parent)
    if not area.allows(path):
        raise place.refuse(
            found=f"a link to {path.resolve()}",
            allowed="a file in the folder itself",
            remedy="Copy the file there.",
        )
    state = path.stat()
    return _read_once(place, path, (state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=_REMEMBERED)
def _read_once(place: Place, path: Path, state: tuple[int, int]) -> _Part:
    """Read a file, once as long as its state – when it was written, how long it is – stays."""
    raw = read_file(path, place)
    result = normalise(raw, REFERENCE_CLASS, _NO_RULES)
    if result.frame.empty and not result.problems:
        raise place.refuse(
            found="headers without a row",
            allowed="one row per class and quantile",
            remedy="Fill the file or remove it; docs/reference_classes.md describes the columns.",
        )
    problems = [replace(problem, remedy=_REMEDY) for problem in result.problems]
    if not any(problem.blocking for problem in problems):
        problems += _defects(result.frame, raw)
    return _Part(raw, result.frame, tuple(problems))


def _defects(frame: pd.DataFrame, raw: Raw) -> Iterator[Problem]:
    """Report what the columns alone cannot show: classes that contradict themselves."""
    doubtful = _doubtful(frame)
    if not doubtful:
        return
    rows_of = frame[frame["class_id"].isin(doubtful)].groupby("class_id", sort=False)
    for class_id, rows in rows_of:
        for column in _SHARED:
            first = rows[column].iloc[0]
            other = ~((rows[column] == first) | (rows[column].isna() & pd.isna(first)))
            if other.any():
                at = rows.index[other][0]
                yield _problem(
                    raw, at, column, str(frame.at[at, column]), f"one {column} per class: {first}"
                )
        ordered = rows.sort_values("p")
        falling = np.flatnonzero(ordered["value"].diff() < 0)
        if len(falling):
            at = ordered.index[falling[0]]
            least = f"{ordered['value'].iloc[falling[0] - 1]:g} or more, as a lower p has"
            yield _problem(raw, at, "value", f"{frame.at[at, 'value']:g}", least)
        if rows["form"].iloc[0] == QUANTILE and len(rows) < _LEAST_QUANTILES:
            allowed = f"{_LEAST_QUANTILES} quantiles or more, or form tail_share"
            yield _problem(raw, rows.index[0], "form", f"one quantile of {class_id}", allowed)


def _doubtful(frame: pd.DataFrame) -> set[str]:
    """Name the classes to look at one by one: cells that differ, values that fall, one quantile.

    Each row names its class; rows that do not are refused before.
    """
    classes = frame["class_id"].to_numpy()
    codes = pd.factorize(classes)[0]
    cells = (pd.factorize(frame[name].to_numpy())[0] for name in _SHARED)
    kinds = Counter(kind[0] for kind in set(zip(codes, *cells, strict=True)))
    order = np.lexsort((frame["p"], codes))
    falling = (np.diff(frame["value"].to_numpy()[order]) < 0) & (np.diff(codes[order]) == 0)
    single = (np.bincount(codes)[codes] == 1) & (frame["form"] == QUANTILE).to_numpy()
    differ = np.array([kinds[code] > 1 for code in codes], dtype=bool)
    return {*classes[differ | single], *classes[order[1:][falling]]}


def _problem(raw: Raw, at: int, column: str, found: str, allowed: str) -> Problem:
    return raw.place.problem(
        row=int(raw.rows[at]), column=column, found=found, allowed=allowed,
        remedy=_REMEDY,
    )  # fmt: skip


def _shared_ids(parts: Sequence[_Part]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for part in parts:
        first_rows = part.frame["class_id"].drop_duplicates().dropna()
        for at, class_id in first_rows.items():
            other = seen.setdefault(class_id, part.raw.place.file)
            if other != part.raw.place.file:
                yield _problem(part.raw, at, "class_id", class_id, f"an id {other} does not use")
