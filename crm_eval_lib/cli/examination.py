"""What ``crm-eval doctor`` looks at."""

import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

NEEDED = ("duckdb", "ipykernel", "ipywidgets", "jupyterlab", "matplotlib", "nbdime", "pandas",
          "papermill", "scipy")  # fmt: skip
OLDEST_PYTHON = (3, 11)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Row:
    """One thing examined."""

    name: str
    good: bool
    needed: bool
    found: str
    remedy: str = ""


def examine() -> list[Row]:
    """Look at Python, packages, the Chinese font and a browser."""
    return [_python(), *(_package(name) for name in NEEDED), _kernel(), _font(), _browser()]


def _python() -> Row:
    good = sys.version_info[:2] >= OLDEST_PYTHON
    return Row("python", good, True, platform.python_version(), "needs 3.11 or newer")


def _package(name: str) -> Row:
    try:
        return Row(name, True, True, version(name))
    except PackageNotFoundError:
        return Row(name, False, True, "–", "set up again: make setup")


def _kernel() -> Row:
    """Look for Jupyter kernels of other environments, which JupyterLab offers, too."""
    from crm_eval_lib.lab.kernels import foreign_kernels

    found = foreign_kernels()
    names = ", ".join(found) or "this environment's"
    return Row("kernel", not found, False, names, "of another environment: choose Python 3")


def _font() -> Row:
    spec = find_spec("zhplot")
    found = bool(spec and spec.submodule_search_locations)
    return Row("chinese font", found, True, "Noto Sans SC" if found else "–", "make setup")


def _browser() -> Row:
    path = next((shutil.which(name) for name in BROWSERS if shutil.which(name)), None)
    return Row("browser", bool(path), False, path or "–", "only the browser tests need Chromium")
