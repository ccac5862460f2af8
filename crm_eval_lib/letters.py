"""Texts compared by their letters: what people type twice is seldom typed alike."""

import unicodedata


def folded(text: object) -> str:
    """Return a text as it is compared: width, case and the number of spaces do not count.

    >>> folded("  Ｆinance   DEPT "), folded("财务　部")
    ('finance dept', '财务 部')
    """
    return " ".join(unicodedata.normalize("NFKC", str(text)).casefold().split())
