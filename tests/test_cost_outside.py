"""The outside view: places in reference classes, their files, their picture."""

import json
import os

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from client_folder import make_client
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_eval_lib import charts, cost
from crm_eval_lib.client import open_client
from crm_eval_lib.cost.outside_view import INDICATOR, position
from crm_eval_lib.errors import DataError
from crm_eval_lib.results import measured, missing_table, not_assessed
from crm_eval_lib.sources.reference import read_classes, reference_files
from crm_eval_lib.text import LANGUAGES, say

ON_TIME = measured("cost.schedule_ratio", 0.0, "ratio")
HEAD = ("class_id,measure,form,p,value,n,year,source,licence,title_en,title_zh,baseline_en,"
        "baseline_zh\n")  # fmt: skip
TAIL = ",2024,own projects,internal,Own,本公司,first budget,首次预算\n"


def over(value):
    return measured("cost.deviation_original", value, "ratio", tables=("budget", "actuals"))


def rows(*pairs, form="quantile", n=100, measure="cost", name="demo"):
    frame = pd.DataFrame(pairs, columns=["p", "value"])
    return frame.assign(class_id=name, form=form, n=n, measure=measure, title=f"Class {name}")


def place(classes, value, **more):
    step = cost.outside_view(classes, cost=over(value), schedule=ON_TIME, **more)
    return step[f"{INDICATOR}[{classes['class_id'].iloc[0]}]"]


def own_file(tmp_path, *lines):
    make_client(tmp_path, {"budget.csv": "line_id,category,amount\n1,other,5\n"})
    folder = tmp_path / "acme" / "reference"
    folder.mkdir()
    (folder / "own.csv").write_text(HEAD + "".join(line + TAIL for line in lines), "utf-8")
    return open_client("acme", clients_dir=tmp_path)


def test_a_place_between_two_quantiles_is_interpolated():
    # 1.05 lies a quarter of the way from 1.0 (p 0.5) to 1.2 (p 0.9): 0.5 + 0.25 × 0.4
    assert place(rows((0.5, 1.0), (0.9, 1.2)), 0.05).value == pytest.approx(0.6)


def test_the_interval_is_wilsons_for_a_class_of_n():
    # Wilson 1927 for 60 of 100: 0.5020 to 0.6906 (Newcombe's calculator gives the same)
    found = place(rows((0.5, 1.0), (0.9, 1.2)), 0.05)
    assert (round(found.low, 4), round(found.high, 4)) == (0.5020, 0.6906)
    assert found.n == 100


def test_beyond_the_outermost_quantiles_there_are_bounds_and_no_value():
    classes = rows((0.1, 0.8), (0.9, 1.2))
    far, cheap = place(classes, 0.5), place(classes, -0.5)
    assert (far.state, far.value, far.low, far.high) == ("not_assessed", None, 0.9, 1.0)
    assert (cheap.state, cheap.low, cheap.high) == ("not_assessed", 0.0, 0.1)
    assert "between 90% and 100%" in say(far.reason)


def test_a_class_of_tail_shares_gives_bounds_only():
    classes = rows((0.82, 1.5), form="tail_share")
    assert (place(classes, 0.2).low, place(classes, 0.2).high) == (0.0, 0.82)
    assert (place(classes, 0.6).low, place(classes, 0.6).high) == (0.82, 1.0)
    assert place(classes, 0.2).value is None


def test_where_many_projects_share_a_value_the_middle_of_their_shares_is_taken():
    classes = rows((0.2, 0.9), (0.4, 1.0), (0.8, 1.0), (0.9, 1.3), n=None)
    found = place(classes, 0.0)
    assert (found.value, found.low, found.high) == (pytest.approx(0.6), 0.4, 0.8)


def test_a_class_of_unknown_size_has_no_interval():
    found = place(rows((0.5, 1.0), (0.9, 1.2), n=None), 0.05)
    assert (found.low, found.high, found.n) == (None, None, None)


@settings(deadline=None)
@given(st.lists(st.floats(0.1, 5), min_size=30, max_size=200), st.floats(0.05, 6))
def test_the_place_is_near_the_share_counted_in_the_raw_class(values, ratio):
    shares = np.arange(1, 20) / 20
    found = position(shares, np.quantile(values, shares), ratio, form="quantile")
    counted = [(np.asarray(values) < ratio).mean(), (np.asarray(values) <= ratio).mean()]
    # between two quantiles 0.05 apart nothing is known; type 7 shifts a rank by at most one
    slack = 0.05 + 1 / len(values)
    low, high = (found.low, found.high) if found.share is None else (found.share, found.share)
    assert low <= counted[1] + slack and high >= counted[0] - slack


