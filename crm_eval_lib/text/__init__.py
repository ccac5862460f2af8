"""Words and numbers: whole-sentence catalogues in English and Simplified Chinese.

Catalogues are TOML files, one per subject, in ``text/en`` and ``text/zh-Hans``; a key is the file's
name, then the sections, then the name: ``cost.sentence.deviation``. Slots are named and typed by
a format word: ``{value:percent}``, ``{amount:money}`` (needs a slot ``currency``), ``{n:count}``,
``{day:date}``, ``{hours:hours}``, ``{names:list}``, ``{reasons:sentences}`` (messages that follow
each other), ``{kind:label}`` (looked up as ``core.label``), ``{id:indicator}`` (its reader's name),
``{names:tables}`` and ``{names:columns}`` (the reader's names of tables, and of columns of the slot
``table``, each with its code). ``{n:one is|are}`` prints the first word for one, else the second.
``{n:zero none}`` prints the word for zero, else the count; what follows a ``|`` is printed around
the count, which stands in for ``#``: ``{n:zero 没有|有#个}``. ``{amount:zero_money none}`` does so
with money.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from string import Formatter
from types import MappingProxyType
from typing import Any

from crm_eval_lib.errors import UsageError, nearest
from crm_eval_lib.results import Message
from crm_eval_lib.text import formats
from crm_eval_lib.text.named import field_label, table_label, with_code
from crm_eval_lib.text.safe import shortened

LANGUAGES = ("en", "zh-Hans")
SLOT_COLUMNS = 160  # of a text inside a sentence, which stays readable; tables have it whole
NAME_COLUMNS = 40  # of a name beside its code; who wants it whole follows the code
SENTENCES = "sentences"  # format word of messages that follow each other
_BY_NUMBER = "one "  # begins the format word that chooses between singular and plural
_BY_ZERO = ("zero ", "zero_money ")  # a word in the place of nothing at all
_CODE = re.compile(r"[a-z]+(_[a-z]+)+")
_current: ContextVar[str] = ContextVar("crm_eval_language", default="en")
_titles: ContextVar[Mapping[str, str]] = ContextVar(
    "crm_eval_process_titles", default=MappingProxyType({})
)
_OTHER_KEYS = ("cost",)  # factors whose keys are no processes


def use_language(language: str, *, titles: Mapping[str, str] | None = None) -> None:
    """Set the language of this notebook's results, and what the client calls its processes.

    Parameters
    ----------
    language : str
        ``en`` or ``zh-Hans``.
    titles : mapping of str to str, optional
        The client's title of each process, by its code.

    Returns
    -------
    None
        Results, figures and sentences shown afterwards are in that language.

    Raises
    ------
    UsageError
        Another language.

    Examples
    --------
    >>> with language("en"):
    ...     use_language("zh-Hans")
    ...     current_language()
    'zh-Hans'
    """
    _current.set(_known(language))
    _titles.set(dict(titles or {}))


def current_language() -> str:
    """Return the language results show themselves in."""
    return _current.get()


@contextmanager
def language(name: str) -> Iterator[None]:
    """Use a language inside a with block only."""
    token = _current.set(_known(name))
    try:
        yield
    finally:
        _current.reset(token)


def current_titles() -> Mapping[str, str]:
    """Return the client's titles of processes that are in force."""
    return _titles.get()


@contextmanager
def process_titles(titles: Mapping[str, str]) -> Iterator[None]:
    """Print a client's own titles in the place of process codes, inside a with block only."""
    token = _titles.set(titles)
    try:
        yield
    finally:
        _titles.reset(token)


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """Return all sentences of a language by dotted key."""
    folder = files("crm_eval_lib") / "text" / _known(lang)
    sentences: dict[str, str] = {}
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            sections = tomllib.loads(path.read_text(encoding="utf-8"))
            sentences.update(_flatten(path.name.removesuffix(".toml"), sections))
    return sentences


def say(message: Message, lang: str | None = None) -> str:
    """Turn a message into a sentence of the language (default: the notebook's).

    >>> say(Message("core.reason.missing_table", {"tables": ["progress"]}), "en")
    'No usable rows in table: progress.'
    """
    lang = lang or current_language()
    sentences = catalogue(lang)
    if message.key not in sentences:
        raise KeyError(f"no sentence {message.key!r} in {lang}: {nearest(message.key, sentences)}")
    return Filler(lang).vformat(sentences[message.key], (), dict(message.slots))


def has(key: str, lang: str | None = None) -> bool:
    """Say whether the catalogue has this key."""
    return key in catalogue(lang or current_language())


def word(key: str, lang: str | None = None, default: str | None = None) -> str:
    """Return a sentence without slots; the default (or the key's last part) if there is none."""
    fallback = key.rsplit(".", 1)[-1].replace("_", " ") if default is None else default
    return catalogue(lang or current_language()).get(key, fallback)


