"""How the lab is opened: its folder, its options, what its notebooks are told."""

import os
from importlib.resources import files
from pathlib import Path

from crm_eval_lib.errors import UsageError
from crm_eval_lib.lab.contents import LabContents
from crm_eval_lib.lab.defaults import VARIABLE, Lab
from crm_eval_lib.lab.folder import work_folder
from crm_eval_lib.lab.kernels import foreign_kernels
from crm_eval_lib.lab.published import check_published
from crm_eval_lib.runner.parameters import declared
from crm_eval_lib.runner.paths import PACKAGE_ROOT, notebooks_dir
from crm_eval_lib.runner.plan import PlannedNotebook, plan

WHAT_IF = "what_if"
WHAT_IF_FILE = f"{WHAT_IF}.ipynb"
KERNEL = ("The kernel {kernel} belongs to another environment, where the library may be missing or "
          "of another version: keep Python 3.")  # fmt: skip
SKETCH = ("{path} has changes of yours and was left as it is. A run does not use it. To make it "
          "count: crm-eval customise {client} {name} --from {path}; to begin again, remove "
          "it.")  # fmt: skip
DATA = Path(str(files("crm_eval_lib"))) / "data"
LOOK = DATA / "jupyter"  # how JupyterLab looks: it does not ask whether to show news
WORKSPACES = ".jupyter/workspaces"  # open tabs; two labs at once would write into one file
QUIET = ("--LabApp.news_url=None", "--LabApp.extension_manager=readonly",
         "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate")  # fmt: skip
CHECKPOINTS = ".checkpoints"  # in the working folder, not beside the client's notebooks


def prepared(root: Path, client_folder: Path) -> list[str]:
    """Bring the working folder up to date; return what the user should know of it."""
    what_if = PlannedNotebook(WHAT_IF, DATA / WHAT_IF_FILE, False)
    notebooks, wrong = _planned(root, client_folder)
    changed = work_folder(root, client_folder, [*notebooks, what_if])
    client = client_folder.name
    sketches = [name for name in changed if name != WHAT_IF]  # whose changes count nowhere
    told = [
        SKETCH.format(path=root / f"{name}.ipynb", name=name, client=client) for name in sketches
    ]
    told += [line for item in notebooks if item.own for line in _incomplete(item)]
    return [*wrong, *told, *strange_kernels()]


def strange_kernels() -> list[str]:
    """Warn of each kernel on offer that is not of this environment."""
    return [KERNEL.format(kernel=name) for name in foreign_kernels()]


def _planned(root: Path, client_folder: Path) -> tuple[tuple[PlannedNotebook, ...], list[str]]:
    """Return the client's notebooks; where one of its own is in the way, the standard ones."""
    try:
        return plan(client_folder).all, []
    except UsageError as error:  # it is mended in the lab
        return plan(root).all, [str(error)]


def _incomplete(own: PlannedNotebook) -> list[str]:
    """Say what `crm-eval check` would say of a notebook of the client's own: it is mended here."""
    try:
        return check_published([own])
    except UsageError as error:
        return [str(error)]


def environment(client_folder: Path, **told: str) -> dict[str, str]:
    """Return the variables that JupyterLab and its kernels are given.

    Parameters
    ----------
    client_folder : Path
    told
        ``language``, ``status_date`` and ``reports_dir``, where they are not the usual ones.
    """
    written = {
        path.stem: {name: found.default for name, found in declared(path).items()}
        for path in sorted(notebooks_dir().glob("[0-9][0-9]_*.ipynb"))
    }
    lab = Lab(client_folder.name, str(client_folder.parent), declared=written, **told)
    return {
        VARIABLE: lab.to_text(),
        **jupyter_environment(),
    }


def jupyter_environment() -> dict[str, str]:
    """Return the variables of JupyterLab's look, and by which kernels find this library."""
    return {
        "JUPYTER_CONFIG_PATH": _first(LOOK, "JUPYTER_CONFIG_PATH"),
        "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel of this environment before the user's others
        "PYTHONPATH": _first(PACKAGE_ROOT, "PYTHONPATH"),  # also where it is not installed
    }


def options(root: Path) -> list[str]:
    """Return JupyterLab's options: its folder, how it saves, and no question to a network."""
    contents = f"{LabContents.__module__}.{LabContents.__name__}"
    return [
        f"--ServerApp.root_dir={root}",
        f"--ServerApp.contents_manager_class={contents}",
        f"--FileCheckpoints.checkpoint_dir={root / CHECKPOINTS}",
        f"--LabApp.workspaces_dir={root / WORKSPACES}",
        *QUIET,
    ]


def launch(arguments: list[str]) -> int:
    """Open JupyterLab in this process, until the user stops it."""
    from jupyterlab.labapp import LabApp

    LabApp.launch_instance(arguments)
    return 0


def _first(path: Path, variable: str) -> str:
    """Put a folder before those that a variable names."""
    return os.pathsep.join([str(path), *filter(None, [os.environ.get(variable)])])
