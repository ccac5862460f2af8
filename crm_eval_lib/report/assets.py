"""Templates, style, script and font of the page, and the policy that names them."""

import base64
import re
import sys
from contextlib import suppress
from functools import cache
from hashlib import sha256
from html import unescape
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined, Template
from jinja2.bccache import Bucket
from markupsafe import Markup

from crm_eval_lib.fonts import chinese_font_file, subset_font
from crm_eval_lib.report.code import html_of_code
from crm_eval_lib.text.safe import shown

_POLICY_MARK, _FONT_MARK, _STYLE_MARK = "@@policy@@", "/*@@font@@*/", "@@style@@"
_PAGE_FONT = "Page Hanzi"  # a name of its own: an installed font must not stand in for it
_FIRST_CJK = 0x2E80  # radicals; Chinese text and its punctuation lie above
_CELL_ENDS = re.compile(r"</t[dhr]>\s*")
_PLAIN_VALUES = re.compile(r' (class|scope|data-ref)="(n|col|row|[\w./-]+/[\w./-]+)"(?=[ >])')
_DATA_OR_TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>", re.DOTALL)

_SAID_IN_ATTRIBUTES = re.compile(r'(?:aria-label|title|alt|placeholder|data-\w+)="([^"]*)"')


class _Compiled(FileSystemBytecodeCache):
    """Compiled templates, kept beside them as Python keeps its modules, where that may be."""

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except Exception:  # damaged, however: it is compiled anew and written over
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with suppress(OSError):  # nowhere to write, or no space
                Path(self.directory).mkdir(exist_ok=True)
                super().dump_bytecode(bucket)


def _compiled() -> _Compiled:
    """Return what is compiled by these settings and this Jinja."""
    by = sha256(Path(__file__).read_bytes() + version("jinja2").encode()).hexdigest()[:8]
    return _Compiled(str(Path(__file__).parent / "templates" / "__pycache__"), f"{by}-%s")


@cache
def environment() -> Environment:
    """Return the templates; everything printed is escaped and made visible."""
    loader = PackageLoader("crm_eval_lib.report", "templates")
    made = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=_finalized, bytecode_cache=_compiled(),
    )  # fmt: skip
    made.globals.update(
        style=Markup(_STYLE_MARK), policy=_POLICY_MARK, script=Markup(asset("page.js"))
    )
    return made


def template(name: str) -> Template:
    """Return one template."""
    return environment().get_template(name)


@cache
def asset(name: str) -> str:
    """Return a file beside the templates."""
    return (files("crm_eval_lib.report") / "templates" / name).read_text(encoding="utf-8").strip()


def finished(page: str, lang: str, cache_dir: Path | None = None) -> str:
    """Put style, font and policy into a rendered page.

    The policy allows the one style sheet and the one script by their hash, and nothing from
    anywhere else. A font is embedded where the page has Chinese characters.
    """
    sheet = asset("page.css").replace(_FONT_MARK, font_face(page, lang, cache_dir))
    script = asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(sheet)}'; script-src '{_hash(script)}'; "
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )
    head, mark, rest = _shortened(page).partition(_POLICY_MARK)
    before, style_mark, body = rest.partition(_STYLE_MARK)
    return "".join((head, policy if mark else "", before, sheet if style_mark else "", body))


def prepare() -> None:
    """Load what every page needs; a process that forks does it once for all of them."""
    import fontTools.subset
    import fontTools.ttLib.woff2  # noqa: F401

    for name in environment().list_templates(["html"]):
        template(name)
    html_of_code("")
    chinese_font_file()


def _shortened(page: str) -> str:
    """Leave out the marks that HTML does without; a page has thousands of cells."""
    return _PLAIN_VALUES.sub(r" \1=\2", _CELL_ENDS.sub("", page))


def font_face(page: str, lang: str, cache_dir: Path | None = None) -> str:
    """Return the rule that embeds the page's own Chinese characters; nothing without any."""
    text = unescape(_DATA_OR_TAG.sub(" ", page)) + "".join(_drawn(page))
    characters = set(text)
    chinese = {char for char in characters if ord(char) >= _FIRST_CJK}
    if not chinese:
        return ""
    # A Chinese page takes Latin from the same font, so that mixed lines stand even.
    whole = lang == "zh-Hans"
    wanted = {char for char in characters if char.isprintable()} if whole else chinese
    only = "" if whole else f"unicode-range:U+{_FIRST_CJK:X}-10FFFF;"
    data = base64.b64encode(subset_font(wanted, cache_dir)).decode()
    return (
        f"@font-face{{font-family:'{_PAGE_FONT}';font-display:block;{only}"
        f"src:url(data:font/woff2;base64,{data}) format('woff2')}}"
    )


def _drawn(page: str) -> list[str]:
    """Return text that stands in attributes (labels of drawings, titles, words for the script)."""
    return [unescape(text) for text in _SAID_IN_ATTRIBUTES.findall(page)]


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode()


def _finalized(value: Any) -> Any:
    if value is None:
        return ""
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value
