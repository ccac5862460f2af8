"""What if the confidence or the transition were another: held to what a run would publish."""

import pandas as pd
import pytest
from client_folder import make_client
from score_cases import case, client, indicator
from test_whatif import FILES, OWN, put_into, results

from crm_eval_lib import controls, efficiency, problems
from crm_eval_lib.client import open_client
from crm_eval_lib.lab.factor import new_factor
from crm_eval_lib.results import measured
from crm_eval_lib.runner.plan import plan
from crm_eval_lib.scorecard import score
from crm_eval_lib.scorecard.steps import verdict
from crm_eval_lib.text import say
from crm_eval_lib.whatif import client_yml, what_if
from crm_eval_lib.whatif.base import started
from crm_eval_lib.whatif.view import View

ALWAYS_OPEN = 'calendar: {days: [mon, tue, wed, thu, fri, sat, sun], hours: ["00:00-24:00"]}\n'
MONTHS = {"2024-04": (20, 15), "2024-09": (40, 20), "2025-02": (10, 15)}  # hours, cases
MODULES = {"02_problems": problems, "03_efficiency": efficiency, "04_controls": controls}
LEARNING = ("2024-09-02", "2024-11-30")  # the month of 40 hours lies in it
RAISED, SOLVED = "2024-03-15", "2025-01-20"


def log() -> str:
    """Cases of 20 hours before go-live, of 40 while people learn, of 10 from then on."""
    rows = []
    for month, (hours, cases) in MONTHS.items():
        for number in range(cases):
            begun = pd.Timestamp(f"{month}-02 08:00") + pd.Timedelta(days=number)
            for name, at in (("ask", begun), ("done", begun + pd.Timedelta(hours=hours))):
                rows.append(f"quote,{month}/{number},{name},{at:%Y-%m-%d %H:%M}\n")
    return "process,case_id,activity,completed_at\n" + "".join(rows)


def register() -> str:
    """Twenty problems of all severities; sixteen are solved, accepted and proved."""
    head = "problem_id,title,raised_on,severity,in_scope,status,solved_on,accepted,evidence\n"
    ends = (f"solved,{SOLVED},yes,test", "open,,,")
    return head + "".join(
        f"P{n},Problem {n},{RAISED},{1 + n % 5},yes,{ends[n >= 16]}\n" for n in range(20)
    )


def made(clients):
    """Write the client's folder; what a block changed there is as it was."""
    files = {**FILES, "events.csv": log(), "problems.csv": register()}
    return make_client(clients, files, more=OWN + ALWAYS_OPEN)


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """Start from a client with a log and a register, measured as a run measures it."""
    folder = made(tmp_path_factory.mktemp("clients"))
    opened = open_client("acme", clients_dir=folder.parent)
    return started(opened, {**results(), **run(opened, *MODULES)})


@pytest.fixture
def plain(tmp_path):
    """Start from results written by hand: no log, no register."""
    make_client(tmp_path, FILES, more=OWN)
    return started(open_client("acme", clients_dir=tmp_path), results())


def run(opened, *notebooks):
    """Measure factors with the client's knobs, as their notebooks do."""
    knobs = opened.config.parameters
    found = (MODULES[name].assess(opened, **knobs.get(name, {})) for name in notebooks)
    return {result.factor: result for result in found}


def with_block(base, settings, *notebooks):
    """Put the block into client.yml; return the scorecard of a run with it."""
    config = made(base.client.folder.parent) / "client.yml"
    config.write_text(put_into(config.read_text("utf-8"), client_yml(base, settings)), "utf-8")
    opened = open_client("acme", clients_dir=config.parents[1])
    return score({**base.results, **run(opened, *notebooks)}, client=opened)


# ---- the transition ---------------------------------------------------------------------------
def test_another_transition_gives_what_a_run_with_it_gives(begun):
    settings = begun.settings.but(blackout=LEARNING)
    answer, change = what_if(begun, settings), "efficiency.change[quote]"
    assert answer.card.indicators[change].value == pytest.approx(10 / 20 - 1)
    assert begun.card.indicators[change].value != answer.card.indicators[change].value
    card = with_block(begun, settings, "03_efficiency", "04_controls")
    assert answer.card.factors == card.factors and answer.overall == card.overall


def test_a_transition_is_measured_once_and_then_at_hand(begun, monkeypatch):
    settings = begun.settings.but(blackout=LEARNING)
    first = what_if(begun, settings)
    monkeypatch.setattr(efficiency, "assess", lambda *_, **__: pytest.fail("measured twice"))
    assert what_if(begun, settings).overall == first.overall
    assert what_if(begun, begun.settings).overall == begun.card.overall


