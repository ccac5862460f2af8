"""Work per case without a log: observed by a stranger, or estimated by those who do it."""

import numpy as np
import pandas as pd
import pytest
from efficiency_rows import make_processes
from sample_rows import cases_with, forms, guess, guessed, minutes, offer, sampled, studied

from crm_eval_lib import efficiency
from crm_eval_lib.efficiency.judged import estimates
from crm_eval_lib.efficiency.time_study import time_study
from crm_eval_lib.evidence import indicator_grade, table_evidence, table_grades
from crm_eval_lib.results import Step, measured
from crm_eval_lib.text import say
from crm_eval_lib.value.published import hours_saved

CHANGE, WORK = "efficiency.touch_change[p]", "efficiency.touch_hours_before[p]"
PEOPLE = ("a", "b", "c", "d")
FACTS = {"process": "p", "annual_volume": 1000, "hourly_cost": 60}


def notes(step):
    return {c.message.key.removeprefix("efficiency.caveat.") for c in step.caveats}


def observed(**more):
    return [
        row
        for n, w in enumerate(PEOPLE)
        for row in [*minutes("before", w, 18 + n, **more), *minutes("after", w, 9 + n / 2, **more)]
    ]


def test_work_is_the_sum_over_activities_of_mean_minutes():
    # check 10 and 20, sign 6: (15 + 6)/60 = 0.35 hours
    rows = minutes("before", "a", 10, 20) + minutes("before", "b", 6, activity="sign")
    step, _ = studied(rows)
    assert offer(step, WORK).value == pytest.approx(0.35)


def test_the_change_of_work_rests_on_activities_seen_on_both_sides():
    # check halves; sign was timed before only and says nothing.
    step, cases = studied(observed() + minutes("before", "a", 30, activity="sign"))
    found = efficiency.change(cases, fallbacks=[step])[CHANGE]
    assert (found.value, found.rung, found.tables) == (pytest.approx(-0.5), "S", ("time_study",))
    assert "one_sided_activities" in notes(step)
    assert step.table.set_index("activity").loc["check", "change_ratio"] == pytest.approx(-0.5)


def test_a_step_that_is_gone_is_recorded_with_no_minutes():
    gone = [r for w in PEOPLE for r in [*minutes("before", w, 19.5, activity="sign"),
                                        *minutes("after", w, 0, activity="sign")]]  # fmt: skip
    step, _ = studied(observed() + gone)
    assert offer(step, CHANGE).value == pytest.approx(9.75 / 39 - 1)


def test_observations_that_cannot_be_are_set_aside_and_named():
    wrong = [{**row, "wave": "before", "observation_id": "w"} for row in minutes("after", "a", 9)]
    step, _ = studied(observed() + minutes("before", "a", -5, np.nan) + wrong)
    assert {"study_unusable", "study_wrong_wave"} <= notes(step)
    assert offer(step, CHANGE).value == pytest.approx(-0.5)


def test_without_workers_there_is_a_value_and_no_interval():
    step, _ = studied([{**row, "worker": None} for row in observed()])
    found = offer(step, CHANGE)
    assert found.value == pytest.approx(-0.5) and found.low is None
    assert {"no_worker", "few_people"} <= notes(step)


def test_only_one_wave_tells_no_change():
    step, cases = studied(minutes("before", "a", 10))
    found = efficiency.change(cases, fallbacks=[step])[CHANGE]
    assert say(found.reason, "en") == "No usable minutes of work in the sample “after”."


def test_estimates_are_weighed_as_pert():
    # (10 + 4·20 + 60)/6 = 25 minutes
    step, _ = guessed([guess("before", "a", 10, 20, 60)])
    assert offer(step, WORK).value == pytest.approx(25 / 60)


def test_the_same_people_before_and_after_differ_less_than_strangers():
    def said(after):
        return [guess(wave, name, m, m, m) for wave, names, factor in
                (("before", PEOPLE, 1), ("after", after, 0.5))
                for name, m in zip(names, (10 * factor, 20 * factor, 40 * factor, 80 * factor),
                                   strict=True)]  # fmt: skip

    same = offer(guessed(said(PEOPLE))[0], CHANGE)
    others = offer(guessed(said(("e", "f", "g", "h")))[0], CHANGE)
    assert same.value == others.value == pytest.approx(-0.5)
    assert same.high - same.low < 1e-9 < others.high - others.low


def test_estimates_whose_low_exceeds_their_high_are_set_aside():
    step, _ = guessed([guess("before", "a", 10, 20, 60), guess("before", "b", 60, 20, 10)])
    assert offer(step, WORK).value == pytest.approx(25 / 60)
    assert "1 estimate contradicts itself" in say(step.caveats[0].message, "en")


