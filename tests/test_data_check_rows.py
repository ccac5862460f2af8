"""The data check: rows that contradict themselves are named, each in both languages."""

import tomllib
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from client_folder import make_client
from problem_rows import DATES

from crm_eval_lib import data_check, open_client
from crm_eval_lib.data_check.consistent import ROW_RULES
from crm_eval_lib.data_check.row_rules import BIAS_SHARE_LIMIT, falls
from crm_eval_lib.errors import DataError
from crm_eval_lib.tables import TABLES
from crm_eval_lib.text import catalogue, say

CASES = tomllib.loads((Path(__file__).parent / "bad_rows.toml").read_text(encoding="utf-8"))


def checked(clients, files):
    """Read a folder with these files and look for contradictions."""
    make_client(clients, {f"{name}.csv": text for name, text in files.items()})
    client = open_client("acme", clients_dir=clients).validate()
    return data_check.consistency(client.tables, dates=client.dates, currency=client.currency)


def refused(clients, name, text):
    """Return what the reader says to a table it cannot take."""
    make_client(clients, {f"{name}.csv": text})
    with pytest.raises(DataError) as error:
        open_client("acme", clients_dir=clients).validate()
    return str(error.value)


@pytest.mark.parametrize("name", CASES)
def test_a_contradiction_is_named_with_place_and_consequence(name, tmp_path):
    said = checked(tmp_path, CASES[name]["files"]).caveats
    assert CASES[name]["en"] in [say(caveat.message, "en") for caveat in said]
    assert CASES[name]["zh"] in [say(caveat.message, "zh-Hans") for caveat in said]


def test_every_rule_has_a_case_and_names_columns_of_the_contract():
    assert {rule.name for rule in ROW_RULES} == set(CASES)
    places = [(rule.table, column) for rule in ROW_RULES for column in rule.columns]
    places += [(rule.table, rule.weight) for rule in ROW_RULES if rule.weight]
    assert [(t, c) for t, c in places if TABLES[t].column(c) is None] == []


def test_the_rows_behind_a_contradiction_carry_key_column_and_value(tmp_path):
    step = checked(tmp_path, CASES["progress_falls"]["files"])
    [row] = step.tables["rows"].to_dict("records")
    assert row == {"table_name": "progress", "key": "A", "column_name": "percent_complete",
                   "found_value": "0.45", "check_name": "progress_falls"}  # fmt: skip
    assert step["data_check.contradictions"].value == 1


def test_many_rows_are_counted_with_three_examples():
    rows = pd.DataFrame({"problem_id": [f"P{n}" for n in range(5000)], "status": "open",
                         "accepted": "yes"})  # fmt: skip
    step = data_check.consistency({"problems": rows}, dates=DATES)
    [caveat] = step.caveats
    assert (caveat.message.slots["n"], len(caveat.message.slots["examples"])) == (5000, 3)
    assert len(step.tables["rows"]) == 1000


@pytest.mark.parametrize(("credit", "biased"), [(5.2, False), (5.3, True)])
def test_money_biases_by_its_share_and_not_by_its_rows(credit, biased):
    # Limit 5 %: 5.2/105.2 = 4.94 %, 5.3/105.3 = 5.03 %.
    assert BIAS_SHARE_LIMIT == 0.05
    rows = pd.DataFrame({"txn_id": ["1", "2"], "kind": ["invoice", "credit"],
                         "amount": [100.0, credit]})  # fmt: skip
    [caveat] = data_check.consistency({"actuals": rows}, dates=DATES).caveats
    assert caveat.bias == biased
    assert "cost.deviation_original" in caveat.indicators


def test_of_several_versions_only_the_newest_row_of_a_problem_is_asked():
    rows = pd.DataFrame({"problem_id": ["P1", "P1"], "register_version": ["1", "2"],
                         "status": ["open", "solved"], "accepted": ["yes", "yes"]})  # fmt: skip
    assert data_check.consistency({"problems": rows}, dates=DATES).caveats == ()


def test_a_fall_is_measured_against_the_highest_earlier_value():
    rows = pd.DataFrame({"line": list("AAAB"), "month": [1, 2, 3, 1], "done": [0.5, 0.2, 0.4, 0]})
    assert falls(rows, "done", by="line", over="month").tolist() == [False, True, True, False]


def test_nothing_is_found_where_nothing_was_handed_in():
    step = data_check.consistency({}, dates=SimpleNamespace(go_live=None))
    assert (step.caveats, step["data_check.contradictions"].value) == ((), 0)


@pytest.mark.parametrize(
    ("value", "remedy"),
    [("60", "If 60 per cent is meant, write 0.6 or 60%."), ("-0.1", "Correct the value."),
     ("250", "Correct the value.")],
)  # fmt: skip
def test_a_share_outside_nought_to_one_stops_with_its_remedy(tmp_path, value, remedy):
    text = f"line_id,period_end,percent_complete\nA,2024-01-31,{value}\n"
    said = refused(tmp_path, "progress", text)
    assert f"progress.csv, row 2, column percent_complete – found {value}" in said
    assert f"allowed: a share such as 0.125 or 12.5%, from 0 to 1 – {remedy}" in said