def test_own_notebooks_and_a_missing_log_are_named(plain):
    folder = plain.client.folder
    new_factor(folder, "usage", plan(folder).all)
    answer = what_if(plain, plain.settings.but(blackout=LEARNING))
    assert [m.key for m in answer.notes] == ["whatif.transition.no_log"]
    assert "usage" in say(answer.needs_run[0], "en") and "usage" in say(
        answer.needs_run[0], "zh-Hans"
    )


def test_the_slider_measures_every_length_and_says_how_far_it_is(plain, monkeypatch):
    for module in (efficiency, controls):
        found = plain.results[module.__name__.split(".")[1]]
        monkeypatch.setattr(module, "assess", lambda *_, found=found, **__: found)
    view, said = View(plain), []
    view.progress.observe(lambda change: said.append(change["new"]), "value")
    view.sliders["blackout"].value = 90
    assert "90 days: 1 of 6" in said[0] and "180 days: 6 of 6" in said[5] and said[6] == ""
    view.sliders["blackout"].value = 30
    assert view.settings.blackout == ("2024-09-02", "2024-10-01") and len(said) == 7


def test_without_a_day_of_go_live_there_is_no_transition_to_ask(tmp_path):
    config = make_client(tmp_path, FILES, more=OWN) / "client.yml"
    written = config.read_text("utf-8")
    for other in ("", "go_live: 2025-08-25,"):  # the second: a week before the status date
        config.write_text(written.replace("go_live: 2024-09-02,", other, 1), "utf-8")
        view = View(started(open_client("acme", clients_dir=tmp_path), results()))
        view.sliders["confidence"].value = 0.8
        assert "blackout" not in view.sliders and "80% interval" in view.shown.value


# ---- the confidence ---------------------------------------------------------------------------
def test_the_range_of_a_score_at_another_level_comes_from_the_same_draws():
    # points fall by 100 over 0.55 from 0.95 on, and the indicator has 45 of the factor's 100
    item = indicator("problems.weighted_solved_rate", 0.7, low=0.6, high=0.8, confidence=0.95)
    card = score(case(item), client=client()).at_level(0.80)
    found = card.simulation.factor_interval("problems", card["problems"].score, "sampling")
    half = 1.2816 * 0.1 / 1.9600 * 100 / 0.55 * 0.45
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.04)
    assert "80% interval" in say(verdict(card).sentence, "en")
    assert "80%区间" in say(verdict(card).sentence, "zh-Hans")


def test_weak_evidence_scores_at_the_end_of_its_interval_at_that_level(plain):
    item = indicator("problems.weighted_solved_rate", 0.7, low=0.4, high=1.0, confidence=0.95)
    base = started(plain.client, {r.factor: r for r in case(item)})
    answer = what_if(base, base.settings.but(confidence=0.80))
    # so wide: grade D. Its low end 0.7 − 0.3 · 1.2816/1.9600 = 0.5038, of 0.40 to 0.95
    points = answer.card.indicators["problems.weighted_solved_rate"].score
    assert points == pytest.approx(100 * (0.5038 - 0.40) / 0.55, abs=0.01)
    name = say(answer.notes[1], "en")
    assert "Approximate" in name and "Proven, weighted by severity and importance" in name


def test_another_confidence_comes_near_to_a_run_with_it(begun):
    settings = begun.settings.but(confidence=0.80)
    near, run = what_if(begun, settings).card, with_block(begun, settings, "02_problems")
    id = "problems.weighted_solved_rate"
    assert run.indicators[id].confidence == 0.80  # the block was read
    assert near.indicators[id].low == pytest.approx(run.indicators[id].low, abs=0.01)
    assert near.indicators[id].grade == run.indicators[id].grade != begun.card.indicators[id].grade
    assert [f.score for f in near.factors] == [f.score for f in run.factors]


@pytest.mark.parametrize(("p", "key"), [(0.03, "confidence"), (0.07, "significance")])
def test_what_is_called_significant_at_one_level_only_is_named(plain, p, key):
    found = measured("efficiency.change[quote]", -0.2, "ratio", p=p, confidence=0.95)
    named = started(plain.client, {r.factor: r for r in case(found)})
    (said,) = what_if(named, named.settings.but(confidence=0.90)).needs_run
    assert said.key == f"whatif.needs_run.{key}"
    for lang in ("en", "zh-Hans"):
        assert "90%" in say(said, lang)
