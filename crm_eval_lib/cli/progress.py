"""What a run shows while it works: bars on a terminal, plain lines elsewhere."""

import sys
import threading
from collections.abc import Sequence
from typing import Any

import click

PIECES = 8  # check, gate, four factors, scorecard, page; own factors add to it


class Progress:
    """Count pieces of work per client; a context manager.

    On a terminal rich draws one bar; elsewhere every client ends with a line on standard error.
    """

    def __init__(self, clients: Sequence[str], *, quiet: bool = False) -> None:
        self.clients, self.quiet = list(clients), quiet
        self.ended = 0
        self._lock = threading.Lock()
        self._bar: Any = None

    def __enter__(self) -> "Progress":
        if sys.stderr.isatty() and not self.quiet:
            self._bar = _bar()
            self._bar.start()
            self._task = self._bar.add_task("reports", total=PIECES * len(self.clients))
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar:
            self._bar.stop()

    def piece_done(self, client: str, piece: str) -> None:
        """Move the bar by one piece of work."""
        with self._lock:
            if self._bar:
                self._bar.update(self._task, advance=1, description=f"{client} {piece}")

    def client_done(self, run: Any) -> None:
        """Say that a client ended."""
        with self._lock:
            self.ended += 1
            if self._bar:
                self._bar.update(self._task, completed=self.ended * PIECES)
            elif not self.quiet:
                place = f"{self.ended}/{len(self.clients)}"
                click.echo(f"{place} {run.client}: {run.state} in {run.seconds:.0f} s", err=True)


def closing_table(runs: Sequence[Any], *, quiet: bool) -> None:
    """Print one line per client, and below it everything that failed, with the remedy."""
    if not quiet:
        width = max((len(run.client) for run in runs), default=6)
        for run in runs:
            where = run.report if run.report else f"failed at {run.stage}"
            click.echo(f"{run.client:<{width}}  {run.state:<6}  {run.seconds:6.1f} s  {where}")
    for run in runs:
        if run.exit_code:
            click.echo(failure_text(run), err=True)


def failure_text(run: Any) -> str:
    """Say what stopped a client, all its problems, and where its notebooks are kept."""
    said = run.message.removeprefix(f"{run.client}: ")
    named = said.startswith(run.stage)  # a notebook's message names it itself
    lines = [f"{run.client}: {said}" if named else f"{run.client}: {run.stage}: {said}"]
    lines += [f"  - {problem}" for problem in run.problems]
    if run.exit_code == 3 and run.detail:
        lines += ["  This is a fault of crm-eval, please report it:", run.detail]
    if run.kept and run.notebooks.get("00_data_check"):
        lines.append(f"  The executed notebooks are kept in {run.kept}")
    return "\n".join(lines)


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return RichProgress(*columns, TimeRemainingColumn(), console=Console(stderr=True))
