"""What an analyst calls in a notebook says in its help what it needs and gives."""

import ast
import inspect
import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

PACKAGE = "crm_eval_lib"
NOTEBOOKS = sorted(path.name for path in (Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def _imported(tree: ast.AST) -> Iterator[tuple[str, Any]]:
    """Names that a notebook takes from the library."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(PACKAGE):
            home = import_module(node.module)
            for item in node.names:
                found = getattr(home, item.name, None)
                found = found or import_module(f"{node.module}.{item.name}")
                yield item.asname or item.name, found


def _meant(node: ast.AST, names: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        return getattr(_meant(node.value, names), node.attr, None)
    return None


def _called(path: Path) -> dict[str, Any]:
    """Functions of the library that a notebook calls or hands on, by name."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    trees = [ast.parse("".join(cell["source"])) for cell in cells if cell["cell_type"] == "code"]
    names = {name: found for tree in trees for name, found in _imported(tree)}
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = [_meant(part, names) for call in calls for part in (call.func, *call.args)]
    return {f"{item.__module__}.{item.__qualname__}": item for item in found
            if inspect.isroutine(item) and item.__module__.startswith(PACKAGE)}  # fmt: skip


def missing(function: Any) -> list[str]:
    """What the help of a function leaves out; a drawing is no doctest."""
    text = inspect.getdoc(function) or ""
    needed = ["Returns"] + ["Examples"] * (not function.__name__.startswith("plot_"))
    absent = [name for name in needed if not re.search(rf"^{name}\n-+$", text, re.MULTILINE)]
    told = re.findall(r"^(\w+(?:, \w+)*) : ", text, re.MULTILINE)
    known = {name for names in told for name in names.split(", ")}
    return absent + [name for name in inspect.signature(function).parameters if name not in known]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_what_a_notebook_calls_is_documented_with_parameters_returns_and_an_example(name, project):
    called = _called(project / "notebooks" / name)
    assert len(called) > 3
    assert {at: missing(item) for at, item in called.items() if missing(item)} == {}


def test_help_without_a_parameter_or_an_example_is_found():
    def half(rows, *, level=1):
        """Do it.

        Parameters
        ----------
        rows : DataFrame

        Returns
        -------
        Step
        """

    assert missing(half) == ["Examples", "level"]
