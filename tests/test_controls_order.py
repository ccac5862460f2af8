"""The order of service: pairs, inversions, ranks; the worked example, a pair loop, properties."""

from itertools import combinations

import numpy as np
import pytest
from control_rows import DATES, DAY, NOT_LIVE, complaints, hour, points
from hypothesis import given
from hypothesis import strategies as st

from crm_eval_lib import charts, controls
from crm_eval_lib.controls.queue_order import concordance, inversions, somers_d
from crm_eval_lib.controls.ranking import complaint_rank, rank_classes
from crm_eval_lib.errors import ConfigError
from crm_eval_lib.text import say

END = 12  # of observation, in the random cases
WAIT = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 4))


def order(*rows, dates=DATES, rank="importance", plan=None):
    return controls.complaint_order(complaints(*rows), plan, dates=dates, rank=rank)


def share(stage, *rows, **knobs):
    return order(*rows, **knobs)[f"controls.complaints.inversion_share[{stage}]"]


def wait(opened, answered, importance, **more):
    served = None if answered is None else hour(answered)
    return {"opened_at": hour(opened), "first_response_at": served, "importance": importance,
            **more}  # fmt: skip


def drawn(waits):
    """Turn drawn numbers into waits: a length of 9 means never served."""
    start = np.array([opened for opened, *_ in waits])
    served = np.array([length < 9 for _, length, _ in waits])
    end = np.where(served, start + [length for _, length, _ in waits], END)
    served &= end < END
    return start, np.minimum(end, END), served, np.array([rank for *_, rank in waits])


def pair_loop(start, end, served, rank):
    """Count pair by pair, word for word as the definition has it."""
    pairs = wrong = 0
    for one, other in combinations(range(len(start)), 2):
        overlap = max(start[one], start[other]) < min(end[one], end[other])
        if rank[one] == rank[other] or not overlap or not (served[one] or served[other]):
            continue
        low, high = sorted((one, other), key=lambda n: rank[n])
        pairs += 1
        wrong += bool(served[low] and (not served[high] or end[low] < end[high]))
    return pairs, wrong


def test_the_worked_example_has_five_pairs_and_three_inversions():
    # Five complaints A to E with priority (1 = first), opened, closed; overlapping pairs of
    # different priority AB AC AE BC CD, the lesser one first in AB AE CD.
    priority, opened, closed = [1, 2, 3, 1, 3], [0, 1, 2, 11, 5], [10, 4, 12, 13, 6]
    found = inversions(opened, closed, [True] * 5, [-p for p in priority])
    assert (found.pairs, found.inversions) == (5, 3)


def test_the_worked_example_through_the_tables():
    cases = [(1, 0, 10), (2, 1, 4), (3, 2, 12), (1, 11, 13), (3, 5, 6)]
    rows = [{"opened_at": hour(opened), "resolved_at": hour(closed), "importance": 6.0 - priority}
            for priority, opened, closed in cases]  # fmt: skip
    found = share("resolution", *rows)
    assert (found.value, found.n) == (pytest.approx(3 / 5), 5)


@given(st.lists(WAIT, min_size=1, max_size=12))
def test_the_fast_count_equals_the_pair_loop(waits):
    start, end, served, rank = drawn(waits)
    found = inversions(start, end, served, rank)
    assert (found.pairs, found.inversions) == pair_loop(start, end, served, rank)
    assert found.pairs_of.sum() == 2 * found.pairs
    assert found.overtaken.sum() == found.overtook.sum() == found.inversions


