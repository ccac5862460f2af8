"""One figure as notebooks, the report and files show it: a drawing, its words and its table."""

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

import pandas as pd
from matplotlib import figure as drawing
from matplotlib.axes import Axes

from crm_eval_lib.charts.axes import PlainAxes
from crm_eval_lib.charts.bars import slim
from crm_eval_lib.charts.canvas import Layout, drawn_tight
from crm_eval_lib.charts.clean import tidy_svg
from crm_eval_lib.charts.style import HEIGHT_INCHES, WIDTH_INCHES, covered, style
from crm_eval_lib.charts.words import reasons_of, source_of
from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.results import Message, Step
from crm_eval_lib.text import current_language, current_titles, say
from crm_eval_lib.text.safe import shortened, shown
from crm_eval_lib.view import payload_of_table

MIME = "application/vnd.crm-eval.figure+json"
PAD_INCHES = 0.12  # a notebook shows a figure in the fonts of its reader, which may be wider
LABEL_COLUMNS = 44  # a client's text in a chart is cut at this width; the table has it whole
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")  # which the Latin font has whole
_GLYPH_WARNING = r"Glyph .* missing from"


@dataclass(frozen=True)
class Figure:
    """What `figure` returns; shows itself in a notebook.

    Parameters
    ----------
    id : str
        As printed: ``COST-01``.
    headline, subtitle, source, alt : str
        The finding; measure, scope, period and unit; where the data come from; the text
        alternative with the one number.
    svg : str or None
        The drawing; None when there is nothing to draw, `note` then says why.
    table : mapping
        The table behind the drawing: columns, the first rows, how many there are.
    said : mapping
        Headline, subtitle, alternative and note as messages without a language, so that a page
        can lead each of their numbers back to its value.
    """

    id: str
    headline: str
    subtitle: str
    source: str
    alt: str
    svg: str | None
    table: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    step: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        lines = [f"{self.id} {self.headline}", self.subtitle, self.note or self.alt]
        return "\n".join(line for line in lines if line.strip())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {MIME: self.payload(), "text/plain": repr(self)}
        if self.svg is None:
            bundle["text/html"] = f"<p><b>{escape(self.id)}</b> {escape(self.note)}</p>"
        else:
            bundle["image/svg+xml"] = self.svg
        return bundle

    def payload(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        names = ("id", "headline", "subtitle", "source", "alt", "svg", "note", "step")
        words = {"table": dict(self.table), "said": dict(self.said)}
        return {**{name: getattr(self, name) for name in names}, **words}


def figure(
    figure_id: str,
    plot: Callable[..., Axes],
    step: Step,
    *,
    lang: str | None = None,
    headline: Message | str | None = None,
    subtitle: Message | str | None = None,
    source: Message | str | None = None,
    alt: Message | str | None = None,
    size: tuple[float, float] = (WIDTH_INCHES, HEIGHT_INCHES),
    table: pd.DataFrame | str | None = None,
    note: Message | str | None = None,
) -> Figure:
    """Draw a step and put its words and its table beside the drawing.

    Parameters
    ----------
    figure_id : str
        Factor and number, ``COST-01``.
    plot : callable
        ``plot(step, *, ax, lang) -> Axes``.
    step : Step
        What is drawn; without a table there is a note with the reason instead of a drawing.
    lang : str, optional
        Default: the notebook's language.
    headline, subtitle, source, alt : Message or str, optional
        Default: the step's own words; the source names the step's tables.
    size : tuple of float
        Width and height in inches.
    table : DataFrame or str, optional
        The table behind the drawing, where it is not the step's own; a name means one of the
        step's further tables, and without that table nothing is drawn.
    note : Message or str, optional
        Why nothing is drawn. Default: the reasons of the step's indicators.

    Returns
    -------
    Figure
        Words, the drawing as SVG (None where there is nothing to draw), and the table behind it.

    Examples
    --------
    >>> from crm_eval_lib.charts import plot_gaps
    >>> figure("DATA-01", plot_gaps, Step("data_check.completeness")).svg is None
    True
    """
    lang = lang or current_language()
    behind = step.tables.get(table) if isinstance(table, str) else table
    behind = step.table if table is None else behind
    empty = behind is None or behind.empty
    words = {
        "headline": step.headline if headline is None else headline,
        "subtitle": step.subtitle if subtitle is None else subtitle,
        "alt": step.sentence if alt is None else alt,
        "note": note or reasons_of(step) if empty else None,
    }
    said = {name: _say(text, lang) for name, text in words.items()}
    return Figure(
        id=figure_id,
        headline=said["headline"],
        subtitle=said["subtitle"],
        source=_say(source, lang) if source is not None else source_of(step, lang),
        alt=said["alt"] or said["headline"],
        svg=None if empty else draw(plot, step, lang=lang, size=size, salt=figure_id),
        table=payload_of_table(None if empty else behind, step),
        note=said["note"],
        step=step.name,
        said={name: text.to_dict() for name, text in words.items() if isinstance(text, Message)},
    )


def draw(
    plot: Callable[..., Axes],
    step: Step,
    *,
    lang: str = "en",
    size: tuple[float, float] = (WIDTH_INCHES, HEIGHT_INCHES),
    salt: str = "figure",
) -> str:
    """Return the drawing as SVG, the same bytes for the same step.

    A character of ours that no chart font has is an error; a client's rare characters stay text,
    for the reader's fonts to draw.
    """
    with style(lang, salt=salt), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=_GLYPH_WARNING)  # checked below, by name
        root = canvas_of(plot, step, lang=lang, size=size)
        svg = drawn_tight(root, pad_inches=PAD_INCHES, metadata=_NO_METADATA)
    refuse_missing_glyphs(svg, step)
    return tidy_svg(svg)


