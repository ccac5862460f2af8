"""The protocol: fixed before outcomes are read, hashed, carried along, and held against reports."""

import json
import sys

import pandas as pd
import pytest
from client_folder import make_client
from score_cases import SCORED, case, client, indicator

from crm_eval_lib import open_client
from crm_eval_lib.errors import UsageError
from crm_eval_lib.protocol import (
    DESIGN_TABLES,
    ProtocolError,
    against_protocol,
    differences,
    new_record,
    read_protocol,
    settings_of,
    verdict_under,
)
from crm_eval_lib.protocol.record import Protocol, digest
from crm_eval_lib.results import FactorResult
from crm_eval_lib.runner.freezing import freeze
from crm_eval_lib.runner.jobs import ClientJob
from crm_eval_lib.runner.preparing import prepare
from crm_eval_lib.runner.publish import carry_history, publish
from crm_eval_lib.scorecard import score
from crm_eval_lib.text import say

LANGUAGES = ("en", "zh-Hans")
BLIND = {"frozen_at": "2024-01-05T08:00:00+00:00", "status_date": "2025-08-31",
         "outcome_tables": [], "reports": []}  # fmt: skip
LATE = {**BLIND, "frozen_at": "2025-09-01T08:00:00+00:00", "outcome_tables": ["orders", "events"]}
GARBAGE = b"\x00\xff\xfe no table at all \x00"
CONTROLS = "control_id,risk,required_mode,configured_mode,critical\nC1,credit,block,block,yes\n"
OPENED: list[str] = []  # every file this process opens; a hook cannot be taken away again
sys.addaudithook(lambda event, given: OPENED.append(str(given[0])) if event == "open" else None)


def record(told, circumstances=BLIND, previous=None):
    return new_record(settings_of(told, {}), circumstances, previous=previous)


def written(folder, *records):
    content = Protocol(records).to_dict("acme")
    (folder / "protocol.json").write_text(json.dumps(content), encoding="utf-8")
    return content


def checked(folder, told, results=None):
    results = {r.factor: r for r in results or case()}
    return against_protocol(score(results, client=told), results, folder)


def at_zero(factor):
    return case(*(indicator(i, none) for i, _, none in SCORED if i.startswith(f"{factor}.")))


@pytest.fixture
def clients(tmp_path):
    make_client(tmp_path / "clients", {"controls.csv": CONTROLS})
    return tmp_path / "clients"


def test_freezing_hashes_every_part_with_the_time(clients, tmp_path):
    frozen = freeze("acme", clients, tmp_path / "reports")
    content = json.loads(frozen.path.read_text(encoding="utf-8"))
    assert frozen.path == tmp_path / "reports" / "acme" / "protocol.json"
    assert {"weights", "anchors", "blackout", "key_indicators", "bands", "vetoes", "method",
            "processes", "controls", "dates"} <= set(content["hashes"])  # fmt: skip
    assert content["settings"]["weights"]["factor_weights"]["problems"] == 30
    assert content["settings"]["controls"]["C1"]["critical"] == "yes"
    assert content["frozen_at"].endswith("+00:00") and len(content["sha256"]) == 64


def test_freezing_opens_no_outcome_table(clients, tmp_path):
    folder = clients / "acme"
    for name in ("orders.csv", "events.parquet", "complaints.csv.gz", "problems.xlsx",
                 "actuals.csv"):  # fmt: skip
        (folder / name).write_bytes(GARBAGE)
    OPENED.clear()
    content = json.loads(freeze("acme", clients, tmp_path / "reports").path.read_text())
    names = set(OPENED)
    assert str(folder / "client.yml") in names and str(folder / "controls.csv") in names
    for name in ("orders", "events", "complaints", "problems", "actuals"):
        assert not any(name in path and "acme" in path for path in names)
    assert content["outcome_tables"] == [
        "actuals", "problems", "events", "orders", "complaints",
    ]  # fmt: skip


def test_a_design_table_that_cannot_be_read_is_left_open_and_named(clients, tmp_path):
    (clients / "acme" / "controls.csv").write_bytes(GARBAGE)
    frozen = freeze("acme", clients, tmp_path / "reports")
    assert frozen.record["settings"]["controls"] is None
    assert "controls.csv" in frozen.record["unread"]["controls"]


def test_a_sheet_with_headers_only_is_no_outcome(tmp_path):
    from crm_eval_lib.tables.template import write_template

    write_template(tmp_path / "clients" / "acme", "acme")
    make_client(tmp_path / "clients", {})
    frozen = freeze("acme", tmp_path / "clients", tmp_path / "reports")
    assert frozen.record["outcome_tables"] == []


