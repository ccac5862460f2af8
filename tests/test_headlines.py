"""A headline says what its chart shows, with the result's own numbers."""

import pandas as pd
import pytest
from control_rows import DATES as CONTROL_DATES
from control_rows import complaints, hour
from cost_rows import days, entries, lines
from problem_rows import DATES, OPEN, PROVEN, register

from crm_eval_lib import controls, cost, efficiency, problems
from crm_eval_lib.charts.words import reasons_of, source_of
from crm_eval_lib.results import Caveat, Message, Step, measured, not_assessed
from crm_eval_lib.text import say

UNTOLD = Message("efficiency.reason.few_placebos", {"dates": 1, "least": 3})


def changed(value, low=None, high=None, rung="R2"):
    """One process of which −37% was recorded, and −30% at the rung below the one reached."""
    id = "efficiency.change[p]"
    found = (not_assessed(id, "ratio", UNTOLD) if value is None
             else measured(id, value, "ratio", low=low, high=high, rung=rung))  # fmt: skip
    table = pd.DataFrame({"process": "p", "title": "Orders", "measure": ["naive_change", "change"],
                          "change_ratio": [-0.37, value], "verdict": "x"})  # fmt: skip
    rungs = pd.DataFrame({"process": "p", "title": "Orders", "rung": ["R0", "R2"],
                          "change_ratio": [-0.37, -0.28]})  # fmt: skip
    own = Message("efficiency.headline.change_faster_weak", {"process": "Orders", "value": 0.28})
    return Step("efficiency.change", (found,), table, headline=own, tables={"rungs": rungs})


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (changed(-0.28, -0.4, -0.1), "change of −37% as recorded, −28% due to go-live"),
        (changed(-0.05, -0.2, 0.1), "change of −37% as recorded, no effect of go-live beyond"),
        (changed(None), "change of −37% as recorded, go-live's part cannot be told"),
        (changed(-0.28, -0.4, -0.1, "R0"), "28% faster, but trend and season are not removed"),
    ],
)
def test_the_claim_is_held_against_what_go_live_explains(step, said):
    assert said in say(efficiency.claim_headline(step), "en")


def test_the_ladder_names_its_lowest_and_its_highest_rung():
    words = efficiency.ladder_words(changed(-0.28, -0.4, -0.1))
    assert say(words["headline"], "zh-Hans") == "Orders：前后对比−37%，最高一级−28%"
    assert "no answer" in say(efficiency.ladder_words(changed(None))["headline"], "en")


def test_a_part_without_a_cause_on_record_is_not_called_other():
    step = cost.bridge(lines(("A", "services", 100.0)),
                       entries(("A", "2024-03-01", 150.0, "invoice")),
                       dates=days(), currency="CNY")  # fmt: skip
    assert say(step.headline, "en").endswith("CNY 50, fits none of these causes")
    assert "不属于可以区分的任何一种原因" in say(step.sentence, "zh-Hans")


def test_complaints_are_told_by_the_rank_and_the_priority_that_stand_on_top():
    rows = [{"opened_at": hour(0), "first_response_at": hour(end), "importance": importance,
             "priority": 6 - importance}
            for end, importance in ((9, 5.0), (3, 5.0), (2, 1.0))]  # fmt: skip
    order = controls.complaint_order(complaints(*rows), dates=CONTROL_DATES, rank="importance")
    assert say(order.headline, "en").startswith("2 of 2 top-rank complaints were overtaken")
    times = controls.complaint_times(complaints(*rows), dates=CONTROL_DATES)
    assert say(times.headline, "en") == (
        "Half of the priority 1 complaints had an answer within 3.0 h"
    )


def test_the_best_and_the_worst_department_stand_above_their_chart():
    rows = [{**row, "department": name} for name, solved in (("Sales", 9), ("Order desk", 6))
            for row in [PROVEN] * solved + [OPEN] * (12 - solved)]  # fmt: skip
    step = problems.by_group(register(*rows), dates=DATES)
    assert say(step.headline, "en") == "Proven by department: from 50% (Order desk) to 75% (Sales)"


def test_without_a_drawing_the_step_says_why_and_every_source_is_named():
    note = Message("controls.caveat.no_extras")
    silent = Step("controls.displacement", caveats=(Caveat(note, ()),), sources=("orders",))
    assert reasons_of(silent).slots["reasons"] == [note]
    bare = Step("problems.ledger", sources=("problems",))
    assert "问题台账（problems）" in say(reasons_of(bare), "zh-Hans")
    assert source_of(Step("score.factors"), "zh-Hans") == "来源：本报告计算。"
