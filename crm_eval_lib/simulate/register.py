"""What happened to a synthetic register: its versions, the raters, the problems checked again."""

import numpy as np
import pandas as pd

from crm_eval_lib.simulate.scenario import Scenario

GRADED_DOWN = 2  # steps of severity
MOST_SEVERE = 5
STALE = pd.Timedelta(days=180)  # a vendor rejects after half a year
NUMBERED = 6  # every sixth problem is raised shortly before go-live
_ENDINGS = ("solved_on", "closed_on", "solution_kind", "accepted", "evidence", "duplicate_of",
            "decided_by_side", "decision_reason")  # fmt: skip
_WORDING = {"en": "{title} (wish)", "zh-Hans": "{title}（建议）"}
_CHECKS = (("live_demo", "screen at the order desk"), ("record", "audit log of the CRM"))


def vendor_rejected(scenario: Scenario, solved: int) -> range:
    """Return the numbers of the problems the vendor rejected: behind the severe open ones."""
    first = solved + scenario.open_severe
    return range(first, first + scenario.vendor_rejected)


def in_versions(scenario: Scenario, problems: pd.DataFrame) -> pd.DataFrame:
    """Return the register as it was handed over on each day.

    What was open in the first version may be gone, graded down or worded otherwise in the next.
    """
    if not scenario.register_versions:
        return problems
    first, *later = [_on(problems, pd.Timestamp(day)) for day in scenario.register_versions]
    gone = _chosen(scenario, problems, "vanished")
    down = problems.index.isin(_chosen(scenario, problems, "regraded"))
    first.loc[first.index.isin(problems.index[down]), "severity"] += GRADED_DOWN
    worded = first.index.isin(_chosen(scenario, problems, "reworded"))
    later = [version.drop(index=gone) for version in later]
    for version in later:
        wish = version.index.isin(first.index[worded])
        title = version.loc[wish, "title"]
        version.loc[wish, "title"] = [
            _WORDING[scenario.language].format(title=old) for old in title
        ]
    named = zip(scenario.register_versions, (first, *later), strict=True)
    return pd.concat([rows.assign(register_version=day) for day, rows in named], ignore_index=True)


def _on(problems: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return what the register held on a day; what ended later was still open."""
    rows = problems[problems["raised_on"] <= day].copy()
    ended = rows["solved_on"].fillna(rows["closed_on"])
    unsettled = (ended > day) | (rows["status"].eq("rejected") & (rows["raised_on"] + STALE > day))
    rows.loc[unsettled, "status"] = "open"
    for column in rows.columns.intersection(_ENDINGS):
        rows[column] = rows[column].mask(unsettled)
    rows["reopened"] = rows["reopened"].mask(unsettled, 0)
    rows["confirmed_on"] = rows["confirmed_on"].where(rows["confirmed_on"] <= day)
    rows["closed_on"] = rows["closed_on"].where(rows["closed_on"] <= day)
    return rows


def _chosen(scenario: Scenario, problems: pd.DataFrame, what: str) -> pd.Index:
    """Return the rows a change of the register concerns; all were in its first version."""
    solved = round(scenario.problems * scenario.solved_share)
    early = problems.index % NUMBERED != NUMBERED - 1
    rejected = problems.index.isin(list(vendor_rejected(scenario, solved)))
    inside = problems.index < scenario.problems
    mild = problems["severity"] <= MOST_SEVERE - GRADED_DOWN
    masks = {
        "vanished": inside & early & (problems.index >= solved + scenario.open_severe) & ~rejected,
        "regraded": early & mild & ((problems.index < solved) | rejected),
        "reworded": early & (problems.index < solved),
    }
    chosen = problems.index[masks[what]]
    wanted = getattr(scenario, what)
    return chosen[-wanted:] if wanted else chosen[:0]


def ratings(scenario: Scenario, problems: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Let a key user and a consultant judge the same problems; planted ones differ."""
    inside = np.linspace(0, scenario.problems - 1, scenario.rated).round().astype(int)
    judged = problems.iloc[inside].reset_index(drop=True)
    verdict = judged["status"].map({"solved": "solved", "partly": "partly"}).fillna("not_solved")
    other = rng.choice(len(judged), scenario.disagreements, replace=False)
    theirs = verdict.copy()
    theirs.iloc[other] = verdict.iloc[other].map(
        {"solved": "partly", "partly": "not_solved", "not_solved": "partly"}
    )
    sides = (("K1", "client", theirs), ("C1", "consultant", verdict))
    parts = [pd.DataFrame({"problem_id": judged["problem_id"], "rater_id": rater, "side": side,
                           "verdict": words}) for rater, side, words in sides]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def problem_check(scenario: Scenario, problems: pd.DataFrame) -> pd.DataFrame:
    """Look again at problems reported solved, those without evidence first."""
    solved = problems[problems["status"] == "solved"].iloc[::-1].head(scenario.checked)
    numbers = np.arange(len(solved))
    wrong = numbers < scenario.contradicted
    method = [_CHECKS[number % len(_CHECKS)] for number in numbers]
    day = pd.Timestamp(scenario.go_live) + pd.DateOffset(months=6)
    return pd.DataFrame(
        {
            "problem_id": solved["problem_id"],
            "checked_on": day + pd.to_timedelta(numbers % 5, unit="D"),
            "checked_by_role": "consultant",
            "method": [name for name, _ in method],
            "result": np.where(wrong, np.where(numbers % 3 == 2, "partly", "not_solved"), "solved"),
            "evidence": [words for _, words in method],
        }
    ).sort_values(["checked_on", "problem_id"], ignore_index=True)