def test_freezing_twice_needs_again_and_keeps_the_earlier_version(clients, tmp_path):
    first = freeze("acme", clients, tmp_path / "reports")
    with pytest.raises(UsageError, match="crm-eval freeze acme --again"):
        freeze("acme", clients, tmp_path / "reports")
    second = freeze("acme", clients, tmp_path / "reports", again=True)
    content = json.loads(second.path.read_text(encoding="utf-8"))
    assert [item["sha256"] for item in content["earlier"]] == [first.record["sha256"]]
    assert content["previous"] == first.record["sha256"]
    assert read_protocol(second.path.parent).edited() == ()


def test_a_report_made_before_is_part_of_the_record(clients, tmp_path):
    for folder, day in (("acme/history/2024-08-31", "2024-08-31"), ("acme", "2025-08-31")):
        (tmp_path / "reports" / folder).mkdir(parents=True, exist_ok=True)
        path = tmp_path / "reports" / folder / "results.json"
        path.write_text(json.dumps({"status_date": day}))
    frozen = freeze("acme", clients, tmp_path / "reports")
    assert frozen.record["reports"] == ["2024-08-31", "2025-08-31"]


def test_a_factor_of_the_clients_own_is_fixed_with_its_notebook(project, tmp_path):
    more = "weights: {adoption: 15}\nscoring: {anchors: {adoption.active_share: [0.4, 0.9]},"
    more += " indicator_weights: {adoption.active_share: 100}}\n"
    folder = make_client(tmp_path / "clients", {}, more=more)
    (folder / "notebooks").mkdir()
    standard = (project / "notebooks" / "01_cost.ipynb").read_text(encoding="utf-8")
    standard = standard.replace('collect(\\"cost\\"', 'collect(\\"adoption\\"')
    (folder / "notebooks" / "06_adoption.ipynb").write_text(standard, encoding="utf-8")
    settings = freeze("acme", tmp_path / "clients", tmp_path / "reports").record["settings"]
    assert settings["weights"]["factor_weights"]["adoption"] == 15
    assert "adoption.active_share" in settings["key_indicators"]
    assert list(settings["notebooks"]) == ["06_adoption"]
    changed = standard.replace("client_id", "client_ident")
    (folder / "notebooks" / "06_adoption.ipynb").write_text(changed, encoding="utf-8")
    now = settings_of(open_client("acme", clients_dir=tmp_path / "clients"), {})
    assert differences({"notebooks": settings["notebooks"]}, {"notebooks": now["notebooks"]})[
        "kind"
    ].tolist() == ["changed"]


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "cannot be read as JSON"), ('{"schema": 2}', "newer version of crm-eval"),
     ('{"schema": 1, "client": "acme"}', "is no protocol"), ("[]", "is no protocol")],
)  # fmt: skip
def test_a_file_that_is_no_protocol_is_refused_and_left_alone(clients, tmp_path, content, message):
    path = tmp_path / "reports" / "acme" / "protocol.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(ProtocolError, match=message):
        freeze("acme", clients, tmp_path / "reports", again=True)
    assert path.read_text() == content


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("content", ["{", '{"schema": 2}', "[]"])
def test_a_report_says_that_its_protocol_cannot_be_read(tmp_path, lang, content):
    (tmp_path / "protocol.json").write_text(content)
    found = checked(tmp_path, client())
    assert found.to_dict()["state"] == "unreadable"
    said = say(found.step.sentence, lang)
    assert "protocol.json" in said and str(tmp_path) not in said


def test_unchanged_settings_are_said_to_be_kept(tmp_path):
    fixed = record(client())
    written(tmp_path, fixed)
    found = checked(tmp_path, client())
    assert found.to_dict()["state"] == "kept" and found.step.table is None
    assert fixed["sha256"][:12] in say(found.step.sentence, "en")


def test_other_weights_show_the_verdict_under_both(tmp_path):
    written(tmp_path, record(client()))
    found = checked(tmp_path, client(weights={"cost": 80}), at_zero("cost"))
    # cost at 0, all else 100: 20 of 100 lost as fixed, 80 of 160 as chosen now; V4 caps cost only
    verdicts = found.to_dict()["verdicts"]
    assert verdicts["present"]["score"] == pytest.approx(50)
    assert verdicts[BLIND["frozen_at"]]["score"] == pytest.approx(80)
    assert found.to_dict()["state"] == "differs"
    assert "would be: 80 points, pass to good" in say(found.step.sentence, "en")
    row = found.step.table.iloc[0]
    assert (row["fixed"], row["now"]) == ("20", "80")


