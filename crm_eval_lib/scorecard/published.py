"""What the factors published: read from a run, or computed by hand."""

from importlib import import_module
from pathlib import Path
from typing import Any

from crm_eval_lib.errors import UsageError
from crm_eval_lib.results import FactorResult

STANDARD_PARTS = ("data_check", "cost", "problems", "efficiency", "controls")


def load_results(run_dir: str | Path) -> dict[str, FactorResult]:
    """Read what the factor notebooks published below ``<run_dir>/results``.

    Parameters
    ----------
    run_dir : str or Path
        Folder of the run.

    Returns
    -------
    dict of str to FactorResult
        By factor; without their tables, which stay on disk.

    Raises
    ------
    UsageError
        No factor has published anything there.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = FactorResult("cost", ()).publish(folder)
    ...     list(load_results(folder))
    ['cost']
    """
    folder = Path(run_dir) / "results"
    results = [FactorResult.load(path) for path in sorted(folder.glob("*.json"))]
    if not results:
        raise UsageError(
            f"{folder}: no factor has published anything. Run the factor notebooks first."
        )
    return {result.factor: result for result in results}


def assess_factors(client: Any) -> dict[str, FactorResult]:
    """Compute the standard factors in this process: what a run by hand does.

    Parameters
    ----------
    client : Client
        From `open_client`.

    Returns
    -------
    dict of str to FactorResult
        data_check, cost, problems, efficiency and controls.

    Examples
    --------
    >>> from crm_eval_lib import open_client
    >>> list(assess_factors(open_client("demo-small")))
    ['data_check', 'cost', 'problems', 'efficiency', 'controls']
    """
    modules = (import_module(f"crm_eval_lib.{name}") for name in STANDARD_PARTS)
    results = [module.assess(client) for module in modules]
    return {result.factor: result for result in results}
