"""Projects of US federal agencies: each agency a client, all together a reference class."""

import json
import sys
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crm_eval_lib import cost, data_check
from crm_eval_lib.cli import main
from crm_eval_lib.evidence import table_evidence
from crm_eval_lib.sources.reference import read_classes, reference_files
from crm_eval_lib.text import say
from real_data.builder import build

pytestmark = pytest.mark.real_data
COLUMNS = {"start": "Start Date", "planned": "Planned Project Completion Date (B2)",
           "actual": "Projected/Actual Project Completion Date (B2)", "updated": "Updated Date",
           "plan": "Planned Cost ($ M)", "cost": "Projected/Actual Cost ($ M)",
           "agency": "Agency Name", "id": "Project ID"}  # fmt: skip
DAYS = ("start", "planned", "actual", "updated")
UNITED = "United States Department of "
AGENCIES = [UNITED + name for name in
            ("Homeland Security", "Health and Human Services", "Commerce", "Transportation",
             "Agriculture")]  # fmt: skip
AS_BUDGET = ("budget", "actuals", "milestones")
AS_SUMMARY = ("cost_summary", "milestones")


def as_written(name):
    """SQL for a date as it stands in the file."""
    return f'substr("{COLUMNS[name]}", 1, 10)'


def repaired(name):
    """SQL that undoes the swap of day and month wherever the day could be a month."""
    day = as_written(name)
    swapped = f"substr({day}, 1, 5) || substr({day}, 9, 2) || '-' || substr({day}, 6, 2)"
    return f"(CASE WHEN substr({day}, 9, 2) <= '12' THEN {swapped} ELSE {day} END)"


@pytest.fixture(scope="module")
def projects(shared_data):
    """The raw file by plain pandas; days as written, and with the swap undone in ``fixed_…``."""
    raw = pd.read_csv(shared_data / "us_it_dashboard" / "it_dashboard_projects.csv", dtype=str)
    rows = raw[list(COLUMNS.values())].set_axis(list(COLUMNS), axis=1)
    for name in DAYS:
        parts = rows[name].str.extract(r"(\d{4})-(\d\d)-(\d\d)")
        rows[name] = pd.to_datetime(rows[name].str[:10])
        turned = pd.to_datetime(parts[0] + "-" + parts[2] + "-" + parts[1], format="%Y-%m-%d",
                                errors="coerce")  # fmt: skip
        rows[f"fixed_{name}"] = turned.fillna(rows[name])
    rows[["plan", "cost"]] = rows[["plan", "cost"]].astype(float)
    return rows


@pytest.fixture(scope="module")
def completed(projects):
    done = projects["fixed_actual"] <= projects["fixed_updated"]
    return projects[done & (projects["plan"] > 0) & (projects["cost"] > 0)]


@pytest.fixture(scope="module")
def made(shared_data, completed, tmp_path_factory):
    """Open an agency as a client: with what tables, with which dates."""

    def make(agency, keep, day=repaired):
        mine = completed[completed["agency"] == agency]
        done = (f"{repaired('actual')} <= {repaired('updated')}"
                f""" AND CAST("{COLUMNS['plan']}" AS DOUBLE) > 0"""
                f""" AND CAST("{COLUMNS['cost']}" AS DOUBLE) > 0"""
                f""" AND "{COLUMNS['agency']}" = '{agency}'""")  # fmt: skip
        changes = [
            ("COMPLETED", done), ("START_DAY", day("start")), ("PLANNED_DAY", day("planned")),
            ("ACTUAL_DAY", day("actual")), ("AGENCY", agency),
            ("FIRST_DAY", f"{mine['fixed_start'].min():%Y-%m-%d}"),
            ("PLANNED_LIVE", f"{mine['fixed_planned'].max():%Y-%m-%d}"),
            ("LAST_DAY", f"{mine['fixed_actual'].max():%Y-%m-%d}"),
        ]  # fmt: skip
        clients = tmp_path_factory.mktemp("dashboard")
        return build(clients, shared_data, "real-dashboard", *changes, keep=keep).validate()

    return make


@pytest.fixture(scope="module")
def judged(made, completed):
    """Judge an agency once by its ledger or its summary, beside the class of all the others."""

    @cache
    def judge(agency, keep):
        client = made(agency, keep)
        (client.folder / "reference").mkdir()
        _class_of_others(completed, agency).to_csv(client.folder / "reference" / "agencies.csv")
        return cost.assess(client)

    return judge


def _class_of_others(completed, agency):
    ratios, shares = _ratios_of_others(completed, agency), np.arange(1, 100) / 100
    rows = pd.DataFrame({"p": shares, "value": ratios.quantile(shares).to_numpy()}).assign(
        class_id="other_agencies", measure="cost", form="quantile", n=len(ratios), year=2012,
        source="IT Dashboard", licence="US government work", title_en="Other agencies",
        title_zh="其他机构", baseline_en="last plan", baseline_zh="最近一次计划",
    )  # fmt: skip
    return rows.set_index("class_id")


def _ratios_of_others(completed, agency):
    others = completed.loc[completed["agency"] != agency]
    return others["cost"] / others["plan"]


