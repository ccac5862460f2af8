"""The starter catalogue: rows keep the contract, tests point at them, lists are compared."""

from pathlib import Path

import pandas as pd
import pytest
from client_folder import make_client
from control_rows import DATES, points

from crm_eval_lib import controls
from crm_eval_lib.cli import main
from crm_eval_lib.client import open_client
from crm_eval_lib.controls.catalogue import not_listed
from crm_eval_lib.sources.catalogue import (
    POINTS,
    SCRIPT_PARTS,
    SHIPPED,
    TESTS,
    read_points,
    read_tests,
    starter_table,
    write_starter,
)
from crm_eval_lib.text import say

LANGUAGES = ("en", "zh-Hans")


def raw(project, name):
    return pd.read_csv(project / SHIPPED / name, dtype="str", keep_default_na=False)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_row_of_the_catalogue_is_a_valid_row_of_table_controls(lang, tmp_path):
    text = starter_table(read_points(lang), lang).to_csv(index=False)
    make_client(tmp_path, {"controls.csv": text})
    table = open_client("acme", clients_dir=tmp_path).validate().tables.controls
    assert len(table) == 20
    modes = {"block", "dual", "warn", "suggest", "detect"}
    assert set(table["required_mode"]) == modes and set(table["log_check"]) >= {"price_floor"}


@pytest.mark.parametrize("name", [POINTS, TESTS])
def test_both_languages_are_filled_and_ids_stand_once(project, name):
    rows = raw(project, name)
    assert rows.iloc[:, 0].is_unique
    roles = {"override_role_en", "override_role_zh"}  # nobody may override some points
    pairs = [(name, f"{name[:-3]}_zh") for name in rows if name.endswith("_en")]
    for english, chinese in pairs:
        assert (rows[english].eq("") == rows[chinese].eq("")).all(), english
        assert english in roles or rows[english].ne("").all(), english
        assert not rows[english].str.contains(r"[一-鿿]").any(), english
        given = rows.loc[rows[chinese].ne(""), chinese]
        assert given.str.contains(r"[一-鿿]").all(), chinese


def test_the_eight_negative_tests_try_points_of_the_catalogue():
    tests = read_tests()
    assert len(tests) == 8
    assert set(tests["control_id"]) <= set(read_points()["control_id"])
    assert all(row.test_id.startswith(row.control_id) for row in tests.itertuples())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_point_of_the_catalogue_is_known_again_by_its_own_words(lang):
    for row in read_points(lang).to_dict("records"):
        own = points({"risk": row["risk"]})
        rest = not_listed(own, read_points(lang))["catalogue_id"].tolist()
        assert row["control_id"] not in rest, row["risk"]


def test_what_the_list_does_not_mention_is_said_in_both_languages():
    rated = {"likelihood": 3.0, "impact": 3.0}
    listed = points({"risk": "低于底价销售"}, {"risk": "Customer created twice"}, **rated)
    step = controls.mode_matrix(listed, catalogue=read_points("en"), dates=DATES)
    assert len(step.tables["not_listed"]) == 18
    [caveat] = step.caveats
    assert say(caveat.message, "en").startswith(
        "Of 20 control points common in a CRM, 18 are not mentioned on the client's list"
    )
    assert say(caveat.message, "zh-Hans").startswith("CRM常见的20个控制点中，有18个")


def test_a_list_that_mentions_every_point_leaves_nothing_to_say():
    every = read_points("zh-Hans")
    listed = points(*[{"risk": risk} for risk in every["risk"]], likelihood=3.0, impact=3.0)
    step = controls.mode_matrix(listed, catalogue=every, dates=DATES)
    assert step.caveats == () and "not_listed" not in step.tables


def test_without_a_catalogue_nothing_is_compared():
    assert "not_listed" not in controls.mode_matrix(points({}), dates=DATES).tables
    assert not_listed(points({}), pd.DataFrame()) is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_new_client_gets_the_list_and_the_scripts_and_nothing_of_it_is_read(lang, tmp_path):
    with pytest.raises(SystemExit) as stop:
        main(["new", "acme", "--clients", str(tmp_path), "--lang", lang])
    assert stop.value.code == 0
    starter = tmp_path / "acme" / "starter"
    rows = pd.read_csv(starter / "controls.csv", dtype="str", keep_default_na=False)
    assert rows["risk"].tolist() == read_points(lang)["risk"].tolist()
    assert rows["configured_mode"].eq("").all()  # what is set up only the client knows
    script = Path(starter / "negative_tests.md").read_text("utf-8")
    for row in read_tests(lang).to_dict("records"):
        assert all(row[part] in script for part in SCRIPT_PARTS)


def test_what_lies_in_the_starter_folder_is_no_table_of_the_client(tmp_path):
    folder = make_client(tmp_path, {"budget.csv": "line_id,category,amount\nL1,software,100\n"})
    write_starter(folder, "zh-Hans")
    client = open_client("acme", clients_dir=tmp_path).validate()
    assert list(client.tables) == ["budget"] and client.notes == ()
    (folder / "starter" / "controls.csv").rename(folder / "controls.csv")
    moved = open_client("acme", clients_dir=tmp_path).validate().tables.controls
    assert moved["control_id"].tolist() == [f"S{n:02d}" for n in range(1, 21)]
