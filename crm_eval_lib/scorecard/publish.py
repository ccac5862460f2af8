"""``results.json``: the one file every other view of a report is made from."""

import json
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from crm_eval_lib.results import Action, Caveat, Message, to_plain, write_table
from crm_eval_lib.scorecard.card import Card
from crm_eval_lib.scorecard.citations import figure_of, side_of
from crm_eval_lib.scorecard.factors import FactorScore
from crm_eval_lib.scorecard.findings import RankedFinding
from crm_eval_lib.scorecard.vetoes import Veto
from crm_eval_lib.scoring import option
from crm_eval_lib.tables import CORE_TABLES
from crm_eval_lib.text import catalogue, current_language, say
from crm_eval_lib.text.safe import escaped

SCHEMA = 1
NOBODY = ".word.owner"  # ends the keys of sentences that name no role
PACKAGES = ("numpy", "pandas", "scipy", "statsmodels")
FILE_NAME = "results.json"


def results_dict(card: Card, **provenance: Any) -> dict[str, Any]:
    """Return the content of ``results.json`` as plain JSON types, in the report's language."""
    client = card.client
    lang = language_of(card)
    status_date = option(client, "dates", "status_date")
    name = option(client, "id", default="")
    return {
        "schema": SCHEMA,
        "client": name,
        "name": option(client, "name", default=name),
        "language": lang,
        "currency": option(client, "currency"),
        "status_date": None if status_date is None else status_date.date().isoformat(),
        "process_titles": titles_of(option(client, "tables")),
        "indicators": _indicators(card, lang),
        "findings": [_finding(item, lang) for item in card.findings],
        "factors": [_factor(item, lang) for item in card.factors],
        "overall": _overall(card),
        "vetoes": [_veto(item, lang) for item in card.vetoes],
        "caveats": [_caveat(item, lang) for item in card.caveats],
        "evidence": _records(card.tables),
        "completeness": completeness(option(client, "inputs", default=())),
        "matrix": _matrix(card),
        "scoring": card.rules.to_dict(),
        "provenance": _provenance(card, provenance),
    }


def titles_of(tables: Any) -> dict[str, str]:
    """Return the title the client gave each process, by its code.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The client's; ``processes`` has process and title.

    Returns
    -------
    dict of str to str
        Only processes with a title.

    Examples
    --------
    >>> rows = pd.DataFrame({"process": ["quotation", "x"], "title": ["Offers", None]})
    >>> titles_of({"processes": rows})
    {'quotation': 'Offers'}
    """
    processes = option(tables, "processes")
    if processes is None or "title" not in processes:
        return {}
    told = processes[["process", "title"]].dropna().astype(object).to_numpy()
    return {str(process): str(title).strip() for process, title in told if str(title).strip()}


