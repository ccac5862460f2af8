"""The verbs ``list``, ``open`` and ``clean``: what stands in the reports folder."""

import json
import shutil
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from crm_eval_lib.cli.options import json_option, language_option, reports_option
from crm_eval_lib.errors import UsageError, nearest
from crm_eval_lib.runner.batch import failures
from crm_eval_lib.runner.paths import client_folders, notebooks_dir, reports_dir
from crm_eval_lib.runner.publish import PROTOCOL
from crm_eval_lib.runner.record import read_record

ANONYMOUS = "portfolio-anonymous.html"


@click.command("list")
@reports_option
@language_option
@click.option(
    "--anonymous", is_flag=True, help="Write a page without names that may leave the house."
)
@json_option
def list_reports(
    reports_folder: str | None, language: str | None, anonymous: bool, as_json: bool
) -> None:
    """List the reports that stand: score, band, data cut-off, age, and whether they are current.

    Example: crm-eval list
    """
    from crm_eval_lib.text import word  # pandas comes with it; other verbs start without
    from crm_eval_lib.text.formats import format_value

    if anonymous:
        click.echo(str(write_anonymous(reports_dir(reports_folder), language or "en")))
        return
    rows = report_rows(reports_dir(reports_folder))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    if not rows:
        click.echo("No reports yet. Make some: crm-eval run --all", err=True)
    for row in rows:
        score = format_value(row["score"], "score")
        band = word(f"score.band.{row['band']}", "en", row["band"] or "–")
        band = "no overall score" if row["score"] is None else band
        click.echo(f"{row['client']:<24} {score:>4}  {band:<20} {row['status_date']}  "
                   f"{age(row['generated_at'], datetime.now(UTC)):>8}  {row['state']}")  # fmt: skip


def write_anonymous(reports: Path, language: str) -> Path:
    """Write the portfolio that names no client and shows no small number of clients."""
    from crm_eval_lib.portfolio import portfolio_rows
    from crm_eval_lib.report.anonymous import render_anonymous
    from crm_eval_lib.runner.whole_files import replace_text

    path = reports / ANONYMOUS
    replace_text(path, render_anonymous(portfolio_rows(reports), language))
    return path


def report_rows(reports: Path) -> list[dict[str, Any]]:
    """Read the line of every report from its results, and whether it is current."""
    broken, rows = failures(reports), []
    for path in sorted(reports.glob("*/results.json")):
        results = json.loads(path.read_text(encoding="utf-8"))
        overall = results["overall"]
        rows.append(
            {
                "client": path.parent.name,
                "score": overall["score"],
                "band": overall["band"],
                "status_date": results["status_date"],
                "generated_at": results["provenance"]["generated_at"],
                "state": report_state(path.parent, failed=path.parent.name in broken),
                "report": str(path.with_name("report.html")),
            }
        )
    return rows


def report_state(report: Path, *, failed: bool) -> str:
    """Say how a report stands to what it was made from.

    Returns
    -------
    str
        ``current``; ``changed`` (files, settings, notebooks, library or packages are not as they
        were); ``no client`` (its folder is gone); ``unknown`` (made before this was kept).
        ``, last run failed`` behind it where a later run did not come to its end.
    """
    record = read_record(report)
    if record is None:
        state = "unknown"
    elif not Path(record.folder).is_dir():
        state = "no client"
    else:
        state = "current" if record.is_current(report, notebooks_dir()) else "changed"
    return f"{state}, last run failed" if failed else state


def age(moment: str, now: datetime) -> str:
    """Say how long ago something was, in the largest unit that fits.

    >>> age("2025-09-01T00:00:00+00:00", datetime(2025, 9, 3, 1, tzinfo=UTC))
    '2 d ago'
    """
    seconds = (now - datetime.fromisoformat(moment)).total_seconds()
    units = (("d", 86400), ("h", 3600), ("min", 60))
    return next((f"{seconds // size:.0f} {unit} ago" for unit, size in units if seconds >= size),
                "just now")  # fmt: skip


@click.command("open")
@click.argument("name", required=False, metavar="[CLIENT]")
@reports_option
def open_report(name: str | None, reports_folder: str | None) -> None:
    """Open a client's report in the browser; without a client, the portfolio.

    Example: crm-eval open demo-trading
    """
    reports = reports_dir(reports_folder)
    page = report_page(reports, name) if name else reports / "index.html"
    if not page.is_file():
        raise UsageError("There is no portfolio page yet. Make it: crm-eval run --all")
    click.echo(str(page))
    webbrowser.open(page.as_uri())


def report_page(reports: Path, name: str) -> Path:
    """Return a client's page; an unknown client gets the nearest suggestion."""
    known = [path.parent.name for path in sorted(reports.glob("*/report.html"))]
    if name not in known:
        raise UsageError(f"No report of {name!r}: {nearest(name, known)}")
    return reports / name / "report.html"


@click.command()
@click.argument("names", nargs=-1, metavar="[CLIENT]...")
@click.option("--yes", is_flag=True, help="Remove without asking.")
@reports_option
def clean(names: tuple[str, ...], yes: bool, reports_folder: str | None) -> None:
    """Remove reports (all, or those named) and left-over run folders, after naming them.

    A client's protocol.json stays: no run could make it again.

    Example: crm-eval clean demo-trading
    """
    reports = reports_dir(reports_folder)
    targets = removable(reports, names)
    if not targets:
        click.echo("Nothing to remove.", err=True)
        return
    for path in targets:
        click.echo(str(path))
    if yes or click.confirm("Remove these?", err=True):
        for path in targets:
            remove(path)


def remove(path: Path) -> None:
    """Remove a file or a folder; of a client's folder with a protocol all but that."""
    protocol = path / PROTOCOL
    if not path.is_dir():
        path.unlink()
    elif not protocol.is_file():
        shutil.rmtree(path)
    else:
        for inner in path.iterdir():
            if inner != protocol:
                shutil.rmtree(inner) if inner.is_dir() else inner.unlink()
        click.echo(f"Kept: {protocol}", err=True)


def removable(reports: Path, names: tuple[str, ...]) -> list[Path]:
    """List what `clean` would remove: only what a run made."""
    made = [reports / name for name in client_folders(reports)]
    made = [path for path in made if (path / "results.json").is_file()]
    if names:
        known = [path.name for path in made]
        for name in names:
            if name not in known:
                raise UsageError(f"No report of {name!r}: {nearest(name, known)}")
        return [path for path in made if path.name in names]
    extra = [
        reports / name
        for name in (".runs", ".failed", ".locks", ".cache", "batch.json", "index.html", ANONYMOUS)
    ]
    return [*made, *(path for path in extra if path.exists())]
