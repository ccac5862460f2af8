"""A report printed through the system's Chromium."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from report_sample import config, results, write_notebooks

from crm_eval_lib.errors import CrmEvalError, UsageError
from crm_eval_lib.report import render_page
from crm_eval_lib.report.pdf import find_chromium, print_pdf

CHROMIUM = shutil.which("chromium")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture(scope="module", params=["en", "zh-Hans"])
def printed(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("paper")
    notebooks = write_notebooks(folder, request.param)
    page = render_page(
        notebooks=notebooks,
        results=results(request.param),
        lang=request.param,
        config=config(decision_sought="喆镕珺玥堃昇囍璟翀"),
    )
    (folder / "report.html").write_text(page, encoding="utf-8")
    return request.param, print_pdf(folder / "report.html", CHROMIUM)


def told(tool, path):
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    command = [tool, str(path), "-"] if tool == "pdftotext" else [tool, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.browser
@needs_browser
def test_the_words_of_a_printed_report_can_be_taken_out(printed):
    lang, path = printed
    text = re.sub(r"\s+", "", told("pdftotext", path))
    said = {"en": "Thesystemscores68of100points:pass.", "zh-Hans": "系统得68分"}[lang]
    assert said in text and "喆镕珺玥堃昇囍璟翀" in text


@pytest.mark.browser
@needs_browser
def test_a_printed_report_is_a4_tagged_and_carries_its_title(printed):
    facts = told("pdfinfo", printed[1])
    assert re.search(r"Page size:\s+59[45]\.\d* x 84[12]\.\d* pts \(A4\)", facts)
    assert re.search(r"Tagged:\s+yes", facts) and "Acme" in facts
    raw = printed[1].read_bytes()
    assert f"/Lang ({printed[0]})".encode() in raw and b"/Outlines" in raw


def test_without_a_browser_the_message_says_what_to_do(monkeypatch):
    monkeypatch.delenv("CRM_EVAL_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("crm_eval_lib.report.pdf._PLACES", ())
    with pytest.raises(UsageError, match="install Chromium, or set CRM_EVAL_CHROMIUM"):
        find_chromium()


def test_a_named_browser_that_is_no_file_is_quoted_back(monkeypatch):
    monkeypatch.setenv("CRM_EVAL_CHROMIUM", "/no/such/browser")
    with pytest.raises(UsageError, match=r"names '/no/such/browser', which is no file"):
        find_chromium()


def test_a_browser_that_fails_leaves_no_file(tmp_path):
    page = tmp_path / "report.html"
    page.write_text("<p>x", encoding="utf-8")
    with pytest.raises(CrmEvalError, match="was not printed"):
        print_pdf(page, str(Path("/bin/false")))
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
