"""Synthetic demo clients from seeded generators, with the truth that was planted in them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd

from crm_eval_lib.config.fields import CLIENT_ID
from crm_eval_lib.errors import UsageError, nearest
from crm_eval_lib.simulate.chinese import in_chinese
from crm_eval_lib.simulate.controls import control_tables
from crm_eval_lib.simulate.cost import cost_tables
from crm_eval_lib.simulate.efficiency import efficiency_tables
from crm_eval_lib.simulate.frame import client_yml, commentary, control_totals, extra_tables
from crm_eval_lib.simulate.problems import problem_tables
from crm_eval_lib.simulate.scenario import DEMOS, Scenario
from crm_eval_lib.simulate.thin import thin_tables

TRUTH = "truth.json"

__all__ = ["DEMOS", "Scenario", "make_tables", "planted_rates", "write_client",
           "write_folder"]  # fmt: skip


def make_tables(scenario: Scenario) -> dict[str, pd.DataFrame]:
    """Make all tables of a scenario; the same seed gives the same tables.

    Each factor draws from its own stream, so that a change in one leaves the others as they are.
    """
    if scenario.thin:
        tables = thin_tables(scenario, np.random.default_rng([scenario.seed, 0]))
        tables |= extra_tables(scenario)
        return in_chinese(tables) if scenario.language == "zh-Hans" else tables
    streams = [np.random.default_rng([scenario.seed, number]) for number in range(4)]
    makers = (cost_tables, problem_tables, efficiency_tables, control_tables)
    tables: dict[str, pd.DataFrame] = {}
    for maker, stream in zip(makers, streams, strict=True):
        tables |= maker(scenario, stream)
    tables |= extra_tables(scenario) | control_totals(scenario, tables)
    return in_chinese(tables) if scenario.language == "zh-Hans" else tables


def write_client(
    demo: str, clients_dir: str | Path, *, seed: int | None = None, client_id: str | None = None
) -> Path:
    """Write one demo client's folder: client.yml, tables as CSV, truth.json.

    Parameters
    ----------
    demo : str
        Which scenario: a name in `DEMOS`.
    seed, client_id : optional
        Another seed under another name makes a new client of the same kind.

    Raises
    ------
    UsageError
        No such demo, no such name for a folder, or a folder that a consultant filled.
    """
    if demo not in DEMOS:
        raise UsageError(f"No demo client {demo!r}: {nearest(demo, DEMOS)}")
    scenario = DEMOS[demo]
    if seed is not None:
        scenario = replace(scenario, seed=seed)
    if client_id:
        scenario = replace(scenario, client=client_id)
    folder = _own_folder(Path(clients_dir), scenario.client)
    write_folder(folder, scenario, make_tables(scenario))
    (folder / "commentary.md").write_text(commentary(scenario), encoding="utf-8", newline="\n")
    truth = asdict(scenario) | planted_rates(scenario)
    text = json.dumps(truth, ensure_ascii=False, indent=1) + "\n"
    (folder / TRUTH).write_text(text, encoding="utf-8", newline="\n")
    return folder


def write_folder(folder: Path, scenario: Scenario, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write client.yml and tables as CSV, whatever tables they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        _write_csv(table, folder / f"{name}.csv")
    (folder / "client.yml").write_text(client_yml(scenario), encoding="utf-8", newline="\n")


def planted_rates(scenario: Scenario) -> dict[str, float]:
    """Return the rates that follow from the plant: honest ones, and those a pruned register shows.

    >>> planted_rates(DEMOS["demo-troubled"])["honest_claimed_rate"]  # 46 of 58
    0.7931
    """
    solved = round(scenario.problems * scenario.solved_share)
    proven = round(solved * scenario.evidence_share)
    kept = scenario.problems - scenario.vanished
    rates = {"honest_claimed_rate": solved / scenario.problems,
             "honest_solved_rate": proven / scenario.problems,
             "pruned_claimed_rate": solved / kept, "pruned_solved_rate": proven / kept}  # fmt: skip
    return {name: round(rate, 4) for name, rate in rates.items()}


def _own_folder(clients_dir: Path, client_id: str) -> Path:
    """Return the folder to write to: a plain name below the clients, and no one else's work."""
    if not CLIENT_ID.fullmatch(client_id):
        raise UsageError(
            f"{client_id!r} cannot be a client's id: small letters, digits, _ and - only, at most "
            "63, beginning with a letter or digit."
        )
    folder = clients_dir / client_id
    if folder.exists() and not (folder / TRUTH).is_file():
        raise UsageError(
            f"{folder} exists already and holds no {TRUTH}, so it is no simulated client; nothing "
            "was changed. Choose another name with --as."
        )
    return folder


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write dates as days and moments to the minute; whole numbers without a point."""
    plain = table.copy()
    for column in plain:
        values = plain[column]
        if pd.api.types.is_datetime64_any_dtype(values.dtype):
            days = bool((values.dropna() == values.dropna().dt.normalize()).all())
            plain[column] = values.dt.strftime("%Y-%m-%d" if days else "%Y-%m-%d %H:%M")
        elif pd.api.types.is_float_dtype(values.dtype):
            plain[column] = values.map(_number_text)
    plain.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def _number_text(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.4f}".rstrip("0").rstrip(".")
