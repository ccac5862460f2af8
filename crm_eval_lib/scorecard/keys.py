"""Which keys of a keyed indicator count, and with what share of its weight."""

from collections.abc import Iterable, Mapping

from crm_eval_lib.results import VALUED_STATES, Indicator, keyed
from crm_eval_lib.scoring import numbers, threshold

PRIORITY = "efficiency.priority"
_ROUNDING = 1e-9  # shares that add to 80 % but for rounding have reached it


def expected_ids(base_id: str, indicators: Mapping[str, Indicator]) -> dict[str, float]:
    """Return the ids that stand for a scored indicator, with their share of its weight.

    Parameters
    ----------
    base_id : str
        Id without key.
    indicators : mapping of str to Indicator
        Everything published, by id.

    Returns
    -------
    dict of str to float
        Shares add to one. Efficiency: the evaluated processes by priority; uptime: the critical
        points by risk; anything else: the id itself, or its keys in equal shares.

    Examples
    --------
    >>> expected_ids("cost.schedule_ratio", {})
    {'cost.schedule_ratio': 1.0}
    """
    rule = numbers()["indicators"].get(base_id, {}).get("keys")
    published = [item for item in indicators.values() if item.base_id == base_id]
    whole = indicators.get(base_id)
    if whole is not None and (whole.state in VALUED_STATES or (len(published) == 1 and not rule)):
        return {base_id: 1.0}
    if rule == "priority":
        shares = evaluated_processes(indicators)
    elif rule == "risk":
        shares = _risks(item for item in published if item.key is not None)
    elif rule:
        shares = {rule: 1.0}
    else:
        shares = dict.fromkeys((item.key for item in published if item.key is not None), 1.0)
    total = sum(shares.values())
    if not total:
        return {base_id: 1.0}
    return {keyed(base_id, key): share / total for key, share in sorted(shares.items())}


def evaluated_processes(indicators: Mapping[str, Indicator]) -> dict[str, float]:
    """Return the processes up to and including the one that crosses 80 % of the priority.

    Without any assessed priority all processes seen count alike.
    """
    ranked = priorities(indicators)
    if not ranked:
        return dict.fromkeys(_processes(indicators.values()), 1.0)
    wanted = threshold("evaluated_share") * sum(ranked.values()) - _ROUNDING
    evaluated: dict[str, float] = {}
    for process, share in ranked.items():
        if sum(evaluated.values()) >= wanted:
            break
        evaluated[process] = share
    return evaluated


def priorities(indicators: Mapping[str, Indicator]) -> dict[str, float]:
    """Return the assessed priorities by process, highest first; ties by name."""
    found = {
        item.key: float(item.value)
        for item in indicators.values()
        if item.base_id == PRIORITY and item.key is not None and item.state in VALUED_STATES
    }
    positive = {process: share for process, share in found.items() if share > 0}
    return dict(sorted(positive.items(), key=lambda pair: (-pair[1], pair[0])))


def _processes(indicators: Iterable[Indicator]) -> list[str]:
    scored = {name for name, e in numbers()["indicators"].items() if e.get("keys") == "priority"}
    items = [item for item in indicators if item.key is not None]
    left_out = {i.key for i in items if i.base_id == PRIORITY and i.state == "not_applicable"}
    seen = {item.key for item in items if item.base_id in scored or item.base_id == PRIORITY}
    return sorted(seen - left_out)


def _risks(points: Iterable[Indicator]) -> dict[str, float]:
    middle = float(numbers()["scales"]["empty"]) ** 2
    shares = {}
    for point in points:
        parts = point.parts or {}
        if parts.get("critical", True):
            risk = parts.get("risk")
            shares[point.key] = middle if risk is None else float(risk)
    return shares
