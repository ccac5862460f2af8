"""The order in which a client's rows were exported says nothing, and changes nothing."""

import random
import shutil

import pytest

from crm_eval_lib import scorecard
from crm_eval_lib.client import open_client

pytestmark = pytest.mark.slow
SMALL = "demo-small"


def shuffled(source, target, seed):
    """Copy a client's folder, the rows of every table in another order."""
    shutil.copytree(source, target)
    for number, path in enumerate(sorted(target.glob("*.csv"))):
        head, *rows = path.read_text("utf-8").splitlines(keepends=True)
        random.Random(seed * 100 + number).shuffle(rows)
        path.write_text(head + "".join(rows), encoding="utf-8")


def told(clients_dir):
    """All numbers of all factors and of the score."""
    client = open_client(SMALL, clients_dir=clients_dir)
    results = scorecard.assess_factors(client)
    card = scorecard.score(results, client=client, draws=100)
    found = {item.id: (item.state, item.value, item.low, item.high, item.n, item.p)
             for result in results.values() for item in result.indicators}  # fmt: skip
    bounds = {item.factor: ("", item.score, *item.bounds) for item in card.factors}
    graded = {id: item.grade for id, item in card.indicators.items()}
    return found | bounds, graded, [item.finding.id for item in card.findings]


def same(one, other):
    numbers = [part for part in (one, other) if isinstance(part, float)]
    return one == pytest.approx(other, rel=1e-9, abs=1e-12) if len(numbers) == 2 else one == other


@pytest.mark.parametrize("seed", [1, 2])
def test_shuffled_rows_change_no_result_of_a_whole_client(demo_clients, tmp_path, seed):
    shuffled(demo_clients / SMALL, tmp_path / SMALL, seed)
    (plain, *rest), (moved, *others) = told(demo_clients), told(tmp_path)
    assert rest == others
    assert plain.keys() == moved.keys()
    wrong = [(id, plain[id], moved[id]) for id in plain
             if not all(map(same, plain[id], moved[id]))]  # fmt: skip
    assert wrong == []
