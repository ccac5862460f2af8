"""Purchases against standard prices: floors by vendor, with an end, and one for each day."""

import pandas as pd
import pytest

from crm_eval_lib import controls
from crm_eval_lib.text import say
from real_data.builder import build
from real_data.oracles import rate_ratio

pytestmark = pytest.mark.real_data
NAME, HALF_CENT = "real-purchases", 0.005
LIVE, STATUS = "2025-01-01", "2025-06-30"
PRICE = "controls.price"
VENDORS = """SELECT ProductID AS product, BusinessEntityID AS customer_class,
             StandardPrice AS floor_price, DATE '2022-01-01' AS valid_from, NULL AS valid_to
      FROM 'ProductVendor.csv'"""
HISTORY = """SELECT ProductID AS product, NULL AS customer_class, {price} AS floor_price,
             CAST(StartDate AS DATE) AS valid_from, CAST(EndDate AS DATE) AS valid_to
      FROM '{file}.csv'"""
COST = HISTORY.format(price="StandardCost", file="ProductCostHistory")
LIST = HISTORY.format(price="ListPrice", file="ProductListPriceHistory")
# The dearest price paid on a day holds from the next day on, until the next purchase.
LAST_PAID = """SELECT ProductID AS product, VendorID AS customer_class,
             max(UnitPrice) AS floor_price,
             CAST(OrderDate AS DATE) + 1 AS valid_from, NULL AS valid_to
      FROM 'PurchaseOrderDetail.csv' JOIN 'PurchaseOrderHeader.csv' USING (PurchaseOrderID)
      GROUP BY ALL"""


@pytest.fixture(scope="module")
def works(shared_data):
    return shared_data / "adventureworks"


@pytest.fixture(scope="module")
def bought(works):
    """Purchase lines up to the status date, by day."""
    heads = pd.read_csv(works / "PurchaseOrderHeader.csv", parse_dates=["OrderDate"])
    heads = heads[["PurchaseOrderID", "OrderDate", "VendorID"]]
    rows = pd.read_csv(works / "PurchaseOrderDetail.csv").merge(heads, on="PurchaseOrderID")
    rows = rows[rows["OrderDate"] <= STATUS]
    return rows.sort_values(["OrderDate", "PurchaseOrderDetailID"], ignore_index=True)


@pytest.fixture(scope="module")
def by_vendor(bought, works):
    """Purchase lines with the standard price of their vendor as ``floor``."""
    vendors = pd.read_csv(works / "ProductVendor.csv")
    vendors = vendors.rename(columns={"BusinessEntityID": "VendorID", "StandardPrice": "floor"})
    return bought.merge(vendors[["ProductID", "VendorID", "floor"]], how="left")


@pytest.fixture(scope="module")
def last_paid(bought):
    """Purchase lines with what the product cost the last time as ``floor``."""
    keys = ["OrderDate", "ProductID", "VendorID"]
    paid = bought.groupby(keys, as_index=False)["UnitPrice"].max()
    paid = paid.rename(columns={"UnitPrice": "floor"})
    return pd.merge_asof(bought, paid, on=keys[0], by=keys[1:], allow_exact_matches=False)


@pytest.fixture
def client(tmp_path, shared_data):
    def opened(*changes):
        return build(tmp_path, shared_data, NAME, *changes)

    return opened


def held(bought, works, file, price):
    """Return purchase lines with the price of a history that held on their day as ``floor``."""
    history = pd.read_csv(works / f"{file}.csv", parse_dates=["StartDate", "EndDate"])
    history = history.sort_values("StartDate").drop(columns="ModifiedDate")
    rows = pd.merge_asof(bought, history, left_on="OrderDate", right_on="StartDate", by="ProductID")
    holds = rows["EndDate"].isna() | (rows["OrderDate"] <= rows["EndDate"])
    return rows.assign(floor=rows[price].where(holds), over=~holds)


