"""References from the page into results.json: every number leads to what it was rounded from.

A reference is a path: names and ids divided by ``/`` (a ``/``, ``%`` or blank inside a name is
percent-escaped). An id finds the entry of a list, a slot the value of a sentence kept as key and
slots. Within an element that has a reference, one that begins with ``./`` goes on from there. On
the portfolio a reference begins with the report: ``demo-trading/results.json/overall/score``.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from crm_eval_lib.report.notebook import Notebook
from crm_eval_lib.results import Message
from crm_eval_lib.text import catalogue
from crm_eval_lib.text.pieces import Piece, pieces
from crm_eval_lib.text.safe import shown

_DIGIT = re.compile(r"\d")
_PLAIN = "[]=.:+@&,;()!*'$"  # what an id may hold beside letters and digits without being escaped
_DAYS = ("date", "month", "year")
_STEP_WORDS = ("sentence", "headline", "subtitle")


def ref(*names: object) -> str:
    """Return the path to a value of results.json.

    >>> ref("indicators", "cost.bridge[other/fx]", "value")
    'indicators/cost.bridge[other%2Ffx]/value'
    """
    return "/".join(quote(str(name), safe=_PLAIN) for name in names)


def numbered(text: str, path: str) -> Markup:
    """Print a number with its reference; text without digits as it is.

    >>> numbered("12.7%", "indicators/cost.cpi/value")
    Markup('<span data-ref="indicators/cost.cpi/value">12.7%</span>')
    """
    if not path or not _DIGIT.search(text):
        return escape(text)
    return Markup('<span data-ref="{}">{}</span>').format(path, text)


def marked(
    said: Any, lang: str, path: str = "", *, paths: Mapping[str, str] | None = None
) -> Markup:
    """Say a message, each number with the reference it was rounded from.

    Parameters
    ----------
    said : Message, mapping, str or None
        A message, its plain form, or text that is said already.
    path : str
        Where results.json keeps the message; a slot's reference is below it.
    paths : mapping of str to str, optional
        References of single slots, for a sentence made by the page itself.

    Examples
    --------
    >>> marked(Message("report.summary.planned", {"day": "2024-07-01"}), "en")
    Markup('planned <time>2024-07-01</time>')
    """
    if isinstance(said, Mapping):
        said = Message.from_dict(said)
    if not isinstance(said, Message):
        return escape(shown(said or ""))
    if said.key not in catalogue(lang):
        return escape(shown(said.key))
    return Markup("").join(_marked(piece, path, paths or {}) for piece in pieces(said, lang))


def told(item: Mapping[str, Any] | None, name: str, lang: str, path: str) -> Markup:
    """Say a text of results.json, by its key and slots (``<name>_said``) where it has them.

    Parameters
    ----------
    item : mapping or None
        An entry of results.json.
    name : str
        ``sentence``, ``message`` or ``reason``.
    path : str
        The reference of the entry.
    """
    item = item or {}
    return marked(item.get(f"{name}_said") or item.get(name), lang, f"{path}/{name}_said")


def once(texts: Iterable[Markup]) -> tuple[Markup, ...]:
    """Keep the first of texts that read alike, whatever they refer to."""
    by_words: dict[str, Markup] = {}
    for text in texts:
        by_words.setdefault(text.striptags(), text)
    return tuple(text for words, text in by_words.items() if words)


def with_sentences(results: Mapping[str, Any], notebooks: Iterable[Notebook]) -> dict[str, Any]:
    """Add to results.json what the steps and figures of the notebooks say, as keys and slots."""
    steps: dict[str, Any] = {}
    figures: dict[str, Any] = {}
    for book in notebooks:
        for _, step in book.outputs("step"):
            steps.setdefault(str(step["name"]), _sentences(step))
        for _, item in book.outputs("figure"):
            words = {"step": item.get("step"), "notebook": book.name, **(item.get("said") or {})}
            figures.setdefault(str(item["id"]), words)
    return {**results, "steps": steps, "figures": figures}


def _sentences(step: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "indicators": [item["id"] for item in step.get("indicators") or ()],
        **{name: step.get(name) for name in _STEP_WORDS},
        "caveats": [caveat.get("message") for caveat in step.get("caveats") or ()],
    }


def _marked(piece: Piece, path: str, paths: Mapping[str, str]) -> Markup:
    if isinstance(piece.value, Markup):
        return piece.value  # a part the page has said already
    text = shown(piece.text)
    if not piece.slot or not _DIGIT.search(text):
        return escape(text)
    if piece.spec in _DAYS:
        return Markup("<time>{}</time>").format(text)
    known = paths.get(piece.slot[0])
    if known is None and isinstance(piece.value, str | list | tuple):
        return Markup("<bdi>{}</bdi>").format(text)  # a name or an id
    return numbered(text, known or (path and f"{path}/{ref(*piece.slot)}"))
