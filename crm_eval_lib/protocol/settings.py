"""What a protocol settles: every choice that could be made after the outcomes are known.

Nothing here reads an outcome: the settings come from client.yml, from the numbers of the method,
from the code of the client's own notebooks, and from the columns of four tables that say what is
to be judged (which processes, control points, departments and questions), not how it turned out.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from crm_eval_lib.results import to_plain
from crm_eval_lib.scorecard.rules import Rules, rules_for
from crm_eval_lib.scoring import numbers, option
from crm_eval_lib.view import plain_value

# The columns of a table that say what is judged and how strictly; the first is its key.
DESIGN_TABLES = {
    "processes": ("process", "importance", "difficulty", "repetitive", "annual_volume",
                  "hourly_cost", "sla_hours", "in_crm", "touch_activities", "start_activity",
                  "end_activities"),
    "controls": ("control_id", "process", "required_mode", "critical", "likelihood", "impact",
                 "log_check", "tolerable_rate", "expected_rate"),
    "departments": ("department", "affected"),
    "survey_items": ("item_id", "low", "high", "higher_is_better"),
}  # fmt: skip
# Plans and rules, no outcomes: that they lay there tells nothing of what was found.
NORM_TABLES = ("budget", "plan", "price_rules", "approval_limits", "conflicts", "targets")
MEASURING = ("calendar", "periods", "efficiency", "complaints", "price")
READING = ("timezone", "currency", "sources")
FIXED_DATES = ("project_start", "planned_go_live", "go_live")
METHOD = ("thresholds", "credit", "uncertainty", "tests", "scales", "evidence", "tables")


def settings_of(client: Any, design: Mapping[str, pd.DataFrame | None]) -> dict[str, Any]:
    """Gather everything a protocol settles, as plain JSON types by part.

    Parameters
    ----------
    client : Client
        Its ``config`` and ``folder`` are used, not its tables.
    design : mapping of str to DataFrame or None
        The tables of `DESIGN_TABLES` that could be had; of each only the named columns are taken.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> client = SimpleNamespace(config={"weights": {"cost": 40}}, folder=None)
    >>> settings_of(client, {})["weights"]["factor_weights"]["cost"]
    40.0
    """
    config = _plain(option(client, "config", default={}))
    rules = rules_for(option(client, "config"))
    parts = {
        **_scoring(rules),
        "not_applicable": config.get("not_applicable") or {},
        "key_indicators": key_indicators(rules, config.get("not_applicable") or {}),
        "blackout": _blackout(config),
        "dates": {name: (config.get("dates") or {}).get(name) for name in FIXED_DATES},
        "measuring": {name: config.get(name) for name in MEASURING},
        "reading": {name: config.get(name) for name in READING},
        "finance": config.get("finance"),
        "parameters": config.get("parameters") or {},
        "notebooks": own_notebooks(option(client, "folder")),
        "method": {name: numbers()[name] for name in METHOD},
        **{name: design_rows(table, name) for name, table in design.items()},
    }
    return json.loads(json.dumps(parts, ensure_ascii=False))


def key_indicators(rules: Rules, waived: Iterable[str]) -> list[str]:
    """Name the indicators that carry weight in the verdict, without their keys."""
    return sorted(
        name
        for factor, share in rules.shares.items()
        if share > 0
        for name in rules.scored_ids(factor)
        if rules.indicator_weights[name] > 0 and name not in set(waived)
    )


def design_rows(table: pd.DataFrame | None, name: str) -> dict[str, dict[str, Any]] | None:
    """Return the settled columns of a table by its key; None without the table or any row of it.

    >>> design_rows(pd.DataFrame({"department": ["Sales"], "affected": ["yes"]}), "departments")
    {'Sales': {'affected': 'yes'}}
    """
    if table is None or table.empty:
        return None
    key, *columns = DESIGN_TABLES[name]
    return {
        str(row[key]): {column: plain_value(row.get(column)) for column in columns}
        for row in table.to_dict("records")
    }


def own_notebooks(folder: Path | None) -> dict[str, str]:
    """Return the SHA-256 of the code of each of the client's own notebooks."""
    paths = sorted((folder / "notebooks").glob("*.ipynb")) if folder else []
    return {path.stem: sha256(_code(path)).hexdigest() for path in paths}


def _code(path: Path) -> bytes:
    """Return what a notebook computes; prose and outputs may change without consequence."""
    content = path.read_bytes()
    try:
        cells = json.loads(content)["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, LookupError, TypeError):
        return content  # no notebook: any change counts
    return "\n".join(code).encode("utf-8", "replace")


def _scoring(rules: Rules) -> dict[str, Any]:
    known = rules.to_dict()
    weights = ("factor_weights", "indicator_weights", "weight_spread")
    return {
        "weights": {name: known[name] for name in weights},
        "anchors": known["anchors"],
        "bands": known["bands"],
        "vetoes": {"off": known["vetoes_off"], "rules": numbers()["vetoes"]},
    }


def _blackout(config: Mapping[str, Any]) -> list[str] | None:
    days = (config.get("dates") or {}).get("blackout")
    return None if not days else [str(to_plain(day))[:10] for day in days]


def _plain(config: Any) -> dict[str, Any]:
    """Return a configuration as plain JSON types, its keys as they are written in the file."""
    if hasattr(config, "model_dump"):
        return config.model_dump(mode="json", by_alias=True)
    return to_plain(dict(config) if isinstance(config, Mapping) else vars(config))
