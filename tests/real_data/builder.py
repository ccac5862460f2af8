"""Make client folders that hold nothing but client.yml: all data is read in place, by ``sources:``.

``clients/*.yml`` are such files with SHARED_DATA in the place of the folder of real data.
"""

from pathlib import Path
from typing import Any

import yaml

from crm_eval_lib.client import Client, open_client

TEMPLATES = Path(__file__).with_name("clients")
PLACEHOLDER = "SHARED_DATA"
Change = tuple[str, str]
ALL = ("real-maven", "real-uci", "real-receipt", "real-chicago", "real-adventureworks")


def build(
    clients: Path, shared_data: Path, name: str, *changes: Change, keep: tuple[str, ...] = ()
) -> Client:
    """Write the client.yml of a template and open the client.

    Parameters
    ----------
    changes : pairs of str
        What stands in the template, and what is to stand there instead.
    keep : tuple of str
        Tables whose sources stay; empty: all.
    """
    text = _changed((TEMPLATES / f"{name}.yml").read_text(encoding="utf-8"), changes)
    if keep:
        raw = yaml.safe_load(text)
        raw["sources"] = {table: raw["sources"][table] for table in keep}
        text = _dumped(raw)
    _write(clients / name, text, shared_data)
    return open_client(name, clients_dir=clients)


def build_whole(
    clients: Path, shared_data: Path, config: dict[str, Any], *changes: Change
) -> Client:
    """Write one client with the sources of all templates, and open it.

    ``config`` holds the other keys of its client.yml.
    """
    texts = [(TEMPLATES / f"{item}.yml").read_text(encoding="utf-8") for item in ALL]
    templates = [yaml.safe_load(text) for text in texts]
    roots = [root for item in templates for root in item["roots"]]
    sources = {table: source for item in templates for table, source in item["sources"].items()}
    text = _dumped({"schema": 1, **config, "roots": roots, "sources": sources})
    _write(clients / config["client"], _changed(text, changes), shared_data)
    return open_client(config["client"], clients_dir=clients)


def _changed(text: str, changes: tuple[Change, ...]) -> str:
    for old, new in changes:
        if old not in text:
            raise ValueError(f"the template does not hold {old!r}")
        text = text.replace(old, new)
    return text


def _dumped(raw: dict[str, Any]) -> str:
    return yaml.safe_dump(raw, sort_keys=False, allow_unicode=True, width=1_000_000)


def _write(folder: Path, text: str, shared_data: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = text.replace(PLACEHOLDER, shared_data.as_posix())
    (folder / "client.yml").write_text(text, encoding="utf-8")
