"""Numbers nobody can mean: refused with their place, or counted and printed, never infinite."""

import pandas as pd
import pytest
from client_folder import make_client

from crm_eval_lib.client import open_client
from crm_eval_lib.errors import DataError
from crm_eval_lib.tables import TABLES
from crm_eval_lib.tables.validation import find_problems
from crm_eval_lib.text.formats import format_money, format_value, number


@pytest.mark.parametrize("amount", ["1e308", "1e-320", "1.1e15"])
def test_an_amount_no_float_can_count_with_is_refused_with_its_place(tmp_path, amount):
    make_client(tmp_path, {"budget.csv": f"line_id,category,amount\nL1,other,{amount}\n"})
    with pytest.raises(DataError) as error:
        open_client("acme", clients_dir=tmp_path).validate()
    said = str(error.value)
    assert "budget.csv, row 2, column amount" in said and "in size 0 or from 1e-09" in said


@pytest.mark.parametrize("amount", ["1e15", "0", "0.000000001"])
def test_an_amount_at_the_end_of_the_reach_is_read(tmp_path, amount):
    make_client(tmp_path, {"budget.csv": f"line_id,category,amount\nL1,other,{amount}\n"})
    budget = open_client("acme", clients_dir=tmp_path).validate().tables.budget
    assert budget["amount"].tolist() == [float(amount)]


def test_the_schema_refuses_what_the_reader_refuses(tmp_path):
    make_client(tmp_path, {"budget.csv": "line_id,category,amount\nL1,other,5\n"})
    budget = open_client("acme", clients_dir=tmp_path).tables.budget.assign(amount=-1e300)
    problem = find_problems(TABLES["budget"], budget)[0]
    assert problem.column == "amount" and problem.allowed.endswith("from 1e-09 to 1e+15")


def test_a_long_number_is_printed_in_full():
    assert format_money(1e30, "CNY") == "CNY 1" + ",000" * 10
    assert format_value(1e28, "percent0") == "1" + ",000" * 10 + "%"


def test_equal_numbers_keep_the_decimals_they_are_asked_for_with():
    asked = ((1, 0), (1.0, 2), (True, 1), (-0.04, 1), (0.04, 1), (-1234.5, 0), (-1234.5, 1))
    for lang in ("en", "zh-Hans", "en"):
        printed = [number(value, decimals, lang) for value, decimals in asked]
        assert printed == ["1", "1.00", "1.0", "0.0", "0.0", "−1,235", "−1,234.5"]


def test_more_shares_beyond_one_than_are_listed_are_counted():
    plenty = pd.DataFrame({"line_id": [f"L{i}" for i in range(150)], "percent_complete": 60.0})
    plenty = plenty.assign(period_end=pd.Timestamp("2024-01-31"))
    problems = find_problems(TABLES["progress"], plenty)
    assert len(problems) == 101 and "write 0.6 or 60%" in problems[0].remedy
    assert problems[-1].found == "the same in more rows than the 100 listed"
