"""Notebook 03 says what the library says and keeps the house rules; its charts draw the steps."""

import json

import nbformat
import numpy as np
import pytest
from efficiency_rows import ROUND_THE_CLOCK, make_dates, steady_log
from matplotlib import figure as drawing

from crm_eval_lib import charts, efficiency, open_client
from crm_eval_lib.text import catalogue

LANGUAGES = ("en", "zh-Hans")


@pytest.fixture(scope="module")
def notebook(project):
    return nbformat.read(project / "notebooks" / "03_efficiency.ipynb", as_version=4)


def test_the_planted_effects_of_the_demo_clients_are_found(project, assessed):
    for client_id in ("demo-trading", "demo-services"):
        truth = json.loads((project / "data" / "clients" / client_id / "truth.json").read_text())
        result = assessed("efficiency", client_id)
        found = result["efficiency.change[order_approval]"]
        if truth["crm_effect"] == 0:
            assert found.value is None or found.low <= 0 <= found.high
        else:
            assert found.low <= truth["crm_effect"] <= found.high < 0
        used = result["efficiency.in_system_share[order_approval]"]
        assert used.low <= truth["in_system_share"] <= used.high


def test_both_languages_have_equal_keys():
    english, chinese = (
        {key for key in catalogue(lang) if key.startswith("efficiency.")} for lang in LANGUAGES
    )
    assert english == chinese


@pytest.fixture(scope="module")
def cases():
    dates = make_dates("2024-01-01", "2024-12-31", ("2024-01-01", "2024-02-29"))
    events = steady_log(1, effect=np.log(0.7)).assign(system="crm")
    return efficiency.build_cases(events, None, dates=dates, calendar=ROUND_THE_CLOCK)


def axes():
    return drawing.Figure().subplots()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_series_is_drawn_with_counterfactual_and_shaded_blackout(cases, lang):
    step = efficiency.change(cases)
    ax = charts.plot_interrupted(step, ax=axes(), lang=lang)
    series = step.tables["series"].query("used and after")
    drawn = [line.get_ydata() for line in ax.lines]
    assert any(len(y) == len(series) and np.allclose(y, series["without_event"]) for y in drawn)
    assert len(ax.patches) == 1
    words = {text.get_text() for text in ax.texts}
    assert catalogue(lang)["efficiency.chart.without_event"] in words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_claims_and_results_are_drawn_from_the_table(cases, lang):
    step = efficiency.change(cases)
    ax = charts.plot_changes(step, ax=axes(), lang=lang)
    told = step.table["change_ratio"].dropna().tolist()
    points = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
    assert points == pytest.approx(told)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_other_figures_are_drawn(cases, lang):
    done = charts.plot_turnaround(efficiency.measures(cases), ax=axes(), lang=lang)
    assert done.get_ylim() == (0, 1) and len(done.lines) == 3
    used = charts.plot_system_use(efficiency.in_system_share(cases), ax=axes(), lang=lang)
    assert set(used.lines[0].get_ydata()) == {1.0}


def test_bars_of_the_priority_begin_at_zero(project):
    client = open_client("demo-trading")
    t = client.tables
    cases = efficiency.build_cases(t.events, t.processes, dates=client.dates,
                                   calendar=efficiency.calendar_of(client))  # fmt: skip
    ranking = efficiency.priority(cases, t.processes)
    ax = charts.plot_priority(ranking, ax=axes())
    assert ax.get_xlim()[0] == 0
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(ranking.table["share"].tolist())
