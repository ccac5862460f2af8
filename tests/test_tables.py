"""The tables of the contract: what is declared, how values are written, which defects are found."""

import re

import numpy as np
import pandas as pd
import pytest

from crm_eval_lib.client import open_client
from crm_eval_lib.errors import DataError
from crm_eval_lib.tables import (
    CORE_TABLES,
    FALLBACK_TABLES,
    KINDS,
    TABLES,
    dictionary,
    find_problems,
    header_map,
    pandera_schema,
    plain,
    table,
    value_map,
)
from crm_eval_lib.tables.validation import LISTED_ROWS, NUMBER_KINDS

# The contract's own lines, in its notation: a star marks a required column.
CONTRACT = {
    "budget": "line_id* category* description amount* currency fx_rate tax tax_rate quantity unit "
    "unit_price version approved_on planned_start planned_finish",
    "actuals": "txn_id* line_id category incurred_on* amount* kind* currency fx_rate tax tax_rate "
    "quantity unit_price vendor order_ref retention ordered_on approved_on",
    "milestones": "milestone_id* name* planned_on* forecast_on actual_on weight accepted_on "
    "acceptance",
    "scope": "item_id* title* weight original delivered* decided_on supplier",
    "changes": "change_id* line_id reason* amount* days raised_on approved_on",
    "progress": "line_id* period_end* percent_complete* rule",
    "plan": "line_id* period_end* planned_cumulative*",
    "reviews": "review_id* held_on* kind plan_vs_actual_shown deviation_found decision acted_on",
    "cost_summary": "item_id* category* planned_amount* actual_amount* currency tax basis* "
    "planned_on finished_on source_document",
    "labour_estimate": "role* persons* weeks* share_of_time* hourly_cost* hours_low hours_high "
    "method",
    "problems": "problem_id* raised_on* title* department raised_by_role raised_by_side prompted "
    "process severity* importance frequency phase in_scope status* decided_by_side "
    "decision_reason solved_on closed_on accepted confirmed_on evidence owner_role solution_kind "
    "reopened duplicate_of entered_on register_version origin",
    "departments": "department* affected* headcount survey_attended_on",
    "trace": "problem_id* requirement_id test_id test_result tested_on",
    "ratings": "problem_id* rater_id* side* verdict*",
    "survey": "respondent_id* wave* item_id* score* department",
    "survey_items": "item_id* text low* high* higher_is_better*",
    "problem_check": "problem_id* checked_on* checked_by_role* method* result* evidence",
    "processes": "process* title importance difficulty repetitive annual_volume hourly_cost "
    "sla_hours in_crm touch_activities start_activity end_activities orders_total_after",
    "events": "process case_id* activity* completed_at* started_at resource role system",
    "case_samples": "sample_id* process* case_ref* wave* source* selection* population_n "
    "submitted_at* decided_at* resolution* returned_count amount not_found_reason",
    "time_study": "process* activity* observation_id* wave* observed_on* minutes* observer_role* "
    "worker",
    "estimates": "process* respondent_id* role* wave* minutes_low* minutes_likely* minutes_high* "
    "cases_per_week",
    "targets": "process* target_hours* source*",
    "controls": "control_id* risk* process kind required_mode* supported_mode configured_mode "
    "decided_on decided_by_role critical likelihood impact events_per_year_before "
    "events_per_year_after loss_low loss_high override_role owner_role log_check tolerable_rate "
    "expected_rate population_size evidence",
    "control_tests": "control_id* test_id* tested_on method* result* tester_role evidence",
    "control_off": "control_id* off_from* off_to switched_by",
    "exemptions": "control_id* exempt* granted_by_role from to",
    "decisions": "control_id* decided_at* user advice decision* reason",
    "orders": "order_id* line_no ordered_at* product* quantity* unit_price* list_price "
    "floor_price currency fx_rate customer customer_class product_group created_by creator_role "
    "approved_by approver_role approved_at shipped_at override_reason channel free_quantity "
    "rebate freight",
    "price_rules": "product* customer_class currency min_quantity floor_price* valid_from* "
    "valid_to changed_by changed_at",
    "approval_limits": "role* limit* currency valid_from",
    "complaints": "complaint_id* opened_at* customer importance severity priority "
    "first_response_at resolved_at closed_at owner reopened escalated_at response_due "
    "resolve_due channel category",
    "errors": "error_id* occurred_at* process kind human* amount",
    "exposure": "process* period_end* volume* manual_reviews",
    "access": "user_id* permission* used_at",
    "conflicts": "permission_a* permission_b* risk",
    "order_samples": "sample_id* order_id* selection* population_n unit_price* floor_price* "
    "floor_source* approval* approver_role",
    "complaint_samples": "ref* channel* heard_at* customer_class first_response_at resolved_at "
    "in_crm*",
    "control_totals": "table* process period_start period_end measure* total* source_system* "
    "obtained_by_role obtained_on",
    "benefits": "benefit_id* name* quantified amount_year low high",
    "actions": "action_id* finding owner_role due_on state response",
    "judgements": "indicator_id* score* reason* judged_by_role* judged_on*",
}
FALLBACK = {
    "cost_summary", "labour_estimate", "problem_check", "case_samples", "time_study", "estimates",
    "targets", "order_samples", "complaint_samples",
}  # fmt: skip
ALL_COLUMNS = [(item, column) for item in TABLES.values() for column in item.columns]


