"""Runs with the restricted annex: off by default, beside the report, never in it."""

import json
import re
import shutil

import pytest

from crm_eval_lib.cli.clients import check_client
from crm_eval_lib.client import open_client
from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.runner.client_run import Settings, run_client
from crm_eval_lib.runner.jobs import ClientJob, restrict
from crm_eval_lib.runner.publish import new_run_dir, publish, set_aside
from crm_eval_lib.runner.slots import Slots

ON = "privacy: {person_level: true, basis: works agreement 12, approver: audit committee}\n"


def turn_on(folder):
    """Ask for the annex in a client's client.yml."""
    path = folder / "client.yml"
    kept = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("privacy")]
    path.write_text("\n".join(kept) + "\n" + ON, "utf-8")


def test_a_failed_run_keeps_nothing_of_the_annex(tmp_path):
    run_dir = tmp_path / ".runs" / "acme.1"
    (run_dir / "restricted").mkdir(parents=True)
    (run_dir / "restricted" / "person_level.xlsx").write_text("persons")
    (run_dir / "notebooks").mkdir()
    kept = set_aside(run_dir, tmp_path, "acme")
    assert [path.name for path in kept.iterdir()] == ["notebooks"]


def test_check_says_on_what_basis_and_by_whose_approval(tmp_path, demo_clients):
    shutil.copytree(demo_clients / "demo-trading", tmp_path / "demo-trading")
    before = check_client(tmp_path, "demo-trading")["problems"]
    turn_on(tmp_path / "demo-trading")
    (said,) = set(check_client(tmp_path, "demo-trading")["problems"]) - set(before)
    assert said == ("person-level analyses are on; basis: works agreement 12; approved by: audit "
                    "committee. They go to restricted/person_level.xlsx beside the report, never "
                    "into it")  # fmt: skip


def test_an_annex_that_fails_stops_the_run_without_naming_anybody(monkeypatch, tmp_path):
    def stumble(*_, **__):
        raise KeyError("E07")

    monkeypatch.setattr("crm_eval_lib.persons.write_annex", stumble)
    with pytest.raises(CrmEvalError) as stop:
        restrict(ClientJob("demo-small", "", str(tmp_path)))
    assert str(stop.value) == "the restricted annex could not be made (KeyError)"
    assert stop.value.__suppress_context__  # nor does its traceback


def test_an_annex_no_longer_asked_for_goes_with_the_report_it_stood_beside(tmp_path):
    old = tmp_path / "acme" / "restricted"
    old.mkdir(parents=True)
    (old / "person_level.xlsx").write_text("persons")
    run_dir = new_run_dir(tmp_path, "acme")
    (run_dir / "report.html").write_text("page")
    target = publish(run_dir, tmp_path, "acme")
    assert [path.name for path in target.iterdir()] == ["report.html"]
    assert not list(tmp_path.rglob("person_level.xlsx"))


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory, project, demo_clients):
    """Run notebooks 00, 04 and 05 of one client without the annex and with it."""
    folder = tmp_path_factory.mktemp("annex")
    (folder / "method").mkdir()
    for name in ("00_data_check", "04_controls", "05_scorecard"):
        shutil.copy(project / "notebooks" / f"{name}.ipynb", folder / "method")
    found = {}
    for kind in ("without", "with"):
        clients = folder / kind / "clients"
        shutil.copytree(demo_clients / "demo-troubled", clients / "demo-troubled")
        if kind == "with":
            turn_on(clients / "demo-troubled")
        reports = folder / kind / "reports"
        reports.mkdir()
        given = Settings(clients, reports, notebooks_dir=folder / "method")
        answer = run_client("demo-troubled", given, slots=Slots(2))
        assert answer.state == "done", answer.message
        found[kind] = reports / "demo-troubled"
    return found


def texts(report):
    """Return every published file but the annex, as text."""
    files = (path for path in sorted(report.rglob("*")) if path.is_file())
    return {str(path.relative_to(report)): path.read_bytes().decode("utf-8", "replace")
            for path in files if path.parent.name != "restricted"}  # fmt: skip


@pytest.mark.slow
def test_no_person_of_the_annex_appears_anywhere_else_because_of_it(two_runs, demo_clients):
    orders = open_client("demo-troubled", clients_dir=demo_clients).tables.orders
    persons = {*orders["created_by"].dropna(), *orders["approved_by"].dropna()}
    whole = {p: re.compile(rf"(?<![\w+/=-]){re.escape(p)}(?![\w+/=-])") for p in persons}
    told = {kind: {name: {p for p, named in whole.items() if named.search(text)}
                   for name, text in texts(report).items()}
            for kind, report in two_runs.items()}  # fmt: skip
    assert persons and told["with"] == told["without"]
    assert (two_runs["with"] / "restricted" / "person_level.xlsx").is_file()
    assert not (two_runs["without"] / "restricted").exists()


@pytest.mark.slow
def test_the_annex_changes_no_number_of_the_report(two_runs):
    results = [json.loads((report / "results.json").read_text("utf-8"))
               for report in two_runs.values()]  # fmt: skip
    without, with_annex = ({k: v for k, v in item.items() if k != "provenance"} for item in results)
    assert without == with_annex