@pytest.mark.parametrize("agency", AGENCIES)
def test_an_agencys_deviation_is_the_ratio_of_its_sums_from_ledger_or_summary(
    judged, completed, agency
):
    mine = completed[completed["agency"] == agency]
    expected = mine["cost"].sum() / mine["plan"].sum() - 1
    for keep, tables in ((AS_BUDGET, ("budget", "actuals")), (AS_SUMMARY, ("cost_summary",))):
        found = judged(agency, keep)["cost.deviation_original"]
        assert (found.value, found.n) == (pytest.approx(expected, abs=1e-9), len(mine))
        assert found.tables == tables


@pytest.mark.parametrize("agency", AGENCIES[:3])
def test_duration_and_last_milestone_are_those_of_the_repaired_dates(judged, completed, agency):
    mine = completed[completed["agency"] == agency]
    first, planned, last = (mine["fixed_start"].min(), mine["fixed_planned"].max(),
                            mine["fixed_actual"].max())  # fmt: skip
    result = judged(agency, AS_BUDGET)
    found = result["cost.schedule_ratio"].value
    assert found == pytest.approx((last - first) / (planned - first) - 1, abs=1e-9)
    latest = mine.loc[mine["fixed_planned"] == planned, "fixed_actual"].max()
    assert result["cost.slip_days[last_milestone]"].value == (latest - planned).days


def test_swapped_dates_are_noticed_with_their_number_and_consequence(made, completed):
    agency = max(AGENCIES, key=lambda name: _backwards(completed, name, "").sum())
    mine = _backwards(completed, agency, "")
    wrong, right = (_said(made(agency, AS_BUDGET, day)) for day in (as_written, repaired))
    words = f"planned_finish before planned_start in {mine.sum()} of {len(mine)} rows"
    [text] = [text for text in wrong if words in text]
    assert mine.sum() > 0 and "one of the two dates is wrong, and" in text
    assert not any("planned_finish before planned_start" in text for text in right)
    assert _backwards(completed, agency, "fixed_").sum() == 0


def _backwards(rows, agency, which):
    mine = rows[rows["agency"] == agency]
    return mine[f"{which}start"] > mine[f"{which}planned"]


def _said(client):
    return [say(caveat.message) for caveat in data_check.assess(client).caveats]


def test_the_shipped_class_is_what_plain_pandas_finds_in_the_raw_file(projects, completed):
    classes = read_classes(reference_files()).set_index(["class_id", "p"])["value"]
    done = projects[projects["fixed_actual"] <= projects["fixed_updated"]]
    days = (done["fixed_planned"] - done["fixed_start"]).dt.days
    took = (done["fixed_actual"] - done["fixed_start"]).dt.days
    for name, ratios in (("cost", completed["cost"] / completed["plan"]),
                         ("schedule", (took / days)[(days > 0) & (took >= 0)])):  # fmt: skip
        shipped = classes[f"us_it_dashboard_{name}"]
        assert shipped.to_numpy() == pytest.approx(ratios.quantile(shipped.index), abs=1e-4)


def test_the_script_beside_the_class_makes_the_same_file_again(
    project, shared_data, tmp_path, monkeypatch
):
    made_by = project / "data" / "reference" / "us_it_dashboard.py"
    raw = shared_data / "us_it_dashboard" / "it_dashboard_projects.csv"
    copy = tmp_path / made_by.name
    copy.write_bytes(made_by.read_bytes())
    monkeypatch.setattr(sys, "argv", [str(copy), str(raw)])
    names = {"__name__": "script", "__file__": str(copy)}
    exec(compile(copy.read_text("utf-8"), str(copy), "exec"), names)
    names["main"]()
    assert copy.with_suffix(".csv").read_bytes() == made_by.with_suffix(".csv").read_bytes()


@pytest.mark.parametrize("agency", AGENCIES)
def test_a_class_added_by_csv_gives_the_share_counted_among_the_raw_projects(
    judged, completed, agency
):
    ratios, result = _ratios_of_others(completed, agency), judged(agency, AS_SUMMARY)
    own = 1 + result["cost.deviation_original"].value
    found = result["cost.reference_percentile[other_agencies]"]
    counted = stats.percentileofscore(ratios, own, kind="mean") / 100
    assert (found.value, found.n) == (pytest.approx(counted, abs=0.01), len(ratios))


@pytest.mark.slow
def test_an_agency_goes_from_its_summary_to_a_report_by_the_command_line(
    made, completed, project, tmp_path, monkeypatch
):
    mine = completed[completed["agency"] == AGENCIES[4]]
    client = made(AGENCIES[4], AS_SUMMARY)
    assert table_evidence(client.tables).set_index("table")["grade"]["cost_summary"] == "B"
    monkeypatch.chdir(project)
    arguments = ["run", client.id, "--clients", str(client.folder.parent), "--reports",
                 str(tmp_path), "-q"]  # fmt: skip
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    results = json.loads((tmp_path / client.id / "results.json").read_text("utf-8"))
    found = {item["id"]: item for item in results["indicators"]}
    original = found["cost.deviation_original"]
    assert original["value"] == pytest.approx(mine["cost"].sum() / mine["plan"].sum() - 1)
    assert (original["grade"], original["state"]) == ("B", "scored")
    assert found["cost.reference_percentile"]["score"] is None
    page = (tmp_path / client.id / "report.html").read_text("utf-8")
    assert "US federal IT projects, cost" in page and "never the mean" in page
