"""Processes by factor: in which business results were achieved."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from crm_eval_lib.report.notebook import Notebook
from crm_eval_lib.report.scores import score_text, word_of
from crm_eval_lib.report.trace import numbered, ref
from crm_eval_lib.text import process_name, word

MATRIX_ROWS = 6  # processes on the sheet; the scorecard has them all
STATE_SUFFIX = "_state"
_PATH = ""  # under which a row keeps its own reference


@dataclass(frozen=True, slots=True)
class Matrix:
    """Processes by factor: (mark, word, score) in each cell."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, str, Markup | str], ...]], ...]
    more: int = 0  # processes the sheet has no room for


def step_named(notebook: Notebook | None, name: str) -> Mapping[str, Any] | None:
    """Return the first step of a notebook whose name ends so (``matrix``)."""
    steps = notebook.outputs("step") if notebook else ()
    return next((s for _, s in steps if str(s.get("name", "")).endswith(f".{name}")), None)


def matrix_of(
    results: Mapping[str, Any], notebook: Notebook | None, bands: Mapping[str, float], lang: str
) -> Matrix | None:
    """Return the weakest processes with mark, band word and score; None without any."""
    rows = results.get("matrix")
    if not isinstance(rows, list):
        table = (step_named(notebook, "matrix") or {}).get("table") or {}
        rows = [dict(zip(table["columns"], row, strict=False)) for row in table.get("rows", ())]
    placed = [
        {**row, _PATH: ref("matrix", place)}
        for place, row in enumerate(rows)
        if isinstance(row, Mapping) and row.get("process") is not None
    ]
    more = max(len(placed) - MATRIX_ROWS, 0)
    rows = sorted(placed, key=_weakest)[:MATRIX_ROWS]
    if not rows:
        return None
    factors = [k.removesuffix(STATE_SUFFIX) for k in rows[0] if k.endswith(STATE_SUFFIX)]
    cells = tuple(
        (process_name(str(row["process"]), lang),
         tuple(_matrix_cell(row, name, bands, lang) for name in factors))
        for row in rows
    )  # fmt: skip
    heads = tuple(word(f"core.factor.{name}", lang) for name in factors)
    return Matrix((word("report.summary.process", lang), *heads), cells, more)


def _weakest(row: Mapping[str, Any]) -> float:
    scores = [row.get(k.removesuffix(STATE_SUFFIX)) for k in row if k.endswith(STATE_SUFFIX)]
    return min((score for score in scores if score is not None), default=math.inf)


def _matrix_cell(
    row: Mapping[str, Any], factor: str, bands: Mapping[str, float], lang: str
) -> tuple[str, str, Markup | str]:
    mark = str(row.get(f"{factor}{STATE_SUFFIX}") or "not_assessed")
    score = row.get(factor)
    if score is None:
        return mark, word(f"report.mark.{mark}", lang), ""
    text = numbered(score_text(score, bands, lang), f"{row[_PATH]}/{ref(factor)}")
    return mark, word_of(score, bands, lang), text
