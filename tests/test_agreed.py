"""What was agreed after earlier reports, and what changed since the last one."""

import json

import pandas as pd
import pytest
from client_folder import make_client
from score_cases import case, client, indicator

from crm_eval_lib import controls, open_client, scorecard
from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.portfolio import portfolio_rows
from crm_eval_lib.results import Action, FactorResult, Finding, Message
from crm_eval_lib.runner.publish import carry_history, publish
from crm_eval_lib.scorecard import score
from crm_eval_lib.text import language, say

LANGUAGES = ("en", "zh-Hans")
SAID = Message("score.sentence.matrix_none", {})
# status date of the test client: 2025-08-31
AGREED = pd.DataFrame({
    "action_id": ["A1", "A2", "A3", "A4", "A5"],
    "finding": ["cost.x[L7]", "cost.unapproved", "train everybody", "cost.gone", None],
    "owner_role": ["buyer", None, "head of sales", "help desk", "owner"],
    "due_on": pd.to_datetime(["2025-08-30", "2025-08-31", None, "2025-01-31", "2025-01-31"]),
    "state": ["in work", "offen", "", " DONE ", "已取消"],
    "response": ["waiting for the supplier", None, None, "tested again", None],
})  # fmt: skip


def with_findings(*ids, told=None):
    action = Action("cost.unapproved", SAID)
    findings = tuple(Finding(i, "cost", "cost.schedule_ratio", 3, SAID, (), action) for i in ids)
    first, *rest = sorted(case(), key=lambda result: result.factor != "cost")
    results = [FactorResult("cost", first.indicators, findings), *rest]
    return score(results, client=told or client({"actions": AGREED}))


def rows(card):
    with language("en"):
        table = scorecard.agreed_actions(card).table
        words = {c: [say(m, "en") for m in table[c]] for c in ("standing", "found")}
        return table.assign(**words).set_index("action_id")


def test_overdue_actions_come_first_and_dropped_ones_last():
    table = rows(with_findings("cost.x[L7]"))
    assert table.index.tolist() == ["A1", "A2", "A3", "A4", "A5"]
    assert table["standing"].tolist() == ["overdue", "open", "open", "done", "dropped"]


def test_an_action_is_matched_by_finding_base_id_or_type_of_action():
    table = rows(with_findings("cost.x[L7]"))
    assert table["found"].tolist() == [
        "still found", "still found", "names no finding", "no longer found", "names no finding",
    ]  # fmt: skip
    assert rows(with_findings("cost.x[L8]"))["found"].iloc[0] == "no longer found"


def test_done_but_still_found_is_said_by_its_id():
    done = AGREED.assign(state=["done", "", "", "", ""])
    card = with_findings("cost.x[L7]", told=client({"actions": done}))
    said = say(scorecard.agreed_actions(card).sentence, "en")
    assert "Reported done, but the finding is still there: A1." in said
    assert "1 is done" in said


def test_the_clients_answer_travels_with_the_action():
    assert rows(with_findings("cost.x[L7]"))["response"].iloc[0] == "waiting for the supplier"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("agreed", [None, AGREED.head(0), AGREED, AGREED[["action_id"]]])
def test_agreed_actions_speak_whatever_was_recorded(lang, agreed):
    card = with_findings("cost.x", told=client({} if agreed is None else {"actions": agreed}))
    step = scorecard.agreed_actions(card)
    with language(lang):
        assert say(step.sentence, lang) and "text/html" in step._repr_mimebundle_()
    assert (step.table is None) == (agreed is None or agreed.empty)


def report(card, day, **provenance):
    data = {**card.to_dict(), "status_date": day}
    data["provenance"]["versions"].update(provenance)
    return data


def caveats(card, lang="en"):
    return [say(caveat.message, lang) for caveat in scorecard.change(card).caveats]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_other_rules_of_the_last_report_are_named(lang):
    before = report(score(case(), client=client(weights={"cost": 80})), "2024-08-31")
    told = client(scoring={"anchors": {"cost.schedule_ratio": [0.4, 0.0]}}, bands={"pass": 55})
    said = caveats(score(case(), client=told, previous=before), lang)
    assert len(said) == 1 and "2024-08-31" in said[0]
    names = {"en": ("weights of the factors", "anchors", "bands"),
             "zh-Hans": ("要素权重", "锚点", "等级")}[lang]  # fmt: skip
    assert all(name in said[0] for name in names)


