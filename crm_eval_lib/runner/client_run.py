"""The run of one client: validate, gate, factors side by side, scorecard, page, publish."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_eval_lib.errors import CrmEvalError, UsageError
from crm_eval_lib.lab.published import check_published
from crm_eval_lib.runner import jobs, preparing, publish
from crm_eval_lib.runner.aftermath import with_cell
from crm_eval_lib.runner.locks import client_lock
from crm_eval_lib.runner.outcome import INTERNAL_ERROR, Outcome, outcome_of
from crm_eval_lib.runner.plan import SCORECARD, Plan, PlannedNotebook, plan
from crm_eval_lib.runner.process import run_isolated, stopping
from crm_eval_lib.runner.record import PAGE, Record, Stage, read_record, take_over
from crm_eval_lib.runner.slots import Slots

CHECK = "check"  # the piece of work before all notebooks
TIMEOUT_SECONDS = 900.0  # per notebook; ten times what the slowest standard notebook needs


@dataclass(frozen=True, slots=True)
class Settings:
    """What a batch gives to every client's run."""

    clients_dir: Path
    reports_dir: Path
    language: str = ""
    status_date: str = ""
    timeout_seconds: float = TIMEOUT_SECONDS
    knobs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notebooks_dir: Path | None = None  # the standard notebooks; None: the project's
    engine: str = "fork"  # or "kernel"
    force: bool = False  # also what is current

    def job(self, client_id: str, run_dir: Path) -> jobs.ClientJob:
        """Return what the pieces of work of one client need to know."""
        return jobs.ClientJob(
            client_id, str(self.clients_dir), str(run_dir), self.language, self.status_date,
            self.engine,
        )  # fmt: skip


@dataclass(slots=True)
class ClientRun:
    """How the run of one client ended: done, unchanged (nothing was to do) or failed."""

    client: str
    state: str = "done"
    exit_code: int = 0
    stage: str = ""
    message: str = ""
    problems: list[str] = field(default_factory=list)
    detail: str = ""
    seconds: float = 0.0
    report: str | None = None
    kept: str | None = None
    notebooks: dict[str, dict[str, Any]] = field(default_factory=dict)


Report = Callable[[str, str], None]  # called with the client and the piece of work that ended


def run_client(
    client_id: str, settings: Settings, *, slots: Slots, on_done: Report = lambda c, s: None
) -> ClientRun:
    """Run one client; whatever goes wrong is in the answer, never raised.

    Parameters
    ----------
    slots : Slots
        Limits the child processes at work at one time, over all clients.
    on_done : callable
        Told of every piece of work that ended, for progress.
    """
    started = time.monotonic()
    run = ClientRun(client_id)
    try:
        with client_lock(settings.reports_dir, client_id):
            _run_locked(run, settings, slots, on_done)
    except UsageError as error:
        _fail(run, "lock", Outcome(error.exit_code, str(error)))
    except Exception as error:  # of the work around the children: files that cannot be written
        _fail(run, "publish", outcome_of(error))
    run.seconds = round(time.monotonic() - started, 1)
    return run


def _run_locked(run: ClientRun, settings: Settings, slots: Slots, on_done: Report) -> None:
    reports = settings.reports_dir
    if not settings.force and is_current(run.client, settings):
        run.state, run.report = "unchanged", str(reports / run.client / PAGE)
        return
    run_dir = publish.new_run_dir(reports, run.client)
    with publish.removed_at_the_end(run_dir):
        _run_in(run, run_dir, settings, slots, on_done)


def _run_in(
    run: ClientRun, run_dir: Path, settings: Settings, slots: Slots, on_done: Report
) -> None:
    reports = settings.reports_dir
    try:
        _Worker(run, settings.job(run.client, run_dir), settings, slots, on_done).run_all()
        run.report = str(publish.publish(run_dir, reports, run.client) / PAGE)
    except _Stopped:
        if not stopping():  # Ctrl-C is no failure of the client
            run.kept = str(publish.set_aside(run_dir, reports, run.client))


def failed_run(client_id: str, stage: str, message: str) -> ClientRun:
    """Return the run of a client that never came to its own end."""
    return ClientRun(client_id, state="failed", exit_code=1, stage=stage, message=message)


def is_current(client_id: str, settings: Settings) -> bool:
    """Say whether a report stands that a run with these settings would make again."""
    report = settings.reports_dir / client_id
    record = read_record(report)
    if record is None or Path(record.folder) != settings.clients_dir / client_id:
        return False
    given = settings.job(client_id, report).settings(settings.knobs)
    return record.is_current(report, settings.notebooks_dir, given)


