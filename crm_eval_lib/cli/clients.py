"""The verbs ``new``, ``check``, ``params``, ``doctor`` and ``simulate``."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from crm_eval_lib.cli.options import clients_option, json_option, language_option
from crm_eval_lib.cli.running import chosen_clients, named_notebook
from crm_eval_lib.errors import ConfigError, CrmEvalError, DataError, UsageError, told
from crm_eval_lib.runner.paths import clients_dir, notebooks_dir

CHECK_FAILED = 1  # exit code of a check that found something, in client.yml as in a table


@click.command()
@click.argument("name", metavar="CLIENT")
@clients_option
@language_option
def new(name: str, clients_folder: str | None, language: str | None) -> None:
    """Make a client's folder: client.yml, intake workbook, a starter list of control points.

    Example: crm-eval new acme --lang zh-Hans
    """
    from crm_eval_lib.sources.catalogue import write_starter
    from crm_eval_lib.tables.template import write_template

    folder = clients_dir(clients_folder) / name
    if folder.exists():
        raise UsageError(f"{folder} exists already; nothing was changed. Choose another name.")
    write_template(folder, name, language or "en")
    files = " and ".join(str(path) for path in sorted(folder.iterdir()))
    starter = write_starter(folder, language or "en")
    click.echo(str(folder))
    click.echo(f"Next: fill in {files}, then crm-eval check {name}", err=True)
    if starter:
        click.echo(f"Common control points and tests of them to begin with: {starter}", err=True)


@click.command()
@click.argument("names", nargs=-1, metavar="[CLIENT]...")
@click.option("--all", "every", is_flag=True, help="Check every client of the folder.")
@clients_option
@json_option
def check(names: tuple[str, ...], every: bool, clients_folder: str | None, as_json: bool) -> int:
    """Read and validate clients' files; name every problem with place and remedy.

    Example: crm-eval check demo-trading
    """
    clients = clients_dir(clients_folder)
    answers = [check_client(clients, name) for name in chosen_clients(clients, names, every)]
    if as_json:
        click.echo(json.dumps(answers, ensure_ascii=False, indent=1))
    for answer in [] if as_json else answers:
        said = answer["message"].removeprefix(f"{answer['client']}: ")
        click.echo(f"{answer['client']}: {said}")
        click.echo(f"  in {answer['folder']}")
        for problem in answer["problems"]:
            click.echo(f"  - {problem}")
    codes = [answer["exit_code"] for answer in answers]
    return codes[0] if len(codes) == 1 else int(any(codes))


def check_client(clients: Path, name: str) -> dict:
    """Validate one client; the answer holds its folder, message, problems and exit code.

    Mistakes of client.yml do not hide those of the tables: both are told at once.
    """
    from crm_eval_lib.cli.idle_ids import codes_of, idle_ids
    from crm_eval_lib.client import open_client
    from crm_eval_lib.runner.jobs import commentary
    from crm_eval_lib.runner.plan import plan
    from crm_eval_lib.sources.logo import logo_of

    answer = {"client": name, "folder": str(clients / name), "exit_code": 0}
    try:
        client = open_client(name, clients_dir=str(clients))
        notebooks = plan(clients / name).all
        unpublished = check_notebooks(client, notebooks)
        commentary(client.folder)
        logo_of(client.folder, client.config.report.logo)
        client.validate()
    except UsageError as error:  # of client.yml, or of the client's own notebooks
        return {**answer, "exit_code": CHECK_FAILED, "message": str(error),
                "problems": table_problems(clients / name)}  # fmt: skip
    except CrmEvalError as error:
        said, problems = told(error)
        return {**answer, "exit_code": error.exit_code, "message": said, "problems": problems}
    empty = sum(table.empty for table in client.tables.values())
    message = f"{len(client.tables) - empty} tables are in order"
    message += f"; {empty} more hold headers only" if empty else ""
    idle = idle_ids(client.config, codes_of(notebooks))
    notices = [*unpublished, *person_level(client.config), *idle, *overtaken(notebooks),
               *(str(problem) for problem in client.notes)]  # fmt: skip
    return {**answer, "message": message, "problems": notices}


def person_level(config: Any) -> list[str]:
    """Say that single persons will be looked at, on what basis and by whose approval."""
    from crm_eval_lib.text.safe import shown

    if not config.privacy.annex_wanted:
        return []
    basis, approver = shown(config.privacy.basis), shown(config.privacy.approver)
    return [f"person-level analyses are on; basis: {basis}; approved by: {approver}. They go to "
            "restricted/person_level.xlsx beside the report, never into it"]  # fmt: skip


def table_problems(folder: Path) -> list[str]:
    """Name the problems of the tables of a client whose client.yml has mistakes."""
    from crm_eval_lib.client import Client
    from crm_eval_lib.client_folder import CONFIG_NAME
    from crm_eval_lib.config.loading import usable_config
    from crm_eval_lib.sources.load import Intake
    from crm_eval_lib.sources.paths import Area

    if not (folder / CONFIG_NAME).is_file():
        return []
    try:
        config = usable_config(folder)
        area = Area.of(folder, config.roots)
    except ConfigError:
        return []  # it is said already, in the message of the mistakes
    zone = {"timezone": config.timezone, "currency": config.currency}
    client = Client(config, folder, Intake(area, config.sources or {}, **zone))
    try:
        client.validate()
    except DataError as error:
        return told(error)[1]
    return []


def overtaken(notebooks: Iterable[Any]) -> list[str]:
    """Say which of the client's copies have a standard notebook that has changed since."""
    from crm_eval_lib.lab.copies import since

    own = [item.path for item in notebooks if item.own]
    return [line for path in own for line in since(path, notebooks_dir())]


