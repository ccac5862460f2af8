"""A finished report for a test, without a run: results, record and an empty page."""

from collections.abc import Iterable
from pathlib import Path

from crm_eval_lib.client import open_client
from crm_eval_lib.results import FactorResult
from crm_eval_lib.runner.record import PAGE, Record
from crm_eval_lib.scorecard import score


def make_report(reports: Path, clients: Path, results: Iterable[FactorResult]) -> Path:
    """Publish hand-made results of the client acme as a run would; return the report's folder."""
    folder = reports / "acme"
    found = list(results)
    for result in found:
        result.publish(folder)
    score(found, client=open_client("acme", clients_dir=clients)).publish(folder)
    (folder / PAGE).write_text("<!doctype html>", encoding="utf-8")
    Record("made by hand", str(clients / "acme")).write(folder)
    return folder
