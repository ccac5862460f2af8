"""Copies of standard notebooks and factors of a client's own: made, checked, told of changes."""

import json
import re
import shutil

import nbformat
import pandas as pd
import pytest
from client_folder import make_client
from notebook_cells import published
from test_cli import call

from crm_eval_lib.cli.clients import check_client
from crm_eval_lib.errors import UsageError
from crm_eval_lib.lab.changes import changes
from crm_eval_lib.lab.copies import accept, customise, read, since, write
from crm_eval_lib.lab.factor import block_for, new_factor
from crm_eval_lib.lab.launching import prepared
from crm_eval_lib.lab.published import check_taken
from crm_eval_lib.runner import batch, client_run
from crm_eval_lib.runner.client_run import Settings, run_client
from crm_eval_lib.runner.outcome import Outcome
from crm_eval_lib.runner.plan import plan
from crm_eval_lib.runner.slots import Slots


@pytest.fixture
def standard(tmp_path, project):
    shutil.copytree(project / "notebooks", tmp_path / "standard")
    return tmp_path / "standard"


@pytest.fixture
def folder(tmp_path):
    budget = "line_id,category,amount\nL1,services,9\n"
    return make_client(tmp_path / "clients", {"budget.csv": budget})


def said(capsys):
    streams = capsys.readouterr()
    return streams.out + streams.err


def changed(path, edit):
    notebook = read(path)
    edit(notebook["cells"])
    write(notebook, path)


# ---- copies -----------------------------------------------------------------------------------
def test_a_copy_says_what_it_was_copied_from(folder, standard):
    copy = read(customise(folder, standard / "03_efficiency.ipynb"))
    origin = read(standard / "03_efficiency.ipynb")
    assert copy["cells"] == origin["cells"]
    assert copy["metadata"]["crm_eval"]["origin"] == "03_efficiency"
    assert len(copy["metadata"]["crm_eval"]["sha256"]) == 64


def test_a_copy_is_not_made_over_another(folder, standard):
    copy = customise(folder, standard / "01_cost.ipynb")
    changed(copy, lambda cells: cells.pop())
    with pytest.raises(UsageError, match="exists already; nothing was changed"):
        customise(folder, standard / "01_cost.ipynb")
    assert len(read(copy)["cells"]) < len(read(standard / "01_cost.ipynb")["cells"])


def test_an_unchanged_standard_is_not_spoken_of(folder, standard):
    copy = customise(folder, standard / "01_cost.ipynb")
    changed(copy, lambda cells: cells.pop(3))  # what the client changed is its own affair
    assert since(copy, standard) == []


def test_what_changed_in_the_standard_is_told_in_words(folder, standard):
    copy = customise(folder, standard / "01_cost.ipynb")

    def edit(cells):
        place = next(i for i, cell in enumerate(cells) if cell["id"] == "cost-14")
        cells[place]["source"] = ["a = 1\n", "b = 2\n", "spending"]
        cells.insert(place + 1, {**cells[place], "id": "new", "source": "display(spending)"})

    changed(standard / "01_cost.ipynb", edit)
    (line,) = since(copy, standard)
    assert "the standard notebook has changed since it was copied: cell " in line
    assert "(spending = cost.spending(t.budget, t.actuals, *…) changed: 2 lines" in line
    assert "new cell after cell" in line and "display(spending)" in line
    assert line.endswith("then: crm-eval customise acme 01_cost --accept")


def test_accepting_ends_the_notice_and_leaves_the_copy_s_cells(folder, standard):
    copy = customise(folder, standard / "01_cost.ipynb")
    changed(copy, lambda cells: cells.pop(3))
    changed(standard / "01_cost.ipynb", lambda cells: cells.pop(5))
    before = read(copy)["cells"]
    accept(folder, standard / "01_cost.ipynb")
    assert since(copy, standard) == [] and read(copy)["cells"] == before


def test_a_cell_that_is_gone_is_told(standard):
    old, new = (read(standard / "01_cost.ipynb") for _ in range(2))
    gone = new["cells"].pop(4)["source"][0].strip("# \n")
    assert changes(old, new) == [f"cell 5 ({gone}) is gone"]


