"""Figures: words, table, drawing and what may not be in it."""

import subprocess
import sys
from dataclasses import replace

import matplotlib as mpl
import pandas as pd
import pytest
from lxml import etree
from report_sample import NASTY, deviation, plot_bars

from crm_eval_lib import charts
from crm_eval_lib.charts.figure import LABEL_COLUMNS, MIME, canvas_of, showable
from crm_eval_lib.charts.style import covered, style
from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.fonts import subset_font
from crm_eval_lib.results import Step, missing_table, not_assessed
from crm_eval_lib.text import LANGUAGES, catalogue, language
from crm_eval_lib.text.safe import width

TEXTS = "//*[local-name()='text']"


def drawn(figure):
    return etree.fromstring(figure.svg.encode())


def texts(figure):
    return ["".join(element.itertext()) for element in drawn(figure).xpath(TEXTS)]


def test_a_figure_carries_words_table_and_drawing():
    figure = charts.figure("COST-01", plot_bars, deviation(), lang="en", headline="Too much")
    bundle = figure._repr_mimebundle_()
    payload = bundle[MIME]
    assert set(bundle) == {MIME, "image/svg+xml", "text/plain"}
    assert payload["id"] == "COST-01" and payload["headline"] == "Too much"
    assert payload["source"] == "Source: the client's tables Budget, Actual cost."
    assert payload["table"]["total"] == 2
    assert payload["alt"] == "No usable rows in table: progress."


def test_text_stays_text_in_both_languages():
    assert "Hardware" in texts(charts.figure("A-1", plot_bars, deviation(), lang="en"))
    assert "硬件" in texts(charts.figure("A-1", plot_bars, deviation("zh-Hans"), lang="zh-Hans"))


def test_the_same_step_gives_the_same_bytes():
    first, second = (charts.figure("A-1", plot_bars, deviation()).svg for _ in range(2))
    assert first == second
    assert "metadata" not in first and "DOCTYPE" not in first


def test_coordinates_are_rounded_to_hundredths():
    svg = charts.figure("A-1", plot_bars, deviation()).svg
    path = drawn(charts.figure("A-1", plot_bars, deviation())).xpath("//@d")
    assert svg and max(len(n.partition(".")[2]) for d in path for n in d.split()) <= 2


def test_without_a_table_there_is_a_note_with_the_reason():
    step = Step("cost.x", (not_assessed("cost.spi", "index", missing_table("progress")),))
    with language("en"):
        figure = charts.figure("COST-02", plot_bars, step)
    assert figure.svg is None
    assert figure.note == "No usable rows in table: progress."
    own = charts.figure("COST-02", plot_bars, step, note="Because.")
    assert own.note == "Because."
    assert "image/svg+xml" not in figure._repr_mimebundle_()


def test_an_empty_table_gives_a_note():
    step = replace(deviation(), table=deviation().table.head(0))
    assert charts.figure("COST-02", plot_bars, step).svg is None


def test_a_clients_text_is_neither_formula_nor_markup_nor_hidden():
    label = "$x_1$ " + NASTY
    written = texts(charts.figure("A-1", plot_bars, deviation(label=label)))
    found = next(text for text in written if text.startswith("$x_1$"))
    assert "</script>" in found and width(found) <= LABEL_COLUMNS
    hidden = texts(charts.figure("A-1", plot_bars, deviation(label="a\u202eb\x00")))
    assert "a[U+202E]b[U+0000]" in hidden


def test_long_labels_that_differ_stay_different():
    names = ["x" * 100 + "1", "x" * 100 + "2"]
    step = showable(Step("cost.x", table=pd.DataFrame({"category": names, "share": [1.0, 2.0]})))
    assert step.table["category"].nunique() == 2


def test_a_single_bar_does_not_fill_the_figure():
    one = replace(deviation(), table=deviation().table.head(1))
    with style("en"):
        (ax,) = canvas_of(plot_bars, one, lang="en", size=(6, 3)).axes
    (bar,) = ax.patches
    low, high = ax.get_ylim()
    assert 0 < bar.get_height() <= 0.15 * (high - low) + 1e-9
    assert low < bar.get_y() < high  # still inside


def test_a_rare_character_of_the_client_stays_text():
    label = "ཀ emoji 😀"
    figure = charts.figure("A-1", plot_bars, deviation(label=label))
    assert label in texts(figure)


def test_a_missing_glyph_of_ours_is_an_error():
    def plot(step, *, ax=None, lang="en"):
        ax.set_xlabel("ཀ")
        return ax

    with pytest.raises(CrmEvalError, match=r"U\+0F40"):
        charts.figure("A-1", plot, deviation())


def test_all_words_of_the_catalogues_can_be_drawn():
    words = {char for lang in LANGUAGES for text in catalogue(lang).values() for char in text}
    assert {char for char in words if not char.isspace() and ord(char) not in covered()} == set()


def test_rare_chinese_names_are_in_the_font():
    assert {char for char in "喆镕珺玥堃昇囍璟翀" if ord(char) not in covered()} == set()


def test_the_style_ends_with_the_block():
    before = dict(mpl.rcParams)
    charts.figure("A-1", plot_bars, deviation())
    assert dict(mpl.rcParams) == before


def test_importing_the_package_imports_no_drawing_library():
    code = (
        "import sys, crm_eval_lib; print([m for m in ('matplotlib', 'pandas') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_font_subset_holds_the_characters_asked_for_and_is_kept(tmp_path):
    from fontTools.ttLib import TTFont

    data = subset_font("喆镕a", tmp_path)
    (kept,) = tmp_path.iterdir()
    assert kept.read_bytes() == data == subset_font("a镕喆", tmp_path)
    assert set(TTFont(kept).getBestCmap()) == {ord(char) for char in "喆镕a"}