def normalised(name, **columns):
    """Build a normalised table: the given columns, all others empty and of their type."""
    spec, rows = TABLES[name], len(next(iter(columns.values())))
    empty = {"date": "datetime64[us]", "timestamp": "datetime64[us, UTC]"}
    frame = {}
    for column in spec.columns:
        dtype = "float64" if column.kind in NUMBER_KINDS else empty.get(column.kind, "str")
        values = columns.get(column.name, [None] * rows)
        frame[column.name] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(frame)


def orders(**columns):
    rows = len(next(iter(columns.values())))
    filled = {
        "order_id": [f"A{i}" for i in range(rows)],
        "ordered_at": [pd.Timestamp("2024-03-01", tz="UTC")] * rows,
        "product": ["P"] * rows,
        "quantity": [1.0] * rows,
        "unit_price": [9.0] * rows,
    }
    return normalised("orders", **(filled | columns))


def found(frame, name, **more):
    return [(p.row, p.column, p.found) for p in find_problems(TABLES[name], frame, **more)]


@pytest.mark.parametrize("name", CONTRACT)
def test_every_table_has_the_columns_of_the_contract_in_their_order(name):
    assert [c.name + "*" * c.required for c in TABLES[name].columns] == CONTRACT[name].split()


def test_the_tables_are_those_of_the_contract():
    assert set(TABLES) == set(CONTRACT)
    assert set(FALLBACK_TABLES) == FALLBACK
    assert set(CORE_TABLES) == set(CONTRACT) - FALLBACK


@pytest.mark.parametrize(("item", "column"), ALL_COLUMNS, ids=lambda v: v.name)
def test_every_column_is_described_in_both_languages(item, column):
    assert column.kind in KINDS
    assert column.en and re.search(r"[一-鿿]", column.zh)
    assert re.search(r"[一-鿿]", column.header_zh)
    assert bool(column.values) == (column.kind == "enum")
    assert all(column.values.values())


@pytest.mark.parametrize("item", TABLES.values(), ids=lambda t: t.name)
def test_headers_and_values_mean_one_thing_each(item):
    assert set(header_map(item).values()) == {column.name for column in item.columns}
    for column in item.columns:
        spellings = value_map(column)
        codes = set(column.values) | ({"yes", "no"} if column.kind == "yes_no" else set())
        if codes:
            assert set(spellings.values()) == codes


@pytest.mark.parametrize("item", TABLES.values(), ids=lambda t: t.name)
def test_keys_are_columns_of_their_table(item):
    assert all(item.column(name) for name in item.key)