def figures(rows):
    """Count lines with a floor and those below it, and add up what lies below."""
    rows = rows[rows["floor"].notna()]
    lost = (rows["floor"] - rows["UnitPrice"]).clip(lower=0) * rows["OrderQty"]
    return len(rows), int((rows["UnitPrice"] < rows["floor"] - HALF_CENT).sum()), lost.sum()


def check(result, rows):
    """Hold the rates before and after and the leakage against an own count."""
    late = rows["OrderDate"] >= LIVE
    for suffix, part in (("_before", rows[~late]), ("_after", rows[late])):
        n, below, lost = figures(part)
        found = result[f"{PRICE}.below_floor_rate{suffix}"]
        assert (found.n, found.value) == (n, pytest.approx(below / n, abs=1e-12))
    leakage = result[f"{PRICE}.leakage"]
    assert (leakage.n, leakage.value) == (n, pytest.approx(lost, abs=HALF_CENT))
    assert leakage.tables == ("orders", "price_rules")


def floors(client):
    lines = controls.lines_of(client)
    return lines["floor"].set_axis(lines["line_no"].astype(int)).sort_index()


def as_floors(rows):
    return rows.set_index("PurchaseOrderDetailID")["floor"].sort_index()


def test_prices_below_the_vendors_standard_are_those_counted_by_hand(client, by_vendor):
    assert figures(by_vendor)[:2] == (7862, 19)  # 8,845 lines, 983 of them after June 2025
    result = controls.assess(client().validate())
    check(result, by_vendor)
    late = by_vendor["OrderDate"] >= LIVE
    pairs = [figures(part)[:2][::-1] for part in (by_vendor[late], by_vendor[~late])]
    found = result[f"{PRICE}.rate_ratio"]
    assert (found.value, found.low, found.high) == pytest.approx(rate_ratio(*pairs), rel=1e-9)


def test_each_line_has_the_standard_price_of_its_own_vendor(client, by_vendor):
    prices = by_vendor.groupby("ProductID")["floor"].nunique()
    assert (prices > 1).sum() > 50  # so the vendor decides, not the product alone
    pd.testing.assert_series_equal(floors(client()), as_floors(by_vendor), check_names=False)


@pytest.mark.parametrize(("query", "file", "price"), [
    (COST, "ProductCostHistory", "StandardCost"),
    (LIST, "ProductListPriceHistory", "ListPrice"),
])  # fmt: skip
def test_a_history_with_ends_gives_the_price_of_the_day_or_none(
    client, bought, works, query, file, price
):
    rows = held(bought, works, file, price)
    opened = client((VENDORS, query))
    pd.testing.assert_series_equal(floors(opened), as_floors(rows), check_names=False)
    assert rows["over"].any()  # bought after the last price had ended
    result = controls.assess(opened)
    check(result, rows)
    gone, all_lines = rows["floor"].isna().sum(), len(rows)
    words = f"{gone:,} of {all_lines:,} order lines have neither a floor nor a list price"
    assert any(words in say(caveat.message) for caveat in result.caveats)


def test_the_last_price_paid_is_found_for_every_day(client, last_paid):
    changes = last_paid.groupby(["ProductID", "VendorID"])["UnitPrice"].nunique()
    assert (changes > 1).any()
    opened = client((VENDORS, LAST_PAID))
    pd.testing.assert_series_equal(floors(opened), as_floors(last_paid), check_names=False)
    check(controls.assess(opened), last_paid)


def test_a_vendors_price_goes_before_one_for_all(client, by_vendor):
    opened = client((VENDORS, f"{VENDORS} UNION ALL {LIST}"))
    pd.testing.assert_series_equal(floors(opened), as_floors(by_vendor), check_names=False)


def test_who_approved_a_low_price_is_not_recorded_and_so_bounded(client, by_vendor):
    found = controls.assess(client())[f"{PRICE}.unapproved"]
    below = figures(by_vendor[by_vendor["OrderDate"] >= LIVE])[1]
    assert (found.state, found.value, found.low, found.high) == ("not_assessed", None, 0, below)
