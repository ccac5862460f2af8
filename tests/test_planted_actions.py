"""Each action of the contract comes of its own planted fault alone; and when it is suppressed."""

import json
import re
from functools import cache

import pytest
from client_folder import make_client
from planted_clients import PERSON, PLANTED, ROUND_THE_CLOCK

from crm_eval_lib.client import open_client
from crm_eval_lib.scorecard import assess_factors, score

TYPES = list(PLANTED)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Assess and score a planted client, with further files and settings."""

    @cache
    def findings(name, files=(), more=""):
        folder = tmp_path_factory.mktemp("clients")
        make_client(folder, {**PLANTED[name].files, **dict(files)}, more=ROUND_THE_CLOCK + more)
        client = open_client("acme", clients_dir=folder)
        card = score(assess_factors(client), client=client, draws=20)
        return card.to_dict()["findings"]

    return findings


def acting(findings):
    return [item for item in findings if item["action"]]


@pytest.mark.parametrize("name", TYPES)
def test_a_planted_fault_leads_to_its_action_and_no_other(found, name):
    assert [item["action"]["type"] for item in acting(found(name))] == [name]


@pytest.mark.parametrize("name", TYPES)
def test_the_action_has_the_planted_size_and_cites_the_planted_rows(found, name):
    (item,), planted = acting(found(name)), PLANTED[name]
    assert [f"{row['table']}/{row['key']}" for row in item["rows"]] == list(planted.rows)
    assert (item["indicator"], item["action"]["size_unit"]) == (planted.indicator, planted.unit)
    assert item["action"]["size"] == pytest.approx(planted.size, abs=planted.within)


@pytest.mark.parametrize("name", TYPES)
def test_the_owner_is_the_role_of_the_clients_tables_and_the_date_is_left_open(found, name):
    (item,), owner = acting(found(name)), PLANTED[name].owner
    assert item["action"]["owner_role"] == owner
    said = item["action"]["sentence"]
    assert owner in said or "the responsible role" in said
    assert "(date to be set)" in said and not re.search(r"20\d\d-\d\d-\d\d", said)


ANSWER = (
    ("actions.csv", "action_id,finding,owner_role,due_on,state\nA1,{id},finance director,"
                    "2025-10-15,open\n"),
)  # fmt: skip


@pytest.mark.parametrize("name", ["cost.unapproved", "controls.undecided", "efficiency.bypass"])
def test_the_client_sets_owner_and_date(found, name):
    (blank,) = acting(found(name))
    files = tuple((file, text.format(id=blank["id"])) for file, text in ANSWER)
    (item,) = acting(found(name, files))
    assert item["action"]["owner_role"] == "finance director"
    assert "finance director" in item["action"]["sentence"]
    assert "2025-10-15" in item["action"]["sentence"]


@pytest.mark.parametrize("name", ["controls.floor_leak", "controls.complaint_order"])
def test_a_person_in_the_rows_is_in_no_finding_and_no_action(found, name):
    assert any(PERSON in text for text in PLANTED[name].files.values())
    assert PERSON not in json.dumps(found(name), ensure_ascii=False)


CONTROL = """\
control_id,risk,process,required_mode,supported_mode,configured_mode,critical,decided_on,owner_role
C1,Released without approval,p,{mode},block,block,no,2024-06-01,sales head
"""


@pytest.mark.parametrize(("mode", "types"), [("dual", []), ("none", ["efficiency.bottleneck"])])
def test_a_step_that_is_a_required_control_is_not_to_be_removed(found, mode, types):
    files = (("controls.csv", CONTROL.format(mode=mode)),)
    said = acting(found("efficiency.bottleneck", files))
    assert [item["action"]["type"] for item in said] == types


def test_analyses_of_persons_add_no_finding_and_no_action(found):
    plain = found("controls.floor_leak")
    asked = "privacy: {person_level: true, basis: works agreement, approver: audit committee}\n"
    assert found("controls.floor_leak", more=asked) == plain


def test_what_does_not_apply_asks_for_nothing(found):
    waived = ("not_applicable: {controls.price.unapproved_rate: {reason: no price list in this "
              "trade, role: finance director}}\n")  # fmt: skip
    assert found("controls.floor_leak", more=waived) == []