def test_without_the_kept_original_the_notice_says_so(folder, standard):
    copy = customise(folder, standard / "01_cost.ipynb")
    shutil.rmtree(copy.parent / ".origin")
    changed(standard / "01_cost.ipynb", lambda cells: cells.pop(5))
    assert "what, cannot be told" in since(copy, standard)[0]


def test_check_says_that_a_copy_has_lost_its_last_cell(folder, standard):
    copy = customise(folder, standard / "01_cost.ipynb")
    changed(copy, lambda cells: cells.pop())
    answer = check_client(folder.parent, "acme")
    assert answer["exit_code"] == 1
    assert 'last cell must be FactorResult.collect("cost", steps).publish(run' in answer["message"]


def test_a_run_says_so_before_it_begins_and_the_lab_when_it_opens(folder, standard, tmp_path):
    changed(customise(folder, standard / "01_cost.ipynb"), lambda cells: cells.pop())
    (tmp_path / "reports").mkdir()
    run = run_client("acme", Settings(folder.parent, tmp_path / "reports"), slots=Slots(1))
    said = "notebooks/01_cost.ipynb: no cell publishes anything"
    assert (run.stage, run.state) == ("plan", "failed") and said in run.message
    assert [line for line in prepared(tmp_path / "work", folder) if said in line]


def test_a_batch_tells_of_a_broken_copy_before_it_starts_a_child(
    folder, standard, tmp_path, capsys, monkeypatch
):
    changed(customise(folder, standard / "01_cost.ipynb"), lambda cells: cells.pop())
    make_client(folder.parent, {}, client="aaaa")  # the first by name, and nothing is wrong with it
    told = []
    monkeypatch.setattr(client_run, "run_isolated", lambda *_, **__: told.append(said(capsys))
                        or Outcome(1, "stands for a child"))  # fmt: skip
    monkeypatch.setattr(batch, "write_index", lambda *_: told.append(said(capsys)) or "index")
    places = ("--clients", str(folder.parent), "--reports", str(tmp_path / "reports"))
    (tmp_path / "reports").mkdir()
    call(capsys, "run", "--all", "-j", "1", *places)
    expected = "1/2 acme: failed in 0 s\nacme: plan: notebooks/01_cost.ipynb: no cell publishes"
    assert told[0].startswith(expected) and "last cell must be" in told[0]
    assert "failed at plan" in told[1]  # the table, before the portfolio page


@pytest.mark.parametrize(("name", "said"), [
    ("03_efficiency", "publishes factor 'cost', and 03_efficiency publishes 'efficiency'"),
    ("05_scorecard", "publishes factor 'cost', and 05_scorecard publishes 'value'"),
])  # fmt: skip
def test_a_copy_of_another_notebook_is_not_taken(folder, standard, name, said):
    with pytest.raises(UsageError, match=re.escape(said)):
        check_taken(standard / "01_cost.ipynb", standard / f"{name}.ipynb")
    check_taken(standard / f"{name}.ipynb", standard / f"{name}.ipynb")


def test_customise_prints_the_copy_and_the_next_steps(capsys, folder):
    clients = ("--clients", str(folder.parent))
    code, out, err = call(capsys, "customise", "acme", "3_efficiency", *clients)
    assert code == 2 and "did you mean '03_efficiency'?" in err
    code, out, err = call(capsys, "customise", "acme", "01_cost", *clients)
    assert code == 0 and out.strip().endswith("01_cost.ipynb")
    assert "Next: crm-eval lab acme" in err and "crm-eval run acme" in err


# ---- factors of one's own ---------------------------------------------------------------------
def test_a_new_factor_takes_the_next_free_number(folder):
    first = new_factor(folder, "adoption", plan(folder).all)
    second = new_factor(folder, "training", plan(folder).all)
    assert (first.name, second.name) == ("06_adoption.ipynb", "07_training.ipynb")


