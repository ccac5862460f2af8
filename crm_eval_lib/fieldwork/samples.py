"""How many items to draw: tests of controls, order lines, complaints, answers of a survey."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from crm_eval_lib.controls.assured import assurance
from crm_eval_lib.results import CONFIDENCE, Message, Step
from crm_eval_lib.scoring import numbers
from crm_eval_lib.stats.interrupted import POWER
from crm_eval_lib.stats.intervals import wilson
from crm_eval_lib.stats.sampling import sample_size, upper_limit

# How often a control works, items drawn by the Chinese audit convention, least times a year.
CONVENTIONS = {
    "several_a_day": (25, 500),
    "daily": (20, 150),
    "weekly": (5, 24),
    "monthly": (2, 0),
}
LIMITS = (0.02, 0.05, 0.10)  # shares of order lines without approval that a clean sample excludes
SIZE_ID = "controls.sample_size"
SIZES = (30, 60, 100, 200)
MODEL_SHARE = 0.8  # complaints recorded in the CRM; an interval is widest near one half
BETTER = (0.60, 0.70, 0.80)  # true shares of changed answers that improved
MOST_ANSWERS = 2000  # more than any share of BETTER needs
_COIN = 0.5


def control_test_plan(
    controls: pd.DataFrame | None, dates: Any, *, processes: pd.DataFrame | None = None
) -> Step:
    """Say how many items each control needs, and what the audit convention would leave open.

    Returns
    -------
    Step
        Per control point, the critical ones first: the smallest sample that assures it if no more
        than the expected deviations turn up, the convention's number by how often its process
        runs a year, and the deviation rate that so many clean items leave possible.

    Examples
    --------
    >>> control_test_plan(None, None).tables["conventions"]["limit_95_rate"].round(3).tolist()
    [0.113, 0.139, 0.451, 0.776]
    """
    tables = {"conventions": conventions()}
    if controls is None or controls.empty:
        sizes = {
            f"{kind}_items": sample_size(*_levels(kind)[:1], risk=round(1 - _levels(kind)[1], 12))
            for kind in ("critical", "other")
        }
        slots = {**sizes, **_usual()}
        return Step("plan.controls", sentence=Message("plan.sentence.controls_none", slots),
                    headline=Message("plan.headline.controls", {}), tables=tables)  # fmt: skip
    table = _control_rows(controls, dates, _runs_a_year(controls, processes))
    slots = {
        **_usual(),
        "n": len(table),
        "critical": int(table["critical"].eq("yes").sum()),
        "items": int(table["items"].sum()),
        "open": int(table["items"].isna().sum()),
        "least": int(table["items"].min()) if table["items"].notna().any() else None,
        "most": int(table["items"].max()) if table["items"].notna().any() else None,
    }
    key = "controls_alike" if slots["least"] == slots["most"] else "controls"
    key = "controls_open" if slots["open"] else "controls_one" if len(table) == 1 else key
    return Step("plan.controls", table=table, sentence=Message(f"plan.sentence.{key}", slots),
                headline=Message("plan.headline.controls", {}), tables=tables,
                sources=("controls",))  # fmt: skip


def _usual() -> dict[str, float]:
    """What the convention's largest sample leaves possible where none of it deviates."""
    items = max(items for items, _ in CONVENTIONS.values())
    return {"usual": items, "limit": upper_limit(0, items)}


