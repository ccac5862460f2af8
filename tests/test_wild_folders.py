"""Cost and problems on folders nobody would make by hand: numbers that are numbers, or reasons."""

import json
import math

import pytest
from client_folder import make_client
from wild_folders import broken_client, wild_client

from crm_eval_lib import cost, data_check, open_client, problems
from crm_eval_lib.errors import DataError
from crm_eval_lib.text import say
from crm_eval_lib.text.formats import format_money

SEEDS = range(10)
DATES = ("", "2024-06-30")  # in turns: a wild folder is wild on any day
SHARES = ("problems.solved_rate", "problems.claimed_rate", "problems.raised_rate",
          "problems.traced_share", "problems.confirmed_share", "problems.engagement",
          "problems.attendance", "problems.late_found_share", "cost.scope_delivered",
          "cost.accepted_share", "cost.review_coverage", "cost.baseline_complete")  # fmt: skip


@pytest.fixture(scope="module", params=[(s, DATES[s % 2]) for s in SEEDS], ids=str)
def results(request, tmp_path_factory):
    """What the data check and both factors say to one wild folder."""
    seed, day = request.param
    folder = tmp_path_factory.mktemp("clients")
    wild_client(folder, seed)
    client = open_client(f"wild-{seed}", clients_dir=folder, status_date=day).validate()
    return [factor.assess(client) for factor in (data_check, cost, problems)]


def values(clients, files):
    """Return the value of each indicator of both factors, None where there is none."""
    make_client(clients, files)
    client = open_client("acme", clients_dir=clients).validate()
    found = [*cost.assess(client).indicators, *problems.assess(client).indicators]
    return {item.id: item.value for item in found}


def test_every_number_is_finite_and_inside_its_own_interval(results):
    for item in (item for result in results for item in result.indicators):
        given = [x for x in (item.value, item.low, item.high) if isinstance(x, int | float)]
        assert all(math.isfinite(x) for x in given), item
        if item.value is not None and item.low is not None:
            assert item.low - 1e-9 <= item.value <= item.high + 1e-9, item


def test_a_value_stands_where_it_is_measured_and_a_reason_where_not(results):
    for item in (item for result in results for item in result.indicators):
        assert item.value is None or item.state == "measured", item
        assert item.value is not None or item.reason is not None or item.unit == "date", item


def test_shares_are_shares(results):
    found = [item for result in results for item in result.indicators if item.base_id in SHARES]
    assert all(item.value is None or 0 <= item.value <= 1 for item in found)


def test_everything_can_be_said_in_both_languages_and_written_down(results):
    for result in results:
        json.dumps(result.to_dict(), allow_nan=False)
        messages = [caveat.message for caveat in result.caveats]
        messages += [item.reason for item in result.indicators if item.reason is not None]
        assert all(say(message, lang) for message in messages for lang in ("en", "zh-Hans"))


BUDGET = "line_id,category,amount,tax\nA,other,100,excluded\n"
ACTUALS = "txn_id,line_id,incurred_on,kind,amount,tax\nT1,A,2024-03-01,invoice,90,{tax}\n"
PROBLEMS = "problem_id,raised_on,title,severity,status\nP1,2024-03-01,x,3,solved\n"


@pytest.mark.parametrize(
    ("files", "without"),
    [
        ({"budget.csv": BUDGET}, "cost.deviation_original"),
        ({"actuals.csv": ACTUALS.format(tax="excluded")}, "cost.unbudgeted_share"),
        ({"budget.csv": BUDGET, "actuals.csv": ACTUALS.format(tax="included")},
         "cost.deviation_original"),
        ({"budget.csv": BUDGET, "actuals.csv": ACTUALS.format(tax="included")},
         "cost.bridge[other]"),
        ({"budget.csv": BUDGET.replace("100", "0"), "actuals.csv": ACTUALS.format(tax="excluded")},
         "cost.deviation_original"),
        ({"scope.csv": "item_id,title,delivered,weight\nS,x,1,0\n"}, "cost.scope_delivered"),
        ({"problems.csv": PROBLEMS}, "problems.solved_rate"),
        ({"problems.csv": PROBLEMS}, "problems.weighted_solved_rate"),
        ({"problems.csv": PROBLEMS}, "problems.confirmed_share"),
        ({"problems.csv": PROBLEMS}, "problems.median_days"),
        ({"problems.csv": PROBLEMS.replace("solved", "withdrawn")}, "problems.claimed_rate"),
        ({"trace.csv": "problem_id\nP1\n", "problems.csv": PROBLEMS}, "problems.traced_share"),
    ],
)  # fmt: skip
def test_no_number_stands_where_nothing_can_be_said(tmp_path, files, without):
    assert values(tmp_path, files)[without] is None


@pytest.mark.parametrize("seed", SEEDS[:8])
def test_a_broken_folder_is_refused_by_places_and_never_by_a_traceback(tmp_path, seed):
    broken_client(tmp_path, seed)
    with pytest.raises(DataError) as error:
        open_client(f"broken-{seed}", clients_dir=tmp_path).validate()
    said = str(error.value).splitlines()
    assert "problems in the tables" in said[0]
    assert all(".csv" in line for line in said[1:])


def test_an_amount_of_any_size_can_be_printed():
    assert format_money(1e30, "CNY") == "CNY 1" + 10 * ",000"
    assert len(format_money(-1e308, "CNY")) == len("CNY −") + 309 + 102  # digits and commas
