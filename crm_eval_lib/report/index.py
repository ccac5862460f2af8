"""The portfolio page: every client on one line, the weakest first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from crm_eval_lib.report.assets import finished, template
from crm_eval_lib.report.page import tools
from crm_eval_lib.report.scores import ScoreView, band_word, score_view
from crm_eval_lib.report.trace import ref
from crm_eval_lib.results import Message
from crm_eval_lib.scoring import numbers
from crm_eval_lib.spread import Spread, spreads
from crm_eval_lib.text import say, word
from crm_eval_lib.text.formats import DASH, format_value
from crm_eval_lib.text.safe import shortened, shown

LEAST_SPREAD = 2  # scores; one alone has no quartiles
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
    ref: str = ""


def render_index(
    rows: Iterable[Mapping[str, Any]],
    lang: str,
    *,
    failures: Mapping[str, str] | None = None,
    cache_dir: Path | None = None,
) -> str:
    """Build ``reports/index.html``.

    Parameters
    ----------
    rows : iterable of mapping
        One per report, as `crm_eval_lib.portfolio.portfolio_rows` returns them.
    lang : str
        ``en`` or ``zh-Hans``.
    failures : mapping of str to str, optional
        Folder name of each client whose last run failed, to what went wrong; such a client keeps
        the line of its last good report.
    """
    items, failed = list(rows), dict(failures or {})
    heads = _heads(items, lang)
    lines = [_line(row, heads, lang, failed.pop(_folder(row), None)) for row in items]
    lines.sort(key=_order)
    lines += [_without_report(name, text, heads, lang) for name, text in sorted(failed.items())]
    spread = spreads(items, [head.id for head in heads])
    page = template("index.html").render(
        **tools(lang),
        rows=lines,
        factors=heads,
        medians=[_median(item, lang) for item in spread],
        quartiles=[_quartiles(item, lang) for item in spread],
    )
    return finished(page, lang, cache_dir)


def _median(spread: Spread, lang: str) -> str:
    return format_value(spread.median, "score", lang=lang)


def _quartiles(spread: Spread, lang: str) -> str:
    if spread.n < LEAST_SPREAD:
        return DASH
    return say(Message("report.index.between", {"low": spread.low, "high": spread.high}), lang)


def _order(line: IndexRow) -> tuple[bool, float, str]:
    """Put the weakest first; what nobody could score is not weak and comes after."""
    return line.sort == "", float(line.sort or 0), line.name


def _heads(rows: Iterable[Mapping[str, Any]], lang: str) -> tuple[FactorHead, ...]:
    found = dict.fromkeys(numbers()["factor_weights"])
    for row in rows:
        found |= dict.fromkeys(row["factors"])
    return tuple(FactorHead(id, word(f"core.factor.{id}", lang)) for id in found)


def _folder(row: Mapping[str, Any]) -> str:
    return str(row.get("folder") or row["client"])


def _line(
    row: Mapping[str, Any], heads: tuple[FactorHead, ...], lang: str, failure: str | None
) -> IndexRow:
    bands = row["scoring"]["bands"] if row.get("scoring") else numbers()["bands"]
    path = ref(_folder(row), "results.json")
    bounds = {"bounds": (row["worst"], row["best"])}
    score = score_view({**row, **bounds}, bands, lang, path=f"{path}/overall")
    day = str(row.get("status_date") or "")[:10]
    kept = [] if failure is None else [say(Message("report.index.kept", {"day": day}), lang)]
    if not row.get("comparable", True):
        kept.append(word("report.index.incomparable", lang))
        if row.get("common_weights_score") is not None:
            slots = {"score": row["common_weights_score"]}
            kept.append(say(Message("report.index.common", slots), lang))
    return IndexRow(
        name=str(row.get("name") or row["client"]),
        href=f"{quote(_folder(row))}/report.html",
        score=score,
        sort="" if row.get("score") is None else f"{row['score']:g}",
        band=_band(row, lang),
        factors=tuple(score_view(row["factors"].get(head.id), bands, lang) for head in heads),
        status_date=day,
        state=word(f"report.index.{'done' if failure is None else 'failed'}", lang),
        kept=" ".join(kept),
        message=_message(failure),
        ref=path,
    )


def _band(row: Mapping[str, Any], lang: str) -> str:
    if row.get("score") is None:
        return word("report.index.no_total", lang)
    return band_word(row.get("band"), lang)


def _without_report(name: str, failure: str, heads: tuple[FactorHead, ...], lang: str) -> IndexRow:
    nothing = score_view(None, {}, lang)
    return IndexRow(
        name=name,
        href="",
        score=nothing,
        sort="",
        band="",
        factors=tuple(nothing for _ in heads),
        status_date="",
        state=word("report.index.failed", lang),
        kept=word("report.index.never", lang),
        message=_message(failure),
    )


def _message(failure: str | None) -> str:
    return shortened(shown(failure or "").strip(), _MESSAGE_COLUMNS)
