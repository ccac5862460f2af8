"""How steps and factor results show themselves: plain text, HTML and a language-free payload."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from crm_eval_lib.evidence import default_grades, weakest
from crm_eval_lib.results import (
    PLAIN_TYPES,
    VALUED_STATES,
    FactorResult,
    Indicator,
    Message,
    Step,
    to_plain,
)
from crm_eval_lib.text import current_language, indicator_label, word
from crm_eval_lib.text.cells import (
    column_spec,
    heading,
    printed_cell,
    printed_interval,
    printed_value,
    words,
)
from crm_eval_lib.text.safe import shown

STEP_MIME = "application/vnd.crm-eval.step+json"
FACTOR_MIME = "application/vnd.crm-eval.factor+json"
PUBLISHED_ROWS = 50  # rows of a table that travel with a notebook and a page
NOTEBOOK_ROWS = 10  # rows shown below a step in a notebook
_CSS = (
    # The class stands twice, so that JupyterLab's own rules for cells come second.
    "<style>.crm-eval{max-width:60em}.crm-eval table{border-collapse:collapse;margin:.5em 0}"
    ".crm-eval.crm-eval th,.crm-eval.crm-eval td{text-align:left;padding:.25em .8em;"
    "border-bottom:1px solid #8884;unicode-bidi:isolate;overflow-wrap:break-word;max-width:30em}"
    ".crm-eval.crm-eval .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    ".crm-eval.crm-eval .k{white-space:nowrap}"
    ".crm-eval p{margin:.4em 0}</style>"
)


def step_bundle(step: Step) -> dict[str, Any]:
    """Return the notebook output of a step: payload, HTML and plain text."""
    lang, payload = current_language(), step_payload(step)
    rows = _rows(step.indicators, lang)
    return {
        STEP_MIME: payload,
        "text/html": _step_html(step, payload["table"], rows, lang),
        "text/plain": _plain(step, rows, lang),
    }


def factor_bundle(result: FactorResult) -> dict[str, Any]:
    """Return the notebook output of a factor result: payload, HTML and plain text."""
    lang = current_language()
    rows = _rows(result.indicators, lang)
    body = _heading(_factor_name(result.factor, lang)) + _indicator_table(rows, lang)
    return {
        FACTOR_MIME: result.to_dict(),
        "text/html": wrapped(body),
        "text/plain": _plain(result, rows, lang),
    }


def indicator_html(indicator: Indicator) -> str:
    """Return an indicator as HTML: value, interval, state and grade of evidence."""
    lang = current_language()
    return wrapped(_indicator_table(_rows([indicator], lang), lang))


def indicator_line(indicator: Indicator) -> str:
    """Return an indicator as one line of text, its id first.

    >>> from crm_eval_lib.results import measured
    >>> indicator_line(measured("cost.cpi", 0.89, "index", n=12, tables=("budget",)))
    'cost.cpi: 0.89  n=12  measured  (B)'
    """
    _, *texts = _texts(indicator, current_language())
    return "  ".join([f"{indicator.id}: {texts[0]}", *filter(None, texts[1:])])


def plain(result: Step | FactorResult) -> str:
    """Return a result as lines of text: the sentence, then one line per indicator."""
    lang = current_language()
    return _plain(result, _rows(result.indicators, lang), lang)


def _plain(result: Step | FactorResult, rows: Iterable[Sequence[str]], lang: str) -> str:
    sentence = words(getattr(result, "sentence", None), lang)
    title = result.name if isinstance(result, Step) else _factor_name(result.factor, lang)
    lines = ["  ".join(part for part in row if part) for row in rows]
    return "\n".join([sentence or title, *lines])


def step_payload(step: Step) -> dict[str, Any]:
    """Return a step as plain JSON types, without a language: messages as key and slots."""
    return {
        "name": step.name,
        "indicators": [indicator.to_dict() for indicator in step.indicators],
        "table": payload_of_table(step.table, step),
        "sentence": _message(step.sentence),
        "headline": _message(step.headline),
        "subtitle": _message(step.subtitle),
        "findings": [finding.to_dict() for finding in step.findings],
        "caveats": [caveat.to_dict() for caveat in step.caveats],
        "tables": {name: payload_of_table(table, step) for name, table in step.tables.items()},
    }


def payload_of_table(
    table: pd.DataFrame | None, step: Step | None = None, *, rows: int = PUBLISHED_ROWS
) -> dict[str, Any]:
    """Return the first rows of a table as plain JSON types.

    >>> payload_of_table(pd.DataFrame({"n": [1, 2]}))["rows"]
    [[1], [2]]
    """
    area, currency = _area_and_currency(step)
    if table is None:
        return {"columns": [], "rows": [], "total": 0, "area": area, "currency": currency}
    named = table.reset_index() if any(name is not None for name in table.index.names) else table
    first = named if len(named) <= rows else named.head(rows)  # to copy all is no use
    cells = first.to_numpy(dtype=object).tolist()
    return {
        "columns": [str(name) for name in named.columns],
        "rows": [[plain_value(value) for value in row] for row in cells if row],
        "total": len(named),
        "area": area,
        "currency": currency,
    }


def plain_value(value: Any) -> Any:
    """Turn one cell into a plain JSON value; missing is None, a midnight is its date."""
    if type(value) is float or type(value) in PLAIN_TYPES:  # as most are
        return to_plain(value)
    if isinstance(value, Message):
        return value.to_dict()
    if isinstance(value, Mapping | list | tuple | set):
        return to_plain(value)
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return None
    if isinstance(value, pd.Timestamp):
        midnight = value.tz is None and value == value.normalize()
        return value.date().isoformat() if midnight else value.isoformat()
    value = to_plain(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _area_and_currency(step: Step | None) -> tuple[str | None, str | None]:
    if step is None:
        return None, None
    currencies = (i.currency for i in step.indicators if i.currency)
    return step.name.partition(".")[0], next(currencies, None)


def _message(message: Message | None) -> dict[str, Any] | None:
    return None if message is None else message.to_dict()


def _factor_name(factor: str, lang: str) -> str:
    return word(f"core.factor.{factor}", lang)


def _rows(indicators: Iterable[Indicator], lang: str) -> list[tuple[str, ...]]:
    """Return what is printed of each indicator; page and plain text show the same."""
    return [_texts(indicator, lang) for indicator in indicators]


def _texts(indicator: Indicator, lang: str) -> tuple[str, ...]:
    data = indicator.to_dict()
    return (
        shown(indicator_label(indicator.id, lang)),
        printed_value(data, lang),
        printed_interval(data, lang),
        "" if indicator.n is None else f"n={indicator.n}",
        word(f"core.state.{indicator.state}", lang),
        _grade(indicator),
        words(indicator.reason, lang),
    )


def _grade(indicator: Indicator) -> str:
    """Return the grade of evidence; in brackets that of the tables' origin, until it is scored."""
    if indicator.grade is not None or indicator.state not in VALUED_STATES:
        return indicator.grade or ""
    known = default_grades()
    found = [known[name] for name in indicator.tables if name in known]
    return f"({weakest(found)})" if found else ""


