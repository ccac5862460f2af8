"""Outputs of a client's own notebooks: what is not known to be harmless stays in the notebook."""

import pandas as pd
import pytest
from lxml import html as lxml_html
from report_sample import code, deviation, plot_bars, prose
from test_report import rendered

from crm_eval_lib import charts
from crm_eval_lib.text import language


@pytest.mark.parametrize(
    "mime",
    ["text/html", "text/vnd.mermaid", "text/markdown", "text/latex", "image/svg+xml",
     "application/javascript"],
)  # fmt: skip
def test_an_own_notebook_cannot_bring_markup(tmp_path, mime):
    source = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(4)'><b>loud</b></svg>"
    cells = [
        prose("# Cost"),
        code("a", {mime: source}),
        code("b", {mime: source, "text/plain": "x"}),
    ]
    page = rendered(tmp_path, cells=cells)
    assert "alert(4)" not in page and "loud" not in page and mime in page


def test_a_styled_table_of_pandas_leaves_its_markup_in_the_notebook(tmp_path):
    styler = pd.DataFrame({"name": ["<img src=x onerror=alert(5)>"]}).style
    cells = [
        prose("# Cost"),
        code("t", {"text/html": styler.to_html(), "text/plain": repr(styler)}),
    ]
    page = rendered(tmp_path, cells=cells)
    assert "<img src=x onerror=alert(5)>" in styler.to_html()  # pandas escapes nothing
    assert "alert(5)" not in page and "Styler object" in page


def test_labels_of_an_own_chart_are_text_and_no_formula(tmp_path):
    label = r"$\frac{1}{0}$ <b>&" + "\u202e"
    with language("en"):
        drawn = charts.figure("OWN-01", plot_bars, deviation(label=label))._repr_mimebundle_()
    page = rendered(tmp_path, cells=[prose("# Cost"), code("charts.figure(...)", drawn)])
    written = lxml_html.fromstring(page).xpath("//figure//*[local-name()='text']/text()")
    assert r"$\frac{1}{0}$ <b>&[U+202E]" in written
