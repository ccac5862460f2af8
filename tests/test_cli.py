"""The command line: verbs, suggestions, exit codes, what goes where."""

import json

import pytest
from client_folder import make_client

from crm_eval_lib.cli import main


def call(capsys, *arguments: str) -> tuple[int, str, str]:
    """Run the command line and return exit code, standard output and standard error."""
    with pytest.raises(SystemExit) as stop:
        main(list(arguments))
    streams = capsys.readouterr()
    return stop.value.code, streams.out, streams.err


def test_misspelt_verb_gets_the_nearest_and_exit_code_two(capsys):
    code, _, error = call(capsys, "rnu")
    assert code == 2 and "did you mean 'run'?" in error


def test_misspelt_client_gets_the_nearest_and_exit_code_two(capsys):
    code, _, error = call(capsys, "run", "demo-tradin")
    assert code == 2 and "did you mean 'demo-trading'?" in error


def test_run_without_a_client_says_how(capsys):
    code, _, error = call(capsys, "run")
    assert code == 2 and "--all" in error


def test_client_id_that_leaves_the_folder_is_refused(capsys):
    code, _, error = call(capsys, "check", "../demo-trading")
    assert code == 2 and "No client '../demo-trading'" in error


def test_missing_clients_folder_is_named(capsys, tmp_path):
    code, _, error = call(capsys, "check", "--all", "--clients", str(tmp_path / "nowhere"))
    assert code == 2 and "nowhere does not exist" in error


def test_reports_folder_that_is_a_file_is_named(capsys, tmp_path):
    (tmp_path / "reports").write_text("a file")
    code, _, error = call(capsys, "list", "--reports", str(tmp_path / "reports"))
    assert code == 2 and "is a file" in error


def test_list_reads_scores_from_results(capsys, tmp_path):
    (tmp_path / "acme").mkdir()
    results = {"overall": {"score": 71.2, "band": "pass"}, "status_date": "2025-08-31",
               "provenance": {"generated_at": "2025-09-01T00:00:00+00:00"}}  # fmt: skip
    (tmp_path / "acme" / "results.json").write_text(json.dumps(results))
    code, output, _ = call(capsys, "list", "--reports", str(tmp_path), "--json")
    assert code == 0 and json.loads(output)[0]["score"] == 71.2


def test_empty_reports_folder_says_how_to_fill_it(capsys, tmp_path):
    code, output, error = call(capsys, "list", "--reports", str(tmp_path))
    assert (code, output) == (0, "") and "crm-eval run --all" in error


def test_clean_names_what_it_removes_and_leaves_the_rest(capsys, tmp_path):
    for name in ("acme", "notes"):
        (tmp_path / name).mkdir()
    (tmp_path / "acme" / "results.json").write_text("{}")
    code, output, _ = call(capsys, "clean", "--yes", "--reports", str(tmp_path))
    assert code == 0 and str(tmp_path / "acme") in output
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]


def test_new_client_is_not_written_over_an_old_one(capsys, tmp_path):
    (tmp_path / "acme").mkdir()
    code, _, error = call(capsys, "new", "acme", "--clients", str(tmp_path))
    assert code == 2 and "exists already; nothing was changed" in error


def test_a_new_client_is_told_by_its_paths(capsys, tmp_path):
    code, output, error = call(capsys, "new", "acme", "--clients", str(tmp_path))
    assert code == 0 and output.strip() == str(tmp_path / "acme")
    assert str(tmp_path / "acme" / "client.yml") in error
    assert str(tmp_path / "acme" / "intake.xlsx") in error


def test_freeze_prints_the_path_and_the_hash(capsys, tmp_path):
    places = ("--clients", str(tmp_path / "clients"), "--reports", str(tmp_path / "reports"))
    make_client(tmp_path / "clients", {"orders.csv": "order_id\n1\n"})
    code, output, error = call(capsys, "freeze", "acme", *places)
    path = tmp_path / "reports" / "acme" / "protocol.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    assert code == 0 and output.strip() == str(path) and content["sha256"] in error
    assert "Fixed after outcome tables lay there already" in error and "orders" in error
    code, _, error = call(capsys, "freeze", "acme", *places)
    assert code == 2 and "--again" in error


def test_freeze_of_an_unknown_client_suggests_the_nearest(capsys, tmp_path):
    make_client(tmp_path, {})
    code, _, error = call(capsys, "freeze", "acne", "--clients", str(tmp_path))
    assert code == 2 and "did you mean 'acme'?" in error


def test_freeze_without_settings_says_how_to_make_them(capsys, tmp_path):
    (tmp_path / "clients" / "acme").mkdir(parents=True)
    (tmp_path / "clients" / "acme" / "controls.csv").write_text("control_id\n")
    places = ("--clients", str(tmp_path / "clients"), "--reports", str(tmp_path / "reports"))
    code, _, error = call(capsys, "freeze", "acme", *places)
    assert code == 1 and "client.yml is missing" in error and "crm-eval new" in error
    assert not (tmp_path / "reports" / "acme").exists()


def test_freeze_into_a_place_that_takes_no_folder_says_so(capsys, tmp_path):
    make_client(tmp_path / "clients", {})
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "acme").write_text("a file in the way")
    places = ("--clients", str(tmp_path / "clients"), "--reports", str(tmp_path / "reports"))
    code, _, error = call(capsys, "freeze", "acme", *places)
    assert code == 2 and "protocol.json cannot be written" in error and "--reports" in error


def test_clean_keeps_the_protocol_and_says_so(capsys, tmp_path):
    folder = tmp_path / "acme"
    (folder / "tables").mkdir(parents=True)
    for name in ("results.json", "report.html", "protocol.json"):
        (folder / name).write_text("{}")
    code, _, error = call(capsys, "clean", "acme", "--yes", "--reports", str(tmp_path))
    assert code == 0 and f"Kept: {folder / 'protocol.json'}" in error
    assert [path.name for path in folder.iterdir()] == ["protocol.json"]


def test_doctor_finds_this_machine_in_order(capsys):
    code, output, _ = call(capsys, "doctor", "--json")
    assert code == 0
    assert {row["name"] for row in json.loads(output)} >= {"python", "papermill", "chinese font"}


def test_parameter_pair_without_a_notebook_is_refused(capsys):
    code, _, error = call(capsys, "run", "demo-trading", "-p", "confidence=0.9")
    assert code == 2 and "NOTEBOOK.NAME=VALUE" in error


def test_seed_without_a_new_name_is_refused(capsys):
    code, _, error = call(capsys, "simulate", "--seed", "7")
    assert code == 2 and "the demo clients keep their own seeds" in error
