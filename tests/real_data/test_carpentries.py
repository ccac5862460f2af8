"""A survey of the same persons before and since a course: pairs, non-answers, two wordings."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crm_eval_lib import problems
from real_data.builder import build

pytestmark = pytest.mark.real_data
# From never to daily; the lowest level is worded differently in the two waves.
BEFORE = ["I had not been using tools like these.", "Less than once per year.",
          "Several times per year.", "Monthly.", "Weekly.", "Daily."]  # fmt: skip
AFTER = ["I have not been using tools like these.", *BEFORE[1:]]


@pytest.fixture(scope="module")
def waves(shared_data):
    """The two answers of each person as ranks, read without the library."""
    rows = pd.read_csv(shared_data / "carpentries_longterm" / "longterm_October2017.csv")
    return pd.DataFrame({
        wave: rows[f"Programming-Usage-{name}-Workshop"].map({t: n for n, t in enumerate(words, 1)})
        for wave, name, words in (("before", "Before", BEFORE), ("after", "Since", AFTER))
    })  # fmt: skip


@pytest.fixture(scope="module")
def client(shared_data, tmp_path_factory):
    return build(tmp_path_factory.mktemp("survey"), shared_data, "real-carpentries").validate()


@pytest.fixture(scope="module")
def result(client):
    return problems.assess(client)


def test_daily_users_before_and_since_are_those_of_the_readme(client, waves):
    assert ((waves["before"] == 6).sum(), (waves["after"] == 6).sum()) == (119, 188)
    daily = client.tables.survey.query("score == 6")["wave"].value_counts()
    assert (daily["before"], daily["after"]) == (119, 188)


def test_both_wordings_of_the_lowest_level_are_one_score(client, waves):
    lowest = client.tables.survey.query("score == 1")["wave"].value_counts()
    assert (lowest["before"], lowest["after"]) == (75, 22)
    assert (waves == 1).sum().tolist() == [75, 22]


def test_non_answers_are_no_answers_and_leave_no_half_pairs(result, waves):
    assert waves["before"].isna().sum() == 43
    pairs = len(waves.dropna())
    found = result["problems.survey_better_share"]
    assert result["problems.survey_shift[usage]"].n == pairs
    assert (
        found.parts["unpaired"] == waves.isna().any(axis=1).sum() - waves.isna().all(axis=1).sum()
    )


def test_the_share_that_improved_is_counted_by_hand_with_scipys_interval(result, waves):
    change = (waves["after"] - waves["before"]).dropna()
    up, moved = int((change > 0).sum()), int((change != 0).sum())
    found = result["problems.survey_better_share"]
    exact = stats.binomtest(up, moved).proportion_ci(0.95, method="exact")
    assert (found.value, found.n) == (pytest.approx(up / moved), moved)
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))
    assert "persons" not in found.parts  # one question, so no answers that hang together


def test_the_shift_is_the_median_of_all_averages_and_p_that_of_scipy(result, waves):
    change = (waves["after"] - waves["before"]).dropna().to_numpy()
    first, second = np.triu_indices(change.size)
    found = result["problems.survey_shift[usage]"]
    assert found.value == np.median((change[first] + change[second]) / 2)
    theirs = stats.wilcoxon(change, correction=True, method="asymptotic")
    assert found.p == pytest.approx(theirs.pvalue, rel=1e-6)
    assert found.low <= found.value <= found.high


def every_sign(gain):
    """Two-sided p of the signed ranks, every pattern of signs tried by scipy."""
    ranks = stats.rankdata(np.abs(gain))
    told = stats.permutation_test(
        (gain,), lambda signed, axis: (ranks * (signed > 0)).sum(axis), vectorized=True,
        permutation_type="samples", n_resamples=np.inf,
    )  # fmt: skip
    return told.pvalue


def test_weights_of_the_anorexia_trial_shift_as_scipy_finds_them(shared_data):
    # Hand et al. 1994, table 285; the family therapy's mean gain is 7.26 (Howell, table 7.3).
    rows = pd.read_csv(shared_data / "known_dates" / "anorexia.csv")
    long = rows.melt(["rownames", "Treat"], ["Prewt", "Postwt"], value_name="score")
    names = {"rownames": "respondent_id", "Treat": "item_id", "variable": "wave"}
    answers = long.rename(columns=names).replace({"wave": {"Prewt": "before", "Postwt": "after"}})
    step = problems.survey(answers, None)
    for treatment, group in rows.groupby("Treat"):
        gain = (group["Postwt"] - group["Prewt"]).round(6).to_numpy()
        found = step[f"problems.survey_shift[{treatment}]"]
        first, second = np.triu_indices(gain.size)
        assert found.value == pytest.approx(np.median((gain[first] + gain[second]) / 2))
        few = gain.size < 18  # the others are too many to enumerate
        large = stats.wilcoxon(gain, method="asymptotic", correction=True).pvalue
        expected = every_sign(gain) if few else large
        assert found.parts["p_unadjusted"] == pytest.approx(expected, rel=1e-9 if few else 0.05)
    family = rows.query("Treat == 'FT'")
    assert (family["Postwt"] - family["Prewt"]).mean() == pytest.approx(7.26, abs=5e-3)
