"""Which clients there are, and the folder of one."""

from pathlib import Path

from crm_eval_lib.config.fields import CLIENT_ID
from crm_eval_lib.errors import ConfigError, UsageError, ended, nearest
from crm_eval_lib.runner.paths import client_folders
from crm_eval_lib.runner.paths import clients_dir as find_clients_dir

CONFIG_NAME = "client.yml"


def find_clients(clients_dir: str | Path = "") -> list[str]:
    """Name the clients: folders below the clients' folder, hidden ones and ``_…`` left out."""
    return client_folders(find_clients_dir(clients_dir or None))


def client_folder(client_id: str, clients_dir: Path) -> Path:
    """Return a client's folder; anything but a plain name is refused."""
    if not CLIENT_ID.fullmatch(str(client_id)):
        raise UsageError(
            f"Client id {client_id!r} is not allowed: use small letters, digits, - and _, at most "
            "63 characters, beginning with a letter or digit (the name of a folder, no path)."
        )
    folder = clients_dir / client_id
    if not folder.is_dir():
        known = find_clients(clients_dir)
        hint = nearest(client_id, known) if known else "the folder holds no clients"
        raise UsageError(ended(f"There is no client {client_id!r} in {clients_dir}: {hint}"))
    if not any(folder.iterdir()):
        raise ConfigError(
            f"{client_id}: the folder {folder} is empty. Put client.yml and the client's tables "
            "there, or make both with: crm-eval new"
        )
    if not (folder / CONFIG_NAME).is_file():
        raise ConfigError(
            f"{client_id}: {folder / CONFIG_NAME} is missing. Make one with crm-eval new, or copy "
            "that of a demo client."
        )
    return folder
