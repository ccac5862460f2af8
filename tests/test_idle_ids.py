"""`crm-eval check` names anchors and weights that will score nothing, before anything is run."""

import nbformat
import pytest
from client_folder import make_client
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from crm_eval_lib.cli.clients import check_client
from crm_eval_lib.cli.idle_ids import named_ids

BUDGET = "line_id,category,amount\nL1,services,1000\n"
CODE = """\
share = measured("adoption.active_share", 0.75, "ratio")
step = Step("adoption.active", (share, measured(keyed("adoption.logins", "sales"), 3, "count")))
"""
LAST = 'FactorResult.collect("adoption", [step]).publish(run_dir)'


@pytest.fixture
def checked(project, tmp_path):
    """Check a client that has a factor of its own and these ids under ``scoring``."""

    standard = nbformat.read(project / "notebooks" / "01_cost.ipynb", as_version=4).cells
    (given,) = (cell for cell in standard if "parameters" in cell.metadata.get("tags", ()))

    def check(anchors, weights=None, *, code=CODE):
        scoring = "scoring: {{anchors: {{{}: [0.4, 0.9]}}, indicator_weights: {{{}: 100}}}}\n"
        more = "weights: {adoption: 15}\n" + scoring.format(anchors, weights or anchors)
        folder = make_client(tmp_path, {"budget.csv": BUDGET}, more=more) / "notebooks"
        folder.mkdir()
        cells = [new_markdown_cell("# Use"), given, new_code_cell(code), new_code_cell(LAST)]
        nbformat.write(new_notebook(cells=cells), folder / "06_adoption.ipynb")
        return check_client(tmp_path, "acme")

    return check


def test_an_id_its_notebook_names_is_not_spoken_of(checked):
    answer = checked("adoption.active_share", "adoption.logins")
    assert (answer["exit_code"], answer["problems"]) == (0, [])


def test_a_misspelt_id_is_named_with_its_place_and_the_nearest(checked):
    answer = checked("adoption.activ_share")
    assert answer["problems"] == [
        "client.yml, scoring: anchors: adoption.activ_share – what nobody publishes counts as "
        "missing, and the notebook of this factor does not name it; did you mean "
        "'adoption.active_share'?"
    ]
    assert answer["exit_code"] == 0  # a hint: the notebook may still publish it


def test_each_part_is_named_where_they_are_spelt_differently(checked):
    (said,) = checked("adoption.active_share", "adoption.active_shares")["problems"]
    assert said.startswith("client.yml, scoring: indicator_weights: adoption.active_shares – ")


def test_an_id_of_a_factor_without_a_notebook_says_so(checked):
    (said,) = checked("training.hours", "adoption.logins")["problems"]
    assert "no notebook NN_training.ipynb that could publish it" in said


@pytest.mark.parametrize(
    "code",
    ["from adoption import result", 'measured(f"adoption.{name}", 1, "ratio")',
     'measured("adoption." + name, 1, "ratio"), measured("adoption.logins", 1, "ratio")',
     'measured("adoption.%s" % name, 1, "ratio")'],
)  # fmt: skip
def test_where_the_code_cannot_tell_nothing_is_said(checked, code):
    answer = checked("adoption.activ_share", code=code)
    assert (answer["exit_code"], answer["problems"]) == (0, [])


def test_a_step_is_no_indicator_unless_one_has_its_name():
    assert named_ids(CODE, "adoption") == ("adoption.active_share", "adoption.logins")
    both = 'Step("own.a", (measured("own.a", 1, "ratio"),))'
    assert named_ids(both, "own") == ("own.a",)
