"""What the notebooks start from in `crm-eval lab CLIENT`: that client, with its knobs."""

import json
import os
import sys
from ast import literal_eval
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from crm_eval_lib import __version__
from crm_eval_lib.errors import ParameterError, UsageError, nearest

VARIABLE = "CRM_EVAL_LAB"  # set for JupyterLab and its kernels, for nothing else
COMMON = ("client_id", "clients_dir", "language", "status_date")


@dataclass(frozen=True)
class Lab:
    """What `crm-eval lab` tells the notebooks, through one environment variable.

    Attributes
    ----------
    client_id, clients_dir, language, status_date : str
        Empty: nothing is said.
    reports_dir : str
        Where the client's report is, for the what-if; empty: ``reports`` of the project.
    declared : mapping of str to mapping
        Per notebook the defaults of its parameters cell, as written there.
    prefix, version : str
        Environment and version of the library that opened the lab.
    """

    client_id: str
    clients_dir: str
    language: str = ""
    status_date: str = ""
    reports_dir: str = ""
    declared: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    prefix: str = sys.prefix
    version: str = __version__

    @classmethod
    def told(cls) -> "Lab | None":
        """Return what the lab this kernel runs in told it; None outside of a lab."""
        text = os.environ.get(VARIABLE)
        return cls(**json.loads(text)) if text else None

    def to_text(self) -> str:
        """Return the value of the environment variable."""
        return json.dumps(asdict(self), ensure_ascii=True)


def defaults(notebook: str, present: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that the lab's client gives a notebook opened by hand.

    Outside of `crm-eval lab`, and in a run, there are none. A value that was changed in the
    parameters cell stays as it is.

    Parameters
    ----------
    notebook : str
        Name without ending; the knobs that client.yml sets for it are taken.
    present : mapping
        The notebook's names, with the parameters as its cell sets them.

    Returns
    -------
    dict
        Values by name, to be assigned in the notebook; empty outside of the lab.

    Raises
    ------
    ParameterError
        client.yml sets a knob that the notebook does not declare; the nearest is named.
    UsageError
        The kernel belongs to another environment than the lab.

    Examples
    --------
    >>> defaults("03_efficiency", {"client_id": "demo-trading", "run_dir": ""})
    {}
    """
    lab = Lab.told()
    if lab is None or present.get("run_dir"):
        return {}
    _same_environment(lab)
    written = lab.declared.get(notebook)
    common = {name: getattr(lab, name) for name in COMMON if getattr(lab, name)}
    chosen = {n: v for n, v in common.items() if _untouched(n, present, written)}
    found = {**present, **chosen}
    knobs = _knobs(Path(found["clients_dir"]) / found["client_id"], notebook, present)
    return chosen | {n: v for n, v in knobs.items() if _untouched(n, present, written)}


def _knobs(folder: Path, notebook: str, present: Mapping[str, Any]) -> dict[str, Any]:
    from crm_eval_lib.config import load_config

    if not (folder / "client.yml").is_file():
        return {}  # opening the client says what is wrong
    knobs = load_config(folder).parameters.get(notebook, {})
    known = [name for name in present if not name.startswith("_")]
    wrong = [name for name in knobs if name not in present]
    if wrong:
        raise ParameterError(
            f"client.yml, parameters: {notebook}: there is no parameter {wrong[0]!r} – "
            f"{nearest(wrong[0], known)} List them: "
            f"crm-eval params {notebook} --client {folder.name}"
        )
    return dict(knobs)


def _untouched(name: str, present: Mapping[str, Any], written: Mapping[str, str] | None) -> bool:
    """Say whether the parameters cell still sets what the notebook in its folder sets."""
    if written is None or name not in written:
        return True
    return name in present and present[name] == literal_eval(written[name])


def _same_environment(lab: Lab) -> None:
    if Path(lab.prefix) != Path(sys.prefix):
        raise UsageError(
            f"This kernel belongs to another environment ({sys.prefix}) than the lab "
            f"({lab.prefix}). Choose Kernel > Change Kernel > Python 3 (ipykernel) in JupyterLab, "
            "and run all cells again."
        )
    if lab.version != __version__:
        raise UsageError(
            f"The lab was opened with version {lab.version} of crm-eval, this kernel has "
            f"{__version__}. Stop the lab and open it again: crm-eval lab {lab.client_id}"
        )