def test_a_chinese_header_is_a_synonym_whatever_its_width():
    assert header_map(TABLES["budget"])[plain(" 金额 ")] == "amount"
    assert header_map(TABLES["budget"])[plain("ＡＭＯＵＮＴ")] == "amount"
    assert header_map(TABLES["exemptions"])[plain("From")] == "from"


def test_a_header_with_blanks_is_known():
    assert header_map(TABLES["budget"])["line id"] == "line_id"
    assert header_map(TABLES["budget"])[plain("Line-ID")] == "line_id"


def test_values_are_known_in_english_and_chinese():
    status = value_map(TABLES["problems"].column("status"))
    assert status[plain("Solved")] == status["已解决"] == "solved"
    assert value_map(TABLES["progress"].column("rule"))["50/50"] == "50/50"
    assert value_map(TABLES["scope"].column("original"))[plain("是")] == "yes"


def test_currency_words_lead_to_their_code():
    assert value_map(TABLES["orders"].column("currency"))[plain("人民币")] == "CNY"
    assert value_map(TABLES["orders"].column("currency"))["usd"] == "USD"


def test_yes_and_no_stand_for_a_count_where_a_system_knows_only_whether():
    words = value_map(TABLES["complaints"].column("reopened"))
    assert (words["yes"], words["no"], words["是"], words["否"]) == ("1", "0", "1", "0")
    assert value_map(TABLES["problems"].column("reopened")) == {}


def test_limits_stand_only_where_the_contract_sets_them():
    assert TABLES["budget"].column("amount").minimum == 0
    assert TABLES["actuals"].column("amount").minimum is None
    assert TABLES["orders"].column("quantity").above == 0
    assert TABLES["problems"].column("reopened").minimum == 0


def test_defaults_of_the_contract():
    assert TABLES["events"].column("process").default == "main"
    assert TABLES["orders"].column("line_no").default == "1"
    given = {column.name for _, column in ALL_COLUMNS if column.default is not None}
    assert given == {"process", "line_no"}


def test_an_unknown_table_is_refused_with_the_nearest():
    with pytest.raises(DataError, match="no table 'budgets': did you mean 'budget'"):
        table("budgets")


def test_a_clean_table_has_no_problems():
    frame = orders(quantity=[1.0, 2.0], currency=["CNY", None], channel=["ui", None])
    assert find_problems(TABLES["orders"], frame, "CNY") == []


def test_all_defects_of_a_table_come_out_together():
    frame = orders(
        order_id=["A", "A", "B", "C"],
        quantity=[1.0, 1.0, 0.0, np.nan],
        channel=["ui", "fax", None, None],
        currency=["CNY", "USD", "RMB", None],
    )
    assert found(frame, "orders", currency="CNY") == [
        (1, "order_id", "again order_id 'A', line_no empty"),
        (1, "currency", "'USD'"),
        (1, "channel", "'fax'"),
        (2, "quantity", "0"),
        (2, "currency", "'RMB'"),
        (3, "quantity", "empty"),
    ]


def test_a_problem_says_what_is_allowed_and_what_to_do():
    (problem,) = find_problems(TABLES["orders"], orders(channel=["fax"]))
    assert problem.allowed == "ui (界面录入), import (导入), api (接口)"
    assert problem.remedy == "Correct the value."
    assert problem.blocking


def test_a_foreign_currency_with_its_rate_is_fine():
    assert found(orders(currency=["USD"], fx_rate=[7.1]), "orders", currency="CNY") == []


@pytest.mark.parametrize("value", [-0.1, 1.1])
def test_a_share_lies_between_zero_and_one(value):
    frame = normalised(
        "progress", line_id=["A"], period_end=[pd.Timestamp("2024-01-31")], percent_complete=[value]
    )
    assert found(frame, "progress") == [(0, "percent_complete", f"{value:g}")]


