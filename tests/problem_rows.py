"""Hand-made problem registers for the tests of factor 2."""

from types import SimpleNamespace

import pandas as pd

DATES = SimpleNamespace(status_date=pd.Timestamp("2025-06-30"), go_live=pd.Timestamp("2024-09-02"))
DAY_COLUMNS = ("raised_on", "solved_on", "closed_on", "entered_on", "confirmed_on")


def register(*rows, **common):
    """Make a register; a row is what differs from an open problem of severity 3."""
    plain = {"raised_on": "2024-02-01", "title": "a problem", "severity": 3, "status": "open"}
    frame = pd.DataFrame(
        [{"problem_id": f"P{n}", **plain, **common, **row} for n, row in enumerate(rows, 1)]
    )
    days = {name: pd.to_datetime(frame[name]) for name in DAY_COLUMNS if name in frame}
    return frame.assign(**days)


PROVEN = {"status": "solved", "accepted": "yes", "evidence": "test 1", "solved_on": "2024-10-01"}
CLAIMED = {"status": "solved", "solved_on": "2024-10-01"}
OPEN = {}
