"""YAML as text: every scalar stays as written, so that 007, NO and off are what the client meant.

The type of a value is decided by the key it stands behind, not by how YAML would guess it.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from crm_eval_lib.errors import ConfigError

MOST_VALUES = 20_000  # more than any client needs; stops aliases that multiply
DEEPEST = 20  # levels
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]")
_PLACE = tuple[Any, ...]


class Plain(str):
    """A scalar written without quotes; `typed` says what YAML 1.2 takes it for."""


@dataclass
class Document:
    """What a file says: nested mappings and lists of text, and the line of every key."""

    values: Any = None
    lines: dict[_PLACE, int] = field(default_factory=dict)
    mistakes: list[tuple[_PLACE, str]] = field(default_factory=list)

    def line(self, place: _PLACE) -> int | None:
        """Return the line of a key, or of the nearest key above it."""
        for length in range(len(place), 0, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return None


def read_yaml(text: str) -> Document:
    """Read one YAML document; repeated keys become mistakes of the document.

    >>> read_yaml("client: 007").values
    {'client': '007'}

    Raises
    ------
    ConfigError
        Not YAML; the line is named.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise ConfigError(_broken(error)) from error
    except yaml.YAMLError as error:
        raise ConfigError(f"not readable as YAML: {error}") from error
    except RecursionError as error:
        raise ConfigError("not readable as YAML: nested too deeply.") from error
    document = Document()
    if node is not None:
        document.values = _Reading(document).value(node, ())
    return document


def typed(value: Any) -> Any:
    """Give unquoted scalars their YAML 1.2 type, through lists and mappings.

    A number with leading zeros is an id and stays text.

    >>> typed([Plain("0.95"), Plain("007"), Plain("true"), "1"])
    [0.95, '007', True, '1']
    """
    if isinstance(value, dict):
        return {str(name): typed(item) for name, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    if not isinstance(value, Plain):
        return value
    if value in _TRUTH:
        return _TRUTH[value]
    if _INTEGER.fullmatch(value):
        return int(value)
    if _FLOAT.fullmatch(value) and not _LEADING_ZERO.match(value):
        return float(value)
    return str(value)


def _broken(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return (
        f"{place}not readable as YAML ({error.problem or error.context}). Indent with blanks, not "
        "tabs; close every quote and bracket; put texts that hold ': ' or ' #' in quotes."
    )


class _Reading:
    """Turn YAML nodes into values, counting them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.count = 0

    def value(self, node: yaml.Node, place: _PLACE) -> Any:
        self.count += 1
        if self.count > MOST_VALUES or len(place) > DEEPEST:
            line = node.start_mark.line + 1
            raise ConfigError(
                f"line {line}: too large or too deeply nested (or an alias in itself)."
            )
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, i)) for i, item in enumerate(node.value)]
        if node.style is not None:  # quoted, or a block of text
            return node.value
        return None if node.value in _NULL else Plain(node.value)

    def _mapping(self, node: yaml.MappingNode, place: _PLACE) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise ConfigError(f"line {line}: a key must be one word, not a list or a mapping.")
            name = str(key_node.value)
            here = (*place, name)
            if name in found:
                first = self.document.lines[here]
                text = f"stands here twice, first in line {first}; keep one of them"
                self.document.mistakes.append((here, text))
            self.document.lines[here] = line
            found[name] = self.value(value_node, here)
        return found
