"""The lab: what notebooks start from there, what lies there, and that running changes no file."""

import json
import os
import shutil
from pathlib import Path

import pytest
from client_folder import make_client

from crm_eval_lib.errors import ParameterError, UsageError
from crm_eval_lib.lab import defaults
from crm_eval_lib.lab.copies import ORIGINS, as_stored, customise, read
from crm_eval_lib.lab.defaults import VARIABLE, Lab
from crm_eval_lib.lab.folder import work_folder
from crm_eval_lib.runner.paths import notebooks_dir
from crm_eval_lib.runner.plan import plan

WRITTEN = {"client_id": "'demo-trading'", "clients_dir": "''", "language": "''",
           "status_date": "''", "confidence": "0.95"}  # fmt: skip
PRESENT = {"client_id": "demo-trading", "clients_dir": "", "run_dir": "", "language": "",
           "status_date": "", "confidence": 0.95, "seed": 0}  # fmt: skip


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """Open the lab for a client whose client.yml has these further lines."""

    def opened(more="", **changes):
        folder = make_client(tmp_path, {}, more=more)
        told = Lab("acme", str(folder.parent), declared={"03_efficiency": WRITTEN}, **changes)
        monkeypatch.setenv(VARIABLE, told.to_text())
        return folder

    return opened


def test_in_the_lab_a_notebook_starts_from_its_client_and_the_knobs_of_client_yml(lab):
    folder = lab("parameters: {03_efficiency: {confidence: 0.9}}\n")
    assert defaults("03_efficiency", PRESENT) == {
        "client_id": "acme", "clients_dir": str(folder.parent), "confidence": 0.9,
    }  # fmt: skip


def test_a_value_changed_in_the_parameters_cell_stays(lab):
    lab("parameters: {03_efficiency: {confidence: 0.9}}\n")
    found = defaults("03_efficiency", PRESENT | {"confidence": 0.8})
    assert found["client_id"] == "acme" and "confidence" not in found


def test_a_run_is_told_nothing_by_the_lab(lab):
    lab()
    assert defaults("03_efficiency", PRESENT | {"run_dir": "/somewhere"}) == {}


def test_language_and_status_date_of_the_lab_reach_the_notebook(lab):
    lab(language="zh-Hans", status_date="2025-03-31")
    found = defaults("03_efficiency", PRESENT)
    assert (found["language"], found["status_date"]) == ("zh-Hans", "2025-03-31")


def test_a_knob_nobody_declares_gets_the_nearest_name(lab):
    lab("parameters: {03_efficiency: {confidance: 0.9}}\n")
    with pytest.raises(ParameterError, match="no parameter 'confidance' – did you mean 'confid"):
        defaults("03_efficiency", PRESENT)


def test_a_kernel_of_another_environment_is_told_which_to_choose(lab):
    lab(prefix="/opt/another")
    with pytest.raises(UsageError, match=r"another environment .*Choose Kernel > Change Kernel"):
        defaults("03_efficiency", PRESENT)


def test_a_library_changed_under_the_open_lab_is_named(lab):
    lab(version="0.0.1")
    with pytest.raises(UsageError, match="Stop the lab and open it again: crm-eval lab acme"):
        defaults("03_efficiency", PRESENT)


