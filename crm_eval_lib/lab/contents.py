"""How JupyterLab saves in the lab: a client's own notebooks without what running left in them."""

import json
from pathlib import Path
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from crm_eval_lib.lab.copies import OWN, as_stored


class LabContents(AsyncLargeFileManager):
    """Stores a client's own notebooks as they would be committed: running changes no file."""

    def run_pre_save_hooks(self, model: dict[str, Any], path: str, **kwargs: Any) -> None:
        """Take outputs out of what is to be saved below the client's folder."""
        super().run_pre_save_hooks(model=model, path=path, **kwargs)
        if model.get("type") == "notebook" and path.strip("/").startswith(f"{OWN}/"):
            stored = Path(self._get_os_path(path.strip("/")))
            model["content"] = as_stored(model["content"], _metadata(stored))


def _metadata(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))["metadata"]
    except (OSError, ValueError, LookupError):
        return {}  # a new notebook
