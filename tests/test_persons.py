"""The restricted annex: planted persons are found, nobody else is, and nothing leaves it."""

import stat
import sys
import zipfile
from types import SimpleNamespace

import pandas as pd
import pytest
from control_rows import DATES, frame, lines, orders
from python_calamine import CalamineWorkbook

from crm_eval_lib.client import open_client
from crm_eval_lib.persons import (
    Sheet,
    annex,
    bunching,
    concentration,
    floor_edits,
    split_orders,
    write_annex,
)
from crm_eval_lib.persons.annex import with_persons
from crm_eval_lib.results import Message

LATE = {"approved_at": "2025-01-20 11:00", "shipped_at": "2025-01-16 09:00"}
LIMITS = pd.DataFrame({"role": ["sales"], "limit": [1000.0]})


def named(*rows, limits=None, rules=None, **common):
    table = orders(*rows, **common)
    return with_persons(lines(table, limits=limits, rules=rules), table, dates=DATES,
                        currency="CNY")  # fmt: skip


def low(person, times, **row):
    return [{"created_by": person, "unit_price": 80.0, **row}] * times


def fine(person, times):
    return [{"created_by": person, "approved_at": "2025-01-15 11:00"}] * times


def test_a_person_with_ten_times_the_rate_of_all_stands_out_and_nobody_else():
    rows = low("E1", 10) + [r for n in range(2, 11) for r in fine(f"E{n}", 10)]
    table = concentration(named(*rows))
    assert table.loc[table["stands_out"], "created_by"].tolist() == ["E1"]
    # expected 10 lines x 10/100; P(Poisson(1) >= 10) = 1.114e-7 (tables of the Poisson)
    assert table["expected"][0] == pytest.approx(1.0)
    assert table["p_unadjusted"][0] == pytest.approx(1.114e-7, rel=1e-3)
    assert table["p"][0] == pytest.approx(10 * 1.114e-7, rel=1e-3)  # one of ten persons


def test_a_late_approval_counts_as_none_and_a_valid_one_does_not():
    valid = {"approved_at": "2025-01-15 11:00", "shipped_at": "2025-01-16 09:00"}
    table = concentration(named(*low("E1", 1, **LATE), *low("E2", 1, **valid)))
    found = table.set_index("created_by")["not_approved"]
    assert found.to_dict() == {"E1": 1, "E2": 0}


def test_many_lines_of_one_order_do_not_make_a_person_stand_out():
    rows = [{"order_id": "BIG", **row} for row in low("E1", 10)]
    table = concentration(named(*rows, *fine("E1", 10), *fine("E2", 40), *fine("E3", 40)))
    assert table["p"][0] < 0.05 < table["order_p"][0]
    assert not table["stands_out"].any()


def test_without_lines_below_the_floor_nobody_stands_out_and_nothing_is_divided():
    table = concentration(named(*fine("E1", 3), *fine("E2", 3)))
    assert table["p"].tolist() == [1.0, 1.0] and table["observed_to_expected"].isna().all()


def test_orders_after_the_status_date_are_not_seen_and_move_no_name():
    future = {"created_by": "E9", "unit_price": 80.0, "ordered_at": "2026-01-15 10:00"}
    table = concentration(named(future, *low("E1", 1), *fine("E2", 1)))
    assert table.set_index("created_by")["not_approved"].to_dict() == {"E1": 1, "E2": 0}


def test_prices_within_two_percent_of_the_floor_are_told_by_side():
    prices = [90.0, 91.8, 91.81, 89.99, 88.2, 88.19]  # floor 90: from 88.20 to 91.80
    rows = [{"created_by": "E1", "unit_price": price} for price in prices]
    table = bunching(named(*rows))
    assert table[["just_above", "just_below"]].to_numpy().tolist() == [[2, 2], [2, 2]]


def test_crowding_above_the_floor_has_the_exact_binomial_probability():
    rows = [{"created_by": "E1", "unit_price": 91.0}] * 9
    table = bunching(named(*rows, {"created_by": "E1", "unit_price": 89.0}))
    assert table["p_unadjusted"].tolist() == pytest.approx([11 / 1024] * 2)  # (1 + 10)/2^10
    assert table["created_by"].isna().tolist() == [True, False]


SPLIT = {"created_by": "E1", "customer": "K", "creator_role": "sales", "quantity": 6.0}


def test_two_orders_under_the_limit_and_above_it_together_are_one_split():
    table = split_orders(
        named({**SPLIT}, {**SPLIT, "ordered_at": "2025-01-18 09:00"}), LIMITS, currency="CNY"
    )
    (row,) = table.to_dict("records")
    assert (row["order_ids"], row["orders"], row["total"]) == ("S1, S2", 2, 1200.0)
    assert (row["limit"], row["limit_of"], row["below_floor_orders"]) == (1000.0, "creator", 0)


@pytest.mark.parametrize(
    "other",
    [{"ordered_at": "2025-01-19 09:00"}, {"customer": "L"}, {"created_by": "E2"},
     {"quantity": 4.0}, {"quantity": 11.0}, {"creator_role": "director"}, {"order_id": "S1"}],
)  # fmt: skip
def test_what_is_no_split(other):
    found = split_orders(named({**SPLIT}, {**SPLIT, **other}), LIMITS, currency="CNY")
    assert found.empty


def test_no_set_of_split_orders_is_part_of_another():
    days = [f"2025-01-{day} 09:00" for day in (10, 11, 12, 14)]
    rows = [{**SPLIT, "ordered_at": day} for day in days]
    table = split_orders(named(*rows), LIMITS, currency="CNY")
    assert set(table["order_ids"]) == {"S1, S2, S3", "S2, S3, S4"}


