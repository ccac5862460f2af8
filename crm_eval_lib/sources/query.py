"""DuckDB queries of ``sources:``: read-only, inside the client's folder and roots.

A query is parsed first. Every file it names is looked up and must lie inside the allowed folders,
wherever links and ``..`` lead; its name is replaced by the real path. Only these very files are
then open to DuckDB (allowed_paths); extensions, network and settings are locked. A zip with one
table inside is unpacked beside the run first: DuckDB itself reads .gz only.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from crm_eval_lib.sources.files import unzipped
from crm_eval_lib.sources.paths import Area
from crm_eval_lib.sources.raw import Place, Raw
from crm_eval_lib.sources.typed import from_arrow

READERS = ("read_csv", "read_csv_auto", "read_json", "read_json_auto", "read_ndjson",
           "read_ndjson_auto", "read_parquet", "parquet_scan")  # fmt: skip
HARMLESS = ("generate_series", "generate_subscripts", "json_each", "json_tree", "range",
            "regexp_split_to_table", "repeat", "unnest")  # fmt: skip
ZIPPED = ".zip"
LOCKED = {
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}


def read_query(query: str, place: Place, area: Area, *, timezone: str) -> Raw:
    """Run a query and take its result.

    Parameters
    ----------
    query : str
        One SELECT.
    place : Place
        Names the table in messages.
    area : Area
        What may be read.
    timezone : str
        Zone in which DuckDB turns text into moments.
    """
    tree = _parsed(query, place)
    files = _resolved(tree, place, area)
    with (
        tempfile.TemporaryDirectory(prefix="crm-eval-") as spill,
        duckdb.connect(config={**LOCKED, "temp_directory": spill}) as connection,
    ):
        opened = [_unpacked(path, tree, place, area, Path(spill)) for path in dict.fromkeys(files)]
        try:
            table = _run(connection, tree, opened, timezone)
        except duckdb.Error as error:
            raise _failed(place, str(error)) from error
    return from_arrow(table, place, files=tuple(dict.fromkeys(files)))


def files_named(query: str, place: Place, area: Area) -> list[Path]:
    """Return the files a query reads, without running it."""
    return _resolved(_parsed(query, place), place, area)


def _parsed(query: str, place: Place) -> dict[str, Any]:
    with duckdb.connect(config=LOCKED) as connection:
        text = connection.execute("SELECT json_serialize_sql(?)", [query]).fetchone()[0]
    tree = json.loads(text)
    if tree["error"]:
        raise _failed(place, tree.get("error_message", "it cannot be parsed"))
    if len(tree["statements"]) != 1:
        raise _failed(place, f"{len(tree['statements'])} statements")
    return tree


def _run(
    connection: duckdb.DuckDBPyConnection, tree: dict[str, Any], files: list[Path], timezone: str
) -> Any:
    connection.execute(f"SET TimeZone = {_quoted(timezone)}")
    query = connection.execute("SELECT json_deserialize_sql(?)", [json.dumps(tree)]).fetchone()[0]
    paths = ", ".join(_quoted(str(path)) for path in files)
    connection.execute(f"SET allowed_paths = [{paths}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection.sql(query).to_arrow_table()


def _unpacked(path: Path, tree: dict[str, Any], place: Place, area: Area, folder: Path) -> Path:
    """Unpack the one table of a zip and put its path in the place of the archive's."""
    if path.suffix.lower() != ZIPPED:
        return path
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _failed(place, f"{area.shown(path)}: {error.strerror}") from error
    ending, content = unzipped(data, Place(place.table, area.shown(path)))
    unpacked = folder / f"{path.stem}{len(list(folder.iterdir()))}{ending}"
    unpacked.write_bytes(content)
    _renamed(tree, str(path), str(unpacked))
    return unpacked


def _renamed(tree: Any, old: str, new: str) -> None:
    """Replace a text wherever it stands alone in a parsed query."""
    keys = tree if isinstance(tree, dict) else range(len(tree))
    for key in keys:
        if isinstance(tree[key], (dict, list)):
            _renamed(tree[key], old, new)
        elif tree[key] == old:
            tree[key] = new


