"""Rung S: processes that left no log before go-live, told from drawn forms."""

import numpy as np
import pandas as pd
import pytest
from efficiency_rows import ROUND_THE_CLOCK, case, make_dates, make_events, make_processes
from sample_rows import cases_with, forms, lost, make_forms, offer, sampled

from crm_eval_lib import efficiency
from crm_eval_lib.efficiency.planning import sampling_plan
from crm_eval_lib.efficiency.samples import samples
from crm_eval_lib.evidence import indicator_grade, table_evidence, table_grades
from crm_eval_lib.text import say

CHANGE = "efficiency.change[p]"
BEFORE, AFTER = "efficiency.median_hours_before[p]", "efficiency.median_hours_after[p]"
PAIR = forms("before", 2, 4, 6, 8, 10) + forms("after", 1, 2, 3, 4, 5)


def notes(step):
    return {c.message.key.removeprefix("efficiency.caveat.") for c in step.caveats}


def test_exact_stamps_give_the_ratio_of_the_medians_on_rung_s():
    step, _ = sampled(PAIR)  # medians 6 and 3
    found = offer(step, CHANGE)
    assert (found.value, found.rung, found.tables) == (pytest.approx(-0.5), "S", ("case_samples",))
    assert offer(step, BEFORE).value == pytest.approx(6)
    assert found.low < -0.5 < found.high


def test_what_the_log_cannot_answer_is_published_once_by_the_steps_of_the_log():
    step, cases = sampled(PAIR)
    change = efficiency.change(cases, fallbacks=[step])
    assert change[CHANGE].value == pytest.approx(-0.5)
    row = change.table.set_index("measure").loc["change"]
    assert (row["rung"], row["verdict"]) == ("S", "measured")
    levels = efficiency.measures(cases, fallbacks=[step])
    assert levels[BEFORE].value == pytest.approx(6)
    assert levels.table["median_hours"].tolist() == pytest.approx([6, 3])
    assert set(levels.tables["hours"]["sample"]) == {"before", "after"}
    assert step.indicators == ()


def test_a_sample_never_overrides_the_log():
    rows = [r for n in range(6) for day in ("2024-03-01", "2024-09-02")
            for r in case(f"{day}{n}", pd.Timestamp(day) + pd.Timedelta(days=n), 20)]  # fmt: skip
    step, cases = sampled(PAIR, events=make_events(rows))
    assert efficiency.measures(cases, fallbacks=[step])[BEFORE].value == pytest.approx(20)
    assert efficiency.change(cases, fallbacks=[step])[CHANGE].rung == "R0"


def test_paper_before_is_compared_with_the_log_after():
    first = pd.Timestamp("2024-09-02")
    rows = [r for n in range(6) for r in case(str(n), first + pd.Timedelta(days=n), 3)]
    step, cases = sampled(forms("before", 2, 4, 6, 8, 10), events=make_events(rows))
    found = efficiency.change(cases, fallbacks=[step])[CHANGE]
    assert (found.value, found.rung) == (pytest.approx(-0.5), "S")
    assert set(found.tables) == {"case_samples", "events"}
    assert "forms_against_log" in notes(step)


def test_a_day_stamp_means_any_moment_of_that_day():
    # Handed in on one day, decided three days later: between 48 and 96 hours, 72 in the middle.
    step, _ = sampled(forms("before", *[72] * 20, resolution="day"))
    found = offer(step, BEFORE)
    assert 66 < found.value < 78


def test_a_missing_resolution_counts_as_a_day():
    rows = forms("before", *[72] * 20, resolution=None)
    frame = make_forms(rows).assign(resolution=None)
    told = samples(cases_with(case_samples=frame), frame)
    stated, _ = sampled(forms("before", *[72] * 20, resolution="day"))
    assert offer(told, BEFORE).value == offer(stated, BEFORE).value


def test_when_all_bear_one_day_the_median_hides_in_it():
    step, cases = sampled(forms("before", *[1] * 10, resolution="day")
                          + forms("after", *[1] * 10, resolution="day"))  # fmt: skip
    found = efficiency.change(cases, fallbacks=[step])[CHANGE]
    assert found.state == "not_assessed"
    assert say(found.reason, "en").startswith("On 100% of the forms submission and decision")


def test_lost_forms_widen_the_bounds_to_what_they_could_do():
    # 10 found, 2 lost, hours 1 to 10: all slowest: the 6th of 12; all fastest: the 4th of those
    # found, as (6 − 2) of 10.
    step, _ = sampled(forms("before", *range(1, 11)) + lost("before", 2))
    found = offer(step, BEFORE)
    assert (found.parts["if_lost_fastest"], found.parts["if_lost_slowest"]) == (4, 6)
    assert found.low <= 4 and found.high >= 6


