"""Everything this factor says and draws, in both languages; its notebook; the planted truths."""

import json
import re
from functools import cache

import matplotlib.pyplot as plt
import nbformat
import pandas as pd
import pytest
from notebook_cells import published

from crm_eval_lib import charts, cost
from crm_eval_lib.client import open_client
from crm_eval_lib.results import Message, Step, measured
from crm_eval_lib.text import LANGUAGES, catalogue, say

DEMOS = ("demo-trading", "demo-services", "demo-troubled")
ACTIONS = {"cost.unapproved", "cost.late_warning", "cost.scope_shortfall"}


@pytest.fixture(scope="module")
def notebook(project):
    return nbformat.read(project / "notebooks" / "01_cost.ipynb", as_version=4)


@cache
def steps_of(client_id, status_date=""):
    client = open_client(client_id, status_date=status_date)
    t = client.tables
    known = {"changes": t.changes, "dates": client.dates, "currency": client.currency}
    return [
        (charts.plot_deviation, cost.deviation(t.budget, t.actuals, progress=t.progress, **known)),
        (charts.plot_bridge, cost.bridge(t.budget, t.actuals, progress=t.progress, **known)),
        (charts.plot_earned_value, cost.earned_value(t.budget, t.actuals, t.progress, **known)),
        (charts.plot_earned_value, cost.earned_schedule(t.budget, t.progress, **known)),
        (charts.plot_schedule, cost.schedule(t.milestones, dates=client.dates)),
        (charts.plot_forecast,
         cost.early_warning(t.budget, t.actuals, t.progress, t.reviews, **known)),
    ]  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("client_id", "status"),
    [("demo-trading", ""), ("demo-services", "2023-10-15"), ("demo-troubled", "2024-02-10")],
)
def test_every_figure_draws_and_says_what_it_shows(client_id, status, lang):
    for plot, step in steps_of(client_id, status):
        shown = charts.figure("COST-01", plot, step, lang=lang)
        assert shown.svg and shown.headline and shown.alt


def test_a_chart_draws_on_the_axes_it_is_given_and_returns_them():
    plot, step = steps_of("demo-trading")[0]
    _, ax = plt.subplots()
    assert plot(step, ax=ax) is ax
    widths = sorted(patch.get_width() for patch in ax.patches)
    assert widths == sorted([*step.table["planned"], *step.table["actual"]])
    plt.close("all")


def test_the_waterfall_ends_at_actual_cost():
    plot, step = steps_of("demo-troubled")[1]
    ax = plot(step)
    assert ax.patches[-2].get_x() + ax.patches[-2].get_width() == pytest.approx(
        step.table["amount"].iloc[-1]
    )
    plt.close("all")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("client_id", DEMOS)
def test_findings_and_actions_are_whole_sentences(client_id, lang, assessed):
    result = assessed("cost", client_id)
    for finding in result.findings:
        sentence = Message(finding.sentence.key, {**finding.sentence.slots, "verb": "shows"})
        for text in (say(sentence, lang), say(finding.action.sentence, lang)):
            assert text.endswith((".", "。")) and "{" not in text and "–" not in text
        assert finding.action.type in ACTIONS
        assert finding.indicator in {item.id for item in result.indicators}


def test_both_catalogues_have_the_same_keys_and_slots():
    slots = {}
    for lang in LANGUAGES:
        own = {k: v for k, v in catalogue(lang).items() if k.startswith("cost.")}
        slots[lang] = {k: set(re.findall(r"{(\w+)", text)) for k, text in own.items()}
    assert slots["en"] == slots["zh-Hans"]


def test_every_indicator_and_column_has_a_name_in_the_catalogue(assessed):
    known = catalogue("zh-Hans")
    result = assessed("cost", "demo-troubled")
    named = {f"cost.indicator.{item.base_id.removeprefix('cost.')}" for item in result.indicators}
    columns = {str(column) for table in result.tables.values() for column in table.columns}
    wanted = named | {f"cost.column.{column}" for column in columns}
    assert wanted <= set(known)


@pytest.mark.parametrize("client_id", DEMOS)
def test_the_planted_truth_is_found(demo_clients, client_id, assessed):
    truth = json.loads((demo_clients / client_id / "truth.json").read_text("utf-8"))
    result = assessed("cost", client_id)
    found = {item.id: item.value for item in result.indicators}
    assert found["cost.deviation_original"] == pytest.approx(truth["overrun"], abs=1e-6)
    assert found["cost.scope_delivered"] == pytest.approx(truth["scope_delivered"], abs=1e-6)
    assert found["cost.unbudgeted_share"] == pytest.approx(truth["unbudgeted_share"], abs=1e-6)
    assert found["cost.retrospective_share"] <= truth["late_approval_share"] + 0.005


