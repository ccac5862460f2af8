"""A whole client that keeps a table to itself never gains from it."""

import shutil
from importlib import import_module

import pytest

from crm_eval_lib import scorecard
from crm_eval_lib.client import Client, open_client
from crm_eval_lib.sources.load import Intake
from crm_eval_lib.sources.paths import Area

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


class Withheld(Intake):
    """The tables of a client, read once for all tries, but for one."""

    def __init__(self, whole, table):
        self.__dict__ = {**vars(whole), "table": table}

    @property
    def names(self):
        return tuple(name for name in super().names if name != self.table)

    def holds(self, table):
        return table != self.table and super().holds(table)

    def event_log(self):
        return None if self.table == "events" else super().event_log()


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
def test_nor_does_it_in_a_client_with_a_full_set_of_tables(client_id, only, demo_clients, assessed):
    results = {name: assessed(name, client_id) for name in FACTORS}
    client = open_client(client_id, clients_dir=demo_clients)
    told, zone = bounds(client, results), {"timezone": client.timezone, "currency": client.currency}
    whole = Intake(Area.of(client.folder), client.config.sources or {}, **zone)
    names = [name for name in whole.names if only is None or name in only]
    assert len(names) == (len(only) if only else 26)
    for table in names:
        poorer = Client(client.config, client.folder, Withheld(whole, table))
        assert table not in poorer.tables and len(poorer.tables) == len(whole.names) - 1
        again = {name: import_module(f"crm_eval_lib.{name}").assess(poorer)
                 for name in touched(table, results)}  # fmt: skip
        refuse_gain(table, told, bounds(poorer, {**results, **again}))
