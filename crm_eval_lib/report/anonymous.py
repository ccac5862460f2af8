"""The portfolio that may leave the house: how clients spread, nobody named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_eval_lib.portfolio import FACTORS
from crm_eval_lib.report.assets import finished, template
from crm_eval_lib.report.page import tools
from crm_eval_lib.report.scores import MARKS, band_word
from crm_eval_lib.spread import (
    NO_SCORE,
    SMALL_CELL,
    TOTAL,
    band_counts,
    comparable,
    spreads,
    without_small_cells,
)
from crm_eval_lib.text import word
from crm_eval_lib.text.formats import format_value


@dataclass(frozen=True, slots=True)
class SpreadLine:
    """One factor: clients by band, then quartiles; what is hidden says so."""

    name: str
    counts: tuple[str, ...]
    quartiles: tuple[str, ...]


def render_anonymous(
    rows: Iterable[Mapping[str, Any]], lang: str, *, cache_dir: Path | None = None
) -> str:
    """Build the page from `crm_eval_lib.portfolio.portfolio_rows`.

    Only clients scored by the same rules count, and only the four factors that all clients have:
    a factor of a client's own would name it. Below `SMALL_CELL` clients nothing is shown.
    """
    compared = comparable(rows)
    enough = len(compared) >= SMALL_CELL
    heads = [(MARKS.get(band, "not_assessed"), _band(band, lang))
             for band in band_counts((), TOTAL)]  # fmt: skip
    page = template("anonymous.html").render(
        **tools(lang),
        n=len(compared),
        least=SMALL_CELL,
        heads=heads,
        lines=_lines(compared, lang) if enough else (),
    )
    return finished(page, lang, cache_dir)


def _lines(rows: list[Mapping[str, Any]], lang: str) -> list[SpreadLine]:
    hidden = word("report.index.hidden", lang)
    lines = []
    for spread in spreads(rows, FACTORS):
        counts = without_small_cells(band_counts(rows, spread.column)).values()
        values = (spread.low, spread.median, spread.high)
        told = [format_value(value, "score", lang=lang) for value in values]
        lines.append(
            SpreadLine(
                _name(spread.column, lang),
                tuple(hidden if n is None else format_value(n, "count", lang=lang) for n in counts),
                tuple(told if spread.n >= SMALL_CELL else [hidden] * len(told)),
            )
        )
    return lines


def _name(column: str, lang: str) -> str:
    total = column == TOTAL
    return word("report.index.total" if total else f"core.factor.{column}", lang)


def _band(band: str, lang: str) -> str:
    return word("report.index.no_score", lang) if band == NO_SCORE else band_word(band, lang)
