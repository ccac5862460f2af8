"""The numbers of the score, read once from ``scoring.toml``.

>>> numbers()["indicators"]["cost.deviation_original"]["weight"]
35
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def numbers() -> Mapping[str, Any]:
    """Return everything that ``scoring.toml`` says; treat it as read-only."""
    text = (files("crm_eval_lib") / "scoring.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def threshold(name: str) -> float:
    """Return one number of the section ``thresholds``."""
    return float(numbers()["thresholds"][name])


def option(source: Any, *path: str, default: Any = None) -> Any:
    """Return a value out of nested mappings or objects; the default where a part is missing.

    >>> option({"scoring": {"weight_spread": 0.1}}, "scoring", "weight_spread")
    0.1
    """
    for name in path:
        found = source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)
        if found is None:
            return default
        source = found
    return source