@pytest.mark.parametrize(("name", "said"), [
    ("adoption", "has a factor adoption already"), ("cost", "crm-eval customise acme 01_cost"),
    ("Adoption", "is no id of a factor"), ("portfolio", "has a meaning of its own"),
])  # fmt: skip
def test_an_id_that_another_factor_has_is_refused(folder, name, said):
    new_factor(folder, "adoption", plan(folder).all)
    with pytest.raises(UsageError, match=said):
        new_factor(folder, name, plan(folder).all)


def test_the_template_counts_users_and_knows_nothing_recorded_later(tmp_path, demo_clients):
    access = "user_id,permission,used_at\nu1,order,2025-08-30 10:00\nu1,approve,\n"
    access += "u2,order,2025-09-02 10:00\nu3,order,\n"  # the status date is 31 August
    folder = make_client(tmp_path, {"access.csv": access})
    notebook = nbformat.read(new_factor(folder, "usage", plan(folder).all), as_version=4)
    given = {"client_id": "acme", "clients_dir": str(tmp_path)}
    (share,) = published(notebook, tmp_path / "run", "usage", **given)["indicators"]
    assert share["id"] == "usage.active_share"
    assert share["value"] == pytest.approx(1 / 3) and share["n"] == 3


def test_the_template_without_its_table_is_not_assessed_in_chinese_too(tmp_path):
    folder = make_client(tmp_path, {})
    notebook = nbformat.read(new_factor(folder, "usage", plan(folder).all), as_version=4)
    given = {"client_id": "acme", "clients_dir": str(tmp_path), "language": "zh-Hans"}
    (share,) = published(notebook, tmp_path / "run", "usage", **given)["indicators"]
    assert share["state"] == "not_assessed" and share["value"] is None


def test_new_factor_prints_a_block_that_check_accepts(capsys, folder):
    code, _, err = call(capsys, "new-factor", "acme", "usage", "--clients", str(folder.parent))
    assert code == 0 and block_for("usage") in err
    config = folder / "client.yml"
    config.write_text(config.read_text("utf-8") + block_for("usage"), "utf-8")
    answer = check_client(folder.parent, "acme")
    assert (answer["exit_code"], answer["problems"]) == (0, [])


def test_a_notebook_that_publishes_another_factor_than_its_name_says_is_named(folder):
    path = new_factor(folder, "usage", plan(folder).all)
    text = path.read_text("utf-8").replace('collect(\\"usage\\"', 'collect(\\"cost\\"')
    path.write_text(text, "utf-8")
    answer = check_client(folder.parent, "acme")
    assert answer["exit_code"] == 1
    assert "publishes factor 'cost', but its file name says 'usage'" in answer["message"]


def test_the_template_is_short_and_speaks_both_languages(folder):
    cells = read(new_factor(folder, "usage", plan(folder).all))["cells"]
    tags = [tag for cell in cells for tag in cell["metadata"]["tags"]]
    assert tags.count("lang-en") == tags.count("lang-zh-Hans") == 4
    assert "adoption" not in json.dumps(cells) and pd.Series(tags).isin(["parameters"]).sum() == 1


def test_params_finds_a_client_s_own_notebook(capsys, folder):
    new_factor(folder, "usage", plan(folder).all)
    where = ("--client", "acme", "--clients", str(folder.parent))
    code, out, _ = call(capsys, "params", "06_usage", *where)
    assert code == 0 and 'client_id: str = "demo-trading"' in out
    code, _, err = call(capsys, "params", "06_usge", *where)
    assert code == 2 and "did you mean '06_usage'?" in err


def test_changes_made_in_the_lab_s_copy_are_taken_without_their_outputs(folder, standard, tmp_path):
    sketch = tmp_path / "01_cost.ipynb"
    shutil.copyfile(standard / "01_cost.ipynb", sketch)
    changed(sketch, lambda cells: cells[2].update(source="overrun_warning: float = 0.3",
                                                  outputs=[{"text": "seen"}]))  # fmt: skip
    copy = read(customise(folder, standard / "01_cost.ipynb", sketch))
    assert copy["cells"][2]["source"] == "overrun_warning: float = 0.3"
    assert copy["cells"][2]["outputs"] == [] and copy["metadata"]["crm_eval"]["origin"] == "01_cost"