def test_an_answer_that_lost_forms_could_turn_round_is_not_told():
    step, cases = sampled(PAIR + lost("before", 5))
    found = efficiency.change(cases, fallbacks=[step])[CHANGE]
    assert (found.state, found.rung) == ("not_assessed", "S")
    assert say(found.reason, "en").startswith("Cannot tell: 5 of 15 drawn forms were not found")
    assert "forms_not_found" in notes(step)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (forms("before", 2, 4, 6, 8, 10), "Only 0 forms from after go-live"),
        (lost("before", 9) + lost("after", 9), "Only 0 forms from before go-live"),
        (forms("before", 2, 4) + forms("after", 1), "Only 2 forms from before go-live"),
    ],
)
def test_too_few_forms_are_said_and_no_number_is_made(rows, words):
    step, cases = sampled(rows)
    found = efficiency.change(cases, fallbacks=[step])[CHANGE]
    assert found.value is None
    assert say(found.reason, "en").startswith(words)
    assert say(found.reason, "zh-Hans")


def test_forms_that_contradict_themselves_are_set_aside_and_named():
    backwards = forms("before", -30, case_ref="r")
    wrong = [{**row, "wave": "before", "case_ref": "w"} for row in forms("after", 99)]
    step, _ = sampled(PAIR + backwards + wrong + forms("before", 2))
    assert {"forms_reversed", "forms_wrong_wave", "forms_repeated"} <= notes(step)
    assert sorted(step.tables["set_aside"]["standing"]) == ["repeated", "reversed", "wrong_wave"]
    assert offer(step, BEFORE).value == pytest.approx(6)


def test_a_process_that_only_the_forms_name_is_evaluated_without_volume():
    step, cases = sampled(PAIR, make_processes([{"process": "q", "annual_volume": 5}]))
    assert list(cases.roster.index) == ["q", "p"]
    assert offer(step, CHANGE).value == pytest.approx(-0.5)


def test_forms_of_a_process_outside_the_crm_are_not_used():
    step, _ = sampled(PAIR, make_processes([{"process": "p", "in_crm": "no"}]))
    assert step.offered == ()
    assert "forms_outside_crm" in notes(step)


def test_an_impossible_population_is_named_and_left_out():
    step, _ = sampled(forms("before", *range(1, 11), population_n=8))
    assert "impossible_population" in notes(step)
    assert offer(step, BEFORE).parts["population"] is None


def test_a_sample_of_most_of_its_population_knows_more():
    # Finite population: 75 of 100 drawn leave √(1 − 0.75) = half the spread of the log.
    hours = np.exp(np.random.default_rng(1).normal(2, 0.5, 75))
    few = offer(sampled(forms("before", *hours))[0], BEFORE)
    most = offer(sampled(forms("before", *hours, population_n=100))[0], BEFORE)
    assert np.log(most.high / most.value) == pytest.approx(np.log(few.high / few.value) / 2)


def test_nothing_after_the_status_date_is_seen():
    early = make_dates("2024-07-01", "2024-09-04")
    step, _ = sampled(PAIR, dates=early)
    assert step.table.set_index("sample").loc["after", "forms_drawn"] == 3


def test_still_open_at_go_live_is_cut_off_there():
    late = [{"process": "p", "case_ref": f"x{n}", "wave": "before",
             "submitted_at": pd.Timestamp("2024-06-30T22:00"),
             "decided_at": pd.Timestamp("2024-08-30")} for n in range(3)]  # fmt: skip
    found = offer(sampled(forms("before", 1, 3, 5, 7) + late)[0], BEFORE)
    # 1, then three cut at 2 hours: S = 6/7, × 2/3, × 1/2 = 0.29 at 5 hours.
    assert found.value == pytest.approx(5)


def test_amount_classes_remove_a_change_of_the_mix():
    # Small amounts take 2 h, large ones 20 h, before and after; only their numbers change.
    def side(wave, small, large):
        return (forms(wave, *[2 + n / 100 for n in range(small)], amount=100.0)
                + [{**r, "case_ref": r["case_ref"] + "L", "amount": 9000.0}
                   for r in forms(wave, *[20 + n / 100 for n in range(large)])])  # fmt: skip

    step, _ = sampled(side("before", 10, 40) + side("after", 30, 20))
    found = offer(step, CHANGE)
    assert found.parts["amount_classes"] == 2
    assert abs(found.value) < 0.02
    assert offer(step, AFTER).value < 3 and offer(step, BEFORE).value > 19


