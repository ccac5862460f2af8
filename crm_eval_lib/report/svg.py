"""Drawings rebuilt from a list of what is allowed: nothing else of an SVG reaches the page."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from lxml import etree

from crm_eval_lib.report.compact import compact
from crm_eval_lib.text.safe import shown

SVG = "http://www.w3.org/2000/svg"
_HREF = "{http://www.w3.org/1999/xlink}href"
_ELEMENTS = frozenset(
    {"svg", "g", "defs", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon",
     "text", "tspan", "clipPath", "use"}
)  # fmt: skip
_GEOMETRY = frozenset(
    {"d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy", "width",
     "height", "points", "transform"}
)  # fmt: skip
_LOOK = frozenset(
    {"fill", "stroke", "opacity", "fill-opacity", "stroke-opacity", "stroke-width",
     "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "text-anchor",
     "font-size", "font-weight", "font-style", "clip-path", "fill-rule", "dominant-baseline"}
)  # fmt: skip
_Look = Mapping[str, str]
_PLAIN = re.compile(r"[\w\s.,#%()+-]*", re.ASCII)
_LOCAL = re.compile(r"url\(#([\w.:-]+)\)", re.ASCII)
_REFERENCE = re.compile(r"#([\w.:-]+)", re.ASCII)
_FONT = re.compile(r"font:\s*(?:(?P<weight>\d+|bold)\s+)?(?P<size>[\d.]+px)\b[^;]*")
# Colours of the chart style by role: the page gives each a lighter twin for dark mode.
_ROLES = {
    "#262626": "ink", "#000000": "ink", "#5f6368": "muted", "#d9d9d9": "rule", "#ffffff": "paper",
    "#9a9a9a": "context", "#0072b2": "first", "#d55e00": "second", "#009e73": "third",
    "#cc79a7": "fourth", "#bf8600": "watch", "#7a0019": "poor",
}  # fmt: skip


def safe_svg(text: str, *, prefix: str, title: str, description: str) -> str | None:
    """Rebuild a drawing; None when it is no drawing at all.

    Parameters
    ----------
    text : str
        SVG of unknown origin.
    prefix : str
        Put before every id, so that drawings of one page do not share any.
    title, description : str
        What the drawing is called and what a reader who cannot see it is told.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(str(text).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    if not isinstance(root.tag, str) or etree.QName(root).localname != "svg":
        return None
    looks = {element: _declarations(element) for element in root.iter(etree.Element)}
    names = dict.fromkeys(name for item, look in looks.items() for name in _references(item, look))
    used = {name: f"{prefix}{place}" for place, name in enumerate(names)}
    new = etree.Element(f"{{{SVG}}}svg", _attributes(root, looks[root], used), {None: SVG})
    _rebuild(root, new, looks, used)
    compact(new)
    for name in [name for name in new.attrib if name not in ("class", "fill")]:
        del new.attrib[name]
    new.set("viewBox", _view_box(root))
    new.set("role", "img")
    new.set("aria-label", shown(description or title))
    for position, (tag, words) in enumerate((("title", title), ("desc", description))):
        label = etree.Element(f"{{{SVG}}}{tag}")
        label.text = shown(words)
        new.insert(position, label)
    etree.cleanup_namespaces(new)
    return etree.tostring(new, encoding="unicode")


def _rebuild(
    old: etree._Element, new: etree._Element, looks: Mapping[Any, _Look], used: Mapping[str, str]
) -> None:
    """Put the parts of a drawing that are allowed into the new one."""
    for child in old.iterchildren(etree.Element):
        namespace, _, name = child.tag[1:].rpartition("}")
        if namespace != SVG or name not in _ELEMENTS:
            continue
        attributes = _attributes(child, looks[child], used)
        if name == "g" and not attributes:
            _rebuild(child, new, looks, used)  # a group that says nothing
            continue
        part = etree.SubElement(new, child.tag, attributes)
        if name in ("text", "tspan"):
            part.text = shown(child.text or "")
        _rebuild(child, part, looks, used)
        if name in ("g", "defs") and not len(part):
            new.remove(part)


def _attributes(old: etree._Element, look: _Look, used: Mapping[str, str]) -> dict[str, str]:
    kept = {k: v for k, v in old.attrib.items() if k in _GEOMETRY and _PLAIN.fullmatch(v)}
    classes = []
    for name, value in look.items():
        local = _LOCAL.fullmatch(value)
        if name == "clip-path":
            if local:
                kept[name] = f"url(#{used[local.group(1)]})"
            continue
        if not _PLAIN.fullmatch(value) or "url" in value.lower():
            continue
        kept[name] = value.removesuffix("px") if name == "font-size" else value
        role = _ROLES.get(value.lower())
        if role and name in ("fill", "stroke"):
            classes.append(f"{name[0]}-{role}")
    reference = _REFERENCE.fullmatch(old.get(_HREF, old.get("href", "")))
    if reference and old.tag.endswith("}use"):
        kept["href"] = f"#{used[reference.group(1)]}"
    if old.get("id") in used:
        kept["id"] = used[old.get("id")]
    if classes:
        kept["class"] = " ".join(classes)
    return kept


def _declarations(element: etree._Element) -> _Look:
    """Return the look of an element, from its attributes and its style."""
    found = {name: value.strip() for name, value in element.attrib.items() if name in _LOOK}
    return found | _styled(element.get("style", ""))


@lru_cache
def _styled(style: str) -> _Look:
    """Read a style; the many elements of a drawing share a few."""
    found = {}
    short = _FONT.search(style)
    if short:
        found["font-size"] = short["size"]
        if short["weight"]:
            found["font-weight"] = short["weight"]
    for part in style.split(";"):
        name, colon, value = part.partition(":")
        if colon and name.strip() in _LOOK:
            found[name.strip()] = value.strip()
    return found


def _references(element: etree._Element, look: _Look) -> list[str]:
    values = [element.get(_HREF, ""), element.get("href", ""), *look.values()]
    matches = (
        _REFERENCE.fullmatch(value) or _LOCAL.fullmatch(value) for value in values if "#" in value
    )
    return [match.group(1) for match in matches if match]


def _view_box(root: etree._Element) -> str:
    box = root.get("viewBox", "")
    return box if re.fullmatch(r"[\d.\s-]+", box) else "0 0 518 230"
