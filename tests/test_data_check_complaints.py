"""A complaint register with dates in the wrong order: named with place, row and consequence."""

import pytest
from client_folder import make_client

from crm_eval_lib import controls, data_check, open_client
from crm_eval_lib.errors import DataError
from crm_eval_lib.text import say

HEAD = ("complaint_id,opened_at,first_response_at,resolved_at,closed_at,response_due,priority,"
        "importance")  # fmt: skip
SOUND = "K9,2025-01-15 10:00,2025-01-15 14:00,2025-01-16 10:00,,2025-01-16 10:00,1,3"


def opened(clients, *rows):
    make_client(clients, {"complaints.csv": "\n".join([HEAD, *rows, SOUND, ""])})
    return open_client("acme", clients_dir=clients).validate()


def said(clients, lang, *rows):
    client = opened(clients, *rows)
    step = data_check.plausibility(client.tables, dates=client.dates, timezone=client.timezone)
    return " ".join(say(caveat.message, lang) for caveat in step.caveats)


WRONG = {
    "answered before it was opened": (
        "K1,2025-01-15 10:00,2025-01-14 09:00,2025-01-16 10:00,2025-01-17 10:00,,1,3",
        "Table complaints has first_response_at before opened_at in 1 of 2 rows (for example K1: "
        "2025-01-14); one of the two dates is wrong, and the complaint counts as served, but its "
        "wait is left out of the median times and of the order of service.",
        "其 first_response_at 早于 opened_at（如 K1: 2025-01-14）；两个日期中必有一个有误，"
        "该投诉仍按已处理统计，但其等待时间不计入时长中位数，也不参与处理先后的比较。",
    ),
    "resolved before it was answered": (
        "K1,2025-01-15 10:00,2025-01-17 09:00,2025-01-16 10:00,2025-01-17 10:00,,1,3",
        "Table complaints has resolved_at before first_response_at in 1 of 2 rows (for example K1: "
        "2025-01-16); one of the two dates is wrong, and each of the two waits is measured from "
        "the opening as given.",
        "其 resolved_at 早于 first_response_at（如 K1: 2025-01-16）；两个日期中必有一个有误，"
        "两段等待时间均照所填内容自提出时起算。",
    ),
    "due before it was opened": (
        "K1,2025-01-15 10:00,2025-01-15 11:00,2025-01-16 10:00,,2025-01-14 10:00,1,3",
        "Table complaints has response_due before opened_at in 1 of 2 rows (for example K1: "
        "2025-01-14); one of the two dates is wrong, and the complaint cannot have been served in "
        "time.",
        "其 response_due 早于 opened_at（如 K1: 2025-01-14）；两个日期中必有一个有误，"
        "该投诉不可能按时处理。",
    ),
    "opened after the status date": (
        "K1,2025-10-15 10:00,,,,,1,3",
        "Table complaints is dated after the status date 2025-08-31 by opened_at, in 1 of 2 rows "
        "(for example K1: 2025-10-15); such rows are left out of every indicator.",
        "其 opened_at 晚于截止日2025-08-31（如 K1: 2025-10-15）；这些行不计入任何指标。",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_date_out_of_place_is_named_with_table_row_and_consequence(what, tmp_path):
    row, english, chinese = WRONG[what]
    assert english in said(tmp_path / "en", "en", row)
    assert chinese in said(tmp_path / "zh", "zh-Hans", row)


def test_what_is_said_of_an_answer_before_the_opening_is_what_happens(tmp_path):
    client = opened(tmp_path, WRONG["answered before it was opened"][0])
    result = controls.assess(client)
    median = result["controls.complaints.response_hours[priority=1]"]
    assert (median.value, median.n) == (4.0, 1)
    assert result["controls.complaints.unanswered"].value == 0


def test_a_complaint_of_after_the_status_date_is_in_no_count(tmp_path):
    client = opened(tmp_path, WRONG["opened after the status date"][0])
    assert controls.assess(client)["controls.complaints.unanswered"].n == 1


@pytest.mark.parametrize(
    ("row", "column", "found"),
    [(SOUND, "complaint_id", "'K9'"), (SOUND.replace("K9", "K1").replace(",1,3", ",urgent,3"),
                                       "priority", "'urgent'")],
)  # fmt: skip
def test_a_complaint_listed_twice_or_a_priority_in_words_stops_with_its_row(
    row, column, found, tmp_path
):
    with pytest.raises(DataError) as error:
        opened(tmp_path, row)
    (problem,) = error.value.problems
    assert (problem.table, problem.column) == ("complaints", column)
    assert found in str(problem.found) and problem.row in (2, 3)
