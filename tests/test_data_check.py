"""The data check: what goes on, goes on with its consequence named in both languages."""

import pandas as pd
import pytest
from client_folder import make_client

from crm_eval_lib import charts, data_check
from crm_eval_lib.client import Dates, open_client
from crm_eval_lib.data_check import rules
from crm_eval_lib.results import FactorResult
from crm_eval_lib.tables import TABLES
from crm_eval_lib.text import say

ZONE = "Asia/Shanghai"
DAY = pd.Timestamp


def dates(**changes):
    known = {
        "project_start": DAY("2024-01-08"), "planned_go_live": DAY("2024-07-01"),
        "forecast_go_live": None, "go_live": DAY("2024-09-02"),
        "status_date": DAY("2025-08-31"), "blackout": None,
    }  # fmt: skip
    return Dates(**(known | changes))


def table(name, **columns):
    """A validated table: the columns given, the others of the contract empty."""
    rows = len(next(iter(columns.values())))
    frame = pd.DataFrame({c.name: [None] * rows for c in TABLES[name].columns}, dtype="str")
    for column in TABLES[name].columns:
        if column.kind == "date":
            frame[column.name] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
        if column.kind == "timestamp":
            zoned = f"datetime64[us, {ZONE}]"
            frame[column.name] = pd.Series(pd.NaT, index=frame.index, dtype=zoned)
    for column, values in columns.items():
        kind = TABLES[name].column(column).kind
        series = pd.Series(values)
        if kind == "date":
            series = pd.to_datetime(series)
        if kind == "timestamp":
            series = pd.to_datetime(series).dt.tz_localize(ZONE)
        frame[column] = series
    return frame


def said(step, lang="en"):
    return [say(caveat.message, lang) for caveat in step.caveats]


def test_received_counts_tables_with_rows_and_all_rows():
    tables = {"scope": table("scope", item_id=["A", "B"]), "budget": table("budget", line_id=[])}
    step = data_check.received(tables)
    assert step["data_check.tables_received"].value == 1
    assert step["data_check.rows"].value == 2
    assert said(step) == [
        "Table budget holds headers only; its indicators are not assessed, just as if nothing "
        "had been handed in."
    ]


def test_tables_with_headers_only_are_named_together():
    step = data_check.received({name: table(name, currency=[]) for name in ("budget", "orders")})
    [caveat] = [c for c in step.caveats if c.message.key.endswith("headers_only")]
    assert caveat.message.slots["tables"] == ["budget", "orders"]


def test_received_shows_period_file_and_checksum_of_each_table(tmp_path):
    header = "order_id,ordered_at,product,quantity,unit_price\n"
    text = header + "1,2024-03-01 23:30,A,1,5\n2,2025-01-02,A,1,5\n"
    make_client(tmp_path, {"orders.csv": text})
    client = open_client("acme", clients_dir=tmp_path)
    [row] = data_check.steps(client)[0].table.to_dict("records")
    assert (row["first_day"], row["last_day"], row["rows"]) == ("2024-03-01", "2025-01-02", 2)
    assert (row["file"], len(row["sha256"])) == ("orders.csv", 12)


def test_fallback_tables_are_said_to_replace_nothing():
    step = data_check.received({"time_study": table("time_study", process=["1"])})
    assert said(step)[0].startswith("The fallback tables time_study were read and checked;")


def test_of_fallback_tables_in_use_nothing_is_said():
    step = data_check.received({"cost_summary": table("cost_summary", item_id=["1"])})
    assert not any("fallback" in text for text in said(step))


def test_what_reading_noticed_becomes_caveats(tmp_path):
    files = {
        "budget.csv": "line_id,category,amount,colour,currancy\n1,other,5,red\n",
        "actual.csv": "x\n1\n",
        "events.csv": "case_id,activity,completed_at\n1,a,2024-10-27 02:30\n1,b,2024-03-31 02:30\n",
    }
    make_client(tmp_path, files, timezone="Europe/Berlin")
    client = open_client("acme", clients_dir=tmp_path)
    text = "\n".join(said(data_check.steps(client)[0]))
    assert "actual.csv was not read because its name is no table's; it is probably meant" in text
    assert "Table budget has columns the data dictionary does not know (colour, currancy)" in text
    assert "unknown column currancy, probably meant as currency or 币种" in text
    assert "Table budget has rows with fewer cells than the header (1)" in text
    assert "an hour which a change of the clocks repeats is 1" in text
    assert "an hour which a change of the clocks skips is 1" in text


