"""Read a finished page as an auditor would: follow references, look for numbers without one."""

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from string import Formatter
from typing import NamedTuple
from urllib.parse import unquote

from lxml import html as lxml_html
from paper import long_headlines

from crm_eval_lib.config import load_config
from crm_eval_lib.report import render_page
from crm_eval_lib.report.trace import ref
from crm_eval_lib.runner.jobs import commentary
from crm_eval_lib.text import catalogue
from crm_eval_lib.text.safe import shown

NUMBER = re.compile(r"[−-]?\d[\d,]*(?:\.\d+)?")
# Where a number may stand without a reference: code, axes, ids, dates, row tables, method text,
# and what a person typed: names, the head of the sheet, the consultant's words.
FREE = """//*[self::code or self::pre or self::time or self::bdi or self::nav
    or self::script or self::style or self::title or local-name()='svg' or self::aside
    or contains(concat(' ', @class, ' '), ' fid ') or contains(concat(' ', @class, ' '), ' prose ')
    or contains(concat(' ', @class, ' '), ' data ') or @class='code' or @class='question'
    or @class='label' or @class='glossary' or @class='facts' or @class='decision'
    or contains(@class, 'rows-shown') or contains(@class, 'further-link') or self::h1
    or self::h2 or self::th or contains(@class, 'eyebrow') or @class='to']"""


class Page(NamedTuple):
    """A finished page, the results.json it is a view of, and its language."""

    text: str
    results: dict
    lang: str


@cache
def finished_page(reports: Path, clients: Path, client: str, lang: str) -> Page:
    """Take a client's page, or render the run's notebooks again in the other language."""
    folder = reports / client
    results = json.loads((folder / "results.json").read_text("utf-8"))
    if lang == results["language"]:
        return Page((folder / "report.html").read_text("utf-8"), results, lang)
    books = sorted((folder / "notebooks").glob("*.ipynb"))
    settings, words = load_config(clients / client, language=lang), commentary(clients / client)
    page = render_page(
        notebooks=books, results=results, lang=lang, commentary=words, config=settings
    )
    return Page(page, results, lang)


def resolve(results, path):
    """Follow a reference into results.json; a list is entered by place or by id."""
    node = results
    for part in map(unquote, path.split("/")):
        if isinstance(node, dict) and set(node) == {"message"}:
            node = node["message"]
        if isinstance(node, dict) and set(node) == {"key", "slots"}:
            node = node["slots"]
        if isinstance(node, list) and not part.isdigit():
            (node,) = (item for item in node if item["id"] == part)
        else:
            node = node[int(part) if isinstance(node, list) else part]
    return node


def full_path(element):
    """Return an element's reference, one that begins with ``./`` from that around it."""
    path = element.get("data-ref")
    if not path.startswith("./"):
        return path
    return f"{full_path(element.xpath('ancestor::*[@data-ref][1]')[0])}/{path[2:]}"


def agrees(printed, value):
    """Say whether a printed text is the value, rounded half up at the last digit printed."""
    text = " ".join(printed.split())
    if isinstance(value, str):
        return text in (shown(value), value[:10])
    if isinstance(value, dict | bool) or (isinstance(value, list) and "[" in text):
        return text == json.dumps(value, ensure_ascii=False)
    value = len(value) if isinstance(value, list) else value
    (number,) = NUMBER.findall(text)
    digits = Decimal(number.replace(",", "").replace("−", "-"))
    exact = Decimal(str(value)) * (100 if "%" in text else 1)
    if text[0] in "<>":
        return exact < digits if text[0] == "<" else exact > digits
    return exact.quantize(digits, ROUND_HALF_UP) == digits


def referring(tree):
    """Yield the elements that print one number (or one text) of results.json."""
    for element in tree.xpath("//*[@data-ref]"):
        if not element.xpath(".//*[@data-ref]") and re.search(r"\d", element.text_content()):
            yield element


def wrong_references(page):
    """List the references that lead nowhere, or to another number than the one printed."""
    wrong, results = [], page.results
    for element in referring(lxml_html.fromstring(page.text)):
        path, printed = full_path(element), element.text_content()
        try:
            value = resolve(results, path)
            right = (isinstance(value, dict) and is_entry(element)) or agrees(printed, value)
        except (KeyError, ValueError, TypeError, IndexError, ArithmeticError) as error:
            value, right = repr(error), False
        if not right:
            wrong.append((path, printed, value))
    return wrong


def is_entry(element):
    """Say whether an element leads to a whole entry (a finding, a factor), not to a number."""
    return element.tag in ("tr", "li", "p", "section")


def untraced(page):
    """List the texts with digits that have neither a reference nor a place where they may stand."""
    found = []
    tree = lxml_html.fromstring(page.text)
    for text, holder in texts_in(tree.find("body"), set(tree.xpath(FREE))):
        leads = holder.xpath("ancestor-or-self::*[@data-ref][1]")
        if leads and not is_entry(leads[0]):
            continue
        left = text
        for words in fixed_words(page.lang):
            left = left.replace(words, " ")
        if re.search(r"\d", left):
            found.append(" ".join(text.split()))
    return found


def texts_in(element, left_out):
    """Yield the texts with digits below an element, each with what it stands in."""
    if element in left_out or not isinstance(element.tag, str):
        return
    for text in (element.text, *(child.tail for child in element)):
        if text and re.search(r"\d", text):
            yield text, element
    for child in element:
        yield from texts_in(child, left_out)


@cache
def fixed_words(lang):
    """Return the parts of the catalogues' sentences that hold digits themselves, longest first."""
    parts = (part for text in catalogue(lang).values() for part, *_ in Formatter().parse(text))
    found = {part.strip() for part in parts if re.search(r"\d", part)}
    return sorted(found, key=len, reverse=True)


def figures_without_code(page):
    """List the figures that do not lead to the code that made them."""
    figures = lxml_html.fromstring(page.text).xpath("//figure")
    return [item.get("id") for item in figures if not item.xpath(".//details//pre")] or (
        [] if figures else ["no figure at all"]
    )


def findings_without_rows(page):
    """List the findings that do not name the file and the key of their first row."""
    files = {item["table"]: item["path"] for item in page.results["provenance"]["inputs"]}
    cited = {}
    for item in lxml_html.fromstring(page.text).xpath("//section[@class='part']//li[@data-ref]"):
        cited[item.get("data-ref")] = item.text_content()
    return [
        item["id"]
        for item in page.results["findings"]
        for row in item["rows"][:1]
        if not re.search(
            rf"[(（]{re.escape(files[row['table']])}[)）][:：] ?{re.escape(shown(row['key']))}",
            cited.get(ref("findings", item["id"]), ""),
        )
    ]


def missing_in_footer(page):
    """List the inputs, checksums, versions and settings that the footer does not state."""
    footer = lxml_html.fromstring(page.text).xpath("string(//footer)")
    basis = page.results["provenance"]
    wanted = [basis["fingerprint"], basis["generated_at"], *basis["versions"].values()]
    wanted += [item[name] for item in basis["inputs"] for name in ("path", "sha256")]
    wanted += [name for values in basis["parameters"].values() for name in values]
    return [text for text in wanted if text not in footer]


LACKING = {
    function.__name__: function
    for function in (
        wrong_references,
        untraced,
        figures_without_code,
        findings_without_rows,
        missing_in_footer,
        long_headlines,
    )
}