@pytest.mark.parametrize(("value", "good"), [(1, True), (5, True), (0, False), (6, False)])
def test_a_scale_runs_from_one_to_five(value, good):
    frame = normalised(
        "problems", problem_id=["A"], raised_on=[pd.Timestamp("2024-01-31")], title=["x"],
        status=["open"], severity=[float(value)],
    )  # fmt: skip
    assert (found(frame, "problems") == []) is good


def test_a_count_is_whole():
    frame = normalised("departments", department=["A"], affected=["yes"], headcount=[2.5])
    assert found(frame, "departments") == [(0, "headcount", "2.5")]


def test_an_empty_version_is_the_original_one():
    frame = normalised(
        "budget", line_id=["A", "A", "A"], category=["other"] * 3, amount=[1.0] * 3,
        version=[np.nan, 0.0, 1.0],
    )  # fmt: skip
    assert found(frame, "budget") == [(1, "line_id", "again line_id 'A', version 0")]


def test_events_may_repeat():
    moment = pd.Timestamp("2024-01-31 08:00", tz="UTC")
    frame = normalised(
        "events", process=["main"] * 2, case_id=["1"] * 2, activity=["a"] * 2,
        completed_at=[moment] * 2,
    )  # fmt: skip
    assert found(frame, "events") == []


def test_a_sample_that_was_not_found_needs_no_dates():
    moment = pd.Timestamp("2024-01-31 08:00", tz="UTC")
    frame = normalised(
        "case_samples", sample_id=["1", "2"], process=["p"] * 2, case_ref=["r", "s"],
        wave=["before"] * 2, source=["paper", None], selection=["random"] * 2,
        submitted_at=[None, None], decided_at=[moment, None], resolution=["day", None],
        not_found_reason=[None, "lost"],
    )  # fmt: skip
    assert found(frame, "case_samples") == [(0, "submitted_at", "empty")]


def test_a_column_of_the_wrong_type_is_one_problem():
    frame = orders(quantity=[1.0]).assign(ordered_at=["2024-01-01"])
    assert found(frame, "orders") == [(None, "ordered_at", "str values")]


def test_a_missing_required_column_is_named():
    frame = orders(quantity=[1.0]).drop(columns="product")
    assert found(frame, "orders") == [(None, "product", "no such column")]


def test_a_table_with_headers_only_is_in_order():
    assert find_problems(TABLES["orders"], orders(quantity=[1.0]).iloc[:0]) == []


def test_many_equal_defects_are_counted_not_listed():
    problems = find_problems(TABLES["orders"], orders(quantity=[0.0] * (LISTED_ROWS + 5)))
    assert len(problems) == LISTED_ROWS + 1
    assert problems[-1].row is None and "more rows" in problems[-1].found


def test_validation_leaves_the_table_as_it_was():
    frame = orders(quantity=[0.0, 1.0])
    before = frame.copy(deep=True)
    find_problems(TABLES["orders"], frame)
    pd.testing.assert_frame_equal(frame, before)


def test_schemas_keep_further_columns():
    frame = orders(quantity=[1.0]).assign(region="North")
    checked = pandera_schema(TABLES["orders"]).validate(frame, lazy=True)
    assert "region" in checked


def test_the_committed_dictionary_is_up_to_date():
    page = dictionary.PATH.read_text(encoding="utf-8")
    assert page == dictionary.build(), "run python -m crm_eval_lib.tables.dictionary"


def test_a_stale_dictionary_is_reported(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(dictionary, "PATH", tmp_path / "data_dictionary.md")
    assert dictionary.main(["--check"]) == 1
    assert "stale" in capsys.readouterr().out
    assert dictionary.main([]) == 0
    assert dictionary.main(["--check"]) == 0


def test_the_dictionary_names_every_column_in_both_languages():
    page = dictionary.build()
    for _, column in ALL_COLUMNS:
        assert f"| `{column.name}`" in page
        assert column.zh in page and column.en in page


def test_what_the_readers_deliver_satisfies_the_schemas():
    client = open_client("demo-troubled")
    for name in client.tables:
        frame = client.tables[name]
        assert find_problems(TABLES[name], frame, client.currency) == [], name
