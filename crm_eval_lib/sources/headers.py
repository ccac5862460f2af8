"""Which column of a file is which column of the contract."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from crm_eval_lib.errors import nearest
from crm_eval_lib.sources.raw import Place, Raw
from crm_eval_lib.tables.spec import Problem, Table
from crm_eval_lib.tables.words import header_map, plain

LIKELY_MISSPELT = 0.8  # similarity from which an unknown header is taken for a slip


@dataclass(frozen=True)
class Matched:
    """Positions in the file by column of the contract, the other columns by their header."""

    positions: dict[str, int]
    extras: dict[str, int]
    problems: tuple[Problem, ...]


def match_headers(raw: Raw, table: Table, columns: Mapping[str, str]) -> Matched:
    """Match headers: a ``columns:`` mapping first, then English names and Chinese synonyms.

    Parameters
    ----------
    raw : Raw
        The table as read.
    table : Table
        Its contract.
    columns : mapping of str to str
        From client.yml: name in the contract (or an attribute) to header in the file.
    """
    problems: list[Problem] = []
    found = _mapped(raw, columns, problems)
    taken = set(found.values())
    synonyms = header_map(table)
    for position, header in enumerate(raw.headers):
        name = synonyms.get(plain(header))
        if position in taken or name is None or name in columns:
            continue
        if name in found:
            problems.append(_twice(raw, name, raw.headers[found[name]], header))
        else:
            found[name] = position
    known = {column.name for column in table.columns}
    used = set(found.values())
    extras = {name: position for name, position in found.items() if name not in known}
    rest = {h: i for i, h in enumerate(raw.headers) if i not in used and h not in found}
    positions = {name: position for name, position in found.items() if name in known}
    problems += _repeated(raw, positions)
    problems += _missing(raw, table, positions, list(rest))
    problems += _misspelt(raw, table, positions, list(rest), problems)
    return Matched(positions, extras | rest, tuple(problems))


def unknown_columns(
    place: Place, table: Table, mappings: Mapping[str, Mapping[str, Any]]
) -> Iterator[Problem]:
    """Report columns that ``values:`` and ``formats:`` name but nothing else knows."""
    if table.open_columns:
        return
    known = {*(column.name for column in table.columns), *mappings["columns"]}
    for mapping in ("values", "formats"):
        for name in mappings[mapping]:
            if name not in known:
                yield place.problem(
                    found=f"{mapping}: {name}, which is no column of {table.name}",
                    allowed=", ".join(sorted(plain(item) for item in known)),
                    remedy=f"Correct the name – {nearest(name, known)}",
                )


def _mapped(raw: Raw, columns: Mapping[str, str], problems: list[Problem]) -> dict[str, int]:
    by_header = {plain(header): i for i, header in reversed(list(enumerate(raw.headers)))}
    exact = {header: i for i, header in reversed(list(enumerate(raw.headers)))}
    found: dict[str, int] = {}
    for name, header in columns.items():
        position = exact.get(str(header), by_header.get(plain(header)))
        if position is None:
            problems.append(
                raw.place.problem(
                    column=name,
                    found=f"no column '{header}', which client.yml maps to {name}",
                    allowed=", ".join(raw.headers),
                    remedy=f"Correct sources: {raw.place.table}: columns: "
                    f"{_sentence(nearest(str(header), raw.headers))}",
                )
            )
        else:
            found[name] = position
    return found


def _twice(raw: Raw, name: str, first: str, second: str) -> Problem:
    return raw.place.problem(
        column=name,
        found=f"two columns for {name}: '{first}' and '{second}'",
        allowed="one column",
        remedy="Rename or remove one of them.",
    )


def _repeated(raw: Raw, positions: Mapping[str, int]) -> list[Problem]:
    """Report columns of the contract whose very header stands in the file more than once."""
    unused = {header for i, header in enumerate(raw.headers) if i not in positions.values()}
    return [
        _twice(raw, name, raw.headers[position], f"{raw.headers[position]} (2)")
        for name, position in positions.items()
        if f"{raw.headers[position]} (2)" in unused
    ]


def _missing(
    raw: Raw, table: Table, positions: Mapping[str, int], unknown: list[str]
) -> list[Problem]:
    """Report every required column that is not there, with the header that may be meant."""
    problems = []
    for column in table.columns:
        if not column.required or column.name in positions or column.default is not None:
            continue
        headers = [header for header in column.headers if header]
        match = _meant(headers, unknown)
        hint = f"Rename '{match}' to '{column.name}'" if match else f"Add a column '{column.name}'"
        problems.append(
            raw.place.problem(
                column=column.name,
                found=f"no such column; the file has {', '.join(raw.headers)}",
                allowed=f"a column named {' or '.join(headers)}",
                remedy=f"{f'Did you mean {match!r}? ' if match else ''}{hint}, or map it with "
                f"columns: in client.yml.",
            )
        )
    return problems


def _misspelt(
    raw: Raw, table: Table, positions: Mapping[str, int], unknown: list[str], known: list[Problem]
) -> list[Problem]:
    """Point out unknown headers that look like an absent column (the run goes on)."""
    named = " ".join(problem.remedy for problem in known)
    problems = []
    for column in table.columns:
        if column.name in positions or column.required:
            continue
        match = _meant([header for header in column.headers if header], unknown, LIKELY_MISSPELT)
        if match and f"'{match}'" not in named:
            problems.append(
                raw.place.problem(
                    column=match,
                    found=f"the unknown column '{match}'",
                    allowed=f"{column.name} or {column.header_zh}",
                    remedy=f"Did you mean '{column.name}'? Rename it; until then it is kept but "
                    "not used.",
                    blocking=False,
                )
            )
    return problems


def _meant(names: list[str], unknown: list[str], cutoff: float = 0.6) -> str | None:
    folded = {plain(header): header for header in unknown}
    for name in names:
        match = get_close_matches(plain(name), folded, n=1, cutoff=cutoff)
        if match:
            return folded[match[0]]
    return None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith("?") else ".")
