"""Bad input: one message that names file, place and remedy; the right exit code; no traceback."""

import re

import nbformat
import pandas as pd
import pytest
from client_folder import make_client

from crm_eval_lib.cli import main
from crm_eval_lib.cli.clients import check_client
from crm_eval_lib.cli.progress import failure_text
from crm_eval_lib.client import open_client
from crm_eval_lib.errors import ConfigError, DataError, ParameterError, UsageError
from crm_eval_lib.problems import agreement
from crm_eval_lib.problems.version_labels import version_rank
from crm_eval_lib.runner import jobs
from crm_eval_lib.runner.client_run import ClientRun
from crm_eval_lib.runner.parameters import assigned, declared
from crm_eval_lib.runner.paths import writable
from crm_eval_lib.runner.process import _outcome
from crm_eval_lib.runner.publish import publish
from crm_eval_lib.simulate import write_client

BUDGET = "line_id,category,amount\nL1,software,100\n"
KNOBS = 'client_id: str = ""  # folder\nshare: float = 0.5  # a knob\n'


def write_notebook(path, parameters=KNOBS):
    """Write a notebook with a parameters cell; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"name": "python3", "display_name": "Python 3"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    cell = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    notebook.cells = [cell] if parameters else []
    nbformat.write(notebook, path)
    return path


def refused(clients, files, **more):
    """Return what the reader says about a client with these files."""
    make_client(clients, files, **more)
    with pytest.raises(DataError) as error:
        open_client("acme", clients_dir=clients).validate()
    return str(error.value)


def test_check_says_every_problem_once(tmp_path, capsys):
    make_client(tmp_path, {"budget.csv": "line_id,category,amount\nL1,sofware,12a\n"})
    with pytest.raises(SystemExit) as stop:
        main(["check", "acme", "--clients", str(tmp_path)])
    said = capsys.readouterr().out
    assert stop.value.code == 1 and "2 problems" in said
    assert said.count("'sofware'") == said.count("'12a'") == 1


def test_a_failed_check_of_a_run_says_every_problem_once():
    def work():
        raise DataError("1 problem in the tables:\nbudget.csv – empty", ["budget.csv – empty"])

    outcome = _outcome(work, ())
    run = ClientRun("acme", stage="check", message=outcome.message, problems=[*outcome.problems])
    assert failure_text(run).count("budget.csv") == 1


def test_a_failed_notebook_is_named_once():
    run = ClientRun("acme", stage="01_cost", message="01_cost, cell 3: ValueError: x")
    assert failure_text(run) == "acme: 01_cost, cell 3: ValueError: x"


def test_a_header_that_stands_twice_is_a_question_for_the_consultant(tmp_path):
    text = refused(tmp_path, {"budget.csv": "line_id,category,amount,amount\nL1,software,1,2\n"})
    assert "two columns for amount" in text and "Rename or remove one" in text


def test_a_header_that_stands_twice_may_be_mapped_to_two_columns(tmp_path):
    source = "sources: {budget: {file: b.csv, columns: {amount: price, unit_price: price (2)}}}"
    table = "line_id,category,price,price\nL1,software,30,15\n"
    make_client(tmp_path, {"b.csv": table}, more=source)
    budget = open_client("acme", clients_dir=tmp_path).tables.budget
    assert budget[["amount", "unit_price"]].loc[0].tolist() == [30.0, 15.0]


def test_a_link_that_leads_nowhere_is_named(tmp_path):
    folder = make_client(tmp_path, {"budget.csv": BUDGET})
    (folder / "actuals.csv").symlink_to(tmp_path / "gone.csv")
    assert "actuals.csv – found a link that leads nowhere" in refused(tmp_path, {})


def test_a_folder_named_like_a_table_is_named(tmp_path):
    (make_client(tmp_path, {"budget.csv": BUDGET}) / "actuals.csv").mkdir()
    assert "actuals.csv – found a folder" in refused(tmp_path, {})


def test_a_folder_that_a_source_reads_may_be_named_like_its_table(tmp_path):
    source = "sources: {budget: {query: SELECT * FROM 'budget.csv/*.csv'}}"
    folder = make_client(tmp_path, {}, more=source) / "budget.csv"
    folder.mkdir()
    (folder / "part.csv").write_text(BUDGET)
    assert len(open_client("acme", clients_dir=tmp_path).validate().tables.budget) == 1


def test_a_source_in_client_yml_is_named_by_its_table(tmp_path):
    source = "sources: {scope: {file: nowhere.csv}}"
    text = refused(tmp_path, {"budget.csv": BUDGET}, more=source)
    assert "client.yml, sources: scope – found the file 'nowhere.csv'" in text


def test_a_status_date_before_the_project_leaves_nothing_to_judge(tmp_path):
    make_client(tmp_path, {"budget.csv": BUDGET})
    with pytest.raises(UsageError, match="before the project started on 2024-01-08"):
        open_client("acme", clients_dir=tmp_path, status_date="2024-01-07")


@pytest.mark.parametrize("name", ["../acme", "Acme", "a b"])
def test_a_simulated_client_gets_a_plain_name(tmp_path, name):
    with pytest.raises(UsageError, match="cannot be a client's id"):
        write_client("demo-services", tmp_path / "clients", client_id=name)


def test_simulation_leaves_a_consultants_folder_alone(tmp_path):
    folder = make_client(tmp_path, {"budget.csv": BUDGET})
    with pytest.raises(UsageError, match="nothing was changed"):
        write_client("demo-services", tmp_path, client_id="acme")
    assert (folder / "budget.csv").read_text() == BUDGET


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"cells": [', '{"nbformat": 99}'])
def test_a_file_that_is_no_notebook_is_refused_by_name(tmp_path, content):
    (tmp_path / "06_adoption.ipynb").write_text(content)
    with pytest.raises(UsageError, match=r"06_adoption\.ipynb cannot be read as a notebook"):
        declared(tmp_path / "06_adoption.ipynb")


def test_check_finds_a_broken_notebook_of_the_client(tmp_path):
    make_client(tmp_path, {"budget.csv": BUDGET}).joinpath("notebooks").mkdir()
    (tmp_path / "acme" / "notebooks" / "06_adoption.ipynb").write_bytes(b"\xff\x00")
    answer = check_client(tmp_path, "acme")
    assert answer["exit_code"] == 1 and "06_adoption.ipynb" in answer["message"]


def test_check_finds_a_misspelt_knob(tmp_path):
    knobs = "parameters: {03_efficiency: {confidnce: 0.9}}"
    make_client(tmp_path, {"budget.csv": BUDGET}, more=knobs)
    assert "did you mean 'confidence'?" in check_client(tmp_path, "acme")["message"]


def test_mistakes_of_the_settings_do_not_hide_those_of_the_tables(tmp_path, capsys):
    bad = {"budget.csv": "line_id,category,amount\nL1,sofware,12\n"}
    make_client(tmp_path, bad, more="bands: {pass: 95}\nlanguag: en\n")
    with pytest.raises(SystemExit) as stop:
        main(["check", "acme", "--clients", str(tmp_path)])
    said = capsys.readouterr().out
    assert stop.value.code == 1 and "acme/client.yml has 2 mistakes" in said
    assert "budget.csv, row 2, column category" in said and "'sofware'" in said
    assert str(tmp_path / "acme") in said


def test_a_misspelt_knob_does_not_hide_problems_of_tables(tmp_path):
    bad = {"budget.csv": "line_id,category,amount\nL1,sofware,12\n"}
    make_client(tmp_path, bad, more="parameters: {03_efficiency: {confidnce: 0.9}}")
    answer = check_client(tmp_path, "acme")
    assert answer["exit_code"] == 1 and "'sofware'" in answer["problems"][0]


def test_settings_that_are_no_yaml_are_told_alone(tmp_path):
    folder = make_client(tmp_path, {"budget.csv": "line_id,category,amount\nL1,sofware,12\n"})
    (folder / "client.yml").write_text("dates: {", encoding="utf-8")
    answer = check_client(tmp_path, "acme")
    assert (answer["exit_code"], answer["problems"]) == (1, [])
    assert "acme/client.yml" in answer["message"]


def test_all_mistakes_in_parameters_come_together(tmp_path):
    notebooks = {name: write_notebook(tmp_path / f"{name}.ipynb") for name in ("01_a", "02_b")}
    given = {"01_a": {"share": "high"}, "02_b": {"shar": 1.0}, "03_c": {}}
    with pytest.raises(ConfigError) as error:
        assigned(notebooks, {"client_id": "acme"}, given, {})
    lines = str(error.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["parameters", "01_a", "02_b"]


def test_a_knob_cannot_send_a_notebook_to_another_client(tmp_path):
    notebooks = {"01_a": write_notebook(tmp_path / "01_a.ipynb")}
    with pytest.raises(ParameterError, match="'client_id' is set by the run"):
        assigned(notebooks, {"client_id": "acme"}, {}, {"01_a": {"client_id": "other"}})


def test_a_notebook_without_parameters_is_told_what_it_needs(tmp_path):
    notebooks = {"01_a": write_notebook(tmp_path / "01_a.ipynb", parameters="")}
    with pytest.raises(ConfigError, match="no cell tagged 'parameters' declares client_id"):
        assigned(notebooks, {"client_id": "acme"}, {}, {})


def test_a_notebook_whose_process_dies_is_no_fault_of_ours(tmp_path, monkeypatch):
    import papermill
    from nbclient.exceptions import DeadKernelError

    def die(*args, **kwargs):
        raise DeadKernelError("Kernel died")

    monkeypatch.setattr(papermill, "execute_notebook", die)
    job = jobs.ClientJob("acme", str(tmp_path), str(tmp_path / "run"))
    outcome = jobs.execute(job, "06_adoption", "06_adoption.ipynb", {})
    assert outcome.exit_code == 1 and outcome.died
    assert "its process ended" in outcome.message  # the run puts notebook and cell before it


def test_commentary_may_be_gb18030(tmp_path):
    folder = make_client(tmp_path, {"commentary.md": "# 成本\n超支".encode("gb18030")})
    assert jobs.commentary(folder) == "# 成本\n超支"


def test_commentary_that_is_no_text_stops_the_client_early(tmp_path):
    make_client(tmp_path, {"budget.csv": BUDGET, "commentary.md": b"\xff\xfe\x00\x81\xff"})
    answer = check_client(tmp_path, "acme")
    assert answer["exit_code"] == 1 and "acme/commentary.md cannot be read" in answer["message"]


def test_a_reports_folder_that_takes_no_files_is_a_matter_of_usage(tmp_path):
    with pytest.raises(UsageError, match="Nothing can be written to the reports folder"):
        writable(tmp_path / "gone")


@pytest.mark.parametrize("verb", ["run", "check"])
def test_a_folder_without_clients_says_how_to_make_one(tmp_path, capsys, verb):
    with pytest.raises(SystemExit) as stop:
        main([verb, "--all", "--clients", str(tmp_path)])
    assert stop.value.code == 2 and "crm-eval new" in capsys.readouterr().err


def test_version_labels_may_hold_any_digits():
    ranks = version_rank(pd.Series(["v10", "v9", "v⁰⁴⁵"], dtype="str"))
    assert ranks[0] > ranks[1]


def test_a_report_that_another_run_just_put_there_is_replaced(tmp_path):
    for name, text in ((".runs/acme.1", "new"), ("acme", "old")):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "report.html").write_text(text)
    publish(tmp_path / ".runs" / "acme.1", tmp_path, "acme")
    assert (tmp_path / "acme" / "report.html").read_text() == "new"
    assert not any((tmp_path / ".runs").iterdir())


def test_verdicts_of_one_rater_are_no_agreement():
    alone = pd.DataFrame({"problem_id": ["P1", "P2"], "rater_id": "K1", "side": "client"})
    step = agreement(alone.assign(verdict="solved"))
    assert step["problems.kappa"].state == step["problems.pabak"].state == "not_assessed"
    assert step["problems.kappa"].reason.key == "problems.reason.no_pairs"


@pytest.mark.parametrize(
    ("name", "day", "said"),
    [
        ("go_live", "2023-12-31", "before the project started on 2024-01-08"),
        ("project_start", "1900-01-01", "more than 30 years before the status date 2025-08-31"),
    ],
)
def test_a_date_no_project_can_have_is_refused_with_its_line(tmp_path, name, day, said):
    make_client(tmp_path, {"budget.csv": BUDGET})
    path = tmp_path / "acme" / "client.yml"
    path.write_text(re.sub(rf"\b(?<!planned_){name}: [\d-]+", f"{name}: {day}", path.read_text()))
    with pytest.raises(ConfigError) as error:
        open_client("acme", clients_dir=tmp_path)
    assert f"dates.{name}: is {day}" in str(error.value) and said in str(error.value)


def test_an_empty_part_of_a_repeated_key_is_called_empty(tmp_path):
    row = "P1,2024-02-01,x,3,open\n"
    text = refused(
        tmp_path, {"problems.csv": "problem_id,raised_on,title,severity,status\n" + 2 * row}
    )
    assert "found 'P1' / an empty cell again (first in row 2)" in text
