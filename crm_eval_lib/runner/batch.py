"""Many clients: a pool, one closing table, `batch.json` and the portfolio page."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from threading import Semaphore
from typing import Any

from crm_eval_lib.runner.client_run import ClientRun, Report, Settings, run_client
from crm_eval_lib.runner.fingerprint import code_state, file_state, fingerprint
from crm_eval_lib.runner.jobs import now
from crm_eval_lib.runner.process import run_isolated, stop_all
from crm_eval_lib.runner.whole_files import replace_text

INDEX_TIMEOUT_SECONDS = 300.0
INDEX_MARK = Path(".cache", "index.sha256")  # of what the portfolio page was made from


def run_batch(
    clients: Sequence[str],
    settings: Settings,
    *,
    processes: int = 1,
    on_done: Report = lambda client, stage: None,
    on_client: Any = lambda run: None,
) -> list[ClientRun]:
    """Run clients side by side; a failing one leaves the others alone.

    Parameters
    ----------
    clients : sequence of str
        Client ids.
    processes : int
        How many child processes may be at work at one time.

    Returns
    -------
    list of ClientRun
        In the order of `clients`.
    """
    started_at = now()
    slots = Semaphore(processes)
    # one client more than can be at work: what it has to do fills a neighbour's gaps
    pool = ThreadPoolExecutor(max_workers=processes + 1)
    futures = {
        pool.submit(run_client, client, settings, slots=slots, on_done=on_done): client
        for client in clients
    }
    try:
        for future in as_completed(futures):
            on_client(future.result())
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        stop_all()
        raise
    pool.shutdown()
    runs = {client: future.result() for future, client in futures.items()}
    ordered = [runs[client] for client in clients]
    write_batch(ordered, settings.reports_dir, started_at)
    return ordered


def write_batch(runs: Sequence[ClientRun], reports: Path, started_at: str) -> None:
    """Write ``batch.json``, whole or not at all."""
    content = {
        "schema": 2,
        "started_at": started_at,
        "finished_at": now(),
        "clients": [asdict(run) for run in runs],
    }
    replace_text(reports / "batch.json", json.dumps(content, ensure_ascii=False, indent=1))


def write_index(reports: Path, language: str) -> Path:
    """Make the portfolio page from all reports that stand, unless it stands as they are.

    Raises
    ------
    RuntimeError
        With what the work raised.
    """
    mark, kept = _index_mark(reports, language), reports / INDEX_MARK
    page = reports / "index.html"
    if page.is_file() and kept.is_file() and kept.read_text(encoding="ascii") == mark:
        return page
    outcome = run_isolated(_index, str(reports), language, timeout_seconds=INDEX_TIMEOUT_SECONDS)
    if outcome.exit_code:
        raise RuntimeError(f"{outcome.message}\n{outcome.detail}")
    kept.parent.mkdir(exist_ok=True)
    replace_text(kept, mark)
    return page


def _index_mark(reports: Path, language: str) -> str:
    results = {path.parent.name: file_state(path) for path in reports.glob("*/results.json")}
    return fingerprint({"results": results, "failures": failures(reports), "language": language,
                        "code": code_state()})  # fmt: skip


def _index(reports: str, language: str) -> None:
    from crm_eval_lib.portfolio import portfolio_rows
    from crm_eval_lib.report import render_index

    folder = Path(reports)
    page = render_index(portfolio_rows(folder), language, failures=failures(folder))
    replace_text(folder / "index.html", page)


def failures(reports: Path) -> dict[str, str]:
    """Say what went wrong with each client whose last run failed."""
    path = reports / "batch.json"
    batch = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"clients": []}
    said = {run["client"]: run["message"] for run in batch["clients"]}
    set_aside = sorted(folder.name for folder in reports.glob(".failed/*") if folder.is_dir())
    return {client: said.get(client, "") for client in set_aside}
