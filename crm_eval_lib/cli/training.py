"""The verbs below ``train``: lessons for new analysts."""

import os
from pathlib import Path
from typing import Any

import click

from crm_eval_lib.cli.options import PASSED_ON, json_option, language_option

FOLDER = "crm-training"
folder_argument = click.argument("folder", metavar="[FOLDER]", default=FOLDER,
                                 type=click.Path(path_type=Path))  # fmt: skip
csv_option = click.option("--csv", "as_csv", is_flag=True, help="One line per row, with commas.")


@click.group()
def train() -> None:
    """Lessons with exercises that answer back, for new analysts and their trainers.

    Example: crm-eval train start
    """


@train.command()
@folder_argument
@language_option
def start(folder: Path, language: str | None) -> None:
    """Copy the lessons to a learner's folder [crm-training].

    Example: crm-eval train start my-lessons --lang zh-Hans
    """
    from crm_eval_lib.training.starting import lesson_files
    from crm_eval_lib.training.starting import start as copy_lessons

    copied = copy_lessons(folder, language or "en")
    click.echo(str(folder))
    click.echo(f"{len(copied)} lessons copied. Next: crm-eval train open {folder}, and open "
               f"{lesson_files()[0].name}", err=True)  # fmt: skip


@train.command("open", context_settings=PASSED_ON)
@folder_argument
@click.argument("jupyter", nargs=-1, type=click.UNPROCESSED, metavar="[JUPYTER OPTION]...")
def open_folder(folder: Path, jupyter: tuple[str, ...]) -> int:
    """Open a learner's folder in JupyterLab.

    Example: crm-eval train open my-lessons --no-browser --port 8899
    """
    from crm_eval_lib.lab.launching import launch, strange_kernels
    from crm_eval_lib.training.folder import read_learner
    from crm_eval_lib.training.opening import environment, options

    if str(folder).startswith("-"):  # an option of JupyterLab's: the usual folder is meant
        folder, jupyter = Path(FOLDER), (str(folder), *jupyter)
    read_learner(folder)  # another folder is told here, not by each lesson
    for line in strange_kernels():
        click.echo(line, err=True)
    os.environ.update(environment())
    return launch([*options(folder), *jupyter])


@train.command()
@folder_argument
@csv_option
@json_option
def progress(folder: Path, as_csv: bool, as_json: bool) -> None:
    """Show what is solved.

    Example: crm-eval train progress my-lessons
    """
    from crm_eval_lib.training.folder import read_learner
    from crm_eval_lib.training.overview import by_lesson, solved

    learner = read_learner(folder)
    questions = solved(learner)
    table = questions if as_csv or as_json else by_lesson(questions)
    _tell(table, learner.language, as_csv, as_json)


@train.command()
@folder_argument
@click.option("--seed", type=click.IntRange(0), help="The same client for a whole course [fresh].")
def final(folder: Path, seed: int | None) -> None:
    """Make a whole new client for the final case.

    Example: crm-eval train final my-lessons --seed 2026
    """
    from crm_eval_lib.training.final import new_final
    from crm_eval_lib.training.folder import read_learner

    made = new_final(read_learner(folder), seed)
    click.echo(str(made))
    click.echo(f"Next: crm-eval run {made.name} --clients {made.parent}, and open the last lesson "
               f"in {folder}", err=True)  # fmt: skip


@train.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@csv_option
@json_option
@language_option
def check(folder: Path, as_csv: bool, as_json: bool, language: str | None) -> None:
    """Show a trainer what each learner has solved: learners' folders side by side in FOLDER.

    Example: crm-eval train check course-2026 --csv
    """
    from crm_eval_lib.training.overview import of_learners

    table = of_learners(folder)
    order = ["learner", *(name for name in table if name not in ("learner", "problem")), "problem"]
    _tell(table[order], language or "en", as_csv, as_json)


def _tell(table: Any, lang: str, as_csv: bool, as_json: bool) -> None:
    """Print a table as text, CSV or JSON."""
    from crm_eval_lib.text.plain_tables import text_table
    from crm_eval_lib.view import payload_of_table

    if as_csv:
        click.echo(table.to_csv(index=False, lineterminator="\n").rstrip("\n"))
    elif as_json:
        click.echo(table.to_json(orient="records", indent=1, force_ascii=False))
    else:
        payload = payload_of_table(table, rows=len(table)) | {"area": "training"}
        click.echo("\n".join(text_table(payload, lang)))
