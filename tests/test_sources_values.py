"""Cells to values: what is unambiguous is accepted, all else is a problem with a remedy."""

from datetime import datetime

import pandas as pd
import pyarrow as pa
import pytest
from client_folder import make_client

from crm_eval_lib.client import open_client
from crm_eval_lib.errors import DataError
from crm_eval_lib.sources.moments import to_dates, to_timestamps
from crm_eval_lib.sources.values import emptied, replaced, texts, to_codes, to_numbers, to_text
from crm_eval_lib.tables import TABLES, find_problems, value_map


def cells(*values):
    return pa.chunked_array([pa.array(values)])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_moments_become_text_without_idle_fractions(unit, zone):
    moments = [datetime(2024, 3, 1, 10, 20), None, datetime(1969, 12, 31, 23, 59, 50)]
    found = texts(pa.chunked_array([pa.array(moments, pa.timestamp(unit, zone))])).to_pylist()
    end = "+00:00" if zone else ""
    assert found == [f"2024-03-01T10:20:00{end}", None, f"1969-12-31T23:59:50{end}"]


def test_fractions_of_a_second_are_kept():
    moments = pa.array([datetime(2024, 3, 1, 10, 20, 30, 250_000)], pa.timestamp("us"))
    assert texts(pa.chunked_array([moments])).to_pylist() == ["2024-03-01T10:20:30.250000"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234.56", 1234.56), ("1,234.56", 1234.56), ("1,234", 1234.0), ("-1,234,567", -1234567.0),
        ("１，２３４．５", 1234.5), ("+5", 5.0), (".5", 0.5), ("1E+05", 1e5), (" 7 ", 7.0),
        ("−3", -3.0), ("0.1", 0.1), ("12345678901234567890.12", 12345678901234567890.12),
        ("0.30000000000000004", 0.30000000000000004),
    ],
)  # fmt: skip
def test_an_unambiguous_number_is_read_exactly(text, number):
    converted = to_numbers(cells(text))
    assert converted.values.tolist() == [number]
    assert not converted.bad.any()


@pytest.mark.parametrize(
    "text",
    ["1.234,56", "1,23", "12,34.5", "¥5", "$5", "CNY 5", "5元", "(5)", "12%", "1 234", "1'234",
     "n/a", "nan", "inf", "1e999", "0x10", "1_000", "--5", "5-", "1.2.3", "，"],
)  # fmt: skip
def test_an_ambiguous_number_is_refused(text):
    assert to_numbers(cells(text)).bad.tolist() == [True]


@pytest.mark.parametrize(
    ("text", "good"), [("1,234", False), ("1,234.5", True), ("1,234,567", True)]
)
def test_in_a_semicolon_file_a_lone_comma_may_be_a_decimal_one(text, good):
    assert to_numbers(cells(text), decimal_doubt=True).bad.tolist() == [not good]


def test_a_share_may_be_written_in_per_cent_and_stays_exact():
    shares = to_numbers(cells("12%", "12.3 %", "100％", "0.12"), percent=True)
    assert shares.values.tolist() == [0.12, 0.123, 1.0, 0.12]


def test_empty_cells_are_missing_and_not_mistakes():
    converted = to_numbers(cells("", "  ", None, "\u3000"))
    assert pd.isna(converted.values).all()
    assert not converted.bad.any()


def test_ids_keep_their_text():
    assert to_text(cells("007", " A 1 ", "1e5", "")).tolist()[:3] == ["007", "A 1", "1e5"]
    assert to_text(cells(7.0, 12345678901234.0)).tolist() == ["7", "12345678901234"]
    assert to_text(cells(7, 2**60)).tolist() == ["7", str(2**60)]


@pytest.mark.parametrize(
    ("text", "code"),
    [("internal_labour", "internal_labour"), (" Internal Labour ", "internal_labour"),
     ("ＨＡＲＤＷＡＲＥ", "hardware"), ("内部人工", "internal_labour"), ("hardwear", None)],
)  # fmt: skip
def test_codes_are_read_in_both_languages_any_case_and_width(text, code):
    converted = to_codes(cells(text), value_map(TABLES["budget"].column("category")))
    assert (converted.values.tolist() == [code]) if code else converted.bad.tolist() == [True]


def test_values_and_nulls_of_the_configuration_are_put_in_first():
    column = replaced(
        emptied(cells("Closed", "?", "New"), ["?"]), {"Closed": "solved", "New": None}
    )
    assert column.to_pylist() == ["solved", None, None]


@pytest.mark.parametrize(
    "text",
    ["2024-01-31", "20240131", "2024-01-31 14:20", "2024-01-31T23:59:59.9999999", "２０２４-01-31"],
)
def test_an_iso_date_is_read(text):
    assert to_dates(cells(text), "Asia/Shanghai").values.tolist() == [pd.Timestamp("2024-01-31")]


