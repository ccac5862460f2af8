"""The verb ``run``."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import click

from crm_eval_lib.cli.options import clients_option, json_option, language_option, reports_option
from crm_eval_lib.errors import UsageError, nearest
from crm_eval_lib.runner.paths import client_folders


def default_engine() -> str:
    """Return the engine of this system: fork where Python can fork a warm process."""
    import multiprocessing

    return "fork" if "forkserver" in multiprocessing.get_all_start_methods() else "kernel"


@click.command()
@click.argument("names", nargs=-1, metavar="[CLIENT]...")
@click.option("--all", "every", is_flag=True, help="Run every client of the folder.")
@click.option("-j", "processes", type=click.IntRange(1), default=2, show_default=True,
              help="Pieces of work at one time.")  # fmt: skip
@clients_option
@reports_option
@language_option
@click.option("--status-date", default="", metavar="YYYY-MM-DD", help="See it as known then.")
@click.option("-p", "--param", "pairs", multiple=True, metavar="NOTEBOOK.NAME=VALUE",
              help="Set a notebook's parameter, e.g. 03_efficiency.confidence=0.9.")  # fmt: skip
@click.option("--timeout", type=click.FloatRange(1), default=900.0, show_default=True,
              help="Seconds a notebook may take.")  # fmt: skip
@click.option("--engine", type=click.Choice(["fork", "kernel"]), default=default_engine,
              help="How cells run: in a fork of one warm process, or in a kernel of their own.",
              show_default="fork where the system can")  # fmt: skip
@click.option("--scheduler", default="", metavar="ADDRESS",
              help="Work on an existing Dask cluster, e.g. tcp://host:8786.")  # fmt: skip
@click.option("--force", is_flag=True, help="Also make reports whose inputs have not changed.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Lines on standard error.",
)
@click.option("--pdf", is_flag=True, help="Also print each report through an installed Chromium.")
@click.option("-q", "--quiet", is_flag=True, help="Say only what failed.")
@json_option
def run(
    names: tuple[str, ...],
    every: bool,
    processes: int,
    clients_folder: str | None,
    reports_folder: str | None,
    language: str | None,
    status_date: str,
    pairs: tuple[str, ...],
    timeout: float,
    engine: str,
    scheduler: str,
    force: bool,
    log_format: str,
    pdf: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Make reports.

    Example: crm-eval run demo-trading
    """
    from crm_eval_lib.cli.progress import Progress, closing_table
    from crm_eval_lib.runner.batch import run_batch, write_index
    from crm_eval_lib.runner.client_run import Settings
    from crm_eval_lib.runner.paths import clients_dir, reports_dir, writable

    browser = browser_for(pdf)
    clients = clients_dir(clients_folder)
    chosen = chosen_clients(clients, names, every)
    reports = writable(reports_dir(reports_folder))
    settings = Settings(
        clients,
        reports,
        language or "",
        status_date,
        timeout,
        knobs_from(pairs, [clients / name / "notebooks" for name in chosen]),
        engine=engine,
        force=force,
    )
    with Progress(chosen, quiet=quiet, log_format=log_format) as progress:
        runs = run_batch(
            chosen, settings, processes=processes, scheduler=scheduler,
            on_done=progress.piece_done, on_client=progress.client_done,
        )  # fmt: skip
    if pdf:
        printed(runs, browser)
    if as_json:
        click.echo(json.dumps([asdict(item) for item in runs], ensure_ascii=False, indent=1))
    else:
        closing_table(runs, quiet=quiet)
    index = write_index(reports, language or "en")  # after the table: it may wait for imports
    if not as_json:
        click.echo(str(index))
    return exit_code(runs, single=len(chosen) == 1)


def browser_for(pdf: bool) -> str:
    """Find the browser that prints; without need of one the page's code is not even loaded."""
    if not pdf:
        return ""
    from crm_eval_lib.report.pdf import find_chromium

    return find_chromium()


def printed(runs: list, browser: str) -> None:
    """Print every report that stands after its run; one that fails does not hinder the others."""
    from crm_eval_lib.errors import CrmEvalError
    from crm_eval_lib.report.pdf import print_pdf

    for item in runs:
        if item.exit_code or not item.report:
            continue
        try:
            print_pdf(Path(item.report), browser)
        except CrmEvalError as error:
            item.exit_code, item.stage, item.message = error.exit_code, "pdf", str(error)


def chosen_clients(clients: Path, names: tuple[str, ...], every: bool) -> list[str]:
    """Return the clients named, or all; an unknown one gets the nearest suggestion."""
    known = client_folders(clients)
    if not known:
        raise UsageError(
            f"The clients folder {clients} holds no clients. Make one: crm-eval new CLIENT"
        )
    if every and not names:
        return known
    if not names or every:
        raise UsageError("Name the clients to run, or say --all (not both).")
    for name in names:
        if name not in known:
            raise UsageError(f"No client {name!r} in {clients}: {nearest(name, known)}")
    return list(dict.fromkeys(names))


def knobs_from(
    pairs: tuple[str, ...], own_folders: Iterable[Path] = ()
) -> dict[str, dict[str, object]]:
    """Read ``notebook.name=value`` pairs by the types the notebooks declare.

    A notebook that the clients' own folders hold is meant before the standard one.
    """
    from crm_eval_lib.runner.parameters import from_text
    from crm_eval_lib.runner.paths import notebooks_dir

    by_notebook: dict[str, dict[str, str]] = {}
    for pair in pairs:
        target, equals, value = pair.partition("=")
        notebook, dot, name = target.partition(".")
        if not (equals and dot and name):
            raise UsageError(f"--param {pair!r} is not NOTEBOOK.NAME=VALUE.")
        by_notebook.setdefault(notebook, {})[name] = value
    folders = (notebooks_dir(), *own_folders)
    return {
        notebook: from_text(named_notebook(folders, notebook), values)
        for notebook, values in by_notebook.items()
    }


def named_notebook(folders: Iterable[Path], name: str) -> Path:
    """Return a notebook's file by its name; a later folder's wins over an earlier one's."""
    known = {path.stem: path for folder in folders for path in sorted(folder.glob("*.ipynb"))}
    if name.removesuffix(".ipynb") not in known:
        raise UsageError(f"No notebook {name!r}: {nearest(name, known)}")
    return known[name.removesuffix(".ipynb")]


def exit_code(runs: list, *, single: bool) -> int:
    """Return 0 when all are done; one client's own code, else 1 (3 if a fault was ours)."""
    codes = {item.exit_code for item in runs} - {0}
    if not codes:
        return 0
    if single:
        return codes.pop()
    return 3 if 3 in codes else 1
