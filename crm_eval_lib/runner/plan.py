"""Which notebooks a client's run consists of, in which order."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crm_eval_lib.errors import ConfigError, UsageError
from crm_eval_lib.runner.paths import notebooks_dir

GATE, SCORECARD = "00_data_check", "05_scorecard"
_NAME = re.compile(r"(?P<order>\d\d)_(?P<factor>[a-z][a-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class PlannedNotebook:
    """One notebook of a run: its name without ending, its file, and whether it is the client's."""

    name: str
    path: Path
    own: bool

    @property
    def factor(self) -> str:
        """The factor the notebook publishes."""
        return self.name[3:]


@dataclass(frozen=True, slots=True)
class Plan:
    """The notebooks of one client: the gate, the factors side by side, the scorecard."""

    gate: PlannedNotebook
    factors: tuple[PlannedNotebook, ...]
    scorecard: PlannedNotebook

    @property
    def all(self) -> tuple[PlannedNotebook, ...]:
        """Every notebook in the order of the page."""
        return (self.gate, *self.factors, self.scorecard)


def plan(client_folder: Path, standard_folder: Path | None = None) -> Plan:
    """List the notebooks of a client: its own replace or join the standard ones."""
    standard_folder = standard_folder or notebooks_dir()
    standard = _notebooks(standard_folder, own=False)
    own = _notebooks(client_folder / "notebooks", own=True)
    chosen = {item.name: item for item in [*standard, *own] if _NAME.fullmatch(item.name)}
    wrong = [item.path.name for item in own if not _NAME.fullmatch(item.name)]
    if wrong:
        raise ConfigError(
            f"{client_folder.name}: notebooks/{wrong[0]} is not named NN_<factor>.ipynb "
            "(two digits, underscore, small letters), so its place is unknown. Rename it."
        )
    for name in (GATE, SCORECARD):
        if name not in chosen:
            raise UsageError(
                f"The standard notebook {name}.ipynb is missing from {standard_folder}."
            )
    factors = [chosen[name] for name in sorted(chosen) if name not in (GATE, SCORECARD)]
    _refuse_twins(client_folder.name, factors)
    return Plan(chosen[GATE], tuple(factors), chosen[SCORECARD])


def _notebooks(folder: Path, *, own: bool) -> list[PlannedNotebook]:
    if not folder.is_dir():
        return []
    return [PlannedNotebook(path.stem, path, own) for path in sorted(folder.glob("*.ipynb"))]


def _refuse_twins(client: str, factors: Iterable[PlannedNotebook]) -> None:
    seen: dict[str, str] = {}
    for item in factors:
        if item.factor in seen:
            raise ConfigError(
                f"{client}: {seen[item.factor]}.ipynb and {item.name}.ipynb both publish factor "
                f"{item.factor!r}. Rename one."
            )
        seen[item.factor] = item.name
