"""The verbs ``lab``, ``customise`` and ``new-factor``: one client in JupyterLab."""

import os
from pathlib import Path

import click

from crm_eval_lib.cli.options import PASSED_ON, clients_option, language_option, reports_option
from crm_eval_lib.cli.running import chosen_clients, named_notebook
from crm_eval_lib.errors import UsageError
from crm_eval_lib.runner.paths import clients_dir, notebooks_dir, reports_dir

LAB_FOLDER = "lab"  # of the project; one folder per client below it


@click.command(context_settings=PASSED_ON)
@click.argument("name", metavar="CLIENT")
@clients_option
@reports_option
@language_option
@click.option("--status-date", default="", metavar="YYYY-MM-DD", help="See it as known then.")
@click.option("--folder", metavar="DIR", help="Working folder [lab/CLIENT of the project].")
@click.argument("jupyter", nargs=-1, type=click.UNPROCESSED, metavar="[JUPYTER OPTION]...")
def lab(
    name: str,
    clients_folder: str | None,
    reports_folder: str | None,
    language: str | None,
    status_date: str,
    folder: str | None,
    jupyter: tuple[str, ...],
) -> int:
    """Open JupyterLab with a client's parameters as the notebooks' defaults.

    Example: crm-eval lab demo-trading --no-browser --port 8899
    """
    from crm_eval_lib.config import load_config
    from crm_eval_lib.lab.copies import writing
    from crm_eval_lib.lab.launching import environment, launch, options, prepared

    clients = clients_dir(clients_folder)
    (chosen,) = chosen_clients(clients, (name,), False)
    usual = notebooks_dir().parent / LAB_FOLDER / chosen
    root = Path(folder).expanduser().resolve() if folder else usual
    if status_date:
        load_config(clients / chosen, status_date=status_date)  # said here, not in every notebook
    with writing(root):
        changed = prepared(root, clients / chosen)
    for line in changed:
        click.echo(line, err=True)
    told = {"language": language or "", "status_date": status_date}
    told["reports_dir"] = str(reports_dir(reports_folder)) if reports_folder else ""
    os.environ.update(environment(clients / chosen, **told))
    click.echo(str(root))
    return launch([*options(root), *jupyter])


@click.command()
@click.argument("name", metavar="CLIENT")
@click.argument("notebook")
@click.option("--accept", "again", is_flag=True,
              help="Note that the copy was held against today's standard notebook.")  # fmt: skip
@click.option("--from", "changed", metavar="FILE", type=click.Path(exists=True, path_type=Path),
              help="Take the cells of this changed copy, such as one of the lab.")  # fmt: skip
@clients_option
def customise(
    name: str, notebook: str, again: bool, changed: Path | None, clients_folder: str | None
) -> None:
    """Copy a standard notebook into a client's folder, to change it there.

    Example: crm-eval customise demo-trading 03_efficiency
    """
    from crm_eval_lib.lab.copies import accept
    from crm_eval_lib.lab.copies import customise as copied
    from crm_eval_lib.lab.folder import link_own
    from crm_eval_lib.lab.published import check_taken

    clients = clients_dir(clients_folder)
    (chosen,) = chosen_clients(clients, (name,), False)
    standard = named_notebook([notebooks_dir()], notebook)
    if not standard.stem[:2].isdecimal():
        raise UsageError(f"{standard.name} belongs to all clients; it has no copy of one client.")
    if again:
        click.echo(str(accept(clients / chosen, standard)))
        return
    if changed:
        check_taken(changed, standard)
    copy = copied(clients / chosen, standard, changed)
    link_own(notebooks_dir().parent / LAB_FOLDER / chosen, clients / chosen)
    click.echo(str(copy))
    click.echo(
        f"Next: crm-eval lab {chosen}, open own/{copy.name}, change a step and run all cells; "
        f"then crm-eval check {chosen} and crm-eval run {chosen}, which uses it from now on.",
        err=True,
    )


@click.command("new-factor")
@click.argument("name", metavar="CLIENT")
@click.argument("factor")
@clients_option
def new_factor(name: str, factor: str, clients_folder: str | None) -> None:
    """Make a notebook for a factor of a client's own, from a template that runs.

    Example: crm-eval new-factor demo-trading adoption
    """
    from crm_eval_lib.lab.factor import block_for
    from crm_eval_lib.lab.factor import new_factor as made
    from crm_eval_lib.lab.folder import link_own
    from crm_eval_lib.runner.plan import plan

    clients = clients_dir(clients_folder)
    (chosen,) = chosen_clients(clients, (name,), False)
    notebook = made(clients / chosen, factor, plan(clients / chosen).all)
    link_own(notebooks_dir().parent / LAB_FOLDER / chosen, clients / chosen)
    click.echo(str(notebook))
    click.echo(
        f"Next: crm-eval lab {chosen}, open own/{notebook.name} and answer its TODOs. It counts "
        "only with a weight; put into client.yml (join sections that stand there already):\n\n"
        f"{block_for(factor)}\nThen: crm-eval check {chosen}, crm-eval run {chosen}",
        err=True,
    )
