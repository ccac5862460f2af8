"""Random projects with rows on both sides of any day, and what of them was known on a day."""

import pandas as pd
from cost_rows import changes, entries, lines, progress
from hypothesis import strategies as st

some_day = st.dates(
    pd.Timestamp("2024-01-01").date(), pd.Timestamp("2024-12-28").date()
).map(pd.Timestamp)  # fmt: skip
line = st.sampled_from(["A", "B", "S", "N", None])  # N: new in a later version
share = st.integers(0, 10).map(lambda tenths: tenths / 10)
money = st.integers(1, 9999).map(float)


@st.composite
def histories(draw):
    """Two budget versions, ledger, changes, progress and reviews of a year."""
    first = lines(("A", "services", 1000.0), ("B", "hardware", 500.0), ("S", "subscription", 90.0),
                  ("R", "contingency", 200.0), planned_start="2024-01-08",
                  planned_finish="2024-08-15")  # fmt: skip
    second = pd.concat([first.assign(amount=first["amount"] * 1.5),
                        first.head(1).assign(line_id="N")])  # fmt: skip
    second = second.assign(version=1, approved_on=draw(some_day))
    budget = pd.concat([first.assign(version=0, approved_on=pd.Timestamp("2023-12-01")), second])
    kinds = st.sampled_from(["invoice", "order", "credit", "timesheet"])
    spent = entries(
        *draw(st.lists(st.tuples(line, some_day, money, kinds), min_size=1, max_size=9))
    )
    approvals = st.one_of(st.none(), some_day)
    spent = spent.assign(
        approved_on=pd.to_datetime([draw(approvals) for _ in range(len(spent))]),
        order_ref=[draw(st.sampled_from(["P1", "P2", None])) for _ in range(len(spent))],
        retention=[draw(st.sampled_from([0.0, 5.0])) for _ in range(len(spent))],
    )
    reasons = st.sampled_from(["scope", "error"])
    change = st.tuples(line, reasons, money, some_day, approvals)
    rows = st.tuples(st.sampled_from(["A", "B", "S"]), some_day, share)
    done = progress(*draw(st.lists(rows, max_size=9, unique_by=lambda row: row[:2])))
    done["rule"] = draw(st.sampled_from(["measured", "0/100", "50/50", None]))
    reviews = pd.DataFrame({"held_on": draw(st.lists(some_day, min_size=1, max_size=5))})
    reviews = reviews.assign(
        review_id=reviews.index.astype(str), plan_vs_actual_shown="yes", deviation_found="yes",
        acted_on=reviews["held_on"] + pd.Timedelta(days=20),
    )  # fmt: skip
    asked = changes(*draw(st.lists(change, max_size=4)))
    return {"budget": budget, "actuals": spent, "changes": asked, "progress": done,
            "reviews": reviews}  # fmt: skip


def known_by(tables, day):
    """Return the tables as they stood on a day: later rows and later dates are not there."""

    def cut(name, record, *later):
        seen = tables[name].loc[tables[name][record] <= day]
        kept = {column: pd.to_datetime(seen[column]).where(lambda d: d <= day) for column in later}
        return seen.assign(**kept)

    return {
        "budget": cut("budget", "approved_on"),
        "actuals": cut("actuals", "incurred_on", "approved_on"),
        "changes": cut("changes", "raised_on", "approved_on"),
        "progress": cut("progress", "period_end"),
        "reviews": cut("reviews", "held_on", "acted_on"),
    }
