"""A sentence taken apart: its fixed words, and each printed value with the slot it came from.

What a page needs to lead every printed number back to the value it was rounded from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Any

from crm_eval_lib.results import Message
from crm_eval_lib.text import SENTENCES, Filler, catalogue, joined_by


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a sentence.

    Parameters
    ----------
    text : str
        As printed.
    slot : tuple of str
        The way to the value within the message's slots; empty for fixed words.
    value : object
        What was printed, before it was rounded.
    spec : str
        Its format word.
    """

    text: str
    slot: tuple[str, ...] = ()
    value: Any = None
    spec: str = ""


def pieces(message: Message, lang: str) -> Iterator[Piece]:
    """Take a sentence apart; the texts together are what `say` says.

    >>> message = Message("report.summary.complete", {"n": 9, "m": 30})
    >>> [piece.text for piece in pieces(message, "en")]
    ['Based on ', '9', ' of ', '30', ' core tables.']
    """
    filler = Filler(lang)
    filler.slots = message.slots
    for literal, name, spec, _ in Formatter().parse(catalogue(lang)[message.key]):
        if literal:
            yield Piece(literal)
        if name is not None:
            yield from _filled(filler, (name,), message.slots[name], spec or "")


def _filled(filler: Filler, slot: tuple[str, ...], value: Any, spec: str) -> Iterator[Piece]:
    if isinstance(value, Message):
        for piece in pieces(value, filler.lang):
            way = (*slot, *piece.slot) if piece.slot else ()
            yield Piece(piece.text, way, piece.value, piece.spec)
    elif spec in ("list", SENTENCES) and any(isinstance(item, Message) for item in value):
        for place, item in enumerate(value):
            if place:
                yield Piece(joined_by(filler.lang, spec))
            yield from _filled(filler, (*slot, str(place)), item, "")
    else:
        yield Piece(filler.format_field(value, spec), slot, value, spec)