def test_an_earlier_status_date_sees_an_open_project(notebook, tmp_path):
    known = {"client_id": "demo-troubled", "status_date": "2024-02-10"}
    found = published(notebook, tmp_path, "cost", **known)
    (item,) = (i for i in found["indicators"] if i["id"] == "cost.deviation_original")
    assert item["tables"] == ["budget", "actuals", "progress"]


@pytest.mark.parametrize(
    ("absent", "status"),
    [
        ("", "2023-05-20"), ("actuals", "2023-05-20"), ("changes", "2023-09-10"),
        ("progress", "2023-09-10"), ("scope", "2023-09-10"), ("reviews", "2024-05-13"),
        ("progress", "2024-05-13"), ("", "2024-05-13"),
    ],
)  # fmt: skip
def test_whatever_is_missing_and_whenever_it_is_asked_everything_can_be_said(absent, status):
    client = open_client("demo-troubled", status_date=status)
    t = {name: client.tables[name] for name in client.tables if name != absent}.get
    known = {"changes": t("changes"), "dates": client.dates, "currency": client.currency}
    main = {"progress": t("progress"), **known}
    steps = [
        cost.planning(t("budget"), t("scope"), dates=client.dates),
        cost.deviation(t("budget"), t("actuals"), **main),
        cost.bridge(t("budget"), t("actuals"), **main),
        cost.spending(t("budget"), t("actuals"), **main),
        cost.delivery(t("scope"), t("budget"), t("actuals"), **main),
        cost.earned_value(t("budget"), t("actuals"), t("progress"), **known),
        cost.earned_schedule(t("budget"), t("progress"), **known),
        cost.oversight(t("reviews"), budget=t("budget"), **main),
        cost.early_warning(t("budget"), t("actuals"), t("progress"), t("reviews"), **known),
    ]
    for step in steps:
        reasons = [item.reason for item in step.indicators if item.reason]
        said = [step.sentence, step.headline, step.subtitle, *reasons]
        for message in (*said, *(caveat.message for caveat in step.caveats)):
            for lang in LANGUAGES:
                assert message is None or say(message, lang)
        assert step.sentence is not None and step.headline is not None


AWKWARD = {
    "one month": (["2024-01-31"], [0.1], [0.0], [1e12]),
    "forecasts without bounds": (["2024-01-31", "2024-02-29"], [0.001, 0.5], [-0.2, 9.0],
                                 [9e9, 1e5]),
}  # fmt: skip


def supervised(ends, done, used, forecasts):
    table = pd.DataFrame({
        "period_end": pd.to_datetime(ends), "progress_share": done, "contingency_used": used,
        "eac": forecasts, "eac_budget_rate": forecasts, "eac_cpi_spi": float("nan"),
    })  # fmt: skip
    slots = {"planned": 1e5, "final": 2e5, "currency": "CNY", "status": ends[-1]}
    said = Message("cost.sentence.month_by_month_no_forecast", slots)
    return Step(
        "cost.month_by_month", (), table, said, said, Message("cost.subtitle.bridge", slots)
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", AWKWARD)
def test_supervision_draws_single_months_and_forecasts_without_bounds(name, lang):
    months = supervised(*AWKWARD[name])
    for plot, step in ((charts.plot_forecast_funnel, months),
                       (charts.plot_contingency, cost.contingency(months))):  # fmt: skip
        ax = plot(step, lang=lang)
        low, high = ax.get_ylim()
        assert low <= 0 < high < 1e6
    plt.close("all")


def test_a_forecast_above_the_chart_is_marked_at_its_edge_with_its_height():
    ends, forecasts = ["2024-01-31", "2024-02-29"], [9e6, 2e5]
    ax = charts.plot_forecast_funnel(supervised(ends, [0.1, 0.5], [0.0, 0.0], forecasts))
    edge = ax.get_ylim()[1]
    tops = [float(y) for dots in ax.collections for _, y in dots.get_offsets()]
    assert tops == [edge, edge]  # two methods with the same forecast
    assert "up to 9,000,000" in [text.get_text() for text in ax.texts]
    plt.close("all")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_overview_draws_what_is_not_assessed_hollow_and_with_the_word(lang):
    known = Step("cost.schedule", (measured("cost.schedule_ratio", 0.5, "ratio"),))
    ax = charts.plot_overview(cost.overview(known), lang=lang)
    faces = [tuple(points.get_facecolors()[0][:3]) for points in ax.collections[1::2]]
    assert [face == (1.0, 1.0, 1.0) for face in faces] == [True, False, True, True]
    words = [text.get_text() for text in ax.texts]
    assert words.count(catalogue(lang)["core.label.not_assessed"]) == 3
    plt.close("all")
