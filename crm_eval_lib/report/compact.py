"""Drawings written short: what is not seen is dropped, what neighbours share is said once."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from lxml import etree

DECIMALS = 1  # of a point: a fifth of a pixel at the width of the page
_POSITIONS = frozenset(
    {"d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "width", "height", "points"}
)
_NUMBER = re.compile(r"-?\d*\.\d+")
_STEP = re.compile(r"([A-Za-z])|(-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)")
# What a group may say for its members; opacity and transforms act on a group as a whole.
_SHARED = frozenset(
    {"class", "fill", "stroke", "fill-opacity", "stroke-opacity", "stroke-width",
     "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "text-anchor", "font-size",
     "font-weight", "clip-path"}
)  # fmt: skip
_GRID = "s-rule"  # class of grid lines


def compact(root: etree._Element) -> None:
    """Shorten a rebuilt drawing in place; it looks the same to a fifth of a pixel."""
    for element in list(root.iter()):
        if _unseen(element):
            element.getparent().remove(element)
    markers = {part for defs in root.iter("{*}defs") for part in defs.iter()}
    for element in root.iter():
        _without_painted_twice(element)
        if element not in markers:  # those are drawn from small numbers
            for name in _POSITIONS & set(element.attrib):
                element.set(name, _NUMBER.sub(_rounded, element.get(name)))
        if element.get("d"):
            element.set("d", short_path(element.get("d")))
    for parent in [item for item in root.iter() if _name(item) in ("svg", "g")]:
        parent[:] = list(_grouped(_joined(_grid_first(list(parent)))))


def short_path(text: str) -> str:
    """Return a path with no needless blanks, letters and points.

    Examples
    --------
    >>> short_path("M 1 2 L 3 2 L 5 2 L 5 -7 z")
    'M1 2H5V-7z'
    """
    found = _STEP.findall(text)
    if any(letter not in "MLz" for letter, _ in found if letter):
        return _written((letter or number) for letter, number in found)
    return "".join(_polyline(points, closed) for points, closed in _pieces(found))


def _pieces(found: Iterable[tuple[str, str]]) -> Iterator[tuple[list[tuple[str, str]], bool]]:
    """Cut absolute lines into pieces, each its points and whether it closes."""
    points: list[tuple[str, str]] = []
    closed, waiting = False, ""
    for letter, number in found:
        if letter == "M" and points:
            yield points, closed
            points, closed = [], False
        closed = closed or letter == "z"
        if letter:
            continue
        if waiting:
            points.append((waiting, number))
        waiting = "" if waiting else number
    if points:
        yield points, closed


def _polyline(points: list[tuple[str, str]], closed: bool) -> str:
    kept: list[tuple[str, str]] = []
    for point in points:
        if len(kept) > 1 and _between(kept[-2], kept[-1], point):
            kept.pop()
        if not kept or point != kept[-1]:
            kept.append(point)
    if len(kept) == 1:
        kept *= 2  # a point: round caps make it a dot
    steps, last = [], "M"
    for place, (x, y) in enumerate(kept):
        before = kept[place - 1] if place else None
        letter = "H" if before and y == before[1] else "V" if before and x == before[0] else "L"
        if before is None:
            steps += ["M", x, y]
            continue
        steps += [letter] if letter != last and not (letter == "L" and last == "M") else []
        steps += [x] if letter == "H" else [y] if letter == "V" else [x, y]
        last = letter
    return _written(steps) + ("z" if closed else "")


def _between(first: tuple[str, str], middle: tuple[str, str], last: tuple[str, str]) -> bool:
    """Say whether the middle lies on the straight level or upright way from first to last."""
    for along, across in ((0, 1), (1, 0)):
        if first[across] == middle[across] == last[across]:
            low, value, high = float(first[along]), float(middle[along]), float(last[along])
            return min(low, high) <= value <= max(low, high)
    return False


def _written(parts: Iterable[str]) -> str:
    text = ""
    for part in parts:
        apart = text and not text[-1].isalpha() and not part.isalpha() and not part.startswith("-")
        text += f" {part}" if apart else part
    return text


def _rounded(match: re.Match[str]) -> str:
    text = f"{float(match.group()):.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2]


def _unseen(element: etree._Element) -> bool:
    unpainted = element.get("fill") == "none" and element.get("stroke", "none") == "none" \
        and not element.get("id") and "s-" not in element.get("class", "")  # fmt: skip
    return unpainted and _name(element) in ("path", "rect") \
        and next(element.iterancestors("{*}clipPath"), None) is None  # fmt: skip


def _without_painted_twice(element: etree._Element) -> None:
    """Drop a colour where a class of the page gives it."""
    for name in element.get("class", "").split():
        element.attrib.pop({"f": "fill", "s": "stroke"}.get(name[0], ""), None)


def _grid_first(children: list[etree._Element]) -> list[etree._Element]:
    """Move labels between grid lines behind the lines, so that like stands beside like."""
    ordered: list[etree._Element] = []
    labels: list[etree._Element] = []
    for child in children:
        if _is_grid(child):
            ordered.append(child)
        elif _name(child) == "text" and ordered and (labels or _is_grid(ordered[-1])):
            labels.append(child)
        else:
            ordered += [*labels, child]
            labels = []
    return ordered + labels


def _is_grid(element: etree._Element) -> bool:
    return _name(element) == "path" and element.get("class") == _GRID


def _joined(children: list[etree._Element]) -> Iterator[etree._Element]:
    """Make one path of neighbouring lines of one look; see-through ones would add up."""
    last = None
    for child in children:
        if last is not None and _is_line(child) and _look(child) == _look(last):
            last.set("d", last.get("d") + child.get("d"))
            continue
        last = child if _is_line(child) else None
        yield child


def _is_line(element: etree._Element) -> bool:
    solid = not {"opacity", "stroke-opacity", "id", "transform"} & set(element.attrib)
    return _name(element) == "path" and element.get("fill") == "none" and solid


def _look(element: etree._Element) -> dict[str, str]:
    return {name: value for name, value in element.attrib.items() if name != "d"}


def _grouped(children: Iterable[etree._Element]) -> Iterator[etree._Element]:
    """Put neighbours of one look into a group that says the look once."""
    for (_, shared), items in groupby(children, key=_group_key):
        members = list(items)
        if len(members) < 2 or not shared:
            yield from members
            continue
        group = etree.Element(f"{{{etree.QName(members[0]).namespace}}}g")
        for name, value in shared:
            group.set(name, value)
            for member in members:
                del member.attrib[name]
        group.extend(members)
        yield group


def _group_key(element: etree._Element) -> tuple[str, tuple[tuple[str, str], ...]]:
    tag = _name(element)
    if tag not in ("path", "text", "use", "rect", "circle", "line") or element.get("id"):
        return tag, ()
    names = _SHARED - ({"clip-path"} if element.get("transform") else set())
    return tag, tuple(sorted((n, v) for n, v in element.attrib.items() if n in names))