def _step_html(
    step: Step, table: Mapping[str, Any], rows: Sequence[Sequence[str]], lang: str
) -> str:
    parts = [_heading(words(step.sentence, lang) or _step_title(step, lang))]
    parts.append(_indicator_table(rows, lang))
    if step.table is not None and not step.table.empty:
        parts.append(table_html(table, lang, rows=NOTEBOOK_ROWS))
    parts += [f"<p>{escape(words(caveat.message, lang))}</p>" for caveat in step.caveats]
    if not step.sentence and not any(parts[1:]):  # else a bare name would stand there
        parts.append(f"<p>{escape(word('report.table.nothing', lang))}</p>")
    return wrapped("".join(parts))


def _step_title(step: Step, lang: str) -> str:
    """Return what a step without a sentence is about: its table's name, else its first indicator's.

    >>> from crm_eval_lib.results import missing_table, not_assessed
    >>> _step_title(Step("cost.bridge", (not_assessed("cost.cpi", "index", missing_table("b")),)),
    ...             "en")
    'Cost performance (CPI)'
    """
    area, _, rest = step.name.partition(".")
    named = words(step.headline, lang) or word(f"{area}.table.{rest}", lang, "")
    first = next((indicator_label(item.base_id, lang) for item in step.indicators), "")
    return named or first or step.name


def _indicator_table(rows: Sequence[Sequence[str]], lang: str) -> str:
    if not rows:
        return ""
    names = ("indicator", "value", "interval", "n", "state", "grade", "reason")
    heads = [word(f"report.table.{name}", lang) for name in names]
    table = _html_table(heads, rows, numeric={1, 2, 3}, unbroken={4, 5})
    by_origin = any(row[names.index("grade")].startswith("(") for row in rows)
    note = escape(word("report.table.grade_by_origin", lang)) if by_origin else ""
    return table + (f"<p><small>{note}</small></p>" if note else "")


def table_html(payload: Mapping[str, Any], lang: str, *, rows: int = PUBLISHED_ROWS) -> str:
    """Return a published table as escaped HTML, its first rows only."""
    shown_rows = payload["rows"][:rows]
    columns, currency = payload["columns"], payload.get("currency")
    area = payload.get("area")
    values = [[row[i] for row in shown_rows] for i in range(len(columns))]
    specs = [
        column_spec(name, column, currency, area)
        for name, column in zip(columns, values, strict=False)
    ]
    heads = [
        heading(n, lang, area, currency if s else None) for n, s in zip(columns, specs, strict=True)
    ]
    cells = [
        [printed_cell(v, n, s, lang) for v, n, s in zip(row, columns, specs, strict=False)]
        for row in shown_rows
    ]
    numeric = {i for i, spec in enumerate(specs) if spec}
    return _html_table(heads, cells, numeric=numeric)


def _html_table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numeric: set[int],
    unbroken: Iterable[int] = (),
) -> str:
    """Return a table; `numeric` columns stand right, `unbroken` ones are words of a closed list."""
    kind_of = {place: ' class="n"' for place in numeric} | dict.fromkeys(unbroken, ' class="k"')

    def cells(tag: str, texts: Sequence[str]) -> str:
        kinds = (kind_of.get(place, "") for place in range(len(texts)))
        pairs = zip(kinds, texts, strict=True)
        return "".join(f"<{tag}{kind}>{escape(text)}</{tag}>" for kind, text in pairs)

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><thead><tr>{cells('th', heads)}</tr></thead><tbody>{body}</tbody></table>"


def _heading(text: str) -> str:
    return f"<p><strong>{escape(text)}</strong></p>"


def wrapped(body: str) -> str:
    """Put a result's HTML into its frame with its styles."""
    return f'{_CSS}<div class="crm-eval">{body}</div>'