def test_per_cent_signs_are_read_as_shares(tmp_path):
    text = "line_id,period_end,percent_complete\nA,2024-01-31,60%\n"
    make_client(tmp_path, {"progress.csv": text})
    frame = open_client("acme", clients_dir=tmp_path).tables.progress
    assert frame["percent_complete"].tolist() == [0.6]


@pytest.mark.parametrize(
    ("table", "text", "said"),
    [
        ("budget", "line_id,category,amount,version\nA,other,5,\nA,other,6,0\n",
         "budget.csv, row 3, column line_id, version – found 'A' / '0' again (first in row 2)"),
        ("survey", "respondent_id,wave,item_id,score\nU1,before,Q1,2\nU1,before,Q1,3\n",
         "survey.csv, row 3, column respondent_id, wave, item_id – found 'U1' / 'before' / 'Q1'"),
        ("scope", "item_id,title,delivered\nS1,x,1.2\n",
         "scope.csv, row 2, column delivered – found 1.2"),
        ("labour_estimate", "role,persons,weeks,share_of_time,hourly_cost\nclerk,1,2,80,30\n",
         "column share_of_time – found 80 – allowed: a share such as 0.125 or 12.5%, from 0 to 1"),
        ("cost_summary", "item_id,category,planned_amount,actual_amount,basis\nI,other,5,,ledger\n",
         "column actual_amount – found an empty cell – allowed: a number such as 1234.56"),
        ("actuals", "txn_id,incurred_on,amount,kind,currency\nT1,2024-03-01,5,invoice,USD\n",
         "actuals.csv, row 2, column fx_rate – found USD without a rate – allowed: CNY, or"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_stops_with_its_place(tmp_path, table, text, said):
    assert said in refused(tmp_path, table, text)


def test_problems_of_all_tables_are_reported_together(tmp_path):
    files = {"progress.csv": "line_id,period_end,percent_complete\nA,2024-01-31,60\n",
             "scope.csv": "item_id,title,delivered\nS1,x,1.2\n"}  # fmt: skip
    make_client(tmp_path, files)
    with pytest.raises(DataError) as error:
        open_client("acme", clients_dir=tmp_path).validate()
    assert "progress.csv, row 2" in str(error.value) and "scope.csv, row 2" in str(error.value)


def test_every_consequence_is_said_in_both_languages():
    keys = {f"data_check.{part}.{name}" for part in ("conflict", "outcome") for name in CASES}
    assert keys <= set(catalogue("en")) and keys <= set(catalogue("zh-Hans"))


def odd(name, **tables):
    step = data_check.consistency(tables, dates=DATES, currency="CNY")
    rows = step.tables.get("rows")
    return [] if rows is None else rows.loc[rows["check_name"] == name, "key"].tolist()


def spent(*rows):
    names = ["txn_id", "incurred_on", "kind", "amount", "order_ref"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(line_id="A", incurred_on=pd.to_datetime(frame["incurred_on"]))


def test_an_accrual_reversed_or_made_after_the_invoice_is_no_double():
    twice = [("1", "2024-02-29", "accrual", 100.0, "P"), ("2", "2024-03-05", "invoice", 100.0, "P")]
    assert odd("accrued_and_invoiced", actuals=spent(*twice)) == ["1"]
    for kind in ("accrual", "credit"):
        reversal = ("3", "2024-03-05", kind, -100.0, "P")
        assert odd("accrued_and_invoiced", actuals=spent(*twice, reversal)) == []
    later = ("1", "2024-03-31", "accrual", 100.0, "P")
    assert odd("accrued_and_invoiced", actuals=spent(later, twice[1])) == []


def test_a_repeated_invoice_is_noticed_without_a_vendor():
    rows = spent(*[(str(n), "2024-02-29", "invoice", 50.0, None) for n in (1, 2)])
    assert odd("same_invoice", actuals=rows) == ["2"]
    assert odd("same_invoice", actuals=rows.assign(vendor=None)) == ["2"]
    assert odd("same_invoice", actuals=rows.assign(vendor=["V", "W"])) == []


def test_a_rate_turned_round_between_budget_and_actuals_is_named():
    budget = pd.DataFrame({"line_id": ["A", "B"], "amount": 100.0, "currency": "USD",
                           "fx_rate": 7.1})  # fmt: skip
    actuals = spent(("1", "2024-02-29", "invoice", 100.0, None))
    actuals = actuals.assign(currency="USD", fx_rate=0.14)
    assert odd("rates_apart", budget=budget, actuals=actuals) == ["1"]
    assert odd("rates_apart", budget=budget, actuals=actuals.assign(fx_rate=6.3)) == []


def test_a_quantity_of_zero_and_an_unknown_currency_are_refused_with_their_rows(tmp_path):
    head = "order_id,ordered_at,product,quantity,unit_price,currency\n"
    rows = "S1,2025-01-15 10:00,P,0,5,CNY\nS2,2025-01-15 10:00,P,1,5,XYZ\n"
    said = refused(tmp_path, "orders", head + rows)
    assert "orders.csv, row 2, column quantity – found 0" in said and "above 0" in said
    assert "orders.csv, row 3, column currency – found 'XYZ'" in said


def test_whoever_approved_is_never_shown(tmp_path):
    case = CASES["approver_unlisted"]["files"]
    step = checked(tmp_path, case)
    shown = "".join(table.to_csv() for table in (step.table, *step.tables.values()))
    assert "S1" in shown and "M9" not in shown
