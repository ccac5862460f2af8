"""Executed notebooks read as pieces of a page: prose, code and the outputs the page knows.

The file is read as JSON; importing nbformat would cost more than the whole page.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_eval_lib.text import LANGUAGES

STEP_MIME = "application/vnd.crm-eval.step+json"
FACTOR_MIME = "application/vnd.crm-eval.factor+json"
FIGURE_MIME = "application/vnd.crm-eval.figure+json"
_LANGUAGE_TAGS = {f"lang-{lang}": lang for lang in LANGUAGES}
_NOT_SHOWN = ("hide-cell", "injected-parameters")
_NO_CODE = ("hide-input", "hide-cell", "injected-parameters")
_PNG = b"\x89PNG\r\n\x1a\n"
_LIMIT = 20_000  # characters of one text output; the notebook has it whole


@dataclass(frozen=True, slots=True)
class Output:
    """One output: kind is step, figure, text, png or dropped."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the language: prose (markdown) or code with its outputs."""

    kind: str
    source: str
    tags: frozenset[str] = frozenset()
    outputs: tuple[Output, ...] = ()

    @property
    def code(self) -> str:
        """The code that may be shown; nothing for prose and hidden inputs."""
        hidden = self.kind != "code" or self.tags.intersection(_NO_CODE)
        return "" if hidden else self.source


@dataclass(frozen=True, slots=True)
class Notebook:
    """One notebook of a run in one language, and the parameters it was given."""

    name: str
    cells: tuple[Cell, ...] = field(default_factory=tuple)
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def factor(self) -> str:
        """What the notebook publishes: the name behind the order."""
        return self.name[3:]

    @property
    def opening(self) -> str:
        """The prose before the first code cell: title and question."""
        parts = []
        for cell in self.cells:
            if cell.kind != "markdown":
                break
            parts.append(cell.source)
        return "\n\n".join(parts)

    def outputs(self, kind: str) -> Iterator[tuple[Cell, Any]]:
        """Yield the outputs of one kind, each with its cell."""
        for cell in self.cells:
            for output in cell.outputs:
                if output.kind == kind:
                    yield cell, output.value


def read_notebook(path: Path, lang: str) -> Notebook:
    """Read an executed notebook, cells of the other language left out."""
    data = json.loads(path.read_text(encoding="utf-8"))
    cells = [_cell(item) for item in data.get("cells", ())]
    spoken = tuple(c for c in cells if c is not None and _speaks(c, lang))
    given = data.get("metadata", {}).get("papermill", {}).get("parameters", {})
    return Notebook(path.stem, spoken, given)


def _speaks(cell: Cell, lang: str) -> bool:
    languages = {_LANGUAGE_TAGS[tag] for tag in cell.tags if tag in _LANGUAGE_TAGS}
    return not languages or lang in languages


def _cell(data: Mapping[str, Any]) -> Cell | None:
    tags = frozenset(map(str, data.get("metadata", {}).get("tags", ())))
    kind = data.get("cell_type")
    if kind not in ("markdown", "code"):
        return None
    outputs = () if tags.intersection(_NOT_SHOWN) else tuple(_outputs(data.get("outputs", ())))
    return Cell(kind, _joined(data.get("source")), tags, outputs)


def _outputs(items: Any) -> Iterator[Output]:
    for item in items:
        kind = item.get("output_type")
        if kind == "stream":
            yield Output("text", _joined(item.get("text"))[:_LIMIT])
        elif kind == "error":
            yield Output("text", f"{item.get('ename')}: {item.get('evalue')}"[:_LIMIT])
        elif kind in ("execute_result", "display_data"):
            found = _displayed(item.get("data", {}))
            if found is not None:
                yield found


def _displayed(data: Mapping[str, Any]) -> Output | None:
    """Choose among the forms of one output; only known ones reach the page."""
    if FACTOR_MIME in data:
        return None  # the page shows what results.json says
    for mime, kind in ((FIGURE_MIME, "figure"), (STEP_MIME, "step")):
        if isinstance(data.get(mime), Mapping):
            return Output(kind, data[mime])
    png = _png(data.get("image/png"))
    if png:
        return Output("png", {"data": png, "alt": _joined(data.get("text/plain"))[:_LIMIT]})
    if "text/plain" in data:
        return Output("text", _joined(data["text/plain"])[:_LIMIT])
    return Output("dropped", ", ".join(sorted(map(str, data)))) if data else None


def _png(value: Any) -> str | None:
    if value is None:
        return None
    try:
        raw = base64.b64decode("".join(_joined(value).split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return base64.b64encode(raw).decode() if raw.startswith(_PNG) else None


def _joined(value: Any) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value or "")
