"""The portfolio page: every client on one line, the weakest first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from crm_eval_lib.report.assets import finished, template
from crm_eval_lib.report.page import tools
from crm_eval_lib.report.scores import ScoreView, band_word, score_view
from crm_eval_lib.results import Message
from crm_eval_lib.scoring import numbers
from crm_eval_lib.text import say, word
from crm_eval_lib.text.cells import words
from crm_eval_lib.text.safe import shortened

FAILED = "failed"
_MESSAGE_COLUMNS = 240  # of a failure's text; batch.json has it whole


@dataclass(frozen=True, slots=True)
class FactorHead:
    """One factor column."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One client's line."""

    name: str
    href: str
    score: ScoreView
    sort: str
    band: str
    factors: tuple[ScoreView, ...]
    status_date: str
    state: str
    kept: str
    message: str
    failed: bool


def render_index(
    rows: Iterable[Mapping[str, Any]], lang: str, *, cache_dir: Path | None = None
) -> str:
    """Build ``reports/index.html``.

    Parameters
    ----------
    rows : iterable of mapping
        Per client: ``client`` (folder below reports), ``name``, ``overall`` and ``factors`` as in
        results.json, ``bands``, ``status_date``, ``state`` (done or failed), ``message`` of a
        failure, ``report`` (False or None where no report stands).
    lang : str
        ``en`` or ``zh-Hans``.
    """
    items = list(rows)
    heads = _heads(items, lang)
    lines = sorted((_line(row, heads, lang) for row in items), key=_order)
    page = template("index.html").render(**tools(lang), rows=lines, factors=heads)
    return finished(page, lang, cache_dir)


def _order(line: IndexRow) -> tuple[bool, float, str]:
    """Put the weakest first; clients without a score after those with one."""
    return line.sort == "", float(line.sort or 0), line.name


def _heads(rows: Iterable[Mapping[str, Any]], lang: str) -> tuple[FactorHead, ...]:
    found = dict.fromkeys(numbers()["factor_weights"])
    for row in rows:
        found |= dict.fromkeys(str(entry["id"]) for entry in row.get("factors") or ())
    return tuple(FactorHead(id, word(f"core.factor.{id}", lang)) for id in found)


def _line(row: Mapping[str, Any], heads: tuple[FactorHead, ...], lang: str) -> IndexRow:
    overall = row.get("overall") or {}
    bands = row.get("bands") or numbers()["bands"]
    by_id = {entry["id"]: entry for entry in row.get("factors") or ()}
    score = score_view(overall, bands, lang)
    status_date = str(row.get("status_date") or "")[:10]
    failed, stands = row.get("state") == FAILED, bool(row.get("report", True)) and bool(by_id)
    state = "failed" if failed else "done" if stands else "never"
    kept = ""
    if failed and stands and status_date:
        kept = say(Message("report.index.kept", {"day": status_date}), lang)
    elif failed and not stands:
        kept = word("report.index.never", lang)
    return IndexRow(
        name=str(row.get("name") or row["client"]),
        href=f"{quote(str(row['client']))}/report.html" if stands else "",
        score=score,
        sort="" if score.value is None else f"{score.value:g}",
        band=band_word(overall.get("band"), lang) if score.value is not None else score.word,
        factors=tuple(score_view(by_id.get(head.id), bands, lang) for head in heads),
        status_date=status_date,
        state=word(f"report.index.{state}", lang),
        kept=kept,
        message=shortened(words(row.get("message"), lang), _MESSAGE_COLUMNS) if failed else "",
        failed=failed,
    )