@settings(deadline=None)
@given(st.floats(0.1, 3), st.floats(0.1, 3))
def test_a_dearer_project_never_stands_lower(one, other):
    shares, values = np.array([0.1, 0.5, 0.9]), np.array([0.8, 1.0, 1.5])
    first, last = (position(shares, values, x, form="quantile") for x in sorted((one, other)))
    assert first.low <= last.low and first.high <= last.high


def test_without_a_key_it_is_the_cost_in_the_default_class():
    classes = pd.concat([rows((0.5, 1.0), (0.9, 1.2)),
                         rows((0.5, 1.0), (0.9, 3.0), name="other")])  # fmt: skip
    step = cost.outside_view(classes, cost=over(0.1), schedule=ON_TIME, default_class="other")
    assert step[INDICATOR].value == step[f"{INDICATOR}[other]"].value == pytest.approx(0.52)
    assert step[INDICATOR].parts["class"] == "other"


def test_an_absent_default_class_is_named_and_the_others_stand():
    classes = rows((0.5, 1.0), (0.9, 1.2))
    step = cost.outside_view(classes, cost=over(0.1), schedule=ON_TIME)
    assert say(step[INDICATOR].reason) == "The reference class us_it_dashboard_cost is not at hand."
    assert step[f"{INDICATOR}[demo]"].value == pytest.approx(0.7)


def test_a_schedule_class_is_compared_with_the_schedule():
    classes = rows((0.5, 1.0), (0.9, 1.4), measure="schedule")
    late = measured("cost.schedule_ratio", 0.2, "ratio")
    step = cost.outside_view(classes, cost=over(9.0), schedule=late)
    assert step[f"{INDICATOR}[demo]"].value == pytest.approx(0.7)


def test_what_has_no_deviation_has_no_place_for_the_same_reason():
    unknown = not_assessed("cost.deviation_original", "ratio", missing_table("actuals"))
    step = cost.outside_view(rows((0.5, 1.0), (0.9, 1.2)), cost=unknown, schedule=ON_TIME)
    assert step[f"{INDICATOR}[demo]"].reason == missing_table("actuals")
    assert say(step.sentence) == "This cannot be answered: No usable rows in table: actuals."


def test_the_class_is_no_evidence_the_tables_are_those_of_the_clients_figure():
    assert place(rows((0.5, 1.0), (0.9, 1.2)), 0.1).tables == ("budget", "actuals")


def test_the_report_says_why_no_mean_is_used_and_shows_none():
    step = cost.outside_view(read_classes(reference_files()), cost=over(0.1), schedule=ON_TIME)
    for lang, words in (("en", "never the mean"), ("zh-Hans", "从不用参照类的平均值")):
        assert words in say(step.sentence, lang)
    assert not [name for name in step.table.columns if "mean" in name]


def test_shipped_classes_name_source_licence_year_and_baseline_in_both_languages():
    for lang in LANGUAGES:
        classes = read_classes(reference_files(), lang=lang)
        assert len(set(classes["class_id"])) >= 5
        named = classes[["source", "licence", "title", "baseline", "year"]]
        assert named.notna().all().all()
    assert classes["title"].str.contains("项目").all()


def test_the_shipped_effort_class_has_the_published_quantiles(project):
    path = project.parent / "shared" / "spec" / "worked_examples.json"
    if not path.is_file():
        pytest.skip("the worked examples are not beside this project")
    [case] = [c for c in json.loads(path.read_text("utf-8")) if c["id"] == "rcf_kitchenham_effort"]
    given = case["inputs"]
    ratios = np.divide(given["actual_effort"], given["first_estimate"])
    classes = read_classes(reference_files())
    shipped = classes[classes["class_id"] == "kitchenham_effort"].set_index("p")["value"]
    assert shipped.to_numpy() == pytest.approx(np.quantile(ratios, shipped.index), abs=5e-5)
    expected = {int(k[1:]) / 100: v for k, v in case["expected"].items() if k[0] == "p"}
    assert shipped[list(expected)].tolist() == pytest.approx(list(expected.values()), abs=5e-4)


def test_shipped_tail_shares_are_the_published_ones():
    # McKinsey and Oxford 2012: 17 % over 200 %; Flyvbjerg and Gardner 2023: 18 % over 50 %
    classes = read_classes(reference_files())
    tails = classes[classes["form"] == "tail_share"].set_index("class_id")[["p", "value"]]
    assert tails.loc["mckinsey_oxford_large"].tolist() == pytest.approx([1 - 0.17, 1 + 2.00])
    assert tails.loc["flyvbjerg_gardner_it"].tolist() == pytest.approx([1 - 0.18, 1 + 0.50])


