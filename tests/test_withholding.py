"""A whole client that keeps a table to itself never gains from it."""

import shutil
from importlib import import_module

import pytest

from crm_eval_lib import scorecard
from crm_eval_lib.client import open_client

pytestmark = pytest.mark.slow
SMALL, SERVICES, TRADING = "demo-small", "demo-services", "demo-trading"
FACTORS = ("cost", "problems", "efficiency", "controls")
# What a factor reads without naming it as a table of one of its indicators.
READ_BESIDE = {"control_totals": ("efficiency",), "controls": ("efficiency",)}
# The largest client loses the tables that carry the weight of its factors, one at a time.
LIGHT = ("scope", "problems", "departments", "control_tests", "complaints")


def bounds(client, results):
    card = scorecard.score(results, client=client, draws=50)
    return {item.factor: item.bounds[0] for item in card.factors} | {
        "total": card.overall.bounds[0]
    }


def tables_of(demo_clients, client_id):
    return sorted(path.stem for path in (demo_clients / client_id).glob("*.csv"))


def touched(table, results):
    """Name the factors that read a table: the others stay as they are without it."""
    named = {factor for factor, result in results.items()
             if any(table in item.tables for item in result.indicators)}  # fmt: skip
    return named.union(READ_BESIDE.get(table, ()))


def without(table, client_id, demo_clients, tmp_path):
    shutil.copytree(demo_clients / client_id, tmp_path / table / client_id)
    (tmp_path / table / client_id / f"{table}.csv").unlink()
    return open_client(client_id, clients_dir=tmp_path / table)


def refuse_gain(table, told, untold):
    assert all(untold[part] <= told[part] + 1e-9 for part in told), (table, told, untold)


def test_withholding_a_table_never_raises_the_lower_bound(demo_clients, tmp_path):
    client = open_client(SMALL, clients_dir=demo_clients)
    told = bounds(client, scorecard.assess_factors(client))
    names = tables_of(demo_clients, SMALL)
    assert len(names) > 5
    for table in names:
        poorer = without(table, SMALL, demo_clients, tmp_path)
        refuse_gain(table, told, bounds(poorer, scorecard.assess_factors(poorer)))


@pytest.mark.parametrize(("client_id", "only"), [(SERVICES, None), (TRADING, LIGHT)])
def test_nor_does_it_in_a_client_with_a_full_set_of_tables(
    client_id, only, demo_clients, tmp_path, assessed
):
    results = {name: assessed(name, client_id) for name in FACTORS}
    told = bounds(open_client(client_id, clients_dir=demo_clients), results)
    names = [name for name in tables_of(demo_clients, client_id) if only is None or name in only]
    assert len(names) == (len(only) if only else 26)
    for table in names:
        poorer = without(table, client_id, demo_clients, tmp_path)
        again = {name: import_module(f"crm_eval_lib.{name}").assess(poorer)
                 for name in touched(table, results)}  # fmt: skip
        refuse_gain(table, told, bounds(poorer, {**results, **again}))