def test_observation_comes_before_estimates():
    told = pd.DataFrame([guess("before", "a", 1, 1, 1), guess("after", "a", 9, 9, 9)])
    step, cases = studied(observed())
    work = [step, estimates(cases, told)]
    assert efficiency.change(cases, fallbacks=work)[CHANGE].value == pytest.approx(-0.5)
    levels = efficiency.measures(cases, fallbacks=work)
    assert levels[WORK].tables == ("time_study",)


@pytest.mark.parametrize(("name", "letter"), [("time_study", "C"), ("estimates", "D")])
def test_observation_is_grade_c_and_estimates_are_d(name, letter):
    found = measured(CHANGE, -0.5, "ratio", tables=(name,), rung="S")
    frame = pd.DataFrame({"process": ["p"], "wave": ["before"]})
    assert indicator_grade(found, table_grades(table_evidence({name: frame}))).letter == letter


def test_hours_of_an_observed_change_are_a_potential_only():
    # 1000 cases × 19.5 minutes × 1/2 = 162.5 hours; × 60 × 0.5 = 4875
    step, cases = studied(observed(), make_processes([FACTS]))
    change = efficiency.change(cases, fallbacks=[step])
    saved = efficiency.savings(cases, change, fallbacks=[step], currency="CNY")
    money = saved["efficiency.money_saved[p]"]
    assert money.value == pytest.approx(4875)
    assert saved["efficiency.hours_saved[p]"].value == pytest.approx(162.5)
    assert (money.parts["potential"], saved.table) == (True, None)
    assert saved.tables["potential"]["process"].tolist() == ["p"]
    assert "potential" in say(saved.sentence, "en")


def test_turnaround_of_drawn_forms_is_a_potential_with_a_warning():
    # mean 6 hours × 1000 × 1/2
    step, cases = sampled(forms("before", 2, 4, 6, 8, 10) + forms("after", 1, 2, 3, 4, 5),
                          make_processes([FACTS]))  # fmt: skip
    change = efficiency.change(cases, fallbacks=[step])
    saved = efficiency.savings(cases, change, fallbacks=[step], currency="CNY")
    hours = saved["efficiency.hours_saved[p]"]
    assert (hours.value, hours.parts["potential"]) == (pytest.approx(3000), True)
    assert [c.message.key for c in saved.caveats] == ["efficiency.caveat.cycle_hours"]


def two_processes():
    """Change on R2 of two processes: p beyond chance, q not."""
    facts = [{**FACTS, "process": name} for name in ("p", "q")]
    step, cases = studied(observed() + observed(process="q"), make_processes(facts))
    ends = {"p": (-0.3, -0.1), "q": (-0.5, 0.2)}
    told = tuple(
        measured(f"efficiency.{id}[{name}]", -0.2, "ratio", low=low, high=high, rung="R2", n=9)
        for name, (low, high) in ends.items() for id in ("touch_change", "change")
    )  # fmt: skip
    return efficiency.savings(
        cases, Step("efficiency.change", told), fallbacks=[step], currency="CNY"
    )


def test_what_chance_may_explain_is_a_potential_even_on_a_strong_rung():
    saved = two_processes()
    assert saved.table["process"].tolist() == ["p"]
    assert saved.tables["potential"]["process"].tolist() == ["q"]
    assert saved["efficiency.money_saved[q]"].parts["potential"] is True
    assert "Apart from that, 1 process holds a potential" in say(saved.sentence, "en")


def test_value_counts_what_is_shown_and_names_why_the_rest_is_not():
    items = {i.id: i for i in two_processes().indicators}
    rows = {row["name"]: row for row in hours_saved(items)}
    assert (rows["p"]["standing"], rows["q"]["standing"]) == ("counted", "potential")
    assert "may be chance" in say(rows["q"]["reason"], "en")


def test_an_adjusted_p_above_the_level_is_chance():
    step, cases = studied(observed(), make_processes([FACTS]))
    own = {"low": -0.3, "high": -0.1, "rung": "R2", "n": 9}
    told = (measured(CHANGE, -0.2, "ratio", p=0.08, **own),
            measured("efficiency.change[p]", -0.2, "ratio", **own))  # fmt: skip
    saved = efficiency.savings(cases, Step("efficiency.change", told), fallbacks=[step])
    assert saved["efficiency.hours_saved[p]"].parts["potential"] is True


@pytest.mark.parametrize("step", [time_study, estimates])
def test_without_rows_the_step_says_so(step):
    told = step(cases_with(), None)
    assert told.offered == () and say(told.sentence, "zh-Hans")