def indicator_label(indicator_id: str, lang: str | None = None) -> str:
    """Return the reader's name of an indicator, its key behind it.

    Looked up as ``<factor>.indicator.<rest of the id>``.
    """
    base, _, rest = indicator_id.partition("[")
    factor, _, name = base.partition(".")
    label = word(f"{factor}.indicator.{name}", lang, name.replace("_", " ").replace(".", " "))
    if not rest:
        return label
    key = rest[:-1].replace("%5D", "]").replace("%25", "%")
    dimension, equals, value = key.partition("=")
    if factor in _OTHER_KEYS or (equals and dimension != "process"):
        shown = spelt(value if equals else key, lang)
    else:
        shown = process_name(value if equals else key, lang)
    return f"{label} · {column_label(dimension, lang)} {shown}" if equals else f"{label} · {shown}"


def column_label(column: str, lang: str | None = None, area: str | None = None) -> str:
    """Return the heading of a table column: the area's own, the common one, else its name."""
    default = word(f"core.column.{column}", lang, column.replace("_", " "))
    return word(f"{area}.column.{column}", lang, default) if area else default


def label_of(value: object, lang: str | None = None) -> str:
    """Return the reader's word for a coded value (``internal_labour``), else the value itself.

    Names of factors and states are coded values too.
    """
    known = word(f"core.state.{value}", lang, word(f"core.factor.{value}", lang, str(value)))
    return word(f"core.label.{value}", lang, known)


def process_name(code: str, lang: str | None = None) -> str:
    """Return the title the client gave a process, else the reader's word for its code.

    >>> with process_titles({"quotation": "Offers"}):
    ...     process_name("quotation", "en"), process_name("spare_parts", "en")
    ('Offers', 'spare parts')
    >>> with process_titles({"quotation": "Offers"}):
    ...     process_name("quotation/check_price", "en")
    'Offers / check price'
    """
    if code in _titles.get():
        return _titles.get()[code]
    process, slash, step = code.partition("/")
    if slash and process in _titles.get():
        return f"{_titles.get()[process]} / {spelt(step, lang)}"
    return spelt(code, lang)


def spelt(code: str, lang: str | None = None) -> str:
    """Return the reader's word for a client's code; one without a word has its gaps opened.

    >>> spelt("order_approval", "zh-Hans"), spelt("spare_parts", "en"), spelt("P_7", "en")
    ('订单审批', 'spare parts', 'P_7')
    """
    known = label_of(code, lang)
    return code.replace("_", " ") if known == code and _CODE.fullmatch(code) else known


def joined_by(lang: str, spec: str = "list") -> str:
    """Return what stands between the items of a list, or between sentences."""
    if spec == SENTENCES:
        return "" if lang == "zh-Hans" else " "
    return "、" if lang == "zh-Hans" else ", "


def _known(lang: str) -> str:
    if lang not in LANGUAGES:
        raise UsageError(f"Language {lang!r} is not available: {nearest(lang, LANGUAGES)}")
    return lang


def _cut(value: object) -> str:
    return shortened(str(value), SLOT_COLUMNS)


def _flatten(prefix: str, node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in node.items():
        key = f"{prefix}.{name}"
        if isinstance(value, Mapping):
            yield from _flatten(key, value)
        else:
            yield key, value


class Filler(Formatter):
    """Fill slots by format words; every unknown word or missing slot is an error."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.slots: Mapping[str, Any] = {}

    def vformat(self, text: str, args: Any, slots: Mapping[str, Any]) -> str:
        self.slots = slots
        return super().vformat(text, args, slots)

    def format_field(self, value: Any, spec: str) -> str:
        if isinstance(value, Message):
            return say(value, self.lang)
        if spec == "label":
            return label_of(value, self.lang)
        if spec == "indicator":
            return indicator_label(value, self.lang)
        if spec == "tables":
            codes = [value] if isinstance(value, str) else list(value)
            value, spec = (
                [with_code(table_label(c, self.lang), c, self.lang) for c in codes],
                "list",
            )
        if spec == "name":
            return shortened(str(value), NAME_COLUMNS)
        if spec == "columns":
            table = str(self.slots.get("table"))
            value = [with_code(field_label(table, c, self.lang), c, self.lang) for c in value]
            spec = "list"
        if spec == "list":
            items = [say(v, self.lang) if isinstance(v, Message) else _cut(v) for v in value]
            return joined_by(self.lang).join(items)
        if spec == SENTENCES:
            return joined_by(self.lang, spec).join(say(item, self.lang) for item in value)
        if spec.startswith(_BY_NUMBER):
            one, many = spec.removeprefix(_BY_NUMBER).split("|")
            return one if value == 1 else many
        if spec.startswith(_BY_ZERO):
            return self._or_none(value, spec)
        if spec == "" and isinstance(value, str):
            return _cut(value)
        return formats.format_value(
            value, spec, lang=self.lang, currency=self.slots.get("currency")
        )

    def _or_none(self, value: Any, spec: str) -> str:
        kind, _, words = spec.partition(" ")
        none, _, around = words.partition("|")
        if value == 0:
            return none
        plain = "money" if kind == "zero_money" else "count"
        text = formats.format_value(
            value, plain, lang=self.lang, currency=self.slots.get("currency")
        )
        return (around or "#").replace("#", text)
