"""What every test and every doctest begins with."""

import pytest

from crm_eval_lib.text import language


@pytest.fixture(autouse=True)
def english():
    """Start in English: a notebook run in this process leaves its language behind."""
    with language("en"):
        yield