def test_scaled_weights_are_no_other_rules():
    doubled = client(weights={"cost": 40, "problems": 60, "efficiency": 50, "controls": 50})
    before = report(score(case(), client=doubled), "2024-08-31")
    assert caveats(score(case(), client=client(), previous=before)) == []


def test_another_version_of_the_method_is_named():
    before = report(score(case()), "2024-08-31", crm_eval="0.0.1")
    said = caveats(score(case(), previous=before))
    assert len(said) == 1 and "version 0.0.1" in said[0]


def test_what_moved_adds_up_to_the_change_of_the_total():
    worse = (indicator("cost.schedule_ratio", 0.25), indicator("problems.open_high", 2))
    before = report(score(case(*worse)), "2024-08-31")
    step = scorecard.change(score(case(), previous=before))
    moved = step.tables["moved"].set_index("indicator")
    # 50 points more on 15 of 100 of cost (20 %), on 15 of 100 of problems (30 %)
    assert moved.loc["cost.schedule_ratio", "effect"] == pytest.approx(0.2 * 0.15 * 50)
    assert moved.loc["problems.open_high", "effect"] == pytest.approx(0.3 * 0.15 * 50)
    total = step.table.set_index("factor").loc["total", "change"]
    assert moved["effect"].sum() == pytest.approx(total)
    assert moved.index.tolist() == ["problems.open_high", "cost.schedule_ratio"]


def test_a_damaged_earlier_report_is_named_with_the_remedy(tmp_path):
    (tmp_path / "history" / "2024-08-31").mkdir(parents=True)
    (tmp_path / "history" / "2024-08-31" / "results.json").write_text("{")
    with pytest.raises(
        CrmEvalError, match=r"history/2024-08-31/results.json .* remove that folder"
    ):
        scorecard.last_report(tmp_path)


LIST = "control_id,risk,required_mode,configured_mode\nC1,credit,block,block\nC2,price,block,{}\n"


def run(tmp_path, day, mode, weights=""):
    """What a run does with the controls of a client: measure, score, publish, change places."""
    make_client(tmp_path / "clients", {"controls.csv": LIST.format(mode)}, more=weights)
    opened = open_client("acme", clients_dir=tmp_path / "clients", status_date=day)
    folder = tmp_path / "reports" / ".runs" / "acme"
    folder.mkdir(parents=True)
    carry_history(tmp_path / "reports", "acme", folder, day)
    before = scorecard.last_report(folder, opened.dates.status_date)
    others = [result for result in case() if result.factor != "controls"]
    card = score([*others, controls.assess(opened)], client=opened, previous=before)
    card.publish(folder, generated_at=f"{day}T00:00:00+00:00")
    publish(folder, tmp_path / "reports", "acme")
    return card


def test_a_changed_table_shows_in_the_next_run(tmp_path):
    first = run(tmp_path, "2025-06-30", "none")
    second = run(tmp_path, "2025-08-31", "block")
    assert scorecard.change(first).table is None
    moved = scorecard.change(second).tables["moved"].set_index("indicator")
    # half of the risk covered is the zero point, all of it is full marks
    assert moved.loc["controls.coverage", ["before", "now"]].tolist() == [0, 100]
    history = tmp_path / "reports" / "acme" / "history" / "2025-06-30" / "results.json"
    assert json.loads(history.read_text("utf-8"))["status_date"] == "2025-06-30"


def test_changed_weights_are_no_progress_and_make_clients_incomparable(tmp_path):
    run(tmp_path, "2025-06-30", "block")
    weights = "weights: {cost: 80, controls: 5}\n"
    second = run(tmp_path, "2025-08-31", "block", weights)
    table = scorecard.change(second).table.set_index("factor")
    assert table["change"].dropna().eq(0).all()
    assert "weights of the factors" in caveats(second)[0]
    other = tmp_path / "reports" / "bolt"
    other.mkdir()
    told = {**score(case(), client=client()).to_dict(), "client": "bolt"}
    (other / "results.json").write_text(json.dumps(told), encoding="utf-8")
    comparable = {row["client"]: row["comparable"] for row in portfolio_rows(tmp_path / "reports")}
    assert comparable == {"acme": False, "bolt": True}
