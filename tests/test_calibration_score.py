"""Ranges of factors and total, and P(pass): the whole run is `python tests/calibrate.py score`."""

import numpy as np
from calibration.score import POPULATION, WORLDS, coverage, misses, one, reliability, true_scores
from calibration.score_page import BROKEN, LABELLED, MOST_OFF, PAGE, PICTURE
from score_cases import SCORED


def test_full_marks_in_everything_are_a_hundred_points():
    truth = {id: full for id, full, _ in SCORED}
    scores = true_scores(truth, np.random.default_rng(1), 0.25)
    assert all(abs(score - 100) < 1e-9 for score in scores.values())


def test_ranges_of_the_total_hold_the_truth_in_the_middle_of_the_scales():
    found = coverage(WORLDS[0], 60)
    total = found[(found["name"] == "total") & (found["source"] == "both")]
    assert total["hit"].sum() >= 51  # of 60; fewer has a chance below 1 in 10,000 at 96 %


def test_at_full_marks_the_range_of_the_total_is_called_bounds():
    found = coverage(WORLDS[4], 10)
    assert (found.loc[found["name"] == "total", "kind"] == "bounds").mean() > 0.9


def test_a_probability_of_a_half_is_not_reported_as_certain():
    table = reliability(40, bins=2)
    assert table["clients"].sum() == 40 and table["said"].between(0, 1).all()
    assert one(POPULATION, 3) == one(POPULATION, 3)


def reliable(text):
    """Read the rows on P(pass): how far it is off and whether the interval holds what was said."""
    rows = [[cell.strip() for cell in line.split("|")] for line in text.splitlines()
            if line.startswith("| 0.")]  # fmt: skip
    for row in rows:
        low, high = (float(end) for end in row[4].split(" to "))
        if int(row[2]) >= 30:
            yield abs(float(row[5])), low <= float(row[1]) <= high


def test_the_page_keeps_what_it_promises_and_shows_the_diagram():
    text = PAGE.read_text("utf-8")
    assert BROKEN not in text and LABELLED in text
    assert all(f"| {world.words} | total |" in text for world in WORLDS)
    drawn, whole = (list(reliable(part)) for part in text.split("## Whole clients"))
    assert min(len(drawn), len(whole)) >= 4
    assert all(off <= MOST_OFF for off, _ in drawn)
    # some bins of whole clients are thin: a miss counts there once its interval is sure of it
    assert all(off <= MOST_OFF or chance for off, chance in whole)
    assert "P(pass)" in PICTURE.read_text("utf-8")


def test_the_largest_miss_counts_bins_of_enough_clients_only():
    table = reliability(5, bins=1).assign(said=0.9, came_true=0.2)
    assert abs(misses(table, few=5) - 0.7) < 1e-12
    assert np.isnan(misses(table, few=6))
