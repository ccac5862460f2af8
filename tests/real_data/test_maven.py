"""Sales opportunities as orders: prices against a floor, a misspelt product, lost deals."""

import pandas as pd
import pytest

from crm_eval_lib import controls, data_check
from crm_eval_lib.text import say
from real_data.builder import build
from real_data.oracles import rate_ratio

pytestmark = pytest.mark.real_data
HALF_CENT = 0.005
FIX = "replace(s.product, 'GTXPro', 'GTX Pro')"
PIPELINE = "sales_pipeline.csv"


@pytest.fixture(scope="module")
def won(shared_data):
    """Deals won, with the price list joined on by hand."""
    folder = shared_data / "maven_crm"
    deals = pd.read_csv(folder / PIPELINE)
    prices = pd.read_csv(folder / "products.csv").set_index("product")["sales_price"]
    prices["GTXPro"] = prices["GTX Pro"]
    deals["floor"] = 0.9 * deals["product"].map(prices)
    deals["day"] = pd.to_datetime(deals["close_date"], format="%m/%d/%Y")
    return deals[deals["deal_stage"] == "Won"]


@pytest.fixture(scope="module")
def client(shared_data, tmp_path_factory):
    return build(tmp_path_factory.mktemp("maven"), shared_data, "real-maven").validate()


@pytest.fixture(scope="module")
def result(client):
    return controls.assess(client)


def rate(deals):
    return (deals["close_value"] < deals["floor"] - HALF_CENT).mean()


def test_the_below_floor_rate_is_the_share_counted_by_hand(result, won):
    after = won["day"] >= "2017-07-01"
    price = "controls.price.below_floor_rate"
    assert result[price].value == pytest.approx(rate(won[after]), abs=1e-12)
    assert result[f"{price}_after"].value == result[price].value
    assert result[f"{price}_before"].value == pytest.approx(rate(won[~after]), abs=1e-12)
    assert (result[price].n, result[f"{price}_before"].n) == (after.sum(), (~after).sum())


def test_the_rate_ratio_has_the_exact_interval(result, won):
    below, after = won["close_value"] < won["floor"] - HALF_CENT, won["day"] >= "2017-07-01"
    pairs = [(int(below[part].sum()), int(part.sum())) for part in (after, ~after)]
    found = result["controls.price.rate_ratio"]
    assert (found.value, found.low, found.high) == pytest.approx(rate_ratio(*pairs), rel=1e-9)


def test_leakage_is_the_money_below_the_floor_since_go_live(result, won):
    lost = (won["floor"] - won["close_value"]).clip(lower=0)[won["day"] >= "2017-07-01"].sum()
    found = result["controls.price.leakage"]
    assert (found.unit, found.currency) == ("money", "USD")
    assert found.value == pytest.approx(lost, abs=HALF_CENT)


def test_a_price_list_as_rules_gives_the_same_figures_as_a_share_of_list(
    tmp_path, shared_data, result
):
    rules = (
        'sources:\n  price_rules: {query: "SELECT product, 0.9 * sales_price AS floor_price, '
        "DATE '2017-01-01' AS valid_from FROM 'products.csv'\"}\n"
    )
    changes = [("0.9}", "null}"), ("sources:\n", rules)]
    other = controls.assess(build(tmp_path, shared_data, "real-maven", *changes))
    for name in ("below_floor_rate", "below_floor_rate_before", "leakage"):
        id = f"controls.price.{name}"
        assert other[id].value == pytest.approx(result[id].value, abs=1e-9)
    assert other["controls.price.leakage"].tables == ("orders", "price_rules")


def test_approvals_that_nobody_recorded_are_not_assessed_and_bounded(result):
    below = round(result["controls.price.below_floor_rate"].value * 2453)
    found = result["controls.price.unapproved"]
    assert (found.state, found.value, found.low, found.high) == ("not_assessed", None, 0, below)
    assert "approved_at" in say(found.reason)


def test_lost_deals_are_no_orders_and_so_no_discounts(client, won, shared_data):
    lost = pd.read_csv(shared_data / "maven_crm" / PIPELINE).query("deal_stage == 'Lost'")
    assert (len(lost), lost["close_value"].max()) == (2473, 0)
    orders = client.tables.orders
    assert not orders["order_id"].isin(lost["opportunity_id"]).any()
    discounts = 1 - orders["unit_price"] / orders["list_price"]
    assert discounts.max() == pytest.approx((1 - 0.9 * won["close_value"] / won["floor"]).max())
    assert discounts.max() < 0.35


def test_lost_deals_taken_for_orders_are_reported_as_given_away(tmp_path, shared_data, result):
    trap = ("deal_stage = 'Won'", "deal_stage IN ('Won', 'Lost')")
    naive = controls.assess(build(tmp_path, shared_data, "real-maven", trap))
    texts = [say(caveat.message) for caveat in naive.caveats]
    assert any(text.startswith("2,473 of 6,711 order lines brought no money") for text in texts)
    assert not any("brought no money" in say(caveat.message) for caveat in result.caveats)


def test_without_the_mended_name_the_list_prices_are_missing(tmp_path, shared_data, won):
    pipeline = pd.read_csv(shared_data / "maven_crm" / PIPELINE)
    assert (pipeline["product"] == "GTXPro").sum() == 1480
    naive = build(tmp_path, shared_data, "real-maven", (FIX, "s.product"))
    gone = won["product"] == "GTXPro"
    gaps = data_check.completeness(naive.tables).table.set_index(["table_name", "column_name"])
    assert gaps.loc[("orders", "list_price"), "filled"] == len(won) - gone.sum()
    found = controls.assess(naive)["controls.price.below_floor_rate"]
    rest = won[~gone & (won["day"] >= "2017-07-01")]
    assert (found.n, found.value) == (len(rest), pytest.approx(rate(rest)))


def test_lines_that_lose_their_list_price_are_reported_with_the_product(
    tmp_path, shared_data, won, result
):
    naive = controls.assess(build(tmp_path, shared_data, "real-maven", (FIX, "s.product")))
    gone = (won["product"] == "GTXPro").sum()
    words = f"{gone:,} of {len(won):,} order lines have neither a floor nor a list price"
    [text] = [t for t in map(say, (item.message for item in naive.caveats)) if words in t]
    assert text.endswith("mainly concerned: GTXPro.")
    assert not any("neither a floor" in say(caveat.message) for caveat in result.caveats)


def test_the_misspelt_sector_is_kept_as_it_stands_and_stops_nothing(client, shared_data):
    accounts = pd.read_csv(shared_data / "maven_crm" / "accounts.csv").set_index("account")
    orders = client.tables.orders
    sectors = orders["customer"].map(accounts["sector"]).value_counts()
    assert "technolgy" in sectors
    assert orders["customer_class"].value_counts().to_dict() == sectors.to_dict()


def test_every_file_a_query_reads_is_listed_with_its_checksum(client, shared_data):
    names = [entry["path"].split("/")[-1] for entry in client.inputs]
    assert names == [PIPELINE, "products.csv", "accounts.csv"]
    assert [path.name for path in client.folder.iterdir()] == ["client.yml"]