@given(st.lists(WAIT, min_size=2, max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(waits, random):
    shuffled = random.sample(waits, len(waits))
    one, other = inversions(*drawn(waits)), inversions(*drawn(shuffled))
    assert (one.pairs, one.inversions) == (other.pairs, other.inversions)
    assert one.interval() == pytest.approx(other.interval())


@given(st.lists(WAIT, min_size=1, max_size=10))
def test_concordance_equals_the_pair_loop(waits):
    start, end, served, rank = drawn(waits)
    length, counts = end - start, [0, 0, 0]
    for one, other in combinations(range(len(start)), 2):
        if rank[one] == rank[other]:
            continue
        low, high = sorted((one, other), key=lambda n: rank[n])
        if served[low] and served[high]:
            counts[int(np.sign(length[high] - length[low]))] += 1  # -1 shorter, 1 longer, 0 tie
        elif served[high] and length[high] <= length[low]:
            counts[-1] += 1
        elif served[low] and length[low] <= length[high]:
            counts[1] += 1
    assert concordance(length, served, rank) == (counts[-1], counts[1], counts[0])


def test_many_waits_take_no_pair_loop():
    random = np.random.default_rng(0)
    start = random.integers(0, 10**8, 100_000)
    end = start + random.integers(1, 10**6, 100_000)
    found = inversions(start, end, np.ones(100_000, bool), random.integers(0, 15, 100_000))
    assert found.share == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("waits", "pairs", "inverted"),
    [
        ([(0, 4, 1), (1, 6, 5)], 1, 1),  # the lesser first
        ([(0, 6, 1), (1, 4, 5)], 1, 0),  # the greater first
        ([(0, 4, 1), (1, 4, 5)], 1, 0),  # both at once
        ([(0, 4, 1), (1, None, 5)], 1, 1),  # the greater never
        ([(0, None, 1), (1, 4, 5)], 1, 0),  # the lesser never
        ([(0, None, 1), (1, None, 5)], 0, 0),  # neither: not a pair yet
        ([(0, 4, 1), (4, 6, 5)], 0, 0),  # touching
        ([(0, 4, 3), (1, 6, 3)], 0, 0),  # equal rank
    ],
)
def test_each_clause_of_a_pair(waits, pairs, inverted):
    # A pair of different rank that is long over makes sure that something is counted.
    settled = [wait(-50, -40, 5.0), wait(-49, -41, 1.0)]
    found = share("response", *settled, *(wait(*row) for row in waits))
    assert found.parts == {"inversions": inverted + 1, "pairs": pairs + 1}


def test_an_answer_after_the_status_date_has_not_been_given():
    late = {"opened_at": "2025-08-31 08:00", "importance": 5.0,
            "first_response_at": "2025-09-01 00:00"}  # fmt: skip
    quick = {"opened_at": "2025-08-31 09:00", "importance": 1.0,
             "first_response_at": "2025-08-31 23:59"}  # fmt: skip
    assert share("response", late, quick).value == 1.0


def test_complaints_from_before_go_live_or_after_the_status_date_are_not_seen():
    rows = [wait(0, 5, 5.0), wait(1, 2, 1.0)]
    others = [{**row, "opened_at": day} for row in rows for day in ("2024-09-01", "2025-09-01")]
    assert share("response", *rows, *others).n == 1


def test_the_rank_rules():
    rows = complaints({"importance": 2.0, "severity": 5.0}, {"importance": 5.0, "severity": 1.0},
                      {"importance": None, "severity": 4.0})  # fmt: skip
    assert complaint_rank(rows, "max").rank().tolist() == [3, 2, 1]  # (5,2) (5,1) (4,3)
    assert complaint_rank(rows, "product").tolist() == [10, 5, 12]
    assert complaint_rank(rows, "importance").tolist() == [2, 5, 3]
    with pytest.raises(ConfigError, match="did you mean 'product'"):
        complaint_rank(rows, "produkt")


def test_without_ratings_or_answers_the_share_is_open():
    unrated = [wait(0, 5, None, severity=None), wait(1, 2, None, severity=None)]
    found = share("response", *unrated, rank="max")
    assert found.reason.slots["columns"] == ["importance", "severity"]
    assert share("resolution", wait(0, 5, 5.0)).reason.slots["columns"] == ["resolved_at"]
    assert share("response", wait(0, 5, 5.0)).reason.key == "controls.reason.no_pairs"
    live = share("response", wait(0, 5, 5.0), wait(1, 2, 1.0), dates=NOT_LIVE)
    assert live.reason.key == "controls.reason.not_live"


def test_the_interval_leaves_out_one_complaint_at_a_time():
    # pairs AB (inverted) and CD (not): without A or B 0/1 is left, without C or D 1/1;
    # variance 3/4 · 4 · 1/4 = 3/4, so that the interval reaches both ends
    rows = [wait(0, 9, 5.0), wait(1, 2, 1.0), wait(20, 22, 5.0), wait(21, 29, 1.0)]
    found = share("response", *rows)
    assert (found.value, found.low, found.high) == (0.5, 0.0, 1.0)


def test_service_in_perfect_order_agrees_fully():
    assert somers_d([1, 2, 3], [True] * 3, [3, 2, 1]) == 1.0
    assert somers_d([3, 2, 1], [True] * 3, [3, 2, 1]) == -1.0
    assert somers_d([1, 1], [True] * 2, [2, 1]) == 0.0
    assert somers_d([1, 1], [True] * 2, [1, 1]) is None


def test_priorities_that_follow_the_rank_agree_fully_and_reversed_ones_not():
    rows = [wait(0, 5, 5.0, priority=1.0), wait(1, 5, 3.0, priority=2.0),
            wait(2, 5, 1.0, priority=3.0)]  # fmt: skip
    name = "controls.complaints.priority_agreement"
    assert order(*rows)[name].value == pytest.approx(1.0)
    swapped = [{**row, "priority": 4 - row["priority"]} for row in rows]
    assert order(*swapped)[name].value < 0
    same = [{**row, "priority": 1.0} for row in rows]
    assert order(*same)[name].reason.key == "controls.reason.one_class"


def test_the_rank_is_cut_into_classes_of_the_priorities_sizes():
    priority = complaints(*({"priority": float(p)} for p in (1, 2, 2, 3)))["priority"]
    ranked = complaints(*({"importance": float(i)} for i in (2, 5, 4, 4)))["importance"]
    assert rank_classes(ranked, priority).tolist() == [3.0, 1.0, 2.0, 2.0]


def test_the_finding_counts_the_top_complaints_that_were_overtaken():
    rows = [wait(0, 9, 5.0, response_due=hour(4)), wait(0, 1, 5.0, response_due=hour(4)),
            wait(2, 3, 1.0), wait(4, 5, 2.0)]  # fmt: skip
    plan = points({"log_check": "complaint_owner", "owner_role": "service manager"})
    (finding,) = order(*rows, plan=plan).findings
    assert finding.rows == (("complaints", "K1"),)
    said = say(finding.action.sentence, "en")
    assert "Have service manager" in said and "after 4 hours" in said
    assert "1 of 2 top-rank complaints" in said
    assert "2件最高级投诉中有1件" in say(finding.action.sentence, "zh-Hans")


def test_good_order_is_no_finding():
    assert order(wait(0, 2, 5.0), wait(1, 9, 1.0)).findings == ()


def test_important_customers_who_waited_are_listed_the_most_urgent_first():
    rows = [wait(0, 9, 4.0, customer="North"), wait(0, None, 5.0, customer="East"),
            wait(1, 2, 1.0, customer="West"), wait(3, 5, 3.0), wait(8, 10, 2.0),
            wait(20, 21, 5.0, customer="South")]  # fmt: skip
    waited = order(*rows).tables["waited"]
    # North waits from 0 to 9: overtaken by K3 and K4; East for ever: by North and the lower three.
    found = waited[["complaint_id", "customer", "urgency_rank", "times_overtaken"]]
    assert found.values.tolist() == [["K2", "East", 1, 4], ["K1", "North", 2, 2]]
    assert waited["waited_hours"].tolist() == [(DATES.status_date - DAY("2025-01-15")).days * 24
                                               + 24.0, 9.0]  # fmt: skip


def test_a_finding_quotes_at_most_two_hundred_rows_and_the_table_all():
    rows = [wait(0, 90 + n % 7, 5.0) for n in range(300)] + [wait(0, 1, 1.0)]
    step = order(*rows)
    (finding,) = step.findings
    assert (len(finding.rows), finding.sentence.slots["n"]) == (200, 300)
    assert len(step.tables["waited"]) == 300


@pytest.mark.parametrize(
    ("lang", "texts"),
    [("en", {"100% · 1 of 1", "0% · 0 of 1"}), ("zh-Hans", {"100% · 1件中1件", "0% · 1件中0件"})],
)
def test_the_chart_of_the_order_draws_the_share_overtaken_per_rank(lang, texts):
    ax = charts.plot_complaint_order(order(wait(0, 9, 5.0), wait(1, 2, 1.0)), lang=lang)
    assert [bar.get_width() for bar in ax.patches] == [1.0, 0.0]
    assert {text.get_text() for text in ax.texts} == texts
    assert ax.get_xlim()[0] == 0


def test_more_ranks_than_the_chart_holds_are_counted_below():
    # Each waits half an hour beside the one below it, which is served first; nothing is below 0.
    rows = [wait(n, n + 1.5, float(n)) for n in range(14)]
    ax = charts.plot_complaint_order(order(*rows))
    assert len(ax.patches) == 12 and "and 2 more: 1 of 2 overtaken" in ax.texts[-1].get_text()
