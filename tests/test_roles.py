"""A role, never a name: what an owner's column holds when somebody typed a person."""

import pandas as pd
import pytest
from client_folder import make_client

from crm_eval_lib import open_client
from crm_eval_lib.results import Action, Finding, Message
from crm_eval_lib.scorecard.findings import RankedFinding, with_client_actions
from crm_eval_lib.sources.roles import names_a_person
from crm_eval_lib.text import say

ACTIONS = """\
action_id,finding,owner_role,due_on
A1,cost.unapproved[all],Finance Director,2025-10-31
A2,cost.scope_shortfall,Li Na,2025-10-31
A3,problems.open_severe[P1],王总,2025-11-30
"""
ROLES = ("Finance Director", "key user", "IT", "Head of Sales", "Help Desk", "Legal Counsel",
         "process owner", "财务总监", "销售经理", "顾问", "董事长", "董事", "客服", "高管",
         "周边办", "系统管理员", "林业局局长", "张家港分公司", "")  # fmt: skip
PERSONS = ("Li Na", "Wei Zhang", "John Smith", "Ms. Okafor", "Herr Doktor Weiß", "a.b@firm.cn",
           "王总", "李经理", "张三", "陈晓明", "老赵", "刘 先生", "Ｌｉ Ｎａ")  # fmt: skip


@pytest.fixture
def told(tmp_path):
    return open_client("acme", clients_dir=make_client(tmp_path, {"actions.csv": ACTIONS}).parent)


@pytest.mark.parametrize(("texts", "person"), [(ROLES, False), (PERSONS, True)])
def test_common_forms_of_a_name_are_known_and_roles_are_left_alone(texts, person):
    assert [text for text in texts if names_a_person(text) is not person] == []


def test_a_name_in_the_owner_column_is_taken_as_empty_and_its_place_named_without_it(told):
    assert told.tables.actions["owner_role"].fillna("").tolist() == ["Finance Director", "", ""]
    note = next(note for note in told.notes if note.column == "owner_role")
    assert (note.file, note.row, note.blocking) == ("actions.csv", 3, False)
    assert "in 2 of the rows" in str(note) and "Li" not in str(note)


@pytest.mark.parametrize(("lang", "words"), [
    ("en", "In actions.owner_role, first in row 3, stands what looks like a person's name"),
    ("zh-Hans", "actions.owner_role 自第3行起，有的单元格填的疑为人名而非岗位"),
])  # fmt: skip
def test_the_data_check_says_so_and_names_nobody(told, lang, words):
    said = [say(caveat.message, lang) for caveat in told.caveats]
    assert any(text.startswith(words) for text in said)
    assert not any(name in text for name in ("Li Na", "王") for text in said)


@pytest.mark.parametrize(("lang", "blank"), [("en", "(role to be named)"), ("zh-Hans", "岗位")])
def test_an_action_whose_owner_was_a_person_asks_for_a_role(told, lang, blank):
    slots = {"owner": None, "amount": None, "n": 1}
    action = Action("cost.scope_shortfall", Message("cost.action.probe", slots), None)
    finding = Finding("cost.scope_shortfall", "cost", "cost.scope_delivered", 3,
                      Message("cost.finding.probe", {}), (), action)  # fmt: skip
    (answered,) = with_client_actions([RankedFinding(finding, "B", 1, 1.0)], told.tables.actions)
    filled = answered.finding.action
    assert filled.owner_role in (None, "")
    assert blank in say(filled.sentence.slots["owner"], lang)
    assert filled.sentence.slots["date"] == "2025-10-31"


def test_roles_of_problems_and_of_controls_are_cleaned_too(tmp_path):
    problems = (
        "problem_id,raised_on,title,severity,status,owner_role,raised_by_role\n"
        "P1,2024-02-01,late list,4,open,张三,sales\n"
    )
    controls = "control_id,risk,required_mode,override_role\nC1,loss,block,John Smith\n"
    files = {"problems.csv": problems, "controls.csv": controls}
    tables = open_client("acme", clients_dir=make_client(tmp_path, files).parent).tables
    assert pd.isna(tables.problems["owner_role"].iloc[0])
    assert tables.problems["raised_by_role"].iloc[0] == "sales"
    assert pd.isna(tables.controls["override_role"].iloc[0])