def _resolved(tree: dict[str, Any], place: Place, area: Area) -> list[Path]:
    """Put real paths in the place of the names of files; refuse what leads outside."""
    files: list[Path] = []
    for node in list(_nodes(tree)):
        if node.get("type") == "BASE_TABLE":
            files += _base_table(node, place, area)
        elif node.get("type") == "TABLE_FUNCTION":
            files += _table_function(node["function"], place, area)
        elif node.get("type") == "SHOW_REF":
            raise _failed(place, "DESCRIBE, SHOW and SUMMARIZE give no table")
    return files


def _base_table(node: dict[str, Any], place: Place, area: Area) -> list[Path]:
    """A table that is no WITH clause is a file (FROM 'orders.csv')."""
    name = node["table_name"]
    if node.get("schema_name"):
        return []
    found = area.find(name)
    if not found and not _looks_like_file(name):
        return []
    paths = _inside(name, place, area)
    if len(paths) > 1:
        raise _failed(place, f"FROM {name!r} means {len(paths)} files; use read_csv([...])")
    node["table_name"] = str(paths[0])
    node["alias"] = node["alias"] or Path(name).stem
    if "qualified_name" in node:
        node["qualified_name"] = {"path": [str(paths[0])]}
    return paths


def _table_function(function: dict[str, Any], place: Place, area: Area) -> list[Path]:
    name = function["function_name"].lower()
    if name in HARMLESS:
        return []
    if name not in READERS:
        raise place.refuse(
            found=f"the table function {name}()",
            allowed=", ".join(READERS),
            remedy="Read the file with one of these.",
        )
    first = next(iter(function.get("arguments") or function.get("children") or []), {})
    expression = first.get("expression", first)
    names = _literals(expression)
    if not names:
        raise place.refuse(
            found=f"{name}() with a computed file name",
            allowed="file names written out as text, or a list of them",
            remedy="Write the names of the files into the query.",
        )
    paths = [path for item in names for path in _inside(item, place, area)]
    expression.clear()
    expression.update(_parsed_list([str(path) for path in paths]))
    return paths


def _items(expression: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the members of a list in a parsed query (empty when it is none)."""
    if expression.get("function_name") not in ("list_value", "array_value"):
        return []
    members = expression.get("arguments") or expression.get("children") or []
    return [member.get("expression", member) for member in members]


def _parsed_list(texts: list[str]) -> dict[str, Any]:
    """Let DuckDB itself write the parsed form of a list of texts."""
    query = f"SELECT [{', '.join(_quoted(text) for text in texts)}]"
    with duckdb.connect(config=LOCKED) as connection:
        text = connection.execute("SELECT json_serialize_sql(?)", [query]).fetchone()[0]
    return json.loads(text)["statements"][0]["node"]["select_list"][0]


def _literals(expression: dict[str, Any]) -> list[str]:
    text = _text(expression)
    if text is not None:
        return [text]
    texts = [_text(item) for item in _items(expression)]
    return [] if any(item is None for item in texts) else [item for item in texts if item]


def _text(expression: dict[str, Any]) -> str | None:
    if expression.get("class") != "CONSTANT":
        return None
    literal = expression.get("literal") or expression.get("value") or {}
    value = literal.get("text", literal.get("value"))
    return value if isinstance(value, str) else None


def _inside(name: str, place: Place, area: Area) -> list[Path]:
    if area.refuses(name):
        raise place.refuse(
            found=f"a query that reads {name!r}",
            allowed=area.allowed,
            remedy="Copy the file into the client's folder, or name its folder in roots:.",
        )
    found = area.find(name)
    if not found:
        raise place.refuse(
            found=f"a query that reads {name!r}, which is not there",
            allowed=area.allowed,
            remedy="Check the name of the file.",
        )
    return found


def _looks_like_file(name: str) -> bool:
    return any(mark in name for mark in "/\\.*:")


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _failed(place: Place, reason: str) -> Exception:
    return place.refuse(
        found=f"a query that fails: {' '.join(reason.split())[:400]}",
        allowed="one SELECT in DuckDB's SQL",
        remedy=f"Correct sources: {place.table}: query in client.yml.",
    )