@pytest.mark.parametrize(
    "text", ["31/01/2024", "2024/01/31", "2024-1-5", "2024-02-30", "45321", "2024年1月5日",
             "24-01-31", "2024-01-31 25:00", "2024-01-31 24:00", "Jan 5, 2024", "2024-W05-3"]
)  # fmt: skip
def test_any_other_date_is_refused(text):
    assert to_dates(cells(text), "Asia/Shanghai").bad.tolist() == [True]


def test_far_dates_are_read_even_beside_fractions_of_a_nanosecond():
    days = to_dates(cells("9999-12-31", "2024-01-01T00:00:00.123456789"), "UTC").values
    assert days.tolist() == [pd.Timestamp("9999-12-31"), pd.Timestamp("2024-01-01")]


def test_a_declared_format_reads_other_dates_and_only_those():
    dates = to_timestamps(cells("29/2/2016 01:16", "2016-02-29"), "UTC",
                          declared_format="%d/%m/%Y %H:%M")  # fmt: skip
    assert dates.values[0] == pd.Timestamp("2016-02-29 01:16", tz="UTC")
    assert dates.bad.tolist() == [False, True]


def test_an_offset_is_converted_and_a_bare_time_is_the_clients():
    written = cells("2024-09-02T08:00:00Z", "2024-09-02 08:00", "2024-09-02 08:00+0100")
    times = to_timestamps(written, "Asia/Shanghai").values
    assert [f"{time:%H:%M%z}" for time in times] == ["16:00+0800", "08:00+0800", "15:00+0800"]


def test_a_date_with_an_offset_is_the_clients_day():
    days = to_dates(cells("2024-01-31T20:00:00Z"), "Asia/Shanghai").values
    assert days.tolist() == [pd.Timestamp("2024-02-01")]


def test_hours_that_a_clock_change_repeats_or_skips_are_counted():
    # Berlin 2024: 31 March skips 02:00-03:00, 27 October repeats 02:00-03:00.
    moments = to_timestamps(cells("2024-03-31 02:30", "2024-10-27 02:30", "2024-10-27 03:30"),
                            "Europe/Berlin")  # fmt: skip
    assert (moments.nonexistent, moments.ambiguous) == (1, 1)
    assert [f"{m:%H:%M%z}" for m in moments.values] == ["03:00+0200", "02:30+0200", "03:30+0100"]


def read(tmp_path, table, text, **more):
    make_client(tmp_path, {f"{table}.csv": text}, **more)
    return open_client("acme", clients_dir=tmp_path)


def problems_of(tmp_path, table, text, **more):
    with pytest.raises(DataError) as caught:
        read(tmp_path, table, text, **more).validate()
    return caught.value.problems


def test_a_missing_required_column_suggests_the_nearest(tmp_path):
    problem = problems_of(tmp_path, "budget", "line_id,category,amuont\n1,hardware,5\n")[0]
    assert problem.column == "amount"
    assert problem.found == "no such column; the file has line_id, category, amuont"
    assert problem.allowed.startswith("a column named amount or 金额")
    assert problem.remedy.startswith("Did you mean 'amuont'? Rename 'amuont' to 'amount'")


def test_two_headers_for_one_column_are_refused(tmp_path):
    text = "line_id,category,amount,金额\n1,hardware,5,6\n"
    assert problems_of(tmp_path, "budget", text)[0].found == (
        "two columns for amount: 'amount' and '金额'"
    )


def test_an_optional_column_with_a_slip_is_kept_and_pointed_out(tmp_path):
    client = read(tmp_path, "budget", "line_id,category,amount,currancy\n1,hardware,5,CNY\n")
    assert client.tables.budget["currancy"].tolist() == ["CNY"]
    assert client.notes[0].remedy.startswith("Did you mean 'currency'?")


def test_every_problem_of_every_table_comes_at_once(tmp_path):
    make_client(tmp_path, {
        "budget.csv": "line_id,category,amount\n1,hardwear,-5\n1,other,x\n,other,3\n",
        "scope.csv": "item_id,title,delivered\nA,Orders,1.5\n",
    })  # fmt: skip
    with pytest.raises(DataError) as caught:
        open_client("acme", clients_dir=tmp_path).validate()
    places = {(p.file, p.row, p.column) for p in caught.value.problems}
    assert places == {
        ("budget.csv", 2, "category"), ("budget.csv", 2, "amount"), ("budget.csv", 3, "amount"),
        ("budget.csv", 4, "line_id"), ("budget.csv", 3, "line_id, version"),
        ("scope.csv", 2, "delivered"),
    }  # fmt: skip
    assert str(caught.value).startswith("6 problems in the tables:")


