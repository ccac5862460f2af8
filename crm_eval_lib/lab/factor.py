"""A factor of the client's own, from a template that runs."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from crm_eval_lib.errors import UsageError
from crm_eval_lib.lab.copies import OWN_FOLDER, write
from crm_eval_lib.results.factor import FACTOR_ID
from crm_eval_lib.runner.plan import PlannedNotebook

TEMPLATE = "factor.ipynb"
EXAMPLE = "adoption"  # name of the factor in the template
RESERVED = ("data_check", "scorecard", "portfolio", "value", "protocol", "score", "core")
NOTEBOOK_NUMBERS = range(6, 100)  # 00–05 are the method's
BLOCK = """weights: {{{factor}: 15}}
scoring:
  anchors: {{{factor}.active_share: [0.4, 0.9]}}
  indicator_weights: {{{factor}.active_share: 100}}
"""


def new_factor(folder: Path, factor: str, notebooks: tuple[PlannedNotebook, ...]) -> Path:
    """Make the notebook of a factor of the client's own; return its file.

    Parameters
    ----------
    folder : Path
        The client's.
    factor : str
        Its id: small letters, digits and _.
    notebooks : tuple of PlannedNotebook
        What the client's run consists of now: ids and numbers that are taken.
    """
    _refuse(folder.name, factor, notebooks)
    taken = {int(item.name[:2]) for item in notebooks}
    number = next((n for n in NOTEBOOK_NUMBERS if n not in taken), None)
    if number is None:
        raise UsageError(f"{folder.name}: the numbers 06 to 99 of notebooks are all taken.")
    name = f"{number:02d}_{factor}"
    return write(template(name), folder / OWN_FOLDER / f"{name}.ipynb")


def template(name: str) -> dict[str, Any]:
    """Return the template as the notebook of this name, NN_<factor>."""
    text = (files("crm_eval_lib") / "data" / TEMPLATE).read_text(encoding="utf-8")
    return json.loads(text.replace(f"06_{EXAMPLE}", name).replace(EXAMPLE, name[3:]))


def block_for(factor: str) -> str:
    """Return what client.yml needs for the factor to count.

    >>> print(block_for("adoption").splitlines()[0])
    weights: {adoption: 15}
    """
    return BLOCK.format(factor=factor)


def _refuse(client: str, factor: str, notebooks: tuple[PlannedNotebook, ...]) -> None:
    if not re.fullmatch(FACTOR_ID, factor):
        raise UsageError(
            f"{factor!r} is no id of a factor: small letters, digits and _ only, beginning with a "
            "letter, such as adoption or data_quality."
        )
    if factor in RESERVED:
        raise UsageError(f"{factor!r} has a meaning of its own in the workbook; choose another id.")
    twin = next((item for item in notebooks if item.factor == factor), None)
    if twin is None:
        return
    remedy = (
        f"Change {twin.path}, or choose another id."
        if twin.own
        else f"To change that one: crm-eval customise {client} {twin.name}. To add one: another id."
    )
    raise UsageError(
        f"{client} has a factor {factor} already ({twin.name}.ipynb); nothing was changed. {remedy}"
    )
