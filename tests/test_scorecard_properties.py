"""What must hold for every client: monotone, indifferent to scale, never rewarding silence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_cases import COUNTS, SCORED, UNSCORED, absent, case, client, indicator

from crm_eval_lib.scorecard import score

FAST = settings(max_examples=40, deadline=None)
shares = st.floats(0, 1, allow_nan=False)
places = st.lists(shares, min_size=len(SCORED), max_size=len(SCORED))
picked = st.integers(0, len(SCORED) - 1)


def _between(row, place):
    id, full, zero = row
    value = zero + (full - zero) * place
    return round(value) if id in COUNTS else value


def _client_at(shares_of_full, *more):
    rows = zip(SCORED, shares_of_full, strict=True)
    return case(*(indicator(row[0], _between(row, place)) for row, place in rows), *more)


def _at_least(after, before):
    return after >= before - 1e-9


@FAST
@given(places, picked, shares)
def test_a_better_value_never_lowers_a_score(start, which, gain):
    better = list(start)
    better[which] = start[which] + (1 - start[which]) * gain
    before, after = (score(_client_at(item), draws=200) for item in (start, better))
    assert _at_least(after.overall.score, before.overall.score)
    assert _at_least(after.overall.p_pass, before.overall.p_pass)
    for old, new in zip(before.factors, after.factors, strict=True):
        assert _at_least(new.score, old.score)


@FAST
@given(places, picked, shares)
def test_a_weight_of_zero_removes_all_influence(start, which, other):
    base = SCORED[which][0].split("[")[0]
    config = {"scoring": {"indicator_weights": {base: 0}, "veto": {"V4": False, "V5": False}}}
    changed = list(start)
    changed[which] = other
    before, after = (
        score(_client_at(item), client=client(**config), draws=200) for item in (start, changed)
    )
    assert before.overall == after.overall


@FAST
@given(places, st.floats(0.01, 100))
def test_scaling_all_weights_changes_nothing(start, factor):
    weights = {"cost": 20, "problems": 30, "efficiency": 25, "controls": 25}
    plain, scaled = (
        score(_client_at(start), client=client(weights={k: w * f for k, w in weights.items()}),
              draws=200).overall
        for f in (1, factor)
    )  # fmt: skip
    assert scaled.score == pytest.approx(plain.score)
    assert (scaled.low, scaled.high) == pytest.approx((plain.low, plain.high))


@FAST
@given(places, st.sets(st.integers(0, len(SCORED) + len(UNSCORED) - 1)))
def test_withholding_never_raises_the_lower_bound(start, hidden):
    ids = [row[0] for row in SCORED] + [id for id, _ in UNSCORED if "priority" not in id]
    critical = indicator("controls.critical_failed", 1), indicator("problems.open_five_90", 1)
    for extra in ((), critical):
        told = score(_client_at(start, *extra), draws=50)
        held = [absent(ids[i]) for i in hidden if i < len(ids)]
        untold = score(_client_at(start, *extra, *held), draws=50)
        assert _at_least(told.overall.bounds[0], untold.overall.bounds[0])
        for old, new in zip(told.factors, untold.factors, strict=True):
            assert _at_least(old.bounds[0], new.bounds[0])


@FAST
@given(places, st.sets(picked))
def test_score_lies_within_its_bounds_and_its_interval(start, hidden):
    held = [absent(SCORED[i][0]) for i in hidden]
    card = score(_client_at(start, *held), draws=100)
    for item in card.factors:
        assert 0 <= item.bounds[0] <= item.bounds[1] <= 100
        if item.score is not None:
            assert item.bounds[0] <= item.score <= item.bounds[1]
            assert item.low <= item.score <= item.high


@FAST
@given(st.permutations(range(len(SCORED))))
def test_the_order_of_the_indicators_changes_nothing(order):
    rows = [indicator(SCORED[i][0], _between(SCORED[i], 0.5)) for i in range(len(SCORED))]
    plain = score(case(*rows), draws=100).overall
    assert score(case(*(rows[i] for i in order)), draws=100).overall == plain