@pytest.mark.parametrize(
    ("table", "text", "words"),
    [
        ("budget", "line_id,category,amount\n1,hardwear,5\n",
         "budget.csv, row 2, column category – found 'hardwear' – allowed: hardware (硬件)"),
        ("budget", "line_id,category,amount\n1,hardwear,5\n", "Did you mean 'hardware'?"),
        ("budget", "line_id,category,amount\n1,other,-1\n",
         "found -1 – allowed: a number such as 1234.56, at least 0"),
        ("budget", "line_id,category,amount,currency\n1,other,1,XXQ\n",
         "found 'XXQ' – allowed: a currency code of ISO 4217"),
        ("budget", "line_id,category,amount,currency\n1,other,1,USD\n",
         "found USD without a rate – allowed: CNY, or another currency with its fx_rate"),
        ("budget", "line_id,category,amount,version\n1,other,1,0.5\n", "allowed: a whole number"),
        ("budget", "line_id,category,amount,version\n1,other,1,\n1,other,2,0\n",
         "row 3, column line_id, version – found '1' / '0' again (first in row 2)"),
        ("scope", "item_id,title,delivered\nA,x,5\n", "allowed: a share such as 0.125 or 12.5%"),
        ("problems", "problem_id,raised_on,title,severity,status\n1,13/01/2024,x,3,open\n",
         'formats: {raised_on: "%d/%m/%Y"}'),
        ("problems", "problem_id,raised_on,title,severity,status\n1,2024-01-13,,3,open\n",
         "row 2, column title – found an empty cell"),
        ("problems", "problem_id,raised_on,title,severity,status\n1,2024-01-13,x,6,open\n",
         "from 1 to 5"),
        ("problems", "problem_id,raised_on,title,severity,status\n1,2024-01-13,x,,open\n"
         "2,2024-01-13,x,,open\n", "column severity – found no value in any row"),
    ],
)  # fmt: skip
def test_a_problem_says_what_where_and_what_to_do(tmp_path, table, text, words):
    assert any(words in str(problem) for problem in problems_of(tmp_path, table, text))


def test_many_problems_of_one_column_are_counted_after_fifty(tmp_path):
    rows = "".join(f"{i},other,x\n" for i in range(60))
    problems = problems_of(tmp_path, "budget", "line_id,category,amount\n" + rows)
    assert len(problems) == 51
    assert str(problems[-1]).endswith(
        "and 10 more rows of this column with the same kind of defect."
    )


def test_a_long_value_is_quoted_short(tmp_path):
    text = f"line_id,category,amount\n1,other,{'x' * 500}\n"
    assert len(problems_of(tmp_path, "budget", text)[0].found) == 42


def test_a_foreign_currency_with_its_rate_and_chinese_words_pass(tmp_path):
    text = "预算行号,类别,金额,币种,汇率\n1,软件,5,usd,7.1\n2,其他,6,人民币,\n"
    budget = read(tmp_path, "budget", text).tables.budget
    assert budget["currency"].tolist() == ["USD", "CNY"]


def test_a_table_with_headers_only_is_empty_but_present(tmp_path):
    client = read(tmp_path, "budget", "line_id,category,amount\n").validate()
    assert client.tables.budget.empty
    assert client.tables.actuals is None


def test_a_column_with_a_default_is_filled(tmp_path):
    text = "process,case_id,activity,completed_at\n,1,a,2024-01-01\nquote,2,b,2024-01-02\n"
    assert read(tmp_path, "events", text).tables.events["process"].tolist() == ["main", "quote"]


def test_what_passes_here_passes_the_published_schemas(demo_clients):
    client = open_client("demo-trading", clients_dir=demo_clients)
    for name, frame in client.tables.items():
        assert find_problems(TABLES[name], frame, client.currency) == []


def test_one_bad_row_in_forty_megabytes_is_found_with_its_number(tmp_path):
    line = "main,C{0:07d},approve order,2024-01-31T10:20:30,user-{1},North\n"
    rows = [line.format(i, i % 97) for i in range(680_000)]
    rows[600_000] = rows[600_000].replace("2024-01-31", "2024-13-31")
    text = "process,case_id,activity,completed_at,resource,region\n" + "".join(rows)
    assert len(text) > 40e6
    make_client(tmp_path, {"events.csv": text})
    with pytest.raises(DataError) as caught:
        open_client("acme", clients_dir=tmp_path).validate()
    [problem] = caught.value.problems
    assert (problem.row, problem.column) == (600_002, "completed_at")
    assert problem.found == "'2024-13-31T10:20:30'"


def test_a_column_of_nothing_but_days_is_read_as_one_with_other_cells():
    days = ["2024-02-29", None, "1999-12-31", "9999-12-31"]
    alone, among = (to_dates(cells(*text), "Asia/Shanghai") for text in (days, [*days, "20240101"]))
    assert pd.Series(alone.values).equals(pd.Series(among.values[:4]))
    assert to_dates(cells("2023-04-31", "2024-01-01"), "UTC").bad.tolist() == [True, False]
