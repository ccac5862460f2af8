"""The lab's working folder: copies of the standard notebooks, and a way to the client's own."""

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from crm_eval_lib.errors import UsageError
from crm_eval_lib.lab.copies import OWN, OWN_FOLDER, content_hash, read
from crm_eval_lib.runner.plan import PlannedNotebook

COPIED = ".standard.json"  # in the working folder: hash of each notebook as it was copied


def work_folder(root: Path, client_folder: Path, notebooks: Iterable[PlannedNotebook]) -> list[str]:
    """Bring a working folder up to date; return the names of copies that are not the standard.

    A copy that nobody has changed follows its standard notebook, outputs stay where nothing
    changed; one with changes of its own is left alone.

    Parameters
    ----------
    root : Path
        The working folder, made if need be.
    client_folder : Path
    notebooks : iterable of PlannedNotebook
        Those of the client's plan, and what else is to lie there; its own are reached by a link.
    """
    root.mkdir(parents=True, exist_ok=True)
    link_own(root, client_folder)
    note = root / COPIED
    copied = json.loads(note.read_text("utf-8")) if note.is_file() else {}
    changed = []
    for item in notebooks:
        copy = root / item.path.name
        touched = copy.is_file() and content_hash(read(copy)) != copied.get(item.name)
        if touched:
            changed.append(item.name)
        elif item.own:
            copy.unlink(missing_ok=True)  # the client's own stands in its place
        elif not copy.is_file() or copied[item.name] != content_hash(read(item.path)):
            shutil.copyfile(item.path, copy)
            copied[item.name] = content_hash(read(item.path))
    note.write_text(json.dumps(copied, indent=1), encoding="utf-8")
    return changed


def link_own(root: Path, client_folder: Path) -> None:
    """Lead from the working folder to the client's own notebooks, where it has any."""
    own, link = client_folder / OWN_FOLDER, root / OWN
    if not root.is_dir() or not own.is_dir() or link.resolve() == own.resolve():
        return
    link.unlink(missing_ok=True)  # it led to a folder that is gone, or to another
    try:
        if os.name == "nt":  # a link of folders needs no rights there, a symbolic one does
            import _winapi

            _winapi.CreateJunction(str(own), str(link))
        else:
            link.symlink_to(own, target_is_directory=True)
    except OSError as error:
        raise UsageError(
            f"{link} cannot lead to {own}: {error.strerror}. Open the client's own notebooks with "
            f"jupyter lab {own}"
        ) from error
