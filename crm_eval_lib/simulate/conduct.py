"""How people live with synthetic controls: warnings clicked away, customers exempted."""

import numpy as np
import pandas as pd

from crm_eval_lib.simulate.scenario import Scenario

WARNING, PRICE = "C04", "C01"  # customer created twice; selling below the floor price
_STREAM = 41  # a stream of its own: the other tables stay as they are
_SHOWN = 240  # warnings from go-live to the status date
_EXPLAINED = 0.5  # of those who click a warning away give a reason
_REASONS = ("another branch", "same name, other company", "will be merged later")


def conduct_tables(scenario: Scenario, orders: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Make decisions on warnings and exemptions, where the scenario plants some."""
    rng = np.random.default_rng([scenario.seed, _STREAM])
    tables = {}
    if scenario.dismissed_last:
        tables["decisions"] = _decisions(scenario, rng)
    if scenario.exempt_customers:
        tables["exemptions"] = _exemptions(scenario, orders)
    return tables


def _decisions(scenario: Scenario, rng: np.random.Generator) -> pd.DataFrame:
    """Warnings spread evenly over time; the share clicked away moves in a straight line."""
    live, last = pd.Timestamp(scenario.go_live), pd.Timestamp(scenario.status_date)
    days = np.linspace(1, (last - live).days - 1, _SHOWN).astype(int)
    moments = live + pd.to_timedelta(days, unit="D") + pd.Timedelta(hours=10)
    risen = np.linspace(0, 1, _SHOWN) * (scenario.dismissed_last - scenario.dismissed_first)
    dismissed = rng.random(_SHOWN) < scenario.dismissed_first + risen
    explained = dismissed & (rng.random(_SHOWN) < _EXPLAINED)
    return pd.DataFrame({
        "control_id": WARNING, "decided_at": moments,
        "user": [f"E{n:02d}" for n in rng.integers(1, 13, _SHOWN)],
        "advice": "customer exists", "decision": np.where(dismissed, "overridden", "followed"),
        "reason": np.where(explained, rng.choice(_REASONS, _SHOWN), None),
    })  # fmt: skip


def _exemptions(scenario: Scenario, orders: pd.DataFrame) -> pd.DataFrame:
    """The customers that order most often are exempt from the price floor, half without an end."""
    often = orders["customer"].value_counts().sort_index(kind="stable")
    often = often.sort_values(ascending=False, kind="stable").index[: scenario.exempt_customers]
    ends = pd.Timestamp(scenario.status_date) + pd.DateOffset(months=6)
    return pd.DataFrame({
        "control_id": PRICE, "exempt": often, "granted_by_role": "sales director",
        "from": pd.Timestamp(scenario.go_live),
        "to": [ends if n % 2 else pd.NaT for n in range(len(often))],
    })  # fmt: skip
