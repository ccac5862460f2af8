"""Make client folders that hold nothing but client.yml: all data is read in place, by ``sources:``.

``clients/*.yml`` are such files with SHARED_DATA in the place of the folder of real data.
"""

from pathlib import Path
from typing import Any

import yaml

from crm_eval_lib.client import Client, open_client

TEMPLATES = Path(__file__).with_name("clients")
PLACEHOLDER = "SHARED_DATA"
ALL = ("real-maven", "real-uci", "real-receipt", "real-chicago", "real-adventureworks")


def write_client(
    clients: Path, shared_data: Path, name: str, *changes: tuple[str, str], keep: tuple[str, ...] = ()
) -> Path:
    """Write the client.yml of a template; return its folder.

    Parameters
    ----------
    changes : pairs of str
        What stands in the template, and what is to stand there instead.
    keep : tuple of str
        Tables whose sources stay; empty: all.
    """
    text = (TEMPLATES / f"{name}.yml").read_text(encoding="utf-8")
    for old, new in changes:
        if old not in text:
            raise ValueError(f"{name}.yml does not hold {old!r}")
        text = text.replace(old, new)
    text = text.replace(PLACEHOLDER, shared_data.as_posix())
    if keep:
        raw = yaml.safe_load(text)
        raw["sources"] = {table: raw["sources"][table] for table in keep}
        text = _dumped(raw)
    return _written(clients / name, text)


def build(
    clients: Path, shared_data: Path, name: str, *changes: tuple[str, str], keep: tuple[str, ...] = ()
) -> Client:
    """Write a client and open it."""
    write_client(clients, shared_data, name, *changes, keep=keep)
    return open_client(name, clients_dir=clients)


def write_whole_client(
    clients: Path, shared_data: Path, name: str, *, dates: dict[str, str], **more: Any
) -> Path:
    """Write one client with the sources of all templates, on dates of its own."""
    templates = [
        yaml.safe_load((TEMPLATES / f"{item}.yml").read_text(encoding="utf-8")) for item in ALL
    ]
    raw = {"schema": 1, "client": name, "currency": "USD", "timezone": "UTC", "dates": dates}
    raw["roots"] = [root for item in templates for root in item["roots"]]
    raw["sources"] = {
        table: source for item in templates for table, source in item["sources"].items()
    }
    text = _dumped({**raw, **more}).replace(PLACEHOLDER, shared_data.as_posix())
    return _written(clients / name, text)


def _dumped(raw: dict[str, Any]) -> str:
    return yaml.safe_dump(raw, sort_keys=False, allow_unicode=True, width=1_000_000)


def _written(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "client.yml").write_text(text, encoding="utf-8")
    return folder
