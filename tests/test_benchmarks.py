"""The benchmarks' client is a valid one, and the page says what was measured. No clock here."""

import sys

import pytest

from crm_eval_lib.client import open_client


@pytest.fixture
def benchmarks(project, monkeypatch):
    monkeypatch.syspath_prepend(str(project / "benchmarks"))
    import factors
    import make_tables

    yield factors, make_tables
    for name in ("factors", "make_tables"):
        sys.modules.pop(name)


def test_the_large_client_breaks_no_rule_of_the_data_dictionary(benchmarks, monkeypatch, tmp_path):
    factors, make_tables = benchmarks
    small = {"LEDGER_ROWS": 400, "LINES": 40, "MONTHS": 6, "PROBLEMS": 300, "RESTATED": 50}
    for name, size in small.items():
        monkeypatch.setattr(make_tables, name, size)
    make_tables.write_client(tmp_path)
    client = open_client(make_tables.CLIENT, clients_dir=tmp_path).validate()
    assert set(client.tables) == {name for names in factors.FACTORS.values() for name in names}
    assert (len(client.tables.actuals), len(client.tables.problems)) == (400, 350)


def test_the_large_client_is_as_large_as_the_goals_say(benchmarks):
    _, make_tables = benchmarks
    assert (make_tables.LEDGER_ROWS, make_tables.PROBLEMS) == (100_000, 50_000)


@pytest.mark.parametrize(("cpu", "megabytes", "said"), [(2.9, 400, "kept"), (3.1, 400, "missed"),
                                                        (2.9, 501, "missed")])  # fmt: skip
def test_the_page_says_whether_both_goals_were_kept(benchmarks, cpu, megabytes, said):
    factors, _ = benchmarks
    row = {"factor": "cost", "task": "assessing", "rows": 9, "cpu": cpu, "ratio": 7.0,
           "megabytes": megabytes}  # fmt: skip
    assert factors.table([row]).endswith(f"| {said} |")


def test_the_page_that_stands_has_all_rows(benchmarks):
    factors, _ = benchmarks
    text = factors.PAGE.read_text("utf-8")
    for factor in factors.FACTORS:
        assert all(f"| {factor} | {task} |" in text for task in ("yardstick", "reading"))
        assert f"| {factor} | assessing |" in text


@pytest.fixture
def events(project, monkeypatch):
    monkeypatch.syspath_prepend(str(project / "benchmarks"))
    import events

    yield events
    for name in ("events", "factors", "make_events"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(("clock", "cpu", "megabytes", "said"), [
    (5.9, 6.0, 4096, "≤ 6: kept"), (6.1, 7.0, 9, "≤ 6: missed"), (5.0, 5.0, 4097, "≤ 6: missed"),
    (7.0, 5.0, 9, "≤ 6: missed, in CPU kept"),
])  # fmt: skip
def test_a_large_log_keeps_its_goal_by_the_clock_and_in_computing_time(
    events, clock, cpu, megabytes, said
):
    row = {"task": "again from the kept Parquet", "seconds": 9.0, "cpu": 9.0, "ratio": clock,
           "cpu_ratio": cpu, "megabytes": megabytes}  # fmt: skip
    assert f"| {said} |" in events.section([row], 8)


def test_a_section_takes_the_place_of_its_own_only(events):
    page = "# Page\n\n## A\n\nold\n\n## B\n\nstays\n"
    assert events.written(page, "## A\n\nnew\n") == "# Page\n\n## B\n\nstays\n\n## A\n\nnew\n"


def test_a_log_repeated_has_as_many_cases_more(events, tmp_path):
    import make_events

    duckdb = make_events.duckdb
    one, three = tmp_path / "one.parquet", tmp_path / "three.parquet"
    with duckdb.connect() as database:
        database.execute(f"COPY (SELECT 'a' AS case_id, 1 AS n) TO '{one}' (FORMAT parquet)")
        make_events.repeat_events(database, one, three, 3)
        rows = database.execute(f"SELECT case_id FROM '{three}' ORDER BY 1").fetchall()
    assert rows == [("a-0",), ("a-1",), ("a-2",)]
