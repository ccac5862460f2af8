"""What to do: bring work into the system, and collect what cannot be told yet."""

from collections.abc import Iterable

import numpy as np
from scipy import stats

from crm_eval_lib.efficiency.cases import BEFORE, Cases, title_of
from crm_eval_lib.results import Action, Finding, Indicator, Message, keyed
from crm_eval_lib.stats.interrupted import POWER

WANTED_CHANGE = -0.30  # the change a good redesign brings; samples are sized to see it
MEDIAN_PENALTY = np.pi / 2  # a median needs that many more cases than a mean of normal values
ROUND_TO = 10
UNTOLD_SEVERITY = 3.0
BYPASS_SEVERITY, HEAVY_BYPASS_SEVERITY, HEAVY_BYPASS = 3.0, 4.0, 0.20

_UNTOLD = ("efficiency.reason.cannot_tell", "efficiency.reason.forms_flip")

_OWNER = Message("efficiency.word.owner")
_DATE = Message("efficiency.word.date_of_client")


def cannot_tell(indicators: Iterable[Indicator], cases: Cases) -> tuple[Finding, ...]:
    """Name the processes whose change is hidden by chance or refuted by placebo dates."""
    by_id = {indicator.id: indicator for indicator in indicators}
    found = []
    for indicator in by_id.values():
        if indicator.base_id != "efficiency.change" or indicator.key is None:
            continue
        detectable = by_id[keyed("efficiency.mde", indicator.key)].value
        if detectable is not None and _untold(indicator, detectable):
            found.append(_collect(indicator, float(detectable), cases))
    return tuple(found)


def bypass(process: str, title: str, outside_a_month: float, share: float) -> Finding:
    """Name the orders that never reach the system."""
    slots = {"process": title, "n": round(outside_a_month), "share": share, "owner": _OWNER,
             "date": _DATE}  # fmt: skip
    action = Action(
        "efficiency.bypass",
        Message("efficiency.action.bypass", slots),
        size=round(outside_a_month),
        size_unit="count",
    )
    return Finding(
        keyed("efficiency.bypass", process),
        "efficiency",
        keyed("efficiency.in_system_share", process),
        HEAVY_BYPASS_SEVERITY if share >= HEAVY_BYPASS else BYPASS_SEVERITY,
        Message("efficiency.finding.bypass", slots),
        (("processes", process),),
        action,
    )


def sample_size(log_spread: float, change: float = WANTED_CHANGE) -> int:
    """Return how many records a side show a change of the median with 80 % power.

    >>> sample_size(0.8)
    130
    """
    reach = stats.norm.ppf(0.975) + stats.norm.ppf(POWER)
    exact = 2 * MEDIAN_PENALTY * (reach * log_spread / np.log1p(change)) ** 2
    return int(np.ceil(exact / ROUND_TO) * ROUND_TO)


def _untold(indicator: Indicator, detectable: float) -> bool:
    if indicator.reason is not None and indicator.reason.key in _UNTOLD:
        return True
    straddles = indicator.low is not None and indicator.low <= 0 <= indicator.high
    return indicator.value is not None and straddles and detectable > -WANTED_CHANGE


def _collect(indicator: Indicator, detectable: float, cases: Cases) -> Finding:
    process = indicator.key
    spread = (indicator.parts or {}).get("log_spread")
    if spread is None:
        spread = float(np.log(cases.of(process, BEFORE)["hours"].astype(float)).std(ddof=1))
    needed = sample_size(spread)
    slots = {
        "process": title_of(cases, process),
        "n": needed,
        "mde": detectable,
        "owner": _OWNER,
        "date": _DATE,
    }
    return Finding(
        keyed("efficiency.cannot_tell", process),
        "efficiency",
        indicator.id,
        UNTOLD_SEVERITY,
        Message("efficiency.finding.cannot_tell", slots),
        (("processes", process),),
        Action("efficiency.cannot_tell", Message("efficiency.action.cannot_tell", slots),
               size=detectable, size_unit="ratio"),
    )  # fmt: skip