def test_scaled_bands_and_vetoes_switched_off_are_deviations(tmp_path):
    written(tmp_path, record(client()))
    told = client(bands={"pass": 40}, scoring={"veto": {"V4": False}})
    found = checked(tmp_path, told, at_zero("cost"))
    parts = {row["part"] for row in found.to_dict()["differences"]}
    assert parts == {"bands", "vetoes"}


def test_an_indicator_declared_not_applicable_later_is_a_deviation(tmp_path):
    written(tmp_path, record(client()))
    waived = {"cost.schedule_ratio": {"reason": "no plan", "role": "owner"}}
    found = checked(tmp_path, client(not_applicable=waived))
    parts = {row["part"] for row in found.to_dict()["differences"]}
    assert parts == {"not_applicable", "key_indicators"}
    assert found.to_dict()["state"] == "same"


def test_a_protocol_fixed_after_the_outcomes_says_so_and_proves_nothing(tmp_path):
    written(tmp_path, record(client(), LATE))
    found = checked(tmp_path, client())
    assert found.to_dict()["state"] == "kept_late"
    said = [say(caveat.message, "en") for caveat in found.step.caveats]
    assert said[0].startswith("Fixed after outcomes could be known: on 2025-09-01")
    assert "2 outcome tables" in said[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_another_cut_off_than_foreseen_is_said_and_is_no_deviation(tmp_path, lang):
    written(tmp_path, record(client(), {**BLIND, "status_date": "2025-06-30"}))
    found = checked(tmp_path, client())
    assert found.to_dict()["state"] == "kept"
    (said,) = [say(caveat.message, lang) for caveat in found.step.caveats]
    assert "2025-06-30" in said and "2025-08-31" in said


def test_a_table_of_headers_only_is_open_when_it_is_fixed(tmp_path):
    make_client(tmp_path / "clients", {"processes.csv": "process,importance\n"})
    frozen = freeze("acme", tmp_path / "clients", tmp_path / "reports")
    assert frozen.record["settings"]["processes"] is None


def test_fixing_again_once_outcomes_are_there_does_not_free_from_the_first_version(tmp_path):
    first = record(client())
    written(tmp_path, first, record(client(weights={"cost": 80}), LATE, first["sha256"]))
    found = checked(tmp_path, client(weights={"cost": 80}), at_zero("cost"))
    assert found.to_dict()["frozen_at"] == BLIND["frozen_at"]
    assert found.to_dict()["state"] == "differs"
    assert found.to_dict()["verdicts"][LATE["frozen_at"]]["score"] == pytest.approx(50)


def test_fixing_again_before_any_outcome_is_what_binds(tmp_path):
    first = record(client(weights={"cost": 80}))
    again = {**BLIND, "frozen_at": "2024-02-01T08:00:00+00:00"}
    written(tmp_path, first, record(client(), again, first["sha256"]))
    assert checked(tmp_path, client()).to_dict()["state"] == "kept"


def test_only_the_binding_and_the_newest_version_are_scored_again(tmp_path):
    told = [client(weights={"cost": weight}) for weight in (20, 40, 60)]
    records = [record(told[0])]
    for later in told[1:]:
        records.append(record(later, LATE, records[-1]["sha256"]))
    written(tmp_path, *records)
    found = checked(tmp_path, client(weights={"cost": 80}), at_zero("cost"))
    assert found.step.tables["verdicts"]["score"].round().tolist() == [50, 80, 57]  # 80 of 140
    assert found.step.table["fixed"].tolist() == ["20", "40", "60"]


def test_an_edit_by_hand_is_named_with_its_part(tmp_path):
    content = written(tmp_path, record(client()))
    content["settings"]["weights"]["factor_weights"]["cost"] = 80
    (tmp_path / "protocol.json").write_text(json.dumps(content))
    found = checked(tmp_path, client(weights={"cost": 80}))
    assert found.to_dict()["state"] == "edited" and found.to_dict()["edited"] == ["weights"]
    assert "edited by hand after it had been fixed (weights)" in say(found.step.sentence, "en")
    assert found.to_dict()["verdicts"][BLIND["frozen_at"]] is None


def test_an_earlier_version_taken_out_is_named(tmp_path):
    written(tmp_path, record(client(), BLIND, digest("a version that is not there")))
    assert checked(tmp_path, client()).to_dict()["edited"] == ["earlier"]


def test_a_changed_time_is_an_edit_too(tmp_path):
    content = written(tmp_path, record(client(), LATE))
    content["frozen_at"] = BLIND["frozen_at"]
    (tmp_path / "protocol.json").write_text(json.dumps(content))
    assert read_protocol(tmp_path).edited() == ("record",)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("told", [client(), client(weights={"cost": 80}), client(weights={})])
@pytest.mark.parametrize("circumstances", [BLIND, LATE])
def test_the_check_speaks_both_languages(tmp_path, lang, told, circumstances):
    written(tmp_path, record(client(), circumstances))
    found = checked(tmp_path, told, at_zero("cost"))
    for message in (found.step.sentence, *(c.message for c in found.step.caveats)):
        assert say(message, lang)
    assert "text/html" in found.step._repr_mimebundle_()
    json.dumps(found.to_dict(), allow_nan=False)


def test_without_a_total_the_bounds_stand_in_for_the_verdict(tmp_path):
    written(tmp_path, record(client()))
    found = checked(tmp_path, client(weights={"cost": 80}), case()[:1])
    # only controls are there, at full marks: 25 of 160 at least now (15.6), 25 of 100 as fixed
    assert found.to_dict()["state"] == "differs"
    assert "no total, between 16 and" in say(found.step.sentence, "en")
    assert "no total, between 25 and" in found.to_dict()["verdict"]


def test_without_a_protocol_the_report_says_how_to_fix_one(tmp_path):
    found = checked(tmp_path, client())
    assert found.to_dict() is None
    assert "crm-eval freeze acme" in say(found.step.sentence, "en")


def passed_tests(control, n):
    rows = [f"{control},T{i},2025-03-01,sample,pass" for i in range(n)]
    return "\n".join(["control_id,test_id,tested_on,method,result", *rows]) + "\n"


def test_a_tolerable_rate_raised_later_is_taken_back_and_measured_again(tmp_path):
    # 0 of 25 leaves up to 11.3 %: within a rate of 0.12, but not within the 0.05 of a critical one
    files = {"controls.csv": CONTROLS, "control_tests.csv": passed_tests("C1", 25)}
    make_client(tmp_path, files)
    opened = open_client("acme", clients_dir=tmp_path)
    settled = settings_of(opened, {name: opened.tables[name] for name in DESIGN_TABLES})
    raised = CONTROLS.replace("critical\n", "critical,tolerable_rate\n").replace("yes", "yes,0.12")
    make_client(tmp_path, {"controls.csv": raised})
    opened = open_client("acme", clients_dir=tmp_path)
    from crm_eval_lib import controls

    results = {"controls": controls.assess(opened)}
    now = score(results, client=opened)
    under = verdict_under(settled, now, results, changed=["controls"])
    assert now.indicators["controls.effective_share"].value == 1
    assert under.indicators["controls.effective_share"].value == 0


def test_another_blackout_is_measured_again(tmp_path):
    rows = ["order_id,ordered_at,product,quantity,unit_price,floor_price"]
    rows += [f"O{d},2024-10-{d:02d},P,1,9,10" for d in range(1, 21)]
    rows += [f"N{d},2024-12-{d:02d},P,1,10,10" for d in range(1, 21)]
    folder = make_client(tmp_path, {"orders.csv": "\n".join(rows) + "\n"})
    opened = open_client("acme", clients_dir=tmp_path)
    settled = settings_of(opened, {})  # no blackout: October counts
    text = (folder / "client.yml").read_text(encoding="utf-8")
    blackout = text.replace("2025-08-31}", "2025-08-31, blackout: [2024-09-02, 2024-11-30]}")
    (folder / "client.yml").write_text(blackout, encoding="utf-8")
    opened = open_client("acme", clients_dir=tmp_path)
    from crm_eval_lib import controls

    results = {"controls": controls.assess(opened)}
    now = score(results, client=opened)
    under = verdict_under(settled, now, results, changed=["blackout"])
    rate = "controls.price.below_floor_rate"
    assert (now.indicators[rate].value, under.indicators[rate].value) == (0.0, 0.5)


def test_a_factor_of_an_own_notebook_is_not_measured_again(tmp_path):
    folder = make_client(tmp_path, {"controls.csv": CONTROLS})
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / "04_controls.ipynb").write_text("{}")
    opened = open_client("acme", clients_dir=tmp_path)
    settled = settings_of(opened, {name: opened.tables[name] for name in DESIGN_TABLES})
    results = {"controls": FactorResult("controls", (indicator("controls.coverage", 0.95),))}
    now = score(results, client=opened)
    under = verdict_under(settled, now, results, changed=["controls"])
    assert under.indicators["controls.coverage"].value == 0.95


