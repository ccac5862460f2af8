"""Make one large client: as many rows as the goals of speed speak about, from one seed.

    python benchmarks/make_tables.py FOLDER

The rows are plain but not tidy: two currencies, credits, reversed accruals, orders and payments
beside invoices, unbudgeted spending, several versions of budget and register.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20250101
CLIENT = "large"
LEDGER_ROWS, LINES, MONTHS = 100_000, 5_000, 36
PROBLEMS, RESTATED = 50_000, 10_000  # rows of the newest register; of those, in an older one too
RATED = 2_000  # problems judged by two raters
START, STATUS_DATE = np.datetime64("2022-01-03"), np.datetime64("2025-06-30")
PROJECT_DAYS = 1_095
CATEGORIES = ("hardware", "licence", "services", "integration", "data_migration",
              "internal_labour", "training", "contingency")  # fmt: skip
CONFIG = f"""\
schema: 1
client: {CLIENT}
name: Large
language: en
currency: CNY
timezone: Asia/Shanghai
dates: {{project_start: {START}, planned_go_live: 2024-07-01, go_live: 2025-01-02,
        status_date: {STATUS_DATE}}}
"""
Frames = dict[str, pd.DataFrame]


def write_client(clients: Path) -> Path:
    """Write the client's folder with client.yml and one CSV file per table."""
    rng = np.random.default_rng(SEED)
    folder = clients / CLIENT
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "client.yml").write_text(CONFIG, encoding="utf-8")
    for name, frame in (cost_tables(rng) | problem_tables(rng)).items():
        frame.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8")
    return folder


def cost_tables(rng: np.random.Generator) -> Frames:
    """Budget, ledger, progress, changes, milestones, scope and reviews."""
    original = _budget(rng)
    return {
        "budget": pd.concat([original, _restated(rng, original)], ignore_index=True),
        "actuals": _actuals(rng, original),
        "progress": _progress(rng, original),
        "changes": _changes(rng, original),
        "milestones": _milestones(rng),
        "scope": _scope(rng),
        "reviews": _reviews(rng),
    }


def problem_tables(rng: np.random.Generator) -> Frames:
    """Register, trace, ratings, survey, its items and departments."""
    problems = _problems(rng)
    newest = problems["problem_id"].to_numpy()[-PROBLEMS:]
    return {
        "problems": problems,
        "trace": _trace(rng, newest),
        "ratings": _ratings(rng, newest[-RATED:]),
        "survey": _survey(rng),
        "survey_items": pd.DataFrame(
            {"item_id": numbered("Q", 10), "text": numbered("Question ", 10), "low": 1, "high": 5,
             "higher_is_better": ["yes"] * 8 + ["no"] * 2}
        ),
        "departments": pd.DataFrame(
            {"department": numbered("Department ", 40), "affected": ["yes"] * 35 + ["no"] * 5,
             "headcount": 25, "survey_attended_on": [START + 20] * 30 + [None] * 10}
        ),
    }  # fmt: skip


def numbered(prefix: str, count: int) -> np.ndarray:
    """Return P00001, P00002 …"""
    return np.array([f"{prefix}{number:06d}" for number in range(1, count + 1)], dtype=object)


def _some_empty(rng: np.random.Generator, values: np.ndarray, share: float) -> pd.Series:
    return pd.Series(values).where(rng.random(len(values)) >= share)


def _budget(rng: np.random.Generator) -> pd.DataFrame:
    first = rng.integers(0, PROJECT_DAYS - 200, LINES)
    foreign = rng.random(LINES) < 0.1
    quantity = rng.integers(1, 200, LINES)
    price = rng.lognormal(5, 1, LINES).round(2)
    return pd.DataFrame(
        {
            "line_id": numbered("L", LINES),
            "category": rng.choice(CATEGORIES, LINES),
            "description": numbered("Work package ", LINES),
            "amount": (quantity * price).round(2),
            "currency": np.where(foreign, "USD", "CNY"),
            "fx_rate": np.where(foreign, 7.1, np.nan),
            "tax": "excluded",
            "quantity": quantity,
            "unit": "pc",
            "unit_price": price,
            "version": 0,
            "approved_on": START - 12,
            "planned_start": START + first,
            "planned_finish": START + first + rng.integers(20, 200, LINES),
        }
    )


def _restated(rng: np.random.Generator, original: pd.DataFrame) -> pd.DataFrame:
    """Restate every line in two later versions, one line in five at another amount."""
    versions = []
    for number, day in enumerate((300, 700), 1):
        factor = np.where(rng.random(LINES) < 0.2, rng.uniform(0.9, 1.4, LINES), 1.0)
        amount = (original["amount"] * factor).round(2)
        versions.append(
            original.assign(version=number, approved_on=START + day, amount=amount,
                            unit_price=(amount / original["quantity"]).round(4))
        )  # fmt: skip
    return pd.concat(versions)


