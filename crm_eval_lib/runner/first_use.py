"""What libraries put off to their first use, done once in the process that forks.

Fonts are looked up, grammars and templates compiled and catalogues read when they are first asked
for, and kept. A child of a process that has not asked would do so for itself, each of them anew:
half a second and more in every notebook. Nothing here draws through pyplot, opens a database,
starts a thread or leaves a setting changed.
"""

import io

import nbformat
import pandas as pd
from matplotlib import rc_context
from matplotlib.backends import backend_registry
from matplotlib.figure import Figure
from PIL import Image

from crm_eval_lib.charts.style import covered, style
from crm_eval_lib.report.code import html_of_code
from crm_eval_lib.report.prose import html_of
from crm_eval_lib.runner.preparing import get_ready
from crm_eval_lib.text import catalogue
from crm_eval_lib.text.formats import format_value

LANGUAGES = ("en", "zh-Hans")


def use_everything() -> None:
    """Do all of it."""
    for use in (get_ready, covered, Image.init, backend_registry.list_all,
                _read_notebook, _show_table, _draw, _write):  # fmt: skip
        use()


def _write() -> None:
    for lang in LANGUAGES:
        catalogue(lang)
        format_value(1.5, "number", lang=lang)
    for below in (1, 2, 3):
        html_of("**a** and `b`", below=below)
    html_of_code('"""a"""\nb = 1  # c')


def _read_notebook() -> None:
    """Compile the schema of notebooks."""
    nbformat.validate(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]))


def _show_table() -> None:
    table = pd.DataFrame({"a": ["b", None], "c": [1.5, 2.0], "d": pd.Timestamp(2025, 1, 1)})
    table.to_html()
    table.to_csv()
    str(table.groupby("a", observed=True)["c"].describe())


def _draw() -> None:
    """Draw in our look and in matplotlib's own."""
    for lang in LANGUAGES:
        with style(lang):
            _drawn("svg")
    with rc_context():
        _drawn("png")


def _drawn(kind: str) -> None:
    """Draw as little as asks for everything: dates, a legend, the power of a log axis."""
    canvas = Figure(figsize=(1, 1))
    ax = canvas.subplots()
    day = pd.Timestamp(2025, 1, 1)
    ax.plot([day], [1], label="–")
    ax.set_xticks([day])
    ax.set_yticks([1])
    ax.set_title("$10^{2}$")
    ax.legend()
    canvas.savefig(io.BytesIO(), format=kind, bbox_inches="tight")
