"""Parameters of notebooks: what a notebook declares, and a check of what it is given."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_eval_lib.errors import ConfigError, ParameterError, UsageError, ended, nearest

_TYPES = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}
NOTEBOOK_FORMAT = 4
_PLAIN = re.compile(  # of such a line papermill reads the same
    r"(?P<name>\w+): (?P<type>\w+) = (?P<default>[^\s=#](?:[^=#]*[^\s=#])?)"
    r"(?:\s*# (?!type:)(?P<help>[^\s=][^=]*?))?\s*"
)
RANGES = {"confidence": (0, 1)}  # open intervals, for knobs of these names in any notebook


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter: name, type word, default as written, help."""

    name: str
    type: str
    default: str
    help: str


def declared(notebook: Path) -> dict[str, Parameter]:
    """Read the parameters a notebook declares in its parameters cell."""
    found = _plainly_declared(notebook)
    if found is None:
        found = _inspected(notebook)
    return {item.name: item for item in found}


def _plainly_declared(notebook: Path) -> list[Parameter] | None:
    """Read a cell of plain lines; None for papermill to look at what is not plain.

    To import papermill takes longer than to check all tables of most clients.
    """
    try:
        book = json.loads(notebook.read_text(encoding="utf-8"))
        sources = ["".join(cell["source"]) for cell in _whole_cells(book)
                   if "parameters" in cell["metadata"].get("tags", [])]  # fmt: skip
    except (OSError, ValueError, LookupError, AttributeError, TypeError):
        return None
    if book.get("nbformat") != NOTEBOOK_FORMAT:
        return None
    lines = sources[0].splitlines() if sources else []
    found = [_PLAIN.fullmatch(line) for line in lines if line.strip() and line[0] != "#"]
    return [Parameter(**line.groupdict("")) for line in found] if all(found) else None


def _whole_cells(book: Any) -> list[Any]:
    """Return the cells of a notebook; one that lacks a part it must have is an error."""
    for part in (book, *book["cells"]):
        part["metadata"].get("tags")
        for output in part.get("outputs", ()):
            output.get("data", {}).get("text/plain")
    return book["cells"]


def _inspected(notebook: Path) -> list[Parameter]:
    from nbformat import ValidationError, convert, reader
    from papermill.translators import PythonTranslator

    try:
        node = convert(reader.reads(notebook.read_text(encoding="utf-8")), NOTEBOOK_FORMAT)
        tagged = [cell for cell in node.cells if "parameters" in cell.metadata.get("tags", [])]
        found = PythonTranslator.inspect(tagged[0]) if tagged else []
    except (OSError, ValueError, LookupError, AttributeError, TypeError, ValidationError) as error:
        raise UsageError(
            f"{notebook} cannot be read as a notebook ({str(error).splitlines()[0][:120]}). "
            "Save it again in JupyterLab, or remove it."
        ) from error
    return [
        Parameter(item.name, item.inferred_type_name, item.default, item.help or "")
        for item in found
    ]


def assigned(
    notebooks: Mapping[str, Path],
    common: Mapping[str, Any],
    configured: Mapping[str, Mapping[str, Any]],
    given: Mapping[str, Mapping[str, Any]],
) -> dict[str, dict[str, Any]]:
    """Return the parameters of each notebook, all mistakes of all notebooks in one error.

    Parameters
    ----------
    notebooks : mapping of str to Path
        The notebooks of a run by name.
    common : mapping
        What every notebook gets.
    configured, given : mapping of str to mapping
        Knobs by notebook: of client.yml, and of the command line, which win.
    """
    wrong = [
        f"parameters: there is no notebook {name!r} – {ended(nearest(name, notebooks))}"
        for name in dict.fromkeys([*configured, *given])
        if name not in notebooks
    ]
    values: dict[str, dict[str, Any]] = {}
    for name, path in notebooks.items():
        knobs = {**(configured.get(name) or {}), **given.get(name, {})}
        wrong += [f"{name}: parameter {key!r} is set by the run; remove it."
                  for key in knobs if key in common]  # fmt: skip
        try:
            values[name] = checked(path, {**knobs, **common})
        except UsageError as error:
            wrong.append(str(error))
    if wrong:
        # where the caller gave knobs too, these may be what is wrong
        raise (ParameterError if given else ConfigError)("\n".join(wrong))
    return values


def checked(notebook: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values given, each of its declared type.

    Raises
    ------
    ParameterError
        A name nobody declared (with the nearest), or a value of another type; all at once.
    """
    known = declared(notebook)
    if given and not known:
        raise ParameterError(
            f"{notebook.stem}: no cell tagged 'parameters' declares {', '.join(given)}. Copy that "
            "of a standard notebook."
        )
    wrong = [_unknown(notebook, name, known) for name in given if name not in known]
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            continue
        try:
            values[name] = _typed(value, known[name].type)
        except ValueError:
            wrong.append(
                f"{notebook.stem}: parameter {name!r} is {value!r} "
                f"({type(value).__name__}); it must be {known[name].type}."
            )
        else:
            wrong += _out_of_range(notebook, name, values[name])
    if wrong:
        raise ParameterError("\n".join(wrong))
    return values


def _out_of_range(notebook: Path, name: str, value: Any) -> list[str]:
    low, high = RANGES.get(name, (None, None))
    if low is None or low < value < high:
        return []
    return [
        f"{notebook.stem}: parameter {name!r} is {value}; it must lie between {low} and {high}."
    ]


def _unknown(notebook: Path, name: str, known: Mapping[str, Parameter]) -> str:
    return f"{notebook.stem}: there is no parameter {name!r} – {ended(nearest(name, known))}"


def _typed(value: Any, type_word: str) -> Any:
    wanted = _TYPES.get(type_word.split("[")[0])
    if wanted is None:
        return value
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise ValueError(value)
    return value


def from_text(notebook: Path, pairs: Mapping[str, str]) -> dict[str, Any]:
    """Read values typed on the command line by their declared types ("007" stays text)."""
    known = declared(notebook)
    wrong = [_unknown(notebook, name, known) for name in pairs if name not in known]
    if wrong:
        raise ParameterError("\n".join(wrong))
    values = {name: _parse(notebook, known[name], text) for name, text in pairs.items()}
    wrong = [
        text for name, value in values.items() for text in _out_of_range(notebook, name, value)
    ]
    if wrong:
        raise ParameterError("\n".join(wrong))
    return values


def _parse(notebook: Path, parameter: Parameter, text: str) -> Any:
    kinds = {"int": int, "float": float, "bool": _flag, "str": str}
    try:
        return kinds.get(parameter.type, str)(text)
    except ValueError:
        raise ParameterError(
            f"{notebook.stem}: parameter {parameter.name!r} is {text!r}; "
            f"it must be {parameter.type}."
        ) from None


def _flag(text: str) -> bool:
    flags = {"true": True, "yes": True, "false": False, "no": False}
    if text.lower() not in flags:
        raise ValueError(text)
    return flags[text.lower()]
