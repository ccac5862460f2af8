"""Fixtures that several tests share."""

from pathlib import Path

import pytest

from crm_eval_lib.text import language

PROJECT = Path(__file__).parents[1]
SHARED_DATA = PROJECT.parent / "shared" / "data"


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


@pytest.fixture(autouse=True)
def english():
    """Start each test in English: a notebook run in this process leaves its language behind."""
    with language("en"):
        yield