def _actuals(rng: np.random.Generator, budget: pd.DataFrame) -> pd.DataFrame:
    line = rng.integers(0, LINES, LEDGER_ROWS)
    kinds = ("invoice", "timesheet", "accrual", "credit", "order", "payment")
    kind = rng.choice(kinds, LEDGER_ROWS, p=[0.5, 0.2, 0.1, 0.02, 0.08, 0.1])
    start = budget["planned_start"].to_numpy()[line]
    day = start + rng.integers(0, 220, LEDGER_ROWS)
    share = rng.gamma(2, 0.5, LEDGER_ROWS) / (LEDGER_ROWS / LINES * 0.75)
    amount = (budget["amount"].to_numpy()[line] * share).round(2)
    reversal = (kind == "credit") | ((kind == "accrual") & (rng.random(LEDGER_ROWS) < 0.5))
    frame = pd.DataFrame(
        {
            "txn_id": numbered("T", LEDGER_ROWS),
            "line_id": _some_empty(rng, budget["line_id"].to_numpy()[line], 0.03),
            "category": budget["category"].to_numpy()[line],
            "incurred_on": day,
            "amount": np.where(reversal, -amount, amount),
            "kind": kind,
            "currency": budget["currency"].to_numpy()[line],
            "fx_rate": budget["fx_rate"].to_numpy()[line],
            "tax": "excluded",
            "quantity": rng.integers(1, 20, LEDGER_ROWS),
            "vendor": rng.choice(numbered("V", 300), LEDGER_ROWS),
            "order_ref": _some_empty(rng, rng.choice(numbered("PO", 8_000), LEDGER_ROWS), 0.6),
            "approved_on": day - rng.integers(-20, 30, LEDGER_ROWS),
        }
    )
    return frame.assign(unit_price=(frame["amount"].abs() / frame["quantity"]).round(4))


def _progress(rng: np.random.Generator, budget: pd.DataFrame) -> pd.DataFrame:
    ends = pd.date_range(str(START), periods=MONTHS, freq="ME").to_numpy().astype("datetime64[D]")
    first = budget["planned_start"].to_numpy().astype("datetime64[D]")[:, None]
    slow = rng.uniform(0.9, 1.5, (LINES, 1))
    span = (budget["planned_finish"].to_numpy().astype("datetime64[D]")[:, None] - first).astype(
        int
    )
    done = np.clip((ends[None, :] - first).astype(int) / (span * slow), 0, 1).round(3)
    return pd.DataFrame(
        {
            "line_id": np.repeat(budget["line_id"].to_numpy(), MONTHS),
            "period_end": np.tile(ends, LINES),
            "percent_complete": done.ravel(),
            "rule": np.repeat(rng.choice(["measured", "0/100", "50/50"], LINES), MONTHS),
        }
    )


def _changes(rng: np.random.Generator, budget: pd.DataFrame) -> pd.DataFrame:
    n = 2_000
    raised = START + rng.integers(60, PROJECT_DAYS, n)
    return pd.DataFrame(
        {
            "change_id": numbered("C", n),
            "line_id": rng.choice(budget["line_id"].to_numpy(), n),
            "reason": rng.choice(["scope", "law", "error", "price", "other"], n),
            "amount": rng.normal(2_000, 4_000, n).round(2),
            "days": rng.integers(0, 20, n),
            "raised_on": raised,
            "approved_on": _some_empty(rng, raised + rng.integers(1, 40, n), 0.1),
        }
    )


def _milestones(rng: np.random.Generator) -> pd.DataFrame:
    planned = START + np.linspace(0, PROJECT_DAYS, 60).astype(int)
    actual = planned + rng.integers(-5, 60, 60)
    return pd.DataFrame(
        {"milestone_id": numbered("M", 60), "name": numbered("Milestone ", 60),
         "planned_on": planned, "actual_on": actual, "weight": 1, "accepted_on": actual + 7,
         "acceptance": rng.choice(["unconditional", "conditional"], 60)}
    )  # fmt: skip


def _scope(rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {"item_id": numbered("S", 400), "title": numbered("Function ", 400),
         "weight": rng.integers(1, 6, 400), "supplier": "V000001", "decided_on": START - 10,
         "original": rng.choice(["yes", "no"], 400, p=[0.9, 0.1]),
         "delivered": rng.choice([0, 0.5, 1.0], 400, p=[0.1, 0.1, 0.8])}
    )  # fmt: skip


