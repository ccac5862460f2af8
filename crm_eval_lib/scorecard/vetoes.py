"""Vetoes: findings so grave that no average may hide them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from crm_eval_lib.results import VALUED_STATES, Indicator
from crm_eval_lib.scorecard.factors import FactorScore
from crm_eval_lib.scorecard.keys import evaluated_processes, priorities
from crm_eval_lib.scorecard.rules import Rules
from crm_eval_lib.scorecard.value import FULL
from crm_eval_lib.scoring import numbers, threshold

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Veto:
    """One rule: did it fire, could it be checked, what does it cap."""

    id: str
    fired: bool
    unknown: bool = False
    indicator: str | None = None
    value: Any = None
    factor: str | None = None
    factor_cap: float | None = None
    total_cap: float | None = None
    chance: float = 0.0  # that what it asks for holds though it did not fire

    @property
    def open(self) -> bool:
        """True where the rule fired or could not be checked."""
        return self.fired or self.unknown


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the vetoes ask for beside the indicators."""

    rebaselined: bool = False
    differences: Mapping[str, float] | None = None
    independent: bool = True


def check_vetoes(
    indicators: Mapping[str, Indicator], rules: Rules, circumstances: Circumstances
) -> tuple[Veto, ...]:
    """Check every rule; a rule the client switched off, or a factor without weight, never fires."""
    found = [_measured(rule, indicators) for rule in ("V1", "V2", "V3", "V4")]
    found += [_budget(indicators, circumstances.rebaselined), _slower(indicators)]
    found[0] = _untested(_doubted(found[0], found[1], indicators), found[1], indicators)
    gaps = (circumstances.differences or {}).values()
    worst = max((abs(gap) for gap in gaps), default=0.0)
    found.append(Veto("V7", worst > threshold("tie"), value=worst or None))
    found.append(Veto("V8", not circumstances.independent))
    return tuple(_effective(veto, rules) for veto in found)


def independence(report: Any) -> bool:
    """Say whether the preparer is independent or somebody independent countersigned.

    >>> independence({"independence": "vendor", "countersigned_by": " "})
    False
    """
    from crm_eval_lib.scoring import option

    role = option(report, "independence", default="independent")
    signed = str(option(report, "countersigned_by", default="")).strip()
    return role not in numbers()["vetoes"]["V8"]["roles"] or bool(signed)


def rebaselined(budget: pd.DataFrame | None, status_date: pd.Timestamp | None) -> bool:
    """Say whether a later version of the budget was approved, all its lines, by the status date."""
    if budget is None or budget.empty or not {"version", "approved_on"} <= set(budget):
        return False
    later = budget[budget["version"] > 0]
    approved = later["approved_on"].notna()
    if status_date is not None:
        approved &= later["approved_on"] <= status_date
    return bool(approved.groupby(later["version"]).all().any())


def cap_factor(score: FactorScore, vetoes: tuple[Veto, ...]) -> FactorScore:
    """Cap a factor's score and bounds; what could not be checked caps the lower bound only."""
    own = [v for v in vetoes if v.factor == score.factor and v.factor_cap is not None]
    cap = min((v.factor_cap for v in own if v.fired), default=FULL)
    floor = min((v.factor_cap for v in own if v.open), default=FULL)
    bounds = (min(score.bounds[0], float(floor)), min(score.bounds[1], float(cap)))
    if score.score is None or score.score <= cap:
        return replace(score, bounds=bounds)
    names = ", ".join(v.id for v in own if v.fired)
    return replace(score, score=float(cap), bounds=bounds, capped_by=names)


def total_cap(vetoes: tuple[Veto, ...], *, with_unknown: bool = False) -> tuple[float, str | None]:
    """Return the lowest cap on the total and the rule it comes from."""
    firing = [
        v for v in vetoes if v.total_cap is not None and (v.open if with_unknown else v.fired)
    ]
    lowest = min(firing, key=lambda v: v.total_cap, default=None)
    return (FULL, None) if lowest is None else (float(lowest.total_cap), lowest.id)


def _measured(rule: str, indicators: Mapping[str, Indicator]) -> Veto:
    entry = numbers()["vetoes"][rule]
    indicator = indicators.get(entry["indicator"])
    veto = _veto(rule, entry["indicator"])
    if not _known(indicator):
        return replace(veto, unknown=_unknown(indicator))
    if "below" in entry:
        fired = indicator.value < entry["below"] - _ROUNDING
    else:
        fired = indicator.value >= entry["at_least"]
    return replace(veto, fired=bool(fired), value=indicator.value)


def _untested(failed: Veto, unassured: Veto, indicators: Mapping[str, Indicator]) -> Veto:
    """Without any test nobody knows whether an unassured critical point has failed."""
    tested = indicators.get("controls.effective_share")
    hidden = unassured.fired and _unknown(tested) and not failed.fired
    return replace(failed, unknown=True) if hidden else failed


def _doubted(failed: Veto, unassured: Veto, indicators: Mapping[str, Indicator]) -> Veto:
    """Keep the chance that a critical point not assured by its sample has failed all the same."""
    if failed.fired or not unassured.fired:
        return failed
    parts = indicators[unassured.indicator].parts or {}
    return replace(failed, chance=float(parts.get("failed_probability", 0.0)))


def _budget(indicators: Mapping[str, Indicator], has_new_baseline: bool) -> Veto:
    entry = numbers()["vetoes"]["V5"]
    indicator = indicators.get(entry["indicator"])
    veto = _veto("V5", entry["indicator"])
    if has_new_baseline:
        return veto
    if not _known(indicator):
        return replace(veto, unknown=_unknown(indicator))
    fired = indicator.value > entry["above"] + _ROUNDING
    return replace(veto, fired=fired, value=indicator.value)


def _slower(indicators: Mapping[str, Indicator]) -> Veto:
    entry = numbers()["vetoes"]["V6"]
    base = entry["indicator"]
    ranked = list(priorities(indicators)) or list(evaluated_processes(indicators))
    top = f"{base}[{ranked[0]}]" if priorities(indicators) or len(ranked) == 1 else base
    indicator = next((i for i in indicators.values() if f"{i.base_id}[{i.key}]" == top), None)
    indicator = indicator or indicators.get(base)
    veto = _veto("V6", indicator.id if indicator else base)
    if not _known(indicator):
        return replace(veto, unknown=_unknown(indicator))
    carried = indicator.rung in entry["rungs"] and indicator.low is not None
    fired = carried and indicator.low > entry["low_above"]
    return replace(veto, fired=bool(fired), value=indicator.value)


def _veto(rule: str, indicator: str) -> Veto:
    entry = numbers()["vetoes"][rule]
    return Veto(
        rule,
        False,
        indicator=indicator,
        factor=entry["indicator"].split(".", 1)[0],
        factor_cap=entry.get("factor_cap"),
        total_cap=entry.get("total_cap"),
    )


def _effective(veto: Veto, rules: Rules) -> Veto:
    weightless = veto.factor is not None and not rules.factor_weights.get(veto.factor)
    if veto.id in rules.vetoes_off or weightless:
        return replace(veto, fired=False, unknown=False, chance=0.0)
    return veto


def _known(indicator: Indicator | None) -> bool:
    return indicator is not None and indicator.state in VALUED_STATES[:2]


def _unknown(indicator: Indicator | None) -> bool:
    return indicator is None or indicator.state in ("not_assessed", "failed")
