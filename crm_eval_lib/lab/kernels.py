"""Which Jupyter kernels belong to this environment."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def foreign_kernels() -> list[str]:
    """Name the Python kernels on offer that run another environment's Python."""
    from jupyter_client.kernelspec import KernelSpecManager

    return foreign_among({
        name: item["spec"] for name, item in KernelSpecManager().get_all_specs().items()
    })  # fmt: skip


def foreign_among(specs: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Name those of some kernels whose program lies elsewhere than this Python.

    Parameters
    ----------
    specs : mapping of str to mapping
        Kernel specifications by name, each with ``argv``, ``display_name`` and ``language``. A
        program without a path is started from this environment.

    Examples
    --------
    >>> other = {"argv": ["/opt/other/bin/python"], "display_name": "Old", "language": "python"}
    >>> foreign_among({"old": other, "python3": {**other, "argv": ["python"]}})
    ['Old (old)']
    """
    return [
        f"{spec['display_name']} ({name})"
        for name, spec in specs.items()
        if spec.get("language") == "python" and not _ours(spec["argv"][0])
    ]


def _ours(program: str) -> bool:
    path = Path(program)
    return not path.is_absolute() or path.parent == Path(sys.executable).parent
