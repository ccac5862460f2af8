"""From a printed number back to results.json: sentences taken apart, references, what has none."""

import json

import pytest
from lxml import html as lxml_html
from page_reader import Page, agrees, resolve, untraced, wrong_references
from report_sample import NASTY, config, factor, results, write_notebooks

from crm_eval_lib.report import render_page
from crm_eval_lib.report.notebook import read_notebook
from crm_eval_lib.report.trace import marked, once, ref, told, with_sentences
from crm_eval_lib.results import Message
from crm_eval_lib.text import say
from crm_eval_lib.text.pieces import pieces

NESTED = Message("score.word.range_interval", {
    "low": Message("score.word.score", {"value": 61.6}),
    "high": Message("score.word.score", {"value": 74.2}),
})  # fmt: skip
REASONS = Message("report.figure.reasons", {"reasons": [NESTED, Message("report.figure.nothing")]})


@pytest.fixture(scope="module", params=["en", "zh-Hans"])
def sample(request, tmp_path_factory):
    """A page, the results.json it is a view of, and its language."""
    lang = request.param
    paths = write_notebooks(tmp_path_factory.mktemp("trace"), lang)
    data = with_sentences(results(lang), [read_notebook(path, lang) for path in paths])
    data["factors"] += [factor(name, None) for name in ("efficiency", "controls")]
    page = render_page(notebooks=paths, results=data, lang=lang, config=config())
    return Page(page, json.loads(json.dumps(data)), lang)


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
@pytest.mark.parametrize("message", [NESTED, REASONS], ids=["nested", "sentences"])
def test_the_pieces_of_a_sentence_are_the_sentence(message, lang):
    assert "".join(piece.text for piece in pieces(message, lang)) == say(message, lang)


def test_a_number_of_a_nested_sentence_leads_to_its_own_slot():
    page = lxml_html.fromstring(f"<div>{marked(REASONS, 'en', 'figures/X/note')}</div>")
    data = {"figures": {"X": {"note": REASONS.to_dict()}}}
    found = {e.text: resolve(data, e.get("data-ref")) for e in page.xpath("//*[@data-ref]")}
    assert found == {"62": 61.6, "74": 74.2}


def test_names_and_dates_are_marked_as_such_and_escaped():
    key = "report.finding.rows"
    said = marked(Message(key, {"place": "<b>v2</b>", "keys": ["7\u202e"]}), "en", "x")
    assert said == "<bdi>&lt;b&gt;v2&lt;/b&gt;</bdi>: <bdi>7[U+202E]</bdi>"
    assert "<time>2024-07-01" in marked(
        Message("report.summary.planned", {"day": "2024-07-01"}), "en"
    )


def test_words_that_are_said_already_or_unknown_are_shown_as_text():
    assert marked("<i> 5", "en", "x") == "&lt;i&gt; 5"
    assert marked(Message("own.<i>", {}), "en", "x") == "own.&lt;i&gt;"
    assert told({"reason": "<i>"}, "reason", "en", "x") == "&lt;i&gt;"
    assert told(None, "reason", "en", "x") == ""


def test_texts_that_read_alike_are_said_once():
    said = [marked(Message("report.summary.equal", {"score": 5}), "en", path) for path in "ab"]
    assert once([*said, marked("", "en")]) == (said[0],)


@pytest.mark.parametrize("name", ["cost.bridge[other/fx]", "x[部门=A %5D]", 'y["<b>]'])
def test_any_id_can_be_followed(name):
    data = {"indicators": [{"id": name, "value": 1.5}]}
    assert resolve(data, ref("indicators", name, "value")) == 1.5


@pytest.mark.parametrize(
    ("printed", "value", "right"),
    [
        ("12.8%", 0.1275, True),  # half up
        ("12.7%", 0.1275, False),
        ("CNY 1,219,001", 1219000.5, True),
        ("−3.0 h", -2.96, True),
        ("<0.001", 0.0004, True),
        ("<0.001", 0.01, False),
        (">99%", 0.997, True),
        ("2024-07-01", "2024-07-01T00:00:00", True),
        ("3", ["a", "b", "c"], True),
    ],
)
def test_the_reader_itself_knows_right_from_wrong(printed, value, right):
    assert agrees(printed, value) == right


def test_every_reference_of_the_sample_leads_to_what_is_printed(sample):
    assert wrong_references(sample) == []


def test_a_number_changed_on_the_page_is_noticed(sample):
    assert "12.7%" in sample.text
    assert wrong_references(sample._replace(text=sample.text.replace("12.7%", "12.8%")))


def test_no_number_of_the_sample_stands_without_a_reference(sample):
    typed = ("Finding ", "Do ", "</script>")  # text of the sample, without key and slots
    assert [text for text in untraced(sample) if not text.startswith(typed)] == []


def test_a_number_typed_into_the_page_is_noticed(sample):
    text = sample.text.replace("</main>", "<p>up by 9 h</p></main>")
    assert "up by 9 h" in untraced(sample._replace(text=text))


def test_a_finding_names_the_file_and_the_keys_of_its_rows(tmp_path):
    data = results()
    rows = [{"table": "budget", "key": f"L{n}"} for n in range(7)]
    data["findings"][0]["rows"] = rows
    page = render_page(
        notebooks=write_notebooks(tmp_path), results=data, lang="en", config=config()
    )
    cited = lxml_html.fromstring(page).xpath("//section[@id='factor-cost']//li//span")[0]
    shown = NASTY.replace("\u202e", "[U+202E]")
    assert f"Budget ({shown}.csv): L0, L1, L2, L3, L4 … (7 in all)" in cited.text_content()
    assert cited.xpath("./span[@data-ref='findings/f0/rows']/text()") == ["7"]
