"""Text that came from outside, made fit to be shown: nothing invisible, nothing endless."""

import re
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
ELLIPSIS = "…"
# Characters that reorder or hide what stands beside them.
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_HIDDEN = "\u200b\u2060\ufeff\u00ad"
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")  # the wide ones as in a Chinese Excel
_UNSAFE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff{_BIDI}{_HIDDEN}]")


def shown(text: object) -> str:
    """Return text in which every control character is visible and without effect.

    >>> shown("price\\u202egnp")
    'price[U+202E]gnp'
    """
    return _UNSAFE.sub(_visible, str(text))


def disarmed(value: object) -> object:
    """Put an apostrophe before text that a spreadsheet would take for a formula.

    >>> disarmed("=1+1"), disarmed(-1)
    ("'=1+1", -1)
    """
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def width(text: str) -> int:
    """Return the width in columns: Chinese characters take two.

    >>> width("订单 A")
    6
    """
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def shortened(text: str, columns: int) -> str:
    """Cut text that is wider than this, with an ellipsis.

    >>> shortened("Regional Sales Office", 10)
    'Regional …'
    """
    if width(text) <= columns:
        return text
    kept, used = [], 1
    for char in text:
        used += width(char)
        if used > columns:
            break
        kept.append(char)
    return "".join(kept) + ELLIPSIS


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if 0xD800 <= code <= 0xDFFF or code >= 0xFFFE:
        return REPLACEMENT
    return f"[U+{code:04X}]"