def test_every_factor_notebook_asks_the_lab_by_its_own_name(project):
    for path in sorted((project / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        code = "".join("".join(cell["source"]) for cell in read(path)["cells"])
        assert f'globals().update(lab.defaults("{path.stem}", globals()))' in code, path.name


# ---- the working folder -----------------------------------------------------------------------
@pytest.fixture
def standard(tmp_path, project):
    folder = tmp_path / "standard"
    shutil.copytree(project / "notebooks", folder)
    return folder


@pytest.fixture
def refreshed(tmp_path, standard):
    """Bring the working folder of a client up to date."""
    folder = make_client(tmp_path / "clients", {})

    def again():
        root = tmp_path / "work"
        return root, work_folder(root, folder, plan(folder, standard).all)

    return again


def say(path: Path, text: str) -> None:
    """Put another text into a notebook's first cell."""
    notebook = read(path)
    notebook["cells"][0]["source"] = text
    path.write_text(json.dumps(notebook), "utf-8")


def test_the_working_folder_holds_the_standard_notebooks(refreshed, standard):
    root, changed = refreshed()
    names = sorted(path.name for path in standard.glob("0*.ipynb"))
    assert sorted(path.name for path in root.glob("*.ipynb")) == names and changed == []


def test_a_copy_nobody_changed_follows_its_standard(refreshed, standard):
    root, _ = refreshed()
    say(standard / "01_cost.ipynb", "# A better question")
    assert refreshed()[1] == []
    assert read(root / "01_cost.ipynb")["cells"][0]["source"] == "# A better question"


def test_a_copy_with_changes_stays_and_is_named(refreshed):
    root, _ = refreshed()
    say(root / "01_cost.ipynb", "# My note")
    assert refreshed()[1] == ["01_cost"]
    assert read(root / "01_cost.ipynb")["cells"][0]["source"] == "# My note"


def test_outputs_of_a_copy_are_there_again_when_the_lab_is_opened_again(refreshed):
    root, _ = refreshed()
    notebook = read(root / "01_cost.ipynb")
    code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "seen"}]
    (root / "01_cost.ipynb").write_text(json.dumps(notebook), "utf-8")
    assert refreshed()[1] == []
    assert "seen" in (root / "01_cost.ipynb").read_text("utf-8")


def test_a_client_s_own_notebook_stands_in_the_place_of_the_copy(refreshed, standard, tmp_path):
    root, _ = refreshed()
    own = customise(tmp_path / "clients" / "acme", standard / "01_cost.ipynb")
    refreshed()
    assert not (root / "01_cost.ipynb").exists()
    assert os.path.samefile(root / "own" / "01_cost.ipynb", own)


def test_what_running_leaves_in_an_own_notebook_is_not_stored(tmp_path, project):
    own = customise(make_client(tmp_path, {}), project / "notebooks" / "01_cost.ipynb")
    before = read(own)
    ran = json.loads(json.dumps(before))
    for number, cell in enumerate(ran["cells"]):
        if cell["cell_type"] == "code":
            cell |= {"outputs": [{"output_type": "stream"}], "execution_count": number}
    ran["metadata"]["language_info"] = {"name": "python", "version": "3.12.1"}
    assert as_stored(ran, before["metadata"]) == before


def test_a_client_s_folder_is_never_taken_for_the_project(tmp_path, project, monkeypatch):
    own = customise(make_client(tmp_path, {}), project / "notebooks" / "01_cost.ipynb")
    monkeypatch.chdir(own.parent)
    assert notebooks_dir() == project / "notebooks"
    assert (own.parent / ORIGINS / own.name).is_file()


def test_lab_options_keep_files_in_the_working_folder_and_ask_no_network(tmp_path):
    from crm_eval_lib.lab.launching import options

    found = options(tmp_path)
    assert f"--ServerApp.root_dir={tmp_path}" in found
    assert f"--FileCheckpoints.checkpoint_dir={tmp_path / '.checkpoints'}" in found
    assert "--LabApp.news_url=None" in found
    assert f"--LabApp.workspaces_dir={tmp_path / '.jupyter' / 'workspaces'}" in found


def test_a_notebook_with_an_unusual_name_does_not_close_the_lab(tmp_path):
    from crm_eval_lib.lab.launching import prepared

    folder = make_client(tmp_path, {})
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / "Untitled.ipynb").write_text("{}")
    (line,) = prepared(tmp_path / "work", folder)
    assert "notebooks/Untitled.ipynb is not named NN_<factor>.ipynb" in line
    assert (tmp_path / "work" / "03_efficiency.ipynb").is_file()


def test_a_status_date_no_calendar_has_is_refused_before_the_lab_opens(tmp_path):
    from click.testing import CliRunner

    from crm_eval_lib.cli.laboratory import lab as command

    make_client(tmp_path, {})
    told = ["acme", "--clients", str(tmp_path), "--folder", str(tmp_path / "work")]
    answer = CliRunner().invoke(command, [*told, "--status-date", "2025-13-01"])
    assert "status_date: found '2025-13-01'" in str(answer.exception)
    assert answer.exception.exit_code == 2  # the call is wrong, not the client
    assert not (tmp_path / "work").exists()


def test_a_client_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path, project):
    folder = make_client(tmp_path, {})
    (folder / "notebooks").write_text("a file is in the way")
    with pytest.raises(UsageError, match=r"notebooks cannot be written: .*then try again"):
        customise(folder, project / "notebooks" / "01_cost.ipynb")