def test_gaps_above_a_fifth_bias_the_indicators_of_the_column():
    phases = ["survey"] * 7 + [None] * 3
    tables = {"problems": table("problems", problem_id=[f"P{i}" for i in range(10)], phase=phases)}
    step = data_check.completeness(tables)
    [caveat] = step.caveats
    assert (caveat.bias, caveat.indicators, caveat.tables) == (
        True, ("problems.late_found_share",), ("problems",))  # fmt: skip
    assert (
        "leaves phase empty in 3 of the 10 rows that should fill it, 30.0% (for example P7, P8, P9)"
        in said(step)[0]
    )


def test_gaps_of_a_fifth_or_less_and_columns_never_recorded_bias_nothing():
    phases = ["survey"] * 8 + [None] * 2
    tables = {"problems": table("problems", problem_id=[str(i) for i in range(10)], phase=phases)}
    step = data_check.completeness(tables)
    assert step.caveats == ()
    never = step.table[step.table["column_name"] == "importance"]
    assert never["recorded"].tolist() == ["no"]


def test_a_gap_counts_only_where_the_column_applies():
    # Four of six are solved, one of them without a date: 25 %. The open ones need none.
    tables = {
        "problems": table(
            "problems", problem_id=list("ABCDEF"), status=["solved"] * 4 + ["open"] * 2,
            solved_on=["2024-02-01", "2024-02-02", "2024-02-03", None, None, None],
        )
    }  # fmt: skip
    [caveat] = data_check.completeness(tables).caveats
    assert (caveat.message.slots["n"], caveat.message.slots["rows"]) == (1, 4)


def plausible(tables, **changes):
    return data_check.plausibility(tables, dates=dates(**changes), timezone=ZONE)


def test_records_after_the_status_date_are_said_to_be_left_out():
    orders = table(
        "orders", order_id=["1", "2"], ordered_at=["2025-08-31 23:59", "2025-09-01 00:00"]
    )
    step = plausible({"orders": orders})
    assert said(step) == [
        "Table orders is dated after the status date 2025-08-31 by ordered_at, in 1 of 2 rows "
        "(for example 2: 2025-09-01); such rows are left out of every indicator."
    ]
    assert step.tables["rows"]["key"].tolist() == ["2"]


def test_later_dates_after_the_status_date_count_as_not_yet_happened():
    problems = table(
        "problems", problem_id=["P1"], raised_on=["2024-05-01"], solved_on=["2026-01-01"]
    )
    assert said(plausible({"problems": problems}))[0].endswith("they count as not yet happened.")


def test_planned_dates_may_lie_in_the_future():
    budget = table(
        "budget", line_id=["1"], planned_start=["2026-01-01"], planned_finish=["2027-01-01"]
    )
    assert plausible({"budget": budget}).caveats == ()


def test_project_records_before_its_start_are_named_and_orders_are_not():
    tables = {
        "actuals": table("actuals", txn_id=["T1", "T2"], incurred_on=["2024-01-07", "2024-01-08"]),
        "orders": table("orders", order_id=["1"], ordered_at=["2023-01-01"]),
    }
    assert said(plausible(tables)) == [
        "Table actuals has dates in incurred_on before the project began on 2024-01-08 in 1 of 2 "
        "rows (for example T1: 2024-01-07); such rows count like all others, so check these dates "
        "or the start of the project."
    ]


@pytest.mark.parametrize("rule", rules.DATE_ORDERS, ids=lambda r: f"{r.table}.{r.later}")
def test_dates_in_the_wrong_order_are_named(rule):
    names = {rule.earlier: ["2024-05-02", "2024-05-01"], rule.later: ["2024-05-01", "2024-05-01"]}
    key = TABLES[rule.table].columns[0].name
    keys = {} if key in names else {key: ["K1", "K2"]}
    step = plausible({rule.table: table(rule.table, **keys, **names)})
    wrong = [c for c in step.caveats if c.message.key == "data_check.caveat.wrong_order"]
    slots = [(c.message.slots["later"], c.message.slots["n"]) for c in wrong]
    assert (rule.later, 1) in slots


@pytest.mark.parametrize(
    ("go_live", "open_"), [(None, True), (DAY("2025-09-01"), True), (DAY("2025-08-31"), False)]
)
def test_a_project_without_go_live_by_the_status_date_is_open(go_live, open_):
    texts = said(plausible({}, go_live=go_live))
    assert [text.startswith("The project had not gone live by") for text in texts] == [True] * open_


