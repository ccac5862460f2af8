"""Make us_it_dashboard.csv again from the raw file of the dashboard.

    python data/reference/us_it_dashboard.py it_dashboard_projects.csv

The file lists projects of US federal agencies as reported up to 2012 (a work of the US government,
https://www.itdashboard.gov; taken from github.com/junjchen/COMP6214-data-visualization @ 232531e,
src/d.csv). Two classes are made of it: final cost over planned cost, and days from start to
completion over the days planned. Nothing but quantiles is written.

Which rows count: the project was completed by the day its row was last updated (a forecast is no
result); for cost, planned and actual cost are above zero (zero stands for "not reported"); for the
schedule, the planned length is at least one day.

Dates: wherever the day is 12 or less, day and month are swapped in the raw file. With the swap
undone no project is planned to end before it starts (25 do in the file as it is), and the reported
schedule variance agrees with the dates of 1,330 projects rather than 1,195 out of 1,546.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

PERCENTILES = (0.01, 0.05, 0.10, 0.20, 0.25, 0.30, 0.40, 0.50, 0.60, 0.70, 0.75, 0.80, 0.85, 0.90,
               0.95, 0.99)  # fmt: skip
LAST_DOUBTFUL_DAY = 12  # days above it cannot be months
DECIMALS = 4
START, UPDATED = "Start Date", "Updated Date"
PLANNED_END = "Planned Project Completion Date (B2)"
ACTUAL_END = "Projected/Actual Project Completion Date (B2)"
PLANNED_COST, ACTUAL_COST = "Planned Cost ($ M)", "Projected/Actual Cost ($ M)"
SHARED = {
    "form": "quantile",
    "year": 2012,
    "source": "US IT Dashboard (itdashboard.gov), projects as reported up to 2012",
    "licence": "US government work, public domain in the United States",
}
COST = {
    "class_id": "us_it_dashboard_cost",
    "measure": "cost",
    "title_en": "US federal IT projects, cost",
    "title_zh": "美国联邦政府信息化项目（成本）",
    "baseline_en": "Actual cost over the planned cost last approved; plans were often re-set on the"
    " way, so the class looks better than one measured against first budgets.",
    "baseline_zh": "实际成本除以最近一次批准的计划成本；计划常在途中重设，"
    "因此比以最初预算衡量的类别显得更好。",
}
SCHEDULE = {
    "class_id": "us_it_dashboard_schedule",
    "measure": "schedule",
    "title_en": "US federal IT projects, duration",
    "title_zh": "美国联邦政府信息化项目（工期）",
    "baseline_en": "Days from start to completion over the days last planned; plans were often"
    " re-set on the way.",
    "baseline_zh": "从开工到完成的天数除以最近一次计划的天数；计划常在途中重设。",
}
COLUMNS = ["class_id", "measure", "form", "p", "value", "n", "year", "source", "licence",
           "title_en", "title_zh", "baseline_en", "baseline_zh"]  # fmt: skip


def unswapped(texts: pd.Series) -> pd.Series:
    """Read dates whose day and month are swapped wherever that gives a date.

    >>> unswapped(pd.Series(["2011-01-10T00:00:00Z", "2012-09-30T00:00:00Z"])).dt.date.tolist()
    [datetime.date(2011, 10, 1), datetime.date(2012, 9, 30)]
    """
    days = pd.to_datetime(texts, utc=True).dt.tz_localize(None).dt.normalize()
    swapped = pd.to_datetime(days.dt.strftime("%Y-%d-%m"), format="%Y-%m-%d", errors="coerce")
    return swapped.where(days.dt.day <= LAST_DOUBTFUL_DAY, days)


def ratios(raw: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return final over planned cost and length of the completed projects."""
    start, planned, actual, updated = (
        unswapped(raw[name]) for name in (START, PLANNED_END, ACTUAL_END, UPDATED)
    )
    done = actual <= updated
    money = done & (raw[PLANNED_COST] > 0) & (raw[ACTUAL_COST] > 0)
    days = (planned - start).dt.days
    timed = done & (days > 0) & (actual >= start)
    return raw.loc[money, ACTUAL_COST] / raw.loc[money, PLANNED_COST], (
        (actual - start).dt.days[timed] / days[timed]
    )


def quantiles(values: pd.Series, about: dict[str, object]) -> pd.DataFrame:
    """Return one row per percentile (type 7, as numpy and Excel do) with what the class is."""
    rows = pd.DataFrame({"p": PERCENTILES, "value": np.quantile(values, PERCENTILES)})
    return rows.round(DECIMALS).assign(n=len(values), **about)


def main() -> None:
    """Read the raw file named on the command line and write the CSV beside this script."""
    cost, schedule = ratios(pd.read_csv(sys.argv[1]))
    table = pd.concat([quantiles(cost, COST | SHARED), quantiles(schedule, SCHEDULE | SHARED)])
    target = Path(__file__).with_suffix(".csv")
    table[COLUMNS].to_csv(target, index=False, encoding="utf-8", lineterminator="\n")


if __name__ == "__main__":
    main()