def check_notebooks(client: Any, notebooks: Iterable[Any]) -> list[str]:
    """Check the client's own notebooks and its knobs; reading notebooks is slow, so only if any."""
    from crm_eval_lib.lab.published import check_published
    from crm_eval_lib.runner.jobs import ClientJob
    from crm_eval_lib.runner.parameters import assigned

    planned, knobs = list(notebooks), client.config.parameters
    own = [item for item in planned if item.own]
    if knobs or own:
        paths = {item.name: item.path for item in planned}
        assigned(paths, ClientJob(client.id, "", "").parameters, knobs, {})
    return check_published(own)


@click.command()
@click.argument("notebook")
@click.option("--client", metavar="CLIENT", help="Look among this client's own notebooks first.")
@clients_option
@json_option
def params(notebook: str, client: str | None, clients_folder: str | None, as_json: bool) -> None:
    """List a notebook's parameters: name, type, default, meaning.

    Example: crm-eval params 03_efficiency --client demo-trading
    """
    from crm_eval_lib.lab.copies import OWN_FOLDER
    from crm_eval_lib.runner.parameters import declared

    path, folders = Path(notebook), [notebooks_dir()]
    if client:
        clients = clients_dir(clients_folder)
        folders += [
            clients / name / OWN_FOLDER for name in chosen_clients(clients, (client,), False)
        ]
    path = path if path.is_file() else named_notebook(folders, notebook)
    found = [asdict(item) for item in declared(path).values()]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for item in found:
        click.echo(f"{item['name']}: {item['type']} = {item['default']}  # {item['help']}")


@click.command()
@json_option
def doctor(as_json: bool) -> int:
    """Check the machine: versions, kernel, font, browser.

    Example: crm-eval doctor
    """
    from crm_eval_lib.cli.examination import examine

    rows = examine()
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
    for row in [] if as_json else rows:
        mark = "ok" if row.good else ("missing" if row.needed else "optional")
        click.echo(
            f"{mark:<8}  {row.name:<14}  {row.found}" + ("" if row.good else f"  {row.remedy}")
        )
    return int(any(row.needed and not row.good for row in rows))


@click.command()
@click.argument("names", nargs=-1, metavar="[DEMO]...")
@click.option("--seed", type=int, help="Another seed makes another client of the same kind.")
@click.option(
    "--as", "new_name", metavar="CLIENT", help="Folder name for a client of another seed."
)
@clients_option
def simulate(
    names: tuple[str, ...], seed: int | None, new_name: str | None, clients_folder: str | None
) -> None:
    """Write the demo clients again, or new ones from another seed, with their planted truth.

    Example: crm-eval simulate demo-services --seed 7 --as exam-1
    """
    from crm_eval_lib.simulate import DEMOS, write_client

    clients = clients_dir(clients_folder)
    if new_name and len(names) != 1:
        raise UsageError("--as goes with exactly one demo client to take as the pattern.")
    if seed is not None and not new_name:
        raise UsageError("--seed needs --as CLIENT: the demo clients keep their own seeds.")
    for name in names or DEMOS:
        click.echo(str(write_client(name, clients, seed=seed, client_id=new_name)))