@pytest.mark.parametrize("link", rules.LINKS, ids=lambda k: f"{k.table}.{k.column}")
def test_ids_without_a_partner_are_named_with_their_consequence(link):
    columns = {link.column: ["A", "B", None, "B"]}
    partner = {link.partner_column: ["A", "C", "D", "E"]}
    tables = {link.table: table(link.table, **columns)}
    tables[link.partner] = table(link.partner, **partner)
    step = data_check.linkage(tables)
    [caveat] = [c for c in step.caveats if c.message.slots["column"] == link.column]
    assert (caveat.message.slots["n"], caveat.message.slots["examples"]) == (2, ["B"])
    assert step["data_check.lost_ids"].value == 2


def test_departments_are_looked_up_as_the_engagement_counts_them():
    # The engagement takes "finance" for "Finance": so must the check, or it says both.
    rows = table("problems", problem_id=["1", "2", "3"],
                 department=["Finance", " ＦＩＮＡＮＣＥ", "Sales"])  # fmt: skip
    tables = {"problems": rows, "departments": table("departments", department=["finance"])}
    [caveat] = data_check.linkage(tables).caveats
    assert (caveat.message.slots["n"], caveat.message.slots["examples"]) == (1, ["Sales"])


def test_a_problem_closed_before_it_was_solved_is_named_with_the_day_that_counts():
    rows = table("problems", problem_id=["P1"], solved_on=["2024-06-10"], closed_on=["2024-06-01"])
    assert said(plausible({"problems": rows})) == [
        "Table problems has closed_on before solved_on in 1 of 1 rows (for example P1: "
        "2024-06-01); one of the two dates is wrong, and the time to solution ends on the day it "
        "was solved."
    ]
    assert "解决时长仍算到解决日期为止" in said(plausible({"problems": rows}), "zh-Hans")[0]


def test_unbudgeted_lines_are_called_so():
    tables = {"actuals": table("actuals", txn_id=["T1"], line_id=["X"]),
              "budget": table("budget", line_id=["1"])}  # fmt: skip
    assert said(data_check.linkage(tables)) == [
        "Table actuals names ids in line_id that table budget does not hold, in 1 of 1 rows "
        "(for example X); they count as unbudgeted cost."
    ]


def test_nothing_is_looked_up_in_a_table_that_was_not_handed_in():
    step = data_check.linkage({"actuals": table("actuals", txn_id=["T1"], line_id=["X"])})
    assert step.caveats == ()


def test_every_rule_names_columns_of_the_contract():
    used = [(r.table, r.earlier) for r in rules.DATE_ORDERS]
    used += [(r.table, r.later) for r in rules.DATE_ORDERS] + list(rules.RECORD_DATES.items())
    used += [(u.table, u.column) for u in rules.USES]
    used += [(k.table, k.column) for k in rules.LINKS]
    used += [(k.partner, k.partner_column) for k in rules.LINKS]
    used += [(name, column) for name, columns in rules.LATER_DATES.items() for column in columns]
    assert [(t, c) for t, c in used if t not in TABLES or TABLES[t].column(c) is None] == []


def test_assess_publishes_and_says_everything_in_both_languages(demo_clients, tmp_path):
    client = open_client("demo-troubled", clients_dir=demo_clients)
    result = data_check.assess(client).publish(tmp_path)
    again = FactorResult.load(tmp_path / "results" / "data_check.json")
    assert again["data_check.tables_received"].value == len(client.tables)
    assert again["data_check.rows"].value == sum(len(frame) for frame in client.tables.values())
    for caveat in result.caveats:
        assert say(caveat.message, "en")
        assert say(caveat.message, "zh-Hans")


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_the_charts_draw_one_bar_per_table_and_column(lang):
    tables = {
        "orders": table("orders", order_id=["1", "2"], ordered_at=["2024-01-01", "2025-01-01"]),
        "scope": table("scope", item_id=["A"]),
    }
    received = data_check.received(tables, dates=dates())
    axes = charts.plot_periods(received, lang=lang)
    assert [bar.get_width() for bar in axes.patches] == [366]  # 2024 was a leap year
    assert len(axes.lines) == 2
    gaps = charts.plot_gaps(data_check.completeness(tables), lang=lang)
    assert [label.get_text() for label in gaps.get_yticklabels()] == [
        "orders.order_id", "orders.ordered_at", "scope.item_id"]  # fmt: skip


def test_without_a_dated_register_there_is_a_note_instead_of_a_figure():
    tables = {"scope": table("scope", item_id=["A"])}
    step = data_check.received(tables, dates=dates())
    figure = charts.figure("DATA-01", charts.plot_periods, step, table=charts.dated_rows(step))
    assert figure.svg is None and figure.note == "There is nothing to draw."


def test_an_empty_client_breaks_nothing():
    for step in (data_check.received({}), data_check.completeness({}), data_check.linkage({}),
                 plausible({}, project_start=None)):  # fmt: skip
        assert all(indicator.value == 0 for indicator in step.indicators)
