"""What a what-if starts from: a client, what its factors published, its verdict as it stands."""

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from crm_eval_lib.client import Client, open_client
from crm_eval_lib.errors import UsageError
from crm_eval_lib.lab.defaults import Lab
from crm_eval_lib.protocol import Protocol, ProtocolError, read_protocol
from crm_eval_lib.results import CONFIDENCE, FactorResult, Message, Step
from crm_eval_lib.runner.parameters import declared
from crm_eval_lib.runner.paths import project_folder
from crm_eval_lib.runner.plan import PlannedNotebook, plan
from crm_eval_lib.runner.record import Record, read_record
from crm_eval_lib.scorecard.card import Card, Surroundings, score
from crm_eval_lib.scorecard.published import load_results
from crm_eval_lib.scorecard.rules import rules_for
from crm_eval_lib.value import costs
from crm_eval_lib.whatif.settings import Settings

CONFIDENCE_KNOB = "confidence"  # of the notebooks, and of the settings


@dataclass(frozen=True)
class Base:
    """What all answers about one client have in common; read once.

    Attributes
    ----------
    client : Client
    results : mapping of str to FactorResult
        What the factors published in the report that stands.
    settings : Settings
        Those of client.yml.
    card : Card
        The verdict under them.
    spent : Step
        From `crm_eval_lib.value.costs`.
    around : Surroundings
        Evidence and circumstances, which no what-if changes.
    protocol : Protocol or None
        What was fixed beforehand.
    notes : tuple of Message
        What makes the starting point doubtful.
    knobs : mapping of str to mapping
        By notebook what client.yml and the command line of the report set.
    kept : dict
        What answers had to compute on the way; see `once`.
    """

    client: Client
    results: Mapping[str, FactorResult]
    settings: Settings
    card: Card
    spent: Step
    around: Surroundings
    protocol: Protocol | None = None
    notes: tuple[Message, ...] = ()
    knobs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    kept: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def notebooks(self) -> tuple[PlannedNotebook, ...]:
        """The factors' notebooks, the client's own among them."""
        return tuple(plan(Path(self.client.folder)).factors)

    @cached_property
    def notebooks_with_level(self) -> tuple[PlannedNotebook, ...]:
        """Those that have a knob for the confidence."""
        return tuple(item for item in self.notebooks if CONFIDENCE_KNOB in declared(item.path))

    def once(self, question: Hashable, work: Callable[[], Any]) -> Any:
        """Return what several answers ask; it is worked out when first asked."""
        if question not in self.kept:
            self.kept[question] = work()
        return self.kept[question]


def base_of(
    client: Any = "", *, clients_dir: str | Path = "", reports_dir: str | Path = ""
) -> Base:
    """Read a client and its finished report.

    Parameters
    ----------
    client : str or Client, optional
        Its id; without one, the client of the lab.
    clients_dir, reports_dir : path
        Empty: those of the lab, else of the project.

    Raises
    ------
    UsageError
        The client has no report yet, or a damaged one: a what-if computes nothing anew.
    """
    lab = Lab.told()
    name = str(getattr(client, "id", client) or (lab.client_id if lab else ""))
    folder = str(clients_dir or (lab.clients_dir if lab else ""))
    if not name:
        raise UsageError("Name a client, such as whatif('demo-trading').")
    reports = reports_dir or (lab.reports_dir if lab else "") or project_folder("reports")
    report = Path(reports) / name
    record = read_record(report)
    if record is None:
        open_client(name, clients_dir=folder)  # a client that is not there gets the nearest name
        raise UsageError(
            f"{name} has no finished report in {report.parent}, and a what-if computes nothing "
            f"anew. Make one first: crm-eval run {name}"
        )
    options = {key: record.settings.get(key, "") for key in ("language", "status_date")}
    opened = open_client(name, clients_dir=folder, **options)
    return started(opened, _published(report), report=report, record=record)


def _published(report: Path) -> dict[str, FactorResult]:
    """Read a finished report, whose files somebody may have changed."""
    try:
        _drawn(report)
        return load_results(report)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UsageError(
            f"The report in {report} cannot be read ({type(error).__name__}: {error}). Make it "
            f"again: crm-eval run {report.name} --force"
        ) from error


def started(
    client: Client,
    results: Mapping[str, FactorResult],
    *,
    report: Path | None = None,
    record: Record | None = None,
) -> Base:
    """Start from a client and results at hand; those of a report bring its protocol along."""
    around = Surroundings.of(client, rules_for(client.config))
    tables = client.tables
    spent = costs(
        tables.budget, tables.actuals, summary=tables.cost_summary, changes=tables.changes,
        progress=tables.progress, dates=client.dates, currency=client.currency,
    )  # fmt: skip
    card = score(results, client=client, around=around, **_drawn(report))
    protocol, notes = _protocol(report)
    if record is not None and not record.is_current(report):
        notes += (Message("whatif.note.outdated", {"client": client.id}),)
    knobs = _knobs(client.config.parameters, record)
    settings = Settings.of(client.config, level_of(knobs))
    return Base(client, results, settings, card, spent, around, protocol, notes, knobs)


def _drawn(report: Path | None) -> dict[str, int]:
    """Return seed and draws of the report, so that its numbers come out again."""
    if report is None:
        return {}
    saved = json.loads((report / "results.json").read_text(encoding="utf-8"))
    return saved["provenance"]["parameters"]["score"]


def _protocol(report: Path | None) -> tuple[Protocol | None, tuple[Message, ...]]:
    try:
        return (read_protocol(report) if report else None), ()
    except ProtocolError as error:
        return None, (Message(f"protocol.unreadable.{error.reason}", {}),)


def level_of(knobs: Mapping[str, Mapping[str, Any]], usual: float = CONFIDENCE) -> float:
    """Return the level that is set for the notebooks; the first where they differ."""
    set_by = (given[CONFIDENCE_KNOB] for given in knobs.values() if CONFIDENCE_KNOB in given)
    return next(set_by, usual)


def _knobs(configured: Mapping[str, Any], record: Record | None) -> dict[str, dict[str, Any]]:
    """Put the knobs of the report's command line over those of client.yml."""
    given = record.settings.get("knobs", {}) if record else {}
    return {name: {**configured.get(name, {}), **given.get(name, {})}
            for name in dict.fromkeys([*configured, *given])}  # fmt: skip
