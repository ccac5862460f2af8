"""Fixtures that several tests share, and the order in which their files begin."""

import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from crm_eval_lib.client import open_client
from crm_eval_lib.results import FactorResult

PROJECT = Path(__file__).parents[1]
SHARED_DATA = PROJECT.parent / "shared" / "data"
# The dearest files begin first, so that no worker is left with one when the others are done.
DEAREST = (
    "test_end_to_end", "test_kills", "test_withholding", "test_training_lessons", "test_engine",
    "test_calibration", "test_lab_browser", "test_nasty_text", "test_it_dashboard",
    "test_wild_folders", "test_cluster", "test_nothing_lost", "test_current", "test_whole_path",
    "test_persons_run", "test_incidents", "test_gallery", "test_efficiency_flow",
    "test_efficiency_defects", "05_scorecard", "test_problems_zoo", "test_value_worth",
    "test_report_access", "test_scorecard_properties",
    "test_controls_zoo", "test_cost_months", "test_efficiency_change", "03_efficiency",
    "test_thin_clients", "test_calibration_clients", "01_cost", "test_inspections", "test_runner",
    "test_replaced_steps", "test_report_pdf", "04_controls", "02_problems", "00_data_check",
    "portfolio",
)  # fmt: skip
# Where every notebook of every client is compared with its factor, those of one are not run again.
ONE_CLIENT = "test_the_notebook_and_assess_give_the_same_result"
ALL_CLIENTS = "test_the_notebook_that_ran_and_assess_give_the_same_result"


def pytest_sessionstart() -> None:
    """Import a share of the tests in each worker: the others find it compiled when they collect."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        number, workers = int(worker[2:]), int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        for path in sorted(Path(__file__).parent.glob("test_*.py"))[number::workers]:
            with suppress(Exception, pytest.skip.Exception):  # told where it is collected
                import_module(path.stem)


@pytest.hookimpl(trylast=True)  # when it is known what was asked for
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the dearest files first; with ``--no-loadscope-reorder`` workers keep this order."""
    place = {name: number for number, name in enumerate(DEAREST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))
    asked = {getattr(item, "originalname", None) for item in items}
    if asked >= {ONE_CLIENT, ALL_CLIENTS}:
        again = [item for item in items if getattr(item, "originalname", None) == ONE_CLIENT]
        config.hook.pytest_deselected(items=again)
        items[:] = [item for item in items if item not in again]


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's folder."""
    return PROJECT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data; tests that need it skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the shared data folder is not beside this project")
    return SHARED_DATA


@pytest.fixture(scope="session")
def demo_clients(project: Path) -> Path:
    """The folder of the demo clients."""
    return project / "data" / "clients"


@pytest.fixture(scope="session")
def assessed(tmp_path_factory, demo_clients) -> Callable[[str, str], FactorResult]:
    """Assess a factor of a demo client once for all files and workers; it is only read."""
    kept = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        kept = kept.parent  # that of the whole run

    @cache
    def assess(factor: str, client_id: str) -> FactorResult:
        path = kept / f"assessed-{factor}-{client_id}.pickle"
        if not path.exists():
            client = open_client(client_id, clients_dir=demo_clients)
            result = import_module(f"crm_eval_lib.{factor}").assess(client)
            beside = path.with_suffix(f".{os.getpid()}")
            beside.write_bytes(pickle.dumps(result))
            beside.replace(path)  # whole or not at all: another worker may read it
        return pickle.loads(path.read_bytes())

    return assess
