"""The verdict under the settings of a protocol: scored again, measured again where need be."""

import copy
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from inspect import signature
from typing import Any

import pandas as pd

from crm_eval_lib.protocol.settings import DESIGN_TABLES, FIXED_DATES
from crm_eval_lib.results import FactorResult
from crm_eval_lib.scorecard.card import Card, score
from crm_eval_lib.scorecard.published import STANDARD_PARTS
from crm_eval_lib.scoring import option

# Which factors a part changes before anything is scored; parts not named here only score.
MEASURES = {
    "blackout": STANDARD_PARTS,
    "dates": STANDARD_PARTS,
    "measuring": STANDARD_PARTS,
    "parameters": STANDARD_PARTS,
    "processes": ("efficiency",),
    "controls": ("controls",),
    "departments": ("problems",),
    "survey_items": ("problems",),
}
# What was read or computed with these cannot be had again from the tables of this run.
NOT_AGAIN = ("reading", "notebooks", "method")
_SECTIONS = ("calendar", "periods", "efficiency", "complaints", "price")


def verdict_under(
    settings: Mapping[str, Any],
    card: Card,
    results: Mapping[str, FactorResult],
    *,
    changed: Iterable[str],
) -> Card:
    """Score the client again by the settings of a protocol.

    Parameters
    ----------
    settings : mapping
        From a record of protocol.json.
    card : Card
        The present verdict, with its client.
    results : mapping of str to FactorResult
        What the factors published.
    changed : iterable of str
        Parts that differ; factors that one of them measures are computed again, but for those
        the client's own notebook computes.
    """
    changed = set(changed)
    client = client_under(settings, card.client, changed)
    own = {name.partition("_")[2] for name in settings.get("notebooks") or {}}
    own |= {path.stem.partition("_")[2] for path in _own(card.client)}
    again = {name for part in changed for name in MEASURES.get(part, ())} & set(results) - own
    knobs = settings.get("parameters") or {}
    measured = {name: _assessed(name, client, knobs) for name in STANDARD_PARTS if name in again}
    return score({**results, **measured}, client=client, **card.options)


def client_under(settings: Mapping[str, Any], client: Any, changed: Iterable[str] = ()) -> Any:
    """Return a copy of a client with the settings of a protocol in the place of its own."""
    changed = set(changed)
    twin = copy.copy(client)
    twin.config = _config_under(settings, client.config)
    if changed & {"dates", "blackout"}:
        twin.dates = type(client.dates).of(twin.config.dates)
    tables = [name for name in DESIGN_TABLES if name in changed and settings.get(name) is not None]
    if tables:
        twin.tables = _Overlaid(client.tables, {name: settings[name] for name in tables})
    return twin


def _config_under(settings: Mapping[str, Any], config: Any) -> Any:
    """Put the settled values over client.yml; the scoring is complete, so no default is left."""
    changes = {
        "weights": _only(settings["weights"]["factor_weights"], option(config, "weights")),
        "bands": settings["bands"],
        "not_applicable": settings["not_applicable"],
        "scoring": {
            "anchors": settings["anchors"],
            "indicator_weights": _only(
                settings["weights"]["indicator_weights"],
                option(config, "scoring", "indicator_weights"),
            ),
            "veto": dict.fromkeys(settings["vetoes"]["off"], False),
            "weight_spread": settings["weights"]["weight_spread"],
        },
    }
    if not hasattr(config, "model_dump"):
        return {**config, **changes}
    plain = config.model_dump(mode="json", by_alias=True)
    plain |= {name: settings["measuring"][name] for name in _SECTIONS}
    plain["dates"] |= {
        name: settings["dates"][name] or plain["dates"][name] for name in FIXED_DATES
    }
    plain["dates"]["blackout"] = settings["blackout"]
    return type(config).model_validate(plain).model_copy(update=changes)


def _only(settled: Mapping[str, float], present: Any) -> dict[str, float]:
    """What joined since then carries no weight."""
    return {**dict.fromkeys(present or {}, 0.0), **settled}


def _assessed(factor: str, client: Any, knobs: Mapping[str, Mapping[str, Any]]) -> FactorResult:
    """Run a factor's list of steps with the knobs of its notebook."""
    assess = import_module(f"crm_eval_lib.{factor}").assess
    given = next((v for name, v in knobs.items() if name.partition("_")[2] == factor), {})
    known = signature(assess).parameters
    return assess(client, **{name: value for name, value in given.items() if name in known})


def _own(client: Any) -> list[Any]:
    folder = option(client, "folder")
    return sorted((folder / "notebooks").glob("*.ipynb")) if folder else []


class _Overlaid(Mapping[str, pd.DataFrame]):
    """A client's tables, the settled columns of some of them as they were fixed."""

    def __init__(self, tables: Any, settled: Mapping[str, Mapping[str, Any]]) -> None:
        self._tables, self._settled = tables, settled

    def __getitem__(self, name: str) -> pd.DataFrame | None:
        table = self._tables[name]
        settled = self._settled.get(name)
        return table if table is None or settled is None else overlaid(table, name, settled)

    def __getattr__(self, name: str) -> pd.DataFrame | None:
        if name.startswith("_"):
            raise AttributeError(name)
        getattr(self._tables, name)  # an unknown name gets its own message
        return self[name]

    def lean(self, name: str, *_: Any, **__: Any) -> pd.DataFrame | None:
        """Return a table whole: its settled columns have to be put in."""
        return self[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def overlaid(table: pd.DataFrame, name: str, settled: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table with the rows and the settled columns of a protocol.

    Rows that joined later are left out; rows that were taken away come back with what was settled
    and nothing else known of them.

    Examples
    --------
    >>> now = pd.DataFrame({"department": ["A", "B"], "affected": ["no", "yes"]})
    >>> overlaid(now, "departments", {"A": {"affected": "yes"}}).values.tolist()
    [['A', 'yes']]
    """
    key, *columns = DESIGN_TABLES[name]
    rows = table.set_index(table[key].astype(str)).reindex(list(settled))
    rows[key] = list(settled)
    for column in columns:
        if column not in table and all(row.get(column) is None for row in settled.values()):
            continue
        values = pd.Series([settled[id].get(column) for id in settled], index=rows.index)
        kind = table[column].dtype if column in table else None
        rows[column] = values.astype(float) if kind is not None and kind.kind == "f" else values
    return rows.reset_index(drop=True)