def test_a_table_handed_in_later_and_a_day_that_came_are_no_deviations():
    fixed = {"dates": {"go_live": None}, "processes": None}
    now = {"dates": {"go_live": "2024-09-02"}, "processes": {"order": {"importance": 5.0}}}
    assert differences(fixed, now)["kind"].tolist() == ["filled", "filled"]


def test_the_settings_read_from_a_run_folder_are_those_of_the_files(tmp_path):
    processes = "process,importance,annual_volume,in_crm\norder,5,1200.5,yes\n"
    departments = "department,affected\n销售部,yes\n"
    files = {"controls.csv": CONTROLS, "departments.csv": departments, "processes.csv": processes}
    make_client(tmp_path / "clients", files)
    frozen = freeze("acme", tmp_path / "clients", tmp_path / "reports")
    opened = open_client("acme", clients_dir=tmp_path / "clients")
    opened.save(tmp_path / "run")
    saved = open_client("acme", run_dir=tmp_path / "run")
    now = settings_of(saved, {name: saved.tables[name] for name in DESIGN_TABLES})
    assert differences(frozen.record["settings"], now).empty


def test_the_protocol_goes_along_when_reports_change_places(tmp_path):
    old, run = tmp_path / "acme", tmp_path / ".runs" / "acme.1"
    for folder in (old, run):
        folder.mkdir(parents=True)
        (folder / "results.json").write_text(json.dumps({"status_date": "2025-08-31"}))
    written(old, record(client()))
    carry_history(tmp_path, "acme", run, "2025-08-31")
    assert read_protocol(run) == read_protocol(old)
    again = written(old, record(client(), LATE))  # fixed again while the run was at work
    publish(run, tmp_path, "acme")
    assert json.loads((old / "protocol.json").read_text()) == again