def test_returned_forms_are_rework():
    rows = PAIR + forms("before", 6, case_ref="z", returned_count=2)
    for row in rows[:10]:
        row["returned_count"] = 0
    step, _ = sampled(rows)
    found = offer(step, "efficiency.rework_rate_before[p]")
    assert found.value == pytest.approx(1 / 6)


def test_a_target_is_the_limit_where_the_process_states_none():
    targets = pd.DataFrame({"process": "p", "target_hours": [9.0, 6.0],
                            "source": ["policy", "contract"]})  # fmt: skip
    step, cases = sampled(PAIR, targets=targets)
    levels = efficiency.measures(cases, fallbacks=[step])
    met = levels["efficiency.sla_met_before[p]"]
    assert (met.value, met.tables) == (pytest.approx(3 / 5), ("case_samples", "targets"))
    assert any("contract" in say(c.message, "en") for c in levels.caveats)


def test_a_limit_of_the_process_wins_over_targets():
    targets = pd.DataFrame({"process": ["p"], "target_hours": [9.0], "source": ["contract"]})
    told = make_processes([{"process": "p", "sla_hours": 4}])
    step, cases = sampled(PAIR, told, targets=targets)
    found = efficiency.measures(cases, fallbacks=[step])["efficiency.sla_met_before[p]"]
    assert (found.value, found.tables) == (pytest.approx(2 / 5), ("case_samples", "processes"))


def test_rung_s_is_at_most_grade_c_and_its_levels_b():
    frame = make_forms(PAIR)
    step, _ = sampled(PAIR)
    grades = table_grades(table_evidence({"case_samples": frame}))
    assert indicator_grade(offer(step, CHANGE), grades).letter == "C"
    assert indicator_grade(offer(step, BEFORE), grades).letter == "B"


def test_shuffled_forms_change_nothing():
    frame = make_forms(forms("before", *range(20, 80), resolution="day"))
    cases = cases_with(case_samples=frame)
    mixed = samples(cases, frame.sample(frac=1, random_state=3))
    told = samples(cases, frame)
    assert offer(mixed, BEFORE).value == offer(told, BEFORE).value
    assert offer(mixed, BEFORE).low == offer(told, BEFORE).low


def test_without_forms_the_step_says_so():
    step = samples(cases_with(), None)
    assert step.offered == () and step.table is None
    assert "case_samples" in say(step.sentence, "en")


def test_priority_takes_hours_of_forms_before_estimates():
    told = make_processes([{"process": "p", "annual_volume": 10}])
    step, cases = sampled(PAIR, told)
    found = efficiency.priority(cases, told, fallbacks=[step])["efficiency.priority[p]"]
    assert (found.parts["hours"], found.parts["hours_from"]) == (pytest.approx(6), "case_samples")


def test_sixty_forms_a_side_show_a_quarter_to_a_third():
    # (1.959964 + 0.841621) · σ · √(π/2 · 2/60) = 0.64106 σ; 1 − exp(−0.25642) and (−0.41669).
    row = sampling_plan().table.set_index("forms_before").loc[60]
    assert row["detectable_narrow_ratio"] == pytest.approx(0.2262, abs=1e-4)
    assert row["detectable_wide_ratio"] == pytest.approx(0.3408, abs=1e-4)


def test_the_plan_names_the_processes_that_need_forms():
    cases = cases_with(make_processes([{"process": "p", "title": "Orders"}]))
    step = sampling_plan(cases)
    assert step.tables["needed"]["title"].tolist() == ["Orders"]
    assert "Orders" in say(step.sentence, "en") and "Orders" in say(step.sentence, "zh-Hans")


@pytest.mark.parametrize(
    ("lang", "first", "second", "question"),
    [
        ("en", "Event log (events)", "Sampled cases (case_samples)", "how long a case takes"),
        ("zh-Hans", "事件日志（events）", "业务抽样（case_samples）", "一笔业务要办多久"),
    ],
)
def test_without_log_and_samples_the_log_comes_first_and_the_question_stays(
    lang, first, second, question
):
    dates = make_dates("2024-07-01", "2024-12-31")
    roster = make_processes([{"process": "p"}])
    cases = efficiency.build_cases(None, roster, dates=dates, calendar=ROUND_THE_CLOCK)
    said = say(samples(cases, None).sentence, lang)
    assert -1 < said.index(first) < said.index(second) < said.index(question)