def planned(client_id: str, settings: Settings) -> Plan:
    """List a client's notebooks; needs no child, and nothing heavy is imported.

    Raises
    ------
    CrmEvalError
        One of the client's own cannot do its part, such as a copy without its last cell.
    """
    found = plan(settings.clients_dir / client_id, settings.notebooks_dir)
    check_published(item for item in found.all if item.own)
    return found


def can_begin(client_id: str, settings: Settings) -> bool:
    """Say whether a client's notebooks are such that its run can begin."""
    try:
        planned(client_id, settings)
    except CrmEvalError:
        return False
    return True


class _Stopped(Exception):
    """A piece of work failed; the run's answer says which."""


class _Worker:
    """Runs a client's pieces of work in order, each in a child process."""

    def __init__(
        self,
        run: ClientRun,
        job: jobs.ClientJob,
        settings: Settings,
        slots: Slots,
        on_done: Report,
    ) -> None:
        self.run, self.job, self.settings = run, job, settings
        self.slots, self.on_done = slots, on_done
        self.report = settings.reports_dir / run.client
        self.before = None if settings.force else read_record(self.report)
        self.stages: dict[str, Stage] = {}

    def run_all(self) -> None:
        """Run everything; the first failure ends it."""
        chosen = self._planned()
        notebooks = {item.name: str(item.path) for item in chosen.all}
        given = {name: dict(values) for name, values in self.settings.knobs.items()}
        self.prepared = self._work(CHECK, preparing.prepare, self.job, notebooks, given).value
        run_dir = Path(self.job.run_dir)
        publish.carry_history(
            self.settings.reports_dir, self.job.client_id, run_dir, self.prepared.status_date
        )
        self._notebook(chosen.gate)
        self._side_by_side(chosen.factors)
        self._notebook(chosen.scorecard)
        names = [item.name for item in chosen.all]
        own = [item.name for item in chosen.all if item.own]
        self._work("page", jobs.render, self.job, names, own, self.prepared.mark)
        if self.prepared.person_level:
            self._work("restricted", jobs.restrict, self.job)
        folder = str(self.settings.clients_dir / self.job.client_id)
        Record(
            self.prepared.mark, folder, self.job.settings(given), self.prepared.roots, self.stages
        ).write(run_dir)

    def _planned(self) -> Plan:
        try:
            return planned(self.job.client_id, self.settings)
        except CrmEvalError as error:
            self._stop("plan", Outcome(error.exit_code, str(error)))

    def _side_by_side(self, notebooks: Sequence[PlannedNotebook]) -> None:
        with ThreadPoolExecutor(max_workers=len(notebooks) or 1) as pool:
            futures = [pool.submit(self._notebook, item) for item in notebooks]
        for future in futures:
            future.result()

    def _notebook(self, notebook: PlannedNotebook) -> None:
        if self.run.exit_code:
            return  # a neighbour has failed already
        name, prepared = notebook.name, self.prepared
        if self._taken_over(name):
            return
        arguments = (self.job, name, str(notebook.path), prepared.parameters[name])
        asked = self._work(name, jobs.execute, *arguments).value
        reads = None if asked is None else {item: prepared.tables.get(item, "") for item in asked}
        self.stages[name] = Stage(prepared.keys[name], reads)

    def _taken_over(self, name: str) -> bool:
        """Take a notebook from the report that stands where it would find everything as it was.

        The scorecard rests on what the others publish and always runs.
        """
        stage = self.before.stages.get(name) if self.before and name != SCORECARD else None
        if stage is None or not stage.holds(self.prepared.keys[name], self.prepared.tables):
            return False
        if not take_over(self.report, Path(self.job.run_dir), name):
            return False
        self.stages[name] = stage
        self.run.notebooks[name] = {"seconds": 0.0, "cpu_seconds": 0.0, "taken_over": True}
        self.on_done(self.job.client_id, name)
        return True

    def _work(self, stage: str, work: Callable[..., Any], *arguments: Any) -> Outcome:
        limit = self.settings.timeout_seconds
        outcome = run_isolated(
            work, *arguments, timeout_seconds=limit, slot=self.slots, checks=stage == CHECK
        )
        self.run.notebooks[stage] = outcome.facts
        if outcome.died and work is jobs.execute:
            outcome = with_cell(outcome, jobs.executed(self.job.run_dir, stage))
        if outcome.exit_code:
            self._stop(stage, outcome)
        self.on_done(self.job.client_id, stage)
        return outcome

    def _stop(self, stage: str, outcome: Outcome) -> None:
        _fail(self.run, stage, outcome)
        raise _Stopped(stage)


def _fail(run: ClientRun, stage: str, outcome: Outcome) -> None:
    if run.exit_code:
        return  # the first failure is the one to report
    run.state, run.stage = "failed", stage
    run.exit_code = outcome.exit_code or INTERNAL_ERROR
    run.message, run.detail = outcome.message, outcome.detail
    run.problems = list(outcome.problems)