def test_a_damaged_last_report_does_not_stop_the_next(tmp_path):
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "results.json").write_text("{")
    (tmp_path / "run").mkdir()
    carry_history(tmp_path, "acme", tmp_path / "run", "2025-08-31")
    assert not (tmp_path / "run" / "history").exists()


def test_a_design_table_of_a_query_is_not_run_but_its_text_is_fixed(tmp_path):
    query = "sources: {processes: {query: \"SELECT process FROM read_csv('events.csv')\"}}\n"
    make_client(tmp_path / "clients", {"events.csv": GARBAGE}, more=query)
    OPENED.clear()
    frozen = freeze("acme", tmp_path / "clients", tmp_path / "reports")
    assert not any("events.csv" in path for path in OPENED)
    assert "query" in frozen.record["unread"]["processes"]
    assert "events.csv" in frozen.record["settings"]["reading"]["sources"]["processes"]["query"]
    assert frozen.record["outcome_tables"] == ["events"]


def test_knobs_of_the_command_line_are_held_against_the_protocol_too(project, tmp_path):
    more = "parameters: {03_efficiency: {confidence: 0.9}}\n"
    make_client(tmp_path / "clients", {"controls.csv": CONTROLS}, more=more)
    frozen = freeze("acme", tmp_path / "clients", tmp_path / "reports")
    notebooks = {p.stem: str(p) for p in (project / "notebooks").glob("0*.ipynb")}
    job = ClientJob("acme", str(tmp_path / "clients"), str(tmp_path / "run"))
    prepare(job, notebooks, {"03_efficiency": {"confidence": 0.8}})
    now = settings_of(open_client("acme", run_dir=tmp_path / "run"), {})
    parts = {name: value for name, value in frozen.record["settings"].items() if name in now}
    table = differences(parts, now)
    assert table[["item", "fixed", "now"]].values.tolist() == [
        ["03_efficiency · confidence", "0.9", "0.8"]
    ]


def test_the_blackout_as_fixed_replaces_the_dates_of_the_client(tmp_path):
    make_client(tmp_path, {"controls.csv": CONTROLS})
    opened = open_client("acme", clients_dir=tmp_path)
    settled = settings_of(opened, {})
    settled["blackout"] = ["2024-09-02", "2024-10-31"]
    from crm_eval_lib.protocol import client_under

    twin = client_under(settled, opened, ["blackout"])
    assert twin.dates.blackout == (pd.Timestamp("2024-09-02"), pd.Timestamp("2024-10-31"))
    assert opened.dates.blackout is None
