"""Many clients: a pool, one closing table, `batch.json` and the portfolio page."""

import json
from collections.abc import Sequence
from concurrent.futures import Future, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.runner.client_run import ClientRun, Report, Settings, can_begin, failed_run
from crm_eval_lib.runner.fingerprint import code_state, file_state, fingerprint
from crm_eval_lib.runner.jobs import now
from crm_eval_lib.runner.outcome import INTERNAL_ERROR
from crm_eval_lib.runner.pools import Pool, cluster_pool, local_pool
from crm_eval_lib.runner.process import run_isolated
from crm_eval_lib.runner.whole_files import replace_text

INDEX_TIMEOUT_SECONDS = 300.0
CACHE = Path(".cache")  # below the reports
INDEX_MARK = CACHE / "index.sha256"  # of what the portfolio page was made from


def run_batch(
    clients: Sequence[str],
    settings: Settings,
    *,
    processes: int = 1,
    scheduler: str = "",
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
    scheduler : str
        Address of a Dask cluster to work on instead; its workers say how much at one time.

    Returns
    -------
    list of ClientRun
        In the order of `clients`.
    """
    started_at = now()
    pools = (
        cluster_pool(settings, scheduler, on_done)
        if scheduler
        else local_pool(settings, processes, on_done)
    )
    with pools as pool:
        broken = [client for client in clients if not can_begin(client, settings)]
        runs = _all_runs(broken, pool, on_client)  # told before the imports of what can begin
        runs |= _all_runs([client for client in clients if client not in runs], pool, on_client)
    ordered = [runs[client] for client in clients]
    write_batch(ordered, settings.reports_dir, started_at)
    return ordered


def _all_runs(clients: Sequence[str], pool: Pool, on_client: Any) -> dict[str, ClientRun]:
    futures: dict[Future, str] = {}
    runs = {}
    try:
        futures |= ((pool.submit(client), client) for client in clients)
        for future in as_completed(futures):
            run = _run_of(future, futures.pop(future))  # held no longer: there may be thousands
            runs[run.client] = run
            on_client(run)
    except KeyboardInterrupt:
        for future in futures:
            future.cancel()
        pool.stop()
        raise
    return runs


def _run_of(future: Future, client: str) -> ClientRun:
    """Return a client's run; an error of the cluster, such as lost workers, is a failed one."""
    try:
        return future.result()
    except Exception as error:
        return failed_run(client, "cluster", f"{type(error).__name__}: {error}")


def write_batch(runs: Sequence[ClientRun], reports: Path, started_at: str) -> None:
    """Write ``batch.json``, whole or not at all.

    Raises
    ------
    CrmEvalError
        It cannot be written, such as on a full disk; the one before stands.
    """
    content = {
        "schema": 2,
        "started_at": started_at,
        "finished_at": now(),
        "clients": [asdict(run) for run in runs],
    }
    try:
        replace_text(reports / "batch.json", json.dumps(content, ensure_ascii=False, indent=1))
    except OSError as error:
        raise CrmEvalError(
            f"{reports / 'batch.json'} cannot be written ({error.strerror}); the one before "
            "stands, and so does every report that was done."
        ) from error


def write_index(reports: Path, language: str) -> Path:
    """Make the portfolio page from all reports that stand, unless it stands as they are.

    Raises
    ------
    CrmEvalError
        It cannot be written, or its process died.
    RuntimeError
        A fault of ours, with what the work raised.
    """
    mark, kept = _index_mark(reports, language), reports / INDEX_MARK
    page = reports / "index.html"
    if page.is_file() and kept.is_file() and kept.read_text(encoding="ascii") == mark:
        return page
    outcome = run_isolated(_index, str(reports), language, timeout_seconds=INDEX_TIMEOUT_SECONDS)
    if outcome.exit_code not in (0, INTERNAL_ERROR):
        raise CrmEvalError(f"The portfolio page could not be made: {outcome.message}")
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
    page = render_index(
        portfolio_rows(folder), language, failures=failures(folder), cache_dir=folder / CACHE
    )
    replace_text(folder / "index.html", page)


def failures(reports: Path) -> dict[str, str]:
    """Say what went wrong with each client whose last run failed."""
    path = reports / "batch.json"
    batch = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"clients": []}
    said = {run["client"]: run["message"] for run in batch["clients"]}
    set_aside = sorted(folder.name for folder in reports.glob(".failed/*") if folder.is_dir())
    return {client: said.get(client, "") for client in set_aside}
