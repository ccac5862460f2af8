"""Matplotlib's SVG made small and stable: no metadata, rounded coordinates."""

import re

from lxml import etree

from crm_eval_lib.text.safe import REPLACEMENT

DECIMALS = 2  # hundredths of a point
_NUMBER = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")
_NO_ROTATION = re.compile(r"^rotate\(-?0 [^)]*\)$")
_NUMERIC = {"d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "width", "height", "points",
            "transform", "viewBox"}  # fmt: skip
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SVG = "{http://www.w3.org/2000/svg}"


def tidy_svg(text: str) -> str:
    """Return the drawing without header, metadata and comments, coordinates rounded."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True,
                             huge_tree=False)  # fmt: skip
    root = etree.fromstring(_ILLEGAL.sub(REPLACEMENT, text).encode("utf-8"), parser)
    for element in list(root.iter(f"{_SVG}metadata")):
        element.getparent().remove(element)
    for element in root.iter():
        for name, value in element.items():
            if name in _NUMERIC:
                element.set(name, " ".join(_NUMBER.sub(_rounded, value).split()))
        if _NO_ROTATION.match(element.get("transform", "")):
            del element.attrib["transform"]
        if element.tail and not element.tail.strip():
            element.tail = "\n" if element.tag == f"{_SVG}g" else None
    return etree.tostring(root, encoding="unicode")


def _rounded(match: re.Match[str]) -> str:
    text = f"{float(match.group()):.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
