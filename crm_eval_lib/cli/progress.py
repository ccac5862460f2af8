"""What a run shows while it works: a bar on a terminal, lines of text or JSON elsewhere."""

import json
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

PIECES = 8  # check, gate, four factors, scorecard, page; own factors add to it


class Progress:
    """Count pieces of work per client; a context manager.

    On a terminal rich draws one bar with the time left; elsewhere every client ends with a line on
    standard error. With `log_format` "json" every piece of work and every client is one line of
    JSON, also on a terminal and also when quiet: programs read it.
    """

    def __init__(
        self, clients: Sequence[str], *, quiet: bool = False, log_format: str = "text"
    ) -> None:
        self.clients, self.quiet, self.as_json = list(clients), quiet, log_format == "json"
        self.ended = 0
        self._pieces: Counter[str] = Counter()  # done so far, of the clients at work
        self._lock = threading.Lock()
        self._bar: Any = None

    def __enter__(self) -> "Progress":
        if sys.stderr.isatty() and not (self.quiet or self.as_json):
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
            self._pieces[client] += 1
            if self._bar:
                self._bar.update(self._task, advance=1, description=f"{client} {piece}")
            elif self.as_json:
                _log("piece", client=client, piece=piece)

    def client_done(self, run: Any) -> None:
        """Say that a client ended."""
        with self._lock:
            self.ended += 1
            left = PIECES - self._pieces.pop(run.client, 0)  # more than none where it failed
            if self._bar:
                self._bar.update(self._task, advance=left)
                if self._told_early(run):
                    self._bar.console.print(
                        self._line(run), markup=False, highlight=False, soft_wrap=True
                    )
            elif self.as_json:
                _log("client", client=run.client, state=run.state, seconds=run.seconds,
                     stage=run.stage, message=run.message, ended=self.ended,
                     clients=len(self.clients))  # fmt: skip
            elif not self.quiet:
                click.echo(self._line(run), err=True)

    def _line(self, run: Any) -> str:
        """Say how a client ended, and why where others are still at work: mending can begin."""
        line = f"{self.ended}/{len(self.clients)} {run.client}: {run.state} in {run.seconds:.0f} s"
        return f"{line}\n{failure_text(run)}" if self._told_early(run) else line

    def _told_early(self, run: Any) -> bool:
        return bool(run.exit_code) and self.ended < len(self.clients)


def _log(event: str, **facts: Any) -> None:
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **facts}
    click.echo(json.dumps(line, ensure_ascii=False), err=True)


def closing_table(runs: Sequence[Any], *, quiet: bool) -> None:
    """Print one line per client, and below it everything that failed, with the remedy."""
    if not quiet:
        width = max((len(run.client) for run in runs), default=6)
        for run in runs:
            where = run.report if run.report else f"failed at {run.stage}"
            click.echo(f"{run.client:<{width}}  {run.state:<9}  {run.seconds:6.1f} s  {where}")
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
