"""Read client.yml: decode, parse, validate, and say every mistake in one message."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from crm_eval_lib.config.models import ClientConfig
from crm_eval_lib.config.section import Mistake, explain
from crm_eval_lib.config.yaml_text import Document, Plain, read_yaml
from crm_eval_lib.errors import ConfigError, OverrideError, ended

FILE_NAME = "client.yml"
MISSPELT_NAMES = ("client.yaml", "Client.yml", "client.yml.txt", "config.yml")
# Notebooks of the workbook that are no factor.
NOT_FACTORS = ("data_check", "scorecard", "portfolio")
_ANY_DATES = {"go_live": "2000-01-01", "status_date": "2000-01-01"}  # to read tables, not to judge
_NOTEBOOK = re.compile(r"\d{2}_([a-z][a-z0-9_]*)\.ipynb")


def load_config(
    folder: str | Path,
    *,
    known_factors: Iterable[str] = (),
    language: str = "",
    status_date: str = "",
) -> ClientConfig:
    """Read and check one client's client.yml.

    Parameters
    ----------
    folder : path
        The client's folder.
    known_factors : iterable of str
        Own factors beside the standard ones; those with a notebook ``NN_<factor>.ipynb`` in the
        client's folder ``notebooks`` are found here.
    language, status_date : str
        Take the place of what the file says; empty = the file's.

    Raises
    ------
    ConfigError
        The file is missing or unreadable, or something in it is wrong; all mistakes are named.
    """
    path = Path(folder) / FILE_NAME
    document = _read(path)
    overridden = {"language": language, "status_date": status_date}
    _override(document, overridden)
    config, mistakes = _validated(document, path, known_factors)
    if config is None or mistakes:
        typed = any(_given(mistake, overridden) for mistake in mistakes)
        text = _message(path, mistakes, document, overridden)
        raise OverrideError(text) if typed else ConfigError(text)
    return config


def usable_config(folder: str | Path) -> ClientConfig:
    """Return what can be used of a client.yml with mistakes: the sections without any.

    Enough to read the client's tables, so that their problems can be told in the same breath;
    nothing is computed with it.

    Raises
    ------
    ConfigError
        The file is missing or is no YAML at all.
    """
    path = Path(folder) / FILE_NAME
    document = _read(path)
    wrong = {str(item.place[0]) for item in _validated(document, path, ())[1] if item.place}
    for values in (document.values, {}):
        kept = {key: value for key, value in values.items() if key not in wrong}
        kept |= {"client": path.parent.absolute().name, "dates": dict(_ANY_DATES)}
        config, mistakes = _validated(Document(kept), path, ())
        if config is not None and not mistakes:
            return config
    raise ConfigError(f"{_named(path)} has mistakes that hide everything else.")


def _validated(
    document: Document, path: Path, known_factors: Iterable[str]
) -> tuple[ClientConfig | None, list[Mistake]]:
    """Return the configuration, None where it cannot be had, and every mistake."""
    factors = (*known_factors, *own_factors(path.parent))
    context = {
        "folder": path.parent.absolute().name,
        "known_factors": tuple(dict.fromkeys(factors)),
    }
    mistakes = [Mistake(place, text) for place, text in document.mistakes]
    try:
        return ClientConfig.model_validate(document.values, context=context), mistakes
    except ValidationError as error:
        return None, [*mistakes, *explain(ClientConfig, error)]


def own_factors(folder: str | Path) -> tuple[str, ...]:
    """Return the factors a client's own notebooks make known."""
    notebooks = sorted((Path(folder) / "notebooks").glob("*.ipynb"))
    names = [match[1] for match in map(_NOTEBOOK.fullmatch, (p.name for p in notebooks)) if match]
    return tuple(name for name in names if name not in NOT_FACTORS)


def decode(content: bytes) -> str:
    """Return text that is UTF-8 (with or without a byte order mark) or GB18030.

    >>> decode("公司".encode("gb18030"))
    '公司'
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ConfigError("neither UTF-8 nor GB18030 text; save it as UTF-8.")


def _read(path: Path) -> Document:
    if not path.parent.is_dir():
        raise ConfigError(f"There is no folder {path.parent}.")
    if not path.is_file():
        near = [name for name in MISSPELT_NAMES if (path.parent / name).is_file()]
        remedy = f"Rename {near[0]} to {FILE_NAME}." if near else (
            f"Make a new client with 'crm-eval new {path.parent.name}' and copy its {FILE_NAME}."
        )  # fmt: skip
        raise ConfigError(f"{_named(path)} is missing. {remedy}")
    try:
        document = read_yaml(decode(path.read_bytes()))
    except OSError as error:
        raise ConfigError(f"{_named(path)} cannot be read: {error.strerror}.") from error
    except ConfigError as error:
        raise ConfigError(f"{_named(path)}: {error}") from error.__cause__
    if document.values is None:
        raise ConfigError(
            f"{_named(path)} is empty. It needs at least dates: status_date, and go_live or "
            "planned_go_live."
        )
    if not isinstance(document.values, dict):
        raise ConfigError(f"{_named(path)} is no list of keys; write lines like 'language: en'.")
    return document


def _override(document: Document, overridden: dict[str, str]) -> None:
    """Put what the caller asks for in the place of what the file says."""
    values = document.values
    if overridden["language"]:
        values["language"] = Plain(overridden["language"])
    if overridden["status_date"]:
        dates = values.get("dates")
        if dates is None:
            dates = values["dates"] = {}
        if isinstance(dates, dict):
            dates["status_date"] = Plain(overridden["status_date"])


def _message(
    path: Path, mistakes: Sequence[Mistake], document: Document, overridden: dict[str, str]
) -> str:
    unique = list(dict.fromkeys(mistakes))
    unique.sort(key=lambda mistake: document.line(mistake.place) or 0)
    number = f"{len(unique)} mistakes" if len(unique) > 1 else "one mistake"
    lines = [f"  - {_place(item, document, overridden)}: {ended(item.text)}" for item in unique]
    return "\n".join([f"{_named(path)} has {number}:", *lines])


def _place(mistake: Mistake, document: Document, overridden: dict[str, str]) -> str:
    """Say where: line and key, or the parameter that took the key's place."""
    if given := _given(mistake, overridden):
        return f"parameter {given}"
    line = document.line(mistake.place)
    key = ""
    for part in mistake.place:
        key += f"[{part + 1}]" if isinstance(part, int) else f"{'.' if key else ''}{part}"
    return ", ".join(part for part in (f"line {line}" if line else "", key or "the file") if part)


def _given(mistake: Mistake, overridden: dict[str, str]) -> str:
    """Name the parameter that took the key's place, empty where none did."""
    name = str(mistake.place[-1]) if mistake.place else ""
    return name if overridden.get(name) else ""


def _named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
