"""Every factor's notebook says what the library says, and keeps the house rules."""

import json
import re

import nbformat
import pytest
from notebook_cells import published

NOTEBOOKS = {
    "cost": "01_cost", "problems": "02_problems", "efficiency": "03_efficiency",
    "controls": "04_controls",
}  # fmt: skip
TAGS = {"parameters", "setup", "appendix", "lang-en", "lang-zh-Hans"}
MAX_CELLS, MAX_LINES = 30, 15


@pytest.fixture(scope="module", params=NOTEBOOKS)
def factor(request):
    return request.param


@pytest.fixture(scope="module")
def notebook(project, factor):
    return nbformat.read(project / "notebooks" / f"{NOTEBOOKS[factor]}.ipynb", as_version=4)


def test_the_notebook_and_assess_give_the_same_result(notebook, factor, tmp_path, assessed):
    # One client here; what the notebooks of all of them showed is compared in test_end_to_end,
    # and where both are asked for only there.
    found = published(notebook, tmp_path, factor, client_id="demo-trading")
    assert found == json.loads(json.dumps(assessed(factor, "demo-trading").to_dict()))


def test_cells_are_few_short_and_tagged_from_the_closed_list(notebook):
    in_one_language = [c for c in notebook.cells if "lang-zh-Hans" not in c.metadata.tags]
    assert len(in_one_language) <= MAX_CELLS
    for cell in notebook.cells:
        assert set(cell.metadata.tags) <= TAGS
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= MAX_LINES
            assert not re.search(r"(def|class|for|while)\s", cell.source)
            assert not cell.outputs


def test_every_english_cell_has_its_chinese_neighbour(notebook):
    prose = [c.metadata.tags for c in notebook.cells if c.cell_type == "markdown"]
    assert prose[::2] == [["lang-en"]] * (len(prose) // 2)
    assert prose[1::2] == [["lang-zh-Hans"]] * (len(prose) // 2)
