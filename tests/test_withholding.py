"""A whole client that keeps a table to itself never gains from it."""

import shutil

import pytest

from crm_eval_lib import scorecard
from crm_eval_lib.client import open_client

pytestmark = pytest.mark.slow
SMALL = "demo-small"


def bounds(client):
    card = scorecard.score(scorecard.assess_factors(client), client=client, draws=50)
    return {item.factor: item.bounds[0] for item in card.factors} | {
        "total": card.overall.bounds[0]
    }


def test_withholding_a_table_never_raises_the_lower_bound(demo_clients, tmp_path):
    told = bounds(open_client(SMALL, clients_dir=demo_clients))
    names = [path.name for path in (demo_clients / SMALL).glob("*.csv")]
    assert len(names) > 5
    for name in names:
        folder = tmp_path / name
        shutil.copytree(demo_clients / SMALL, folder / SMALL)
        (folder / SMALL / name).unlink()
        untold = bounds(open_client(SMALL, clients_dir=folder))
        assert all(untold[part] <= told[part] + 1e-9 for part in told), (name, told, untold)
