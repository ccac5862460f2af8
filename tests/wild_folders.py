"""Seeded random client folders: valid by the letter of the schemas, wild in everything else."""

from pathlib import Path

import numpy as np
from client_folder import make_client

from crm_eval_lib.tables import TABLES
from crm_eval_lib.tables.spec import Column, Table

FACTORS = ("cost", "problems")
NAMES = (*(name for name, table in TABLES.items() if table.factor in FACTORS), "benefits")
IDS = ("A", "B", "C1", "007", "客户-01", "D ", "Q1", "x" * 40)
TEXTS = ("", "  ", "经理出差时订单无人审批", "=1+1", "<b>x</b>", "{n}", "a,b", "NULL", "ok")
DAYS = ("", "2024-01-08", "2024-03-31", "2024-09-02", "2025-08-31", "2025-12-31", "1900-01-01",
        "2199-12-31", "2024-02-29")  # fmt: skip
NUMBERS = ("0", "1", "5", "0.005", "-3", "100", "-1e9", "1e15", "123456.789")
LEAST_ROWS, MOST_ROWS = 1, 14
DROPPED, EMPTIED = 0.25, 0.15  # chance that an optional column is missing, or holds nothing


def wild_client(clients: Path, seed: int) -> Path:
    """Write a folder with some of the tables of cost and problems."""
    rng = np.random.default_rng(seed)
    chosen = [name for name in NAMES if rng.random() < 0.6]
    files = {f"{name}.csv": _csv(TABLES[name], rng) for name in chosen}
    return make_client(clients, files, client=f"wild-{seed}")


def broken_client(clients: Path, seed: int) -> Path:
    """Write a folder whose tables lack columns, or hold anything in any cell."""
    rng = np.random.default_rng(seed)
    junk = (*TEXTS, *NUMBERS, *DAYS, "12a", "2024-13-01", "1e400", "nan", "inf", "-", "是")
    files = {}
    for name in NAMES:
        kept = [c.name for c in TABLES[name].columns if rng.random() > DROPPED]
        rows = rng.integers(0, MOST_ROWS)
        cells = [[str(rng.choice(junk)) for _ in kept] for _ in range(rows)]
        lines = [",".join(kept), *(",".join(f'"{cell}"' for cell in row) for row in cells)]
        files[f"{name}.csv"] = "\n".join(lines) + "\n"
    return make_client(clients, files, client=f"broken-{seed}")


def _csv(table: Table, rng: np.random.Generator) -> str:
    kept = [c for c in table.columns if c.required or rng.random() > DROPPED]
    rows = int(rng.integers(LEAST_ROWS, MOST_ROWS))
    columns = {column.name: _column(table, column, rows, rng) for column in kept}
    lines = [",".join(columns)]
    lines += [",".join(f'"{cell}"' for cell in row) for row in zip(*columns.values(), strict=True)]
    return "\n".join(lines) + "\n"


def _column(table: Table, column: Column, rows: int, rng: np.random.Generator) -> list[str]:
    if not column.required and rng.random() < EMPTIED:
        return [""] * rows
    if column.name == table.key[:1][0] if table.key else False:
        return [f"{IDS[n % len(IDS)].strip()}{n // len(IDS) or ''}" for n in range(rows)]
    choices = [c for c in _choices(column) if c.strip() or not column.required]
    return [str(rng.choice(choices)) for _ in range(rows)]


def _choices(column: Column) -> tuple[str, ...]:
    """List what a cell of the column may hold."""
    if column.unit == "ISO 4217":
        return ("", "CNY")
    words = {"enum": ("", *column.values), "yes_no": ("", "yes", "no"), "date": DAYS,
             "scale": ("", "1", "3", "5"), "ratio": ("", "0", "0.5", "1", "1e-9"),
             "integer": ("", "0", "1", "2", "7"), "id": ("", *IDS),
             "text": ("", "ok", *TEXTS)}  # fmt: skip
    if column.kind in words:
        return words[column.kind]
    low = max(column.minimum or 0.0, column.above or 0.0)
    limited = column.minimum is not None or column.above is not None
    return ("", "1", *(n for n in NUMBERS if not limited or float(n) > low))