def _reviews(rng: np.random.Generator) -> pd.DataFrame:
    held = START + 30 * np.arange(1, MONTHS + 1)
    found = rng.choice(["yes", ""], MONTHS)
    return pd.DataFrame(
        {"review_id": numbered("R", MONTHS), "held_on": held, "kind": "steering",
         "plan_vs_actual_shown": rng.choice(["yes", "no"], MONTHS), "deviation_found": found,
         "decision": np.where(found == "yes", "look closer", ""), "acted_on": held + 10}
    )  # fmt: skip


def _problems(rng: np.random.Generator) -> pd.DataFrame:
    n = PROBLEMS
    raised = START + rng.integers(0, PROJECT_DAYS, n)
    status = rng.choice(["solved", "open", "partly", "rejected", "withdrawn", "duplicate"], n,
                        p=[0.7, 0.15, 0.05, 0.04, 0.04, 0.02])  # fmt: skip
    solved = pd.Series(raised + rng.exponential(90, n).astype(int)).where(status == "solved")
    ended = pd.Series(raised + rng.exponential(60, n).astype(int)).where(
        np.isin(status, ["rejected", "withdrawn", "duplicate"])
    )
    newest = pd.DataFrame(
        {
            "problem_id": numbered("P", n),
            "raised_on": raised,
            "title": numbered("Problem ", n),
            "department": rng.choice(numbered("Department ", 30), n),
            "raised_by_role": "clerk",
            "raised_by_side": rng.choice(["client", "vendor"], n, p=[0.8, 0.2]),
            "prompted": rng.choice(["yes", "no"], n),
            "process": rng.choice(numbered("process", 25), n),
            "severity": rng.integers(1, 6, n),
            "importance": _some_empty(rng, rng.integers(1, 6, n).astype(object), 0.1),
            "phase": rng.choice(["survey", "build", "live"], n),
            "in_scope": rng.choice(["yes", "no", "deferred"], n, p=[0.9, 0.05, 0.05]),
            "status": status,
            "decided_by_side": rng.choice(["client", "vendor", ""], n),
            "solved_on": solved,
            "closed_on": solved.fillna(ended),
            "accepted": np.where(status == "solved", rng.choice(["yes", "no", ""], n), ""),
            "confirmed_on": solved.where(rng.random(n) < 0.5),
            "evidence": np.where((status == "solved") & (rng.random(n) < 0.8), "record", ""),
            "owner_role": rng.choice(["key user", "vendor", "IT"], n),
            "reopened": rng.poisson(0.1, n),
            "duplicate_of": np.where(status == "duplicate", "P000001", ""),
            "entered_on": raised + rng.integers(0, 20, n),
            "register_version": 2,
            "origin": "register",
        }
    )
    older = newest.head(RESTATED).assign(register_version=1, status="open")
    return pd.concat([older, newest], ignore_index=True)


def _trace(rng: np.random.Generator, problems: np.ndarray) -> pd.DataFrame:
    n = 60_000
    return pd.DataFrame(
        {"problem_id": rng.choice(problems, n), "test_id": numbered("UT", n),
         "requirement_id": rng.choice(numbered("RQ", 9_000), n),
         "test_result": rng.choice(["pass", "fail", "not_run"], n),
         "tested_on": START + rng.integers(300, 1_200, n)}
    )  # fmt: skip


def _ratings(rng: np.random.Generator, problems: np.ndarray) -> pd.DataFrame:
    verdicts = ["solved", "partly", "not_solved"]
    first = rng.choice(verdicts, len(problems))
    agree = rng.random(len(problems)) < 0.7
    second = np.where(agree, first, rng.choice(verdicts, len(problems)))
    return pd.DataFrame(
        {"problem_id": np.tile(problems, 2), "rater_id": np.repeat(["R1", "R2"], len(problems)),
         "side": np.repeat(["client", "consultant"], len(problems)),
         "verdict": np.concatenate([first, second])}
    )  # fmt: skip


def _survey(rng: np.random.Generator) -> pd.DataFrame:
    persons, items = numbered("U", 500), numbered("Q", 10)
    grid = pd.MultiIndex.from_product(
        [persons, ["before", "after"], items], names=["respondent_id", "wave", "item_id"]
    ).to_frame(index=False)
    return grid.assign(score=rng.integers(1, 6, len(grid)))[rng.random(len(grid)) < 0.9]


if __name__ == "__main__":
    target = write_client(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    for path in sorted(target.glob("*.csv")):
        print(f"{path}  {path.stat().st_size / 1e6:.1f} MB")
