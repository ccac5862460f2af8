"""Text that came from outside, made fit to be shown: nothing invisible, nothing endless."""

import json
import re
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
ELLIPSIS = "…"
MOST_MARKS = 4  # accents on one letter; no language needs more, and a tower covers other lines
# Characters that reorder, hide or break what stands beside them.
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u206a-\u206f"
_HIDDEN = "\u200b\u2060-\u2064\ufeff\u00ad\u180e\u2028\u2029\ufff9-\ufffb"
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"  # letters without a shape
_TAGS = "\U000e0000-\U000e007f"  # invisible ASCII
_VARIANTS = "\U000e0100-\U000e01ef"  # choose the form of the Chinese character before them
_FLAG = "\U0001f3f4"  # alone may be followed by tags: the flags of regions are written with them
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")  # the wide ones as in a Chinese Excel
_UNSAFE = re.compile(
    f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
    f"{_BIDI}{_HIDDEN}{_BLANK_LETTERS}{_TAGS}{_VARIANTS}]"
)
_VARIANT = re.compile(
    f"(?<=[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af])[{_VARIANTS}]"
)
_REGION = re.compile(f"{_FLAG}[{_TAGS}]*")
_TIBETAN = range(0x0F00, 0x1000)  # stacks whole letters
_MARK_BLOCKS = (range(0x0300, 0x3100), range(0xFE00, 0xFE30))
_MARKS = "".join(
    chr(code) for block in _MARK_BLOCKS for code in block
    if unicodedata.category(chr(code)) in ("Mn", "Me") and code not in _TIBETAN
)  # fmt: skip
_MARK = re.compile(f"[{_MARKS}]")  # many times as quick as the next where there is none
_TOWER = re.compile(f"([{_MARKS}]{{{MOST_MARKS}}})[{_MARKS}]+")


def shown(text: object) -> str:
    """Return text in which every control character is visible and without effect.

    >>> shown("price\\u202egnp")
    'price[U+202E]gnp'
    """
    plain = str(text)
    if plain.isascii() and plain.isprintable():
        return plain
    visible = _UNSAFE.sub(_visible, plain)
    return _TOWER.sub(rf"\1{ELLIPSIS}", visible) if _MARK.search(visible) else visible


def escaped(json_text: str) -> str:
    """Return JSON that means the same, with every such character written as its escape.

    >>> escaped('{"name": "price\u202egnp"}')
    '{"name": "price\\\\u202egnp"}'
    """
    return _UNSAFE.sub(lambda match: json.dumps(match.group())[1:-1], json_text)


def disarmed(value: object) -> object:
    """Put an apostrophe before text that a spreadsheet would take for a formula.

    What cannot be seen is made visible, as on the page.

    >>> disarmed("=1+1"), disarmed(-1)
    ("'=1+1", -1)
    """
    if not isinstance(value, str):
        return value
    text = shown(value)
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


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
    if 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF):
        return REPLACEMENT
    if _VARIANT.match(match.string, match.start()):
        return match.group()
    flag = match.string.rfind(_FLAG, 0, match.start())
    if flag >= 0 and _REGION.match(match.string, flag).end() > match.start():
        return match.group()
    return f"[U+{code:04X}]"