def canvas_of(
    plot: Callable[..., Axes], step: Step, *, lang: str, size: tuple[float, float]
) -> drawing.Figure:
    """Return the figure that `draw` saves; for use inside `style`."""
    canvas = drawing.Figure(figsize=size, layout=Layout())
    ax = canvas.add_subplot(axes_class=PlainAxes)
    root = plot(showable(step), ax=ax, lang=lang).get_figure(root=True)
    for ax in root.axes:
        slim(ax)
    return root


def showable(step: Step) -> Step:
    """Return the step with all text of its tables fit for labels."""
    parts = [table for table in (step.table, *step.tables.values()) if table is not None]
    # one label for a text wherever it stands: charts look up a name of one table in another
    labels = _labels(dict.fromkeys(text for part in parts for text in _texts_of(part)))
    if not labels:
        return step
    tables = {name: _relabelled(table, labels) for name, table in step.tables.items()}
    table = None if step.table is None else _relabelled(step.table, labels)
    return replace(step, table=table, tables=tables)


def refuse_missing_glyphs(svg: str, step: Step) -> None:
    """Raise when the drawing holds a character, not the client's, that no chart font has."""
    written = set("".join(_BEYOND_ASCII.findall(svg)))
    missing = {char for char in written if not char.isspace() and ord(char) not in covered()}
    ours = missing and missing - _characters_of(step)
    if ours:
        names = ", ".join(f"U+{ord(char):04X} {char}" for char in sorted(ours))
        raise CrmEvalError(f"{step.name}: no chart font has {names}. Choose other characters.")


def _relabelled(table: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """Return the table with its texts replaced by their labels."""
    table = table.copy()
    for position, dtype in enumerate(table.dtypes):
        if table.columns[position] == "indicator":
            continue  # an id is looked up: cut, it would name nothing; charts cut the name
        values = table.iloc[:, position]
        if isinstance(dtype, pd.CategoricalDtype):
            known = {text: labels[text] for text in values.cat.categories if text in labels}
            table.isetitem(position, values.cat.rename_categories(known) if known else values)
        elif dtype.kind == "O":  # texts, and whatever else is no number
            known = {text: labels[text] for text in _texts(values) if text in labels}
            table.isetitem(position, values.replace(known) if known else values)
    return table


def _texts_of(table: pd.DataFrame) -> list[str]:
    """Return the texts of all cells, column after column, and the categories without a cell."""
    cells = table.to_numpy(dtype=object).ravel("F")  # columns one by one take twice as long
    kinds = [dtype for dtype in table.dtypes if isinstance(dtype, pd.CategoricalDtype)]
    categories = [name for kind in kinds for name in kind.categories]
    return [value for value in (*cells, *categories) if isinstance(value, str)]


def _texts(values: pd.Series) -> list[str]:
    """Return the texts of a column, each once; messages in it are words of the catalogues."""
    cells = values.to_numpy(dtype=object)  # a column of texts hands out its cells slowly
    return list(dict.fromkeys(value for value in cells if isinstance(value, str)))


def _labels(values: Mapping[str, Any]) -> dict[str, str]:
    """Map texts that cannot stand in a chart to ones that can, different ones kept apart."""
    labels: dict[str, str] = {}
    taken = set(values)
    for value in values:
        label = shortened(shown(value), LABEL_COLUMNS)
        if label == value:
            continue
        twin, base = 1, label
        while label in taken:
            twin += 1
            label = f"{base} ({twin})"
        taken.add(label)
        labels[value] = label
    return labels


def _characters_of(step: Step) -> set[str]:
    found = {char for indicator in step.indicators for char in indicator.id}
    found.update("".join(current_titles().values()))  # a keyed indicator is named by its process
    for table in (step.table, *step.tables.values()):
        if table is None:
            continue
        found.update("".join(_texts_of(table)))
    return found


def _say(words: Message | str | None, lang: str) -> str:
    if words is None:
        return ""
    return shown(say(words, lang) if isinstance(words, Message) else words)