def completeness(inputs: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Count the core tables that came with rows, all core tables, and further tables.

    >>> completeness([{"table": "budget", "rows": 3}, {"table": "events", "rows": 0}])["core"]
    1
    """
    tables = {item["table"] for item in inputs if item.get("rows") != 0}
    core = len(tables.intersection(CORE_TABLES))
    return {"core": core, "of": len(CORE_TABLES), "further": len(tables) - core}


def write_results(card: Card, run_dir: Path, **provenance: Any) -> Path:
    """Write ``results.json`` and the tables of the scorecard's steps."""
    from crm_eval_lib.scorecard.steps import all_steps

    folder = run_dir / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    lang = language_of(card)
    tables = [{step.name: step.table} | dict(step.tables) for step in all_steps(card)]
    for name, table in chain.from_iterable(
        found.items() for found in (*tables, *(result.tables for result in card.beside))
    ):
        if table is not None:
            write_table(_spoken_table(table, lang), folder / f"{name}.csv")
    text = json.dumps(
        results_dict(card, **provenance), ensure_ascii=False, indent=1, allow_nan=False
    )
    path = run_dir / FILE_NAME
    path.write_text(escaped(text), encoding="utf-8")
    return path


def language_of(card: Card) -> str:
    """Return the report's language: the client's, else the notebook's."""
    return option(card.client, "language") or current_language()


def spoken(message: Message | None, lang: str) -> str | None:
    """Say a message; the key itself where an own factor brought no words for it."""
    if message is None:
        return None
    return say(message, lang) if message.key in catalogue(lang) else message.key


def _said(message: Message | None) -> dict[str, Any] | None:
    """Keep a sentence as key and slots: the page leads each of its numbers to its slot."""
    return None if message is None else message.to_dict()


def _indicators(card: Card, lang: str) -> list[dict[str, Any]]:
    terms = [term for terms in card.assessment.terms.values() for term in terms]
    weights = {term.id: term.weight for term in terms if term.applicable}
    moved_by = card.assessment.moved_by
    return [
        {
            **item.to_dict(),
            "reason": spoken(item.reason, lang),
            "reason_key": None if item.reason is None else item.reason.key,
            "reason_said": _said(item.reason),
            "weight": weights.get(item.id),
            "grade_moved_by": list(moved_by.get(item.id, ())),
        }
        for item in card.indicators.values()
    ]


def _finding(item: RankedFinding, lang: str) -> dict[str, Any]:
    finding, action = item.finding, item.finding.action
    return {
        "id": finding.id,
        "factor": finding.factor,
        "indicator": finding.indicator,
        "severity": to_plain(finding.severity),
        "verb": spoken(item.verb, lang),
        "sentence": spoken(item.sentence, lang),
        "sentence_said": _said(item.sentence),
        "rows": [{"table": table, "key": str(key)} for table, key in finding.rows],
        "action": None if action is None else {
            **action.to_dict(), "sentence": spoken(action.sentence, lang),
            "sentence_said": _said(action.sentence), "owner_role": _owner(action, lang),
        },
        "grade": item.grade,
        "rank": item.rank,
        "points": item.points,
        "figure": figure_of(finding),
        "side": side_of(finding),
    }  # fmt: skip


def _owner(action: Action, lang: str) -> str | None:
    """Return the role that owns an action: the named one, else the one its sentence names."""
    owner = action.owner_role or action.sentence.slots.get("owner")
    if not isinstance(owner, Message):
        return owner
    unnamed = owner.key.endswith(NOBODY)  # "the responsible role" is a phrase, not an answer
    return spoken(owner if not unnamed else Message("score.blank.owner"), lang)


def _factor(item: FactorScore, lang: str) -> dict[str, Any]:
    return {
        "id": item.factor,
        "state": item.state,
        "score": item.score,
        "low": item.low,
        "high": item.high,
        "range_kind": item.kind,
        "bounds": list(item.bounds),
        "weight": item.weight,
        "uncapped": item.uncapped,
        "capped_by": item.capped_by,
        "evidence": item.evidence,
        "missing": list(item.missing),
        "reason": spoken(item.reason, lang),
        "reason_said": _said(item.reason),
    }


def _overall(card: Card) -> dict[str, Any]:
    verdict = card.overall
    return {
        "score": verdict.score,
        "assessed_score": verdict.assessed_score,
        "low": verdict.low,
        "high": verdict.high,
        "range_kind": verdict.kind,
        "bounds": list(verdict.bounds),
        "band": verdict.band,
        "point_band": verdict.point_band,
        "band_probabilities": dict(verdict.bands) if verdict.p_pass is not None else None,
        "p_pass": verdict.p_pass,
        "uncapped": verdict.uncapped,
        "capped_by": verdict.capped_by,
        "equal_weights_score": verdict.equal_weights_score,
        "scored_factors": verdict.scored_factors,
        "weighed_factors": sum(item.weight > 0 for item in card.factors),
    }


def _veto(veto: Veto, lang: str) -> dict[str, Any]:
    names = ("id", "fired", "unknown", "indicator", "value", "factor", "factor_cap", "total_cap")
    data = {name: to_plain(getattr(veto, name)) for name in names}
    return {**data, "rule": say(Message(f"score.veto.{veto.id}", {}), lang)}


def _caveat(caveat: Caveat, lang: str) -> dict[str, Any]:
    text = spoken(caveat.message, lang)
    return {**caveat.to_dict(), "message": text, "message_said": _said(caveat.message)}


def _matrix(card: Card) -> list[dict[str, Any]]:
    from crm_eval_lib.scorecard.steps import matrix

    table = matrix(card).table
    return [] if table is None else _records(table)


def _provenance(card: Card, given: Mapping[str, Any]) -> dict[str, Any]:
    from crm_eval_lib import __version__

    parameters = option(card.client, "config", "parameters", default={})
    packages = {name: version(name) for name in PACKAGES}
    return {
        "fingerprint": given.get("fingerprint"),
        "inputs": [to_plain(item) for item in option(card.client, "inputs", default=())],
        "parameters": {**to_plain(parameters), "score": dict(card.options)},
        "versions": {"crm_eval": __version__, "python": platform.python_version(), **packages},
        "protocol": given.get("protocol"),
        "generated_at": given.get("generated_at"),
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {name: None if pd.isna(value) else to_plain(value) for name, value in row.items()}
        for row in table.to_dict("records")
    ]


def _spoken_table(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Put words in the place of messages."""
    said = table.copy()
    for name in said.columns:
        if said[name].dtype == object and any(isinstance(v, Message) for v in said[name]):
            said[name] = [spoken(v, lang) if isinstance(v, Message) else v for v in said[name]]
    return said
