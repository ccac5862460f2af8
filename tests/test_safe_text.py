"""Text that hides, towers or reorders: what is seen is what stands there, in every file."""

import json

import pandas as pd
import pytest
from report_sample import factor, results, write_notebooks

from crm_eval_lib.charts.figure import draw
from crm_eval_lib.errors import CrmEvalError, DataError
from crm_eval_lib.report import render_page
from crm_eval_lib.report.tables import csv_link
from crm_eval_lib.results import Step, write_table
from crm_eval_lib.runner.jobs import COMMENTARY, LARGEST_COMMENTARY_BYTES, commentary
from crm_eval_lib.sources.raw import Place
from crm_eval_lib.sources.typed import read_jsonl
from crm_eval_lib.text import process_titles
from crm_eval_lib.text.safe import escaped, shown


@pytest.mark.parametrize(("text", "seen"), [
    ("pay\U000e0041\U000e0042", "pay[U+E0041][U+E0042]"),  # invisible letters of Unicode's tags
    ("a\u2062b\u206ac\u180ed", "a[U+2062]b[U+206A]c[U+180E]d"),
    ("pay\U000e0101 葛\U000e0100\U000e0101", "pay[U+E0101] 葛\U000e0100[U+E0101]"),
    ("\u3164Ltd", "[U+3164]Ltd"),
    ("one\u2028two", "one[U+2028]two"),
    ("\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U0001f3f4\U000e0067\U000e0062\U000e007f"),
    ("葛\U000e0100飾 \U00020bb7\U000e0100", "葛\U000e0100飾 \U00020bb7\U000e0100"),
    ("\u0647\u0650\u064b Tiê\u0323\u0301ng हिन्दी", "\u0647\u0650\u064b Tiê\u0323\u0301ng हिन्दी"),
])  # fmt: skip
def test_what_hides_is_seen_and_what_a_script_needs_stays(text, seen):
    assert shown(text) == seen


def test_a_tower_of_accents_does_not_cover_the_lines_above():
    assert shown("e" + 400 * "\u0301" + "f") == "e" + 4 * "\u0301" + "…f"


def test_json_reads_in_order_and_means_the_same():
    text = json.dumps({"name": "price\u202egnp\U000e0041"}, ensure_ascii=False)
    assert escaped(text) == r'{"name": "price\u202egnp\udb40\udc41"}'
    assert json.loads(escaped(text)) == json.loads(text)


def test_saved_rows_hold_no_control_character(tmp_path):
    table = pd.DataFrame({"name\u202e": ["a\x00\x1b[31mb", "\u202e=1+1", "\t=1"]})
    write_table(table, tmp_path / "rows.csv")
    said = "name[U+202E]\na[U+0000][U+001B][31mb\n[U+202E]=1+1\n'\t=1\n"
    assert (tmp_path / "rows.csv").read_text("utf-8-sig") == said
    assert csv_link(["x"], [["\u202e"]]).endswith("x%0A[U+202E]%0A")


def test_half_a_character_in_json_lines_is_marked_and_the_rest_is_read():
    data = rb'{"name": "a\ud800b", "joy\udfff": "\ud83d\ude00"}' + b"\n"
    raw = read_jsonl(data, Place("events", "events.jsonl"))
    assert raw.headers == ("name", "joy\ufffd")
    assert [column.to_pylist() for column in raw.columns] == [["a\ufffdb"], ["\U0001f600"]]


def test_a_commentary_as_long_as_a_book_is_refused_with_the_remedy(tmp_path):
    assert commentary(tmp_path) is None
    (tmp_path / COMMENTARY).write_bytes(b"")
    assert commentary(tmp_path) == ""
    (tmp_path / COMMENTARY).write_bytes(bytes(LARGEST_COMMENTARY_BYTES + 1))
    with pytest.raises(DataError, match="200,001 bytes; the page takes 200,000"):
        commentary(tmp_path)


def test_many_factors_leave_a_word_for_those_that_the_sheet_cannot_hold(tmp_path):
    found = results()
    for n, told in ((5, False), (6, True)):
        found["factors"] = [factor(f"own_{place}", 40.0 + place) for place in range(n)]
        page = render_page(notebooks=write_notebooks(tmp_path), results=found, lang="en")
        assert ("Further factors stand in sections of their own." in page) is told


def test_an_emoji_in_the_title_of_a_process_is_the_clients_and_stops_no_chart():
    def titled(step, *, ax, lang):
        ax.set_title("Offers \U0001f467")
        return ax

    step = Step("score.indicators", (), pd.DataFrame({"score": [1.0]}))
    with pytest.raises(CrmEvalError, match="no chart font has U\\+1F467"):
        draw(titled, step)
    with process_titles({"offer": "Offers \U0001f467"}):
        assert "\U0001f467" in draw(titled, step)
