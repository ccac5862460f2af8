"""The Chinese font of charts and pages: where it is, and a subset of it for one page."""

import io
import os
from collections.abc import Iterable
from functools import cache, partial
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from crm_eval_lib.errors import CrmEvalError

CHINESE_FONT = "Noto Sans SC"
# Layout tables of 30,000 glyphs: costly to cut down, and nothing on a page needs them.
_DROPPED = ("GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx", "gasp")
_BROTLI_LEVEL = 9  # of 11: 3 % larger, a second of CPU less for a page of a thousand characters
_FORM = f"plain outlines, brotli {_BROTLI_LEVEL}"  # a cut of another form is not the same file


@cache
def chinese_font_file() -> Path:
    """Find the font file of the zhplot package without running the package's code."""
    spec = find_spec("zhplot")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "fonts" / "NotoSansSC-Regular.ttf"
        if path.is_file():
            return path
    raise CrmEvalError(f"The font {CHINESE_FONT} is missing: install the package zhplot again.")


def subset_font(characters: Iterable[str], cache_dir: Path | None = None) -> bytes:
    """Return a WOFF2 font with just these characters; those the font lacks are left out.

    Parameters
    ----------
    characters : iterable of str
    cache_dir : Path, optional
        Folder that keeps subsets by their set of characters.
    """
    codes = sorted({ord(char) for char in characters})
    if cache_dir is None:
        return _cut(codes)
    source = chinese_font_file().stat().st_size
    name = sha256(f"{_FORM}:{source}:{codes}".encode()).hexdigest()[:32]
    path = cache_dir / f"{name}.woff2"
    if not path.is_file():
        cache_dir.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{name}.{os.getpid()}")
        beside.write_bytes(_cut(codes))
        beside.replace(path)  # two runs may cut the same subset at one time
    return path.read_bytes()


def _cut(codes: list[int]) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(chinese_font_file(), lazy=True, recalcBBoxes=False, recalcTimestamp=False)
    # Names of our own: to make the usual ones, the library would read all 30,000 characters.
    font.setGlyphOrder([".notdef", *(f"g{place}" for place in range(1, font["maxp"].numGlyphs))])
    for table in _DROPPED:
        if table in font:
            del font[table]
    options = subset.Options(
        layout_features=[], hinting=False, name_IDs=[], glyph_names=False, notdef_outline=True,
        ignore_missing_unicodes=True,
    )  # fmt: skip
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codes)
    cutter.subset(font)
    return _packed(font)


def _packed(font: Any) -> bytes:
    """Write WOFF2; the library packs at brotli's costliest level, the next is as small.

    Outlines stay as they are: another order of their parts would make the file a fifth smaller,
    and takes two thirds of a second.
    """
    from fontTools.ttLib import woff2

    font.flavor, font.flavorData = "woff2", woff2.WOFF2FlavorData(transformedTables=())
    stream = io.BytesIO()
    brotli = woff2.brotli
    woff2.brotli = SimpleNamespace(
        MODE_FONT=brotli.MODE_FONT, compress=partial(brotli.compress, quality=_BROTLI_LEVEL)
    )
    try:
        font.save(stream)
    finally:
        woff2.brotli = brotli
    return stream.getvalue()