def test_a_class_in_the_clients_folder_is_found_beside_the_shipped_ones(tmp_path):
    client = own_file(tmp_path, "own,cost,quantile,0.2,0.9,50", "own,cost,quantile,0.8,1.5,50")
    ids = set(client.validate().reference_classes["class_id"])
    assert {"own", "us_it_dashboard_cost", "kitchenham_effort"} <= ids
    assert client.inputs[-1]["path"] == "reference/own.csv"
    assert (client.inputs[-1]["rows"], len(client.inputs[-1]["sha256"])) == (2, 64)


@pytest.mark.parametrize(
    ("lines", "place", "words"),
    [
        (["own,price,quantile,0.2,0.9,50"], "row 2, column measure", "cost (成本), schedule"),
        (["own,cost,quantile,20,0.9,50"], "row 2, column p", "from 0 to 1"),
        (["own,cost,quantile,0.2,-1,50"], "row 2, column value", "such as 1234.56, above 0"),
        (["own,cost,quantile,0.2,abc,50"], "row 2, column value", "found 'abc'"),
        (["own,cost,quantile,0.2,1,50", "own,cost,quantile,0.8,0.9,50"],
         "row 3, column value", "allowed: 1 or more, as a lower p has"),
        (["own,cost,quantile,0.2,1,50", "own,cost,quantile,0.8,1.2,60"],
         "row 3, column n", "allowed: one n per class: 50"),
        (["own,cost,quantile,0.2,1,50"], "row 2, column form", "2 quantiles or more"),
        (["own,cost,quantile,0.2,1,50", "own,cost,quantile,0.2,1,50"],
         "row 3, column class_id, p", "allowed"),
        (["kitchenham_effort,cost,tail_share,0.2,1,50"],
         "row 2, column class_id", "data/reference/kitchenham.csv does not use"),
    ],
)  # fmt: skip
def test_a_malformed_class_is_refused_with_file_row_and_what_is_allowed(
    tmp_path, lines, place, words
):
    client = own_file(tmp_path, *lines)
    with pytest.raises(DataError) as refused:
        client.validate()
    assert f"reference/own.csv, {place} " in str(refused.value)
    assert words in str(refused.value)


def test_a_file_of_classes_that_changed_is_read_again(tmp_path):
    client = own_file(tmp_path, "own,cost,quantile,0.2,0.9,50", "own,cost,quantile,0.8,1.5,50")
    places = []
    for shift in (0, 1):  # a second later, as long as before
        path = client.folder / "reference" / "own.csv"
        path.write_text(path.read_text("utf-8").replace("0.2,0.9", f"0.{2 + shift},0.9"), "utf-8")
        os.utime(path, (shift, shift))
        classes = open_client("acme", clients_dir=tmp_path).reference_classes
        places.append(classes.loc[classes["class_id"] == "own", "p"].tolist())
    assert places == [[0.2, 0.8], [0.3, 0.8]]


def test_a_missing_column_of_a_class_is_named(tmp_path):
    client = own_file(tmp_path)
    (client.folder / "reference" / "own.csv").write_text("class_id,p,value\nown,0.5,1\n", "utf-8")
    with pytest.raises(DataError, match=r"reference/own.csv.*measure"):
        client.validate()


def test_a_class_of_headers_only_is_refused_and_not_passed_over(tmp_path):
    with pytest.raises(DataError, match=r"reference/own.csv .*headers without a row"):
        own_file(tmp_path).validate()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("value", [-0.9, 0.0, 0.127, 6.0])
def test_the_figure_draws_wherever_the_project_stands(value, lang):
    classes = read_classes(reference_files(), lang=lang)
    step = cost.outside_view(classes, cost=over(value), schedule=ON_TIME)
    shown = charts.figure("COST-06", charts.plot_outside_view, step, lang=lang)
    assert shown.svg and shown.headline and "{" not in shown.subtitle


def test_the_figure_has_one_row_per_class_and_the_own_mark_on_each():
    step = cost.outside_view(read_classes(reference_files()), cost=over(0.2), schedule=ON_TIME)
    ax = charts.plot_outside_view(step)
    assert len(ax.get_yticks()) == len(step.table) == 5
    marks = [c.get_offsets()[0][0] for c in ax.collections if len(c.get_offsets()) == 1]
    assert sum(mark == pytest.approx(1.2) for mark in marks) == 4
    plt.close("all")