def conventions() -> pd.DataFrame:
    """Return the convention's sample sizes with what none of so many deviating leaves possible."""
    rows = [
        {"frequency": Message(f"plan.frequency.{name}", {}), "items": items,
         "limit_95_rate": upper_limit(0, items, confidence=0.95),
         "limit_90_rate": upper_limit(0, items, confidence=0.90)}
        for name, (items, _) in CONVENTIONS.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def order_plan() -> Step:
    """Say how many order lines without a finding exclude a share of unapproved ones.

    Examples
    --------
    >>> order_plan().table["clean_items"].tolist()
    [149, 59, 29]
    """
    rows = [
        {"excluded_share": limit, "clean_items": sample_size(limit),
         "one_found_items": _with_findings(limit, 1)}
        for limit in LIMITS
    ]  # fmt: skip
    slots = {"share": LIMITS[0], "n": rows[0]["clean_items"], "one": rows[0]["one_found_items"]}
    return Step(
        "plan.orders",
        table=pd.DataFrame(rows),
        sentence=Message("plan.sentence.orders", slots),
        headline=Message("plan.headline.orders", {}),
        sources=("order_samples",),
    )


def complaint_plan() -> Step:
    """Say how exactly samples of complaints tell the share that reached the CRM.

    Examples
    --------
    >>> complaint_plan().table["low_share"].round(2).tolist()
    [0.63, 0.68, 0.71, 0.74]
    """
    rows = []
    for size in SIZES:
        low, high = wilson(round(MODEL_SHARE * size), size)
        rows.append({"items": size, "low_share": float(low), "high_share": float(high)})
    slots = {"n": SIZES[1], "share": MODEL_SHARE, "low": rows[1]["low_share"],
             "high": rows[1]["high_share"]}  # fmt: skip
    return Step("plan.complaints", table=pd.DataFrame(rows),
                sentence=Message("plan.sentence.complaints", slots),
                headline=Message("plan.headline.complaints", {}),
                sources=("complaint_samples",))  # fmt: skip


def survey_plan(departments: pd.DataFrame | None = None) -> Step:
    """Say how many people whose answers change show that the survey improved.

    Returns
    -------
    Step
        Smallest n of an exact sign test at 5 % with 80 % power from there on, by the true share
        of changed answers that improved; one person counts once.

    Examples
    --------
    >>> survey_plan().table["changed_answers"].tolist()
    [210, 54, 23]
    """
    table = pd.DataFrame({"true_share": BETTER, "changed_answers": [answers(b) for b in BETTER]})
    slots = {"share": BETTER[1], "n": int(table["changed_answers"].iloc[1])}
    key = "survey"
    affected = None if departments is None else departments[departments["affected"] == "yes"]
    if affected is not None and len(affected):
        key, slots = "survey_departments", {**slots, "departments": len(affected)}
    return Step("plan.survey", table=table, sentence=Message(f"plan.sentence.{key}", slots),
                headline=Message("plan.headline.survey", {}), sources=("survey",))  # fmt: skip


def answers(better: float, *, confidence: float = CONFIDENCE) -> int:
    """Return the smallest number of changed answers with 80 % power, and so for every larger.

    The power of an exact test saws up and down, so the first number that reaches it is not enough.
    """
    sizes = np.arange(1, MOST_ANSWERS)
    critical = stats.binom.isf((1 - confidence) / 2, sizes, _COIN) + 1
    power = stats.binom.sf(critical - 1, sizes, better)
    return int(sizes[power < POWER].max()) + 1


def _with_findings(limit: float, found: int) -> int:
    """Return the items of which so many may deviate and still exclude a rate."""
    n = sample_size(limit)
    while upper_limit(found, n) > limit:
        n += 1
    return n


def _levels(kind: str) -> tuple[float, float]:
    tests = numbers()["tests"]
    return float(tests[f"tolerable_rate_{kind}"]), float(tests[f"confidence_{kind}"])


def _control_rows(controls: pd.DataFrame, dates: Any, runs: pd.Series) -> pd.DataFrame:
    step = assurance(controls, None, dates=dates)
    sizes = {item.key: item for item in step.indicators if item.base_id == SIZE_ID}
    rows = []
    for row, often in zip(controls.to_dict("records"), runs, strict=True):
        size = sizes[str(row["control_id"])]
        kind = convention(often)
        items = None if kind is None else CONVENTIONS[kind][0]
        rows.append({
            "control_id": row["control_id"],
            "risk": row.get("risk"),
            "critical": "yes" if row.get("critical") == "yes" else "no",
            "tolerable_rate": size.parts["tolerable_rate"],
            "confidence_share": size.confidence,
            "items": size.value,
            "frequency": None if kind is None else Message(f"plan.frequency.{kind}", {}),
            "convention_items": items,
            "convention_limit_rate": None if items is None else upper_limit(
                0, items, confidence=size.confidence
            ),
        })  # fmt: skip
    table = pd.DataFrame(rows)
    return table.sort_values(["critical", "control_id"], ascending=[False, True], ignore_index=True)


def convention(runs_a_year: float) -> str | None:
    """Return how often a control works by its runs a year; None where nobody knows.

    >>> convention(4000), convention(200), convention(52), convention(12), convention(float("nan"))
    ('several_a_day', 'daily', 'weekly', 'monthly', None)
    """
    if pd.isna(runs_a_year):
        return None
    return next(name for name, (_, least) in CONVENTIONS.items() if runs_a_year >= least)


def _runs_a_year(controls: pd.DataFrame, processes: pd.DataFrame | None) -> pd.Series:
    """Return how often each control's process runs a year, as far as the tables say."""
    unknown = pd.Series(float("nan"), index=controls.index)
    if processes is None or "process" not in controls or "annual_volume" not in processes:
        return unknown
    return controls["process"].map(processes.set_index("process")["annual_volume"]).astype(float)
