"""Tables against control totals: tied, held down, not assessed, or compared with nothing."""

import json
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest
from notebook_cells import published

from crm_eval_lib import data_check, open_client
from crm_eval_lib.evidence import table_evidence
from crm_eval_lib.text import say

STATUS = pd.Timestamp("2025-08-31")
DATES = SimpleNamespace(status_date=STATUS)


def total(table="orders", stated=100.0, **more):
    row = {"table": table, "process": None, "period_start": pd.NaT, "period_end": pd.NaT,
           "measure": "rows", "total": stated, "source_system": "ERP",
           "obtained_on": STATUS}  # fmt: skip
    return {**row, **more}


def orders(n):
    return pd.DataFrame(
        {"ordered_at": pd.date_range("2025-01-01", periods=n), "order_id": range(n)}
    )


def tied(*totals, n=100, capped=True, **tables):
    tables = {"orders": orders(n), **tables, "control_totals": pd.DataFrame(list(totals))}
    return data_check.ties(tables, dates=DATES, capped=capped)


@pytest.mark.parametrize(
    ("stated", "share", "said", "zh"),
    [(102.0, -2 / 102, "agrees within 2%; the table can be grade A", "该表可评为A级"),
     (105.0, -5 / 105, "differs by more than 2%; what rests on the table is grade C at most (V7)",
      "最高只能评为C级"),
     (90.0, 10 / 90, "differs by more than 10%; Controls is not assessed (V7)", "不予评估")],
)  # fmt: skip
def test_the_consequence_of_a_difference_is_told_in_both_languages(stated, share, said, zh):
    row = tied(total(stated=stated)).table.iloc[0]
    assert row["difference_share"] == pytest.approx(share)
    assert say(row["follows"], "en") == said
    assert zh in say(row["follows"], "zh-Hans")


def test_a_rule_switched_off_costs_the_a_only():
    row = tied(total(stated=150.0), capped=False).table.iloc[0]
    assert row["follows"].key == "data_check.tie.off"


@pytest.mark.parametrize(
    ("row", "code"),
    [(total(table="order"), "absent"), (total(table="complaints"), "absent"),
     (total(process="sales"), "no_process"), (total(measure="amount"), "no_amount"),
     (total(obtained_on=pd.Timestamp("2025-09-01")), "late"),
     (total(period_end=pd.Timestamp("2025-12-31")), "late")],
)  # fmt: skip
def test_a_total_that_can_be_compared_with_nothing_stays_in_the_table_with_its_reason(row, code):
    step = tied(row)
    assert step.table["follows"].iloc[0].key == f"data_check.tie.{code}"
    assert step["data_check.untied_tables"].value == 0


def test_a_total_of_one_month_does_not_tie_the_other_months():
    january = total(stated=31.0, period_start=pd.Timestamp("2025-01-01"),
                    period_end=pd.Timestamp("2025-01-31"))  # fmt: skip
    step = tied(january)
    assert step.table["difference_share"].iloc[0] == 0.0
    assert step.table["follows"].iloc[0].key == "data_check.tie.agrees"
    rest = total(stated=69.0, period_start=pd.Timestamp("2025-02-01"), period_end=STATUS)
    assert set(tied(january, rest).table["follows"].map(lambda m: m.key)) == {"data_check.tie.tied"}


def test_without_a_total_no_table_is_graded_a_and_those_that_could_be_are_listed():
    tables = {"orders": orders(3), "estimates": pd.DataFrame({"process": ["a"]})}
    step = data_check.ties(tables, dates=DATES)
    assert step.sentence.key == "data_check.sentence.ties_none"
    assert step.tables["untied"]["table_name"].tolist() == ["orders"]
    assert set(table_evidence(tables)["grade"]) == {"B", "D"}


def test_the_sentence_names_the_tables_that_differ():
    step = tied(total(stated=200.0), total("complaints", 2.0),
                complaints=pd.DataFrame({"complaint_id": ["1", "2"]}))  # fmt: skip
    assert "1 table differs from the totals of another system: orders" in say(step.sentence, "en")
    assert "1张表与其他系统的总数不符：orders" in say(step.sentence, "zh-Hans")


def test_a_total_of_zero_against_rows_differs_without_a_percentage():
    row = tied(total(stated=0.0)).table.iloc[0]
    assert pd.isna(row["difference_share"])
    assert row["follows"].key == "data_check.tie.refused"


def test_the_notebook_runs_the_same_steps_as_the_library(project, tmp_path):
    notebook = nbformat.read(project / "notebooks" / "00_data_check.ipynb", as_version=4)
    found = published(notebook, tmp_path, "data_check")
    again = data_check.assess(open_client("demo-trading")).to_dict()
    assert found == json.loads(json.dumps(again))
