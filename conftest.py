"""What every test and every doctest begins with."""

import os
import sys

import pytest

from crm_eval_lib.text import language

# Importing it is all it does, for seconds and for good; it has no example.
collect_ignore = ["crm_eval_lib/runner/warm.py"]


@pytest.fixture(autouse=True)
def english():
    """Start in English: a notebook run in this process leaves its language behind."""
    with language("en"):
        yield


@pytest.fixture(autouse=True)
def as_found():
    """Leave folder, environment, drawing and pandas settings to the next test as they were."""
    folder, environment, settings = os.getcwd(), dict(os.environ), _drawing_settings()
    yield
    if "pandas" in sys.modules:
        sys.modules["pandas"].reset_option("mode.string_storage")
    os.chdir(folder)
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)
    if settings is not None:
        dict.update(sys.modules["matplotlib"].rcParams, settings)


def _drawing_settings():
    """Return matplotlib's settings as they stand, None where nothing has drawn yet."""
    plots = sys.modules.get("matplotlib")
    return None if plots is None else dict(dict.items(plots.rcParams))