def test_a_limit_in_another_currency_is_compared_at_the_rate_of_the_order():
    dollars = LIMITS.assign(currency="USD")
    row = {**SPLIT, "currency": "USD", "fx_rate": 7.0}
    table = split_orders(named(row, row), dollars, currency="CNY")
    assert table[["limit", "total"]].to_numpy().tolist() == [[7000.0, 8400.0]]


RULE = {"product": "P", "floor_price": 95.0, "valid_from": "2024-01-01", "valid_to": None}
CUT = {**RULE, "floor_price": 85.0, "valid_from": "2025-01-13", "valid_to": "2025-01-16"}
BOUGHT = {"created_by": "E1", "floor_price": None, "unit_price": 86.0}


def edits(*rules, dates=DATES, **row):
    return floor_edits(named({**BOUGHT, **row}, rules=frame(rules)), frame(rules), dates=dates,
                       currency="CNY")  # fmt: skip


def test_a_floor_lowered_two_days_before_and_restored_after_is_found():
    (row,) = edits(RULE, CUT).to_dict("records")
    assert (row["floor_before"], row["floor"], row["order_id"]) == (95.0, 85.0, "S1")
    assert (str(row["lowered_on"].date()), str(row["restored_on"].date())) == (
        "2025-01-13", "2025-01-17")  # fmt: skip


@pytest.mark.parametrize(
    "rules",
    [[RULE], [RULE, {**CUT, "valid_from": "2025-01-11"}], [RULE, {**CUT, "valid_to": None}],
     [RULE, {**CUT, "valid_to": "2025-02-14"}], [RULE, {**CUT, "product": "Q"}],
     [RULE, {**CUT, "floor_price": 99.0}]],
)  # fmt: skip
def test_what_is_no_edit_for_an_order(rules):
    assert edits(*rules).empty


def test_an_order_that_kept_the_earlier_floor_did_not_need_the_cut():
    assert edits(RULE, CUT, unit_price=95.0).empty


def test_a_cut_three_days_before_still_counts():
    assert len(edits(RULE, {**CUT, "valid_from": "2025-01-12"})) == 1


def test_a_floor_restored_after_the_status_date_is_not_seen():
    early = SimpleNamespace(**{**vars(DATES), "status_date": pd.Timestamp("2025-01-16")})
    assert edits(RULE, CUT, dates=early).empty


# ---- the workbook ------------------------------------------------------------------------------
def restricted(tmp_path, sheets, lang="en"):
    privacy = SimpleNamespace(basis="works agreement 12", approver="audit committee")
    client = SimpleNamespace(
        name="Acme", language=lang, dates=DATES, config=SimpleNamespace(privacy=privacy)
    )
    return write_annex(tmp_path, sheets, client=client, made_at="2025-09-01T00:00:00+00:00")


@pytest.mark.parametrize(("lang", "first"), [("en", "Read first"), ("zh-Hans", "使用须知")])
def test_the_first_page_names_basis_and_approver_in_the_clients_language(tmp_path, lang, first):
    table = concentration(named(*low("E1", 1)))
    path = restricted(tmp_path, [Sheet("concentration", table)], lang)
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names[0] == first
    said = "\n".join(str(row[0]) for row in book.get_sheet_by_index(0).to_python())
    assert "works agreement 12" in said and "audit committee" in said
    assert "2025-08-31" in said


def test_a_sheet_that_cannot_be_made_says_why_and_is_left_out(tmp_path):
    missing = Message("core.reason.missing_table", {"tables": ["approval_limits"]})
    path = restricted(tmp_path, [Sheet("split_orders", pd.DataFrame(), missing)])
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names == ["Read first"]
    assert any("approval_limits" in str(row[0]) for row in book.get_sheet_by_index(0).to_python())


def test_a_sheet_too_long_to_be_heard_is_cut_and_says_so(tmp_path):
    path = restricted(tmp_path, [Sheet("floor_edits", pd.DataFrame({"line_no": range(10_001)}))])
    book = CalamineWorkbook.from_path(str(path))
    assert len(book.get_sheet_by_index(1).to_python()) == 1 + 10_000
    said = [row[0] for row in book.get_sheet_by_index(0).to_python()]
    assert "Rows: 10,001, of which the sheet shows the first 10,000." in said


def test_text_from_outside_is_never_a_formula(tmp_path):
    table = concentration(named(*low('=HYPERLINK("http://x")', 1)))
    path = restricted(tmp_path, [Sheet("concentration", table)])
    with zipfile.ZipFile(path) as archive:
        sheet, texts = (archive.read(f"xl/{name}.xml").decode()
                        for name in ("worksheets/sheet2", "sharedStrings"))  # fmt: skip
    assert "<f>" not in sheet and "=HYPERLINK" in texts


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_only_its_owner_may_read_the_workbook(tmp_path):
    path = restricted(tmp_path, [])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("client", ["demo-trading", "demo-services", "demo-troubled"])
def test_all_four_sheets_are_made_for_a_client_with_orders(demo_clients, client):
    sheets = annex(open_client(client, clients_dir=demo_clients))
    assert [sheet.name for sheet in sheets] == [
        "concentration", "bunching", "split_orders", "floor_edits"]  # fmt: skip
    assert all(sheet.reason is None for sheet in sheets)


def test_a_client_without_orders_is_told_why_there_is_nothing(demo_clients):
    sheets = annex(open_client("demo-small", clients_dir=demo_clients))
    assert all(sheet.reason is not None and sheet.rows.empty for sheet in sheets)
