"""``run.json`` beside a report: what it was made from, so that nothing is done twice."""

import contextlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.runner.fingerprint import client_parts, file_state, fingerprint
from crm_eval_lib.runner.plan import plan
from crm_eval_lib.runner.whole_files import replace_text

FILE_NAME = "run.json"
PAGE = "report.html"


@dataclass(frozen=True, slots=True)
class Stage:
    """A notebook of a report: its key, and the marks of the tables it asked for.

    A table that was not handed in has the mark "". `reads` is None where nobody knows what a
    notebook asked for: it runs again whatever changed.
    """

    key: str
    reads: dict[str, str] | None = None

    def holds(self, key: str, tables: Mapping[str, str]) -> bool:
        """Say whether the notebook would find everything as it was."""
        known = self.reads is not None and self.key == key
        return known and all(tables.get(name, "") == mark for name, mark in self.reads.items())


@dataclass(frozen=True, slots=True)
class Record:
    """What a report was made from.

    Attributes
    ----------
    fingerprint : str
        See `crm_eval_lib.runner.fingerprint`.
    folder : str
        The client's.
    settings : dict
        Language, status date and knobs the run was given.
    roots : tuple of str
        Folders beside its own that the client reads.
    stages : dict of str to Stage
        By notebook.
    """

    fingerprint: str
    folder: str
    settings: dict[str, Any] = field(default_factory=dict)
    roots: tuple[str, ...] = ()
    stages: dict[str, Stage] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write the record into a run's folder, whole or not at all."""
        replace_text(folder / FILE_NAME, json.dumps({"schema": 1, **asdict(self)}, indent=1))

    def is_current(
        self, report: Path, standard: Path | None = None, settings: Mapping[str, Any] | None = None
    ) -> bool:
        """Say whether a run would make the same report again.

        Parameters
        ----------
        report : Path
            The report's folder.
        standard : Path, optional
            Folder of the standard notebooks; without one the project's.
        settings : mapping, optional
            Those of the run in question; without them the report's own.
        """
        folder = Path(self.folder)
        try:
            notebooks = {item.name: item.path for item in plan(folder, standard).all}
        except CrmEvalError:
            return False  # the run says what is wrong
        settings = self.settings if settings is None else settings
        return self.fingerprint == run_fingerprint(
            folder, report, notebooks, roots=self.roots, settings=settings
        )


def read_record(report: Path) -> Record | None:
    """Read the record of a report that stands; None without one, or without the page."""
    with contextlib.suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
        saved = json.loads((report / FILE_NAME).read_text(encoding="utf-8"))
        stages = {name: Stage(item["key"], item["reads"]) for name, item in saved["stages"].items()}
        if (report / PAGE).is_file() and (report / "results.json").is_file():
            return Record(
                saved["fingerprint"],
                saved["folder"],
                saved["settings"],
                tuple(saved["roots"]),
                stages,
            )
    return None


def run_fingerprint(
    folder: Path, report: Path, notebooks: Mapping[str, Path], *,
    roots: tuple[str, ...], settings: Mapping[str, Any],
) -> str:  # fmt: skip
    """Hash all that a client's report rests on as it is now.

    Parameters
    ----------
    folder, report : Path
        The client's folder, and that of its report (for the protocol fixed there).
    notebooks : mapping of str to Path
        The notebooks of a run by name.
    """
    parts = client_parts(folder, map(Path, roots), settings)
    parts["notebooks"] = {name: file_state(path) for name, path in notebooks.items()}
    parts["protocol"] = file_state(report / "protocol.json")
    return fingerprint(parts)


def take_over(report: Path, run_dir: Path, notebook: str) -> bool:
    """Copy what a notebook left in the report that stands; False where not all of it is there."""
    factor = notebook[3:]
    result = report / "results" / f"{factor}.json"
    executed = report / "notebooks" / f"{notebook}.ipynb"
    try:
        tables = json.loads(result.read_text(encoding="utf-8"))["tables"]
        sources = [result, executed, *(report / "tables" / f"{name}.csv" for name in tables)]
        for path in sources:
            target = run_dir / path.relative_to(report)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
    except (OSError, ValueError, LookupError):
        return False
    return True
