"""XES event logs: one row per completed activity, attributes of case and event as columns."""

import io
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from lxml import etree

from crm_eval_lib.sources.raw import Place, Raw, numbered_headers, without_blanks

HEADERS = {
    "concept:name": "activity",
    "time:timestamp": "completed_at",
    "org:resource": "resource",
    "org:role": "role",
}
LIFECYCLE = "lifecycle:transition"
NOT_COLUMNS = (LIFECYCLE, "concept:instance")
FINISHED = ("", "complete")
VALUE_TAGS = ("string", "date", "int", "float", "boolean", "id")


def read_xes(data: bytes, place: Place) -> Raw:
    """Read an event log; events are numbered from 1 in the order of the file.

    The start of an activity is joined to its next completion in the same case; other transitions
    of the life cycle (schedule, suspend …) are no rows.
    """
    if not data.strip():
        raise place.refuse(found="an empty file", remedy="Fill the file or remove it.")
    try:
        records = list(_records(data))
    except etree.XMLSyntaxError as error:
        raise place.refuse(
            row=error.lineno,
            found=f"a corrupt XES file ({error.msg})",
            allowed="an event log in XES (XML)",
            remedy="Export the log again, or hand it in as CSV.",
        ) from error
    names = list(dict.fromkeys(name for _, record in records for name in record))
    columns = [
        pa.chunked_array([pa.array([record.get(name) for _, record in records], pa.string())])
        for name in names
    ]
    rows = np.array([number for number, _ in records], dtype=np.int64)
    headers, kept, rows = without_blanks(numbered_headers(names), columns, rows)
    return Raw(place, headers, kept, rows, ())


def _records(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield number and cells of every completed activity, case by case."""
    number = 0
    parser = etree.iterparse(
        io.BytesIO(data), tag="{*}trace", resolve_entities=False, no_network=True, huge_tree=True
    )
    for position, (_, trace) in enumerate(parser, 1):
        case = _attributes(trace)
        case_id = case.pop("concept:name", str(position))
        shared = {f"case:{name}": value for name, value in case.items()}
        started: dict[Any, deque[str]] = defaultdict(deque)
        for event in trace.iterchildren("{*}event"):
            number += 1
            cells = _attributes(event)
            activity = (cells.get("concept:name"), cells.get("concept:instance"))
            transition = cells.get(LIFECYCLE, "").lower()
            if transition == "start":
                started[activity].append(cells.get("time:timestamp", ""))
            if transition not in FINISHED:
                continue
            row = {"case_id": case_id}
            row |= {HEADERS.get(k, k): v for k, v in cells.items() if k not in NOT_COLUMNS}
            if started[activity]:
                row["started_at"] = started[activity].popleft()
            yield number, row | shared
        trace.clear()


def _attributes(element: Any) -> dict[str, str]:
    return {
        item.get("key", ""): item.get("value", "")
        for item in element.iterchildren(*(f"{{*}}{tag}" for tag in VALUE_TAGS))
    }
