"""The scorecard of one client: everything the verdict rests on, computed once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from crm_eval_lib.errors import nearest
from crm_eval_lib.evidence import default_grades, table_evidence, table_grades
from crm_eval_lib.results import Caveat, FactorResult, Indicator, Message
from crm_eval_lib.scorecard.factors import (
    FactorScore,
    distrusted_factors,
    factor_score,
)
from crm_eval_lib.scorecard.findings import RankedFinding, rank_findings, with_client_actions
from crm_eval_lib.scorecard.published import STANDARD_PARTS
from crm_eval_lib.scorecard.rules import Rules, rules_for
from crm_eval_lib.scorecard.sensitivity import lost_points
from crm_eval_lib.scorecard.terms import Assessment, Evidence, assess_indicators
from crm_eval_lib.scorecard.total import Overall, overall
from crm_eval_lib.scorecard.uncertainty import Simulation, simulate
from crm_eval_lib.scorecard.vetoes import (
    Circumstances,
    Veto,
    cap_factor,
    check_vetoes,
    independence,
    rebaselined,
)
from crm_eval_lib.scoring import numbers, option


@dataclass(frozen=True)
class Card:
    """What `score` returns; the steps of this package show its parts, `publish` writes it.

    Parameters
    ----------
    assessment : Assessment
        All indicators in their final state, and the addends of each factor.
    tables : DataFrame
        The evidence grade of each table.
    previous : mapping or None
        The results of the last report.
    beside : tuple of FactorResult
        What stands beside the score; see `with_beside`.
    """

    client: Any
    rules: Rules
    assessment: Assessment
    factors: tuple[FactorScore, ...]
    overall: Overall
    vetoes: tuple[Veto, ...]
    simulation: Simulation
    findings: tuple[RankedFinding, ...]
    caveats: tuple[Caveat, ...]
    tables: pd.DataFrame
    previous: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    beside: tuple[FactorResult, ...] = ()

    def __getitem__(self, factor: str) -> FactorScore:
        """Return one factor's score."""
        found = {item.factor: item for item in self.factors}
        if factor not in found:
            raise KeyError(f"no factor {factor!r}: {nearest(factor, found)}")
        return found[factor]

    @property
    def indicators(self) -> Mapping[str, Indicator]:
        """All indicators by id."""
        return self.assessment.indicators

    def at_level(self, confidence: float) -> "Card":
        """Return the card with its ranges at another two-sided level, from the same draws."""
        simulation = replace(self.simulation, confidence=confidence)
        factors = tuple(_with_interval(item, simulation) for item in self.factors)
        whole = overall(factors, self.rules, self.vetoes, simulation)
        return replace(self, factors=factors, overall=whole, simulation=simulation)

    def publish(self, run_dir: str | Path | None = None, **provenance: Any) -> "Card":
        """Write ``results.json`` and the steps' tables; without a run folder nothing is written.

        ``generated_at``, ``fingerprint`` and ``protocol`` may be given; else they stay null.
        """
        from crm_eval_lib.scorecard.publish import write_results

        if run_dir:
            write_results(self, Path(run_dir), **provenance)
        return self

    def to_dict(self, **provenance: Any) -> dict[str, Any]:
        """Return the content of ``results.json``."""
        from crm_eval_lib.scorecard.publish import results_dict

        return results_dict(self, **provenance)

    def __repr__(self) -> str:
        from crm_eval_lib.scorecard.steps import verdict

        return repr(verdict(self))

    def _ipython_key_completions_(self) -> list[str]:
        return [item.factor for item in self.factors]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from crm_eval_lib.scorecard.steps import verdict

        return verdict(self)._repr_mimebundle_(include, exclude)


def score(
    results: Mapping[str, FactorResult] | Iterable[FactorResult],
    *,
    client: Any = None,
    previous: Mapping[str, Any] | None = None,
    seed: int = 0,
    draws: int | None = None,
    around: "Surroundings | None" = None,
) -> Card:
    """Score a client.

    Parameters
    ----------
    results : mapping or iterable of FactorResult
        What the factors published.
    client : Client, optional
        Its config, tables, dates and name; without it the defaults hold.
    previous : mapping, optional
        The results of the last report, for the change since then.
    seed, draws : int
        Of the simulation.
    around : Surroundings, optional
        What `Surroundings.of` gave for this client, where it is scored many times over.

    Returns
    -------
    Card
        Indicators in their final state, points and bounds of each factor, total with interval and
        band, vetoes, ranked findings, evidence grades of the tables. Points = 100 · (value − zero)/
        (full − zero), clipped; weights, credit and caps: SCORING, A0–A6.

    Examples
    --------
    >>> from crm_eval_lib.results import measured
    >>> cost = FactorResult("cost", (measured("cost.deviation_original", 0.127, "ratio"),))
    >>> round(score([cost])["cost"].bounds[1], 3)
    91.11
    """
    found = list(results.values() if isinstance(results, Mapping) else results)
    indicators = {item.id: item for result in found for item in result.indicators}
    config = option(client, "config")
    rules = rules_for(config)
    around = around or Surroundings.of(client, rules)
    caveats = _caveats(found, client, rules.factor_weights)
    evidence = Evidence(around.grades, caveats)
    assessment = assess_indicators(
        indicators,
        rules,
        evidence,
        waived=_mapping(option(config, "not_applicable", default={})),
        judgements=around.judgements,
    )
    vetoes = check_vetoes(assessment.indicators, rules, around.circumstances)
    factors = [cap_factor(item, vetoes) for item in _factors(assessment, rules, around)]
    simulation = simulate(factors, rules, vetoes, seed=seed, draws=draws)
    factors = tuple(_with_interval(item, simulation) for item in factors)
    findings = (finding for result in found for finding in result.findings)
    ranked = rank_findings(findings, assessment.indicators, evidence, lost=lost_points(factors))
    return Card(
        client=client,
        rules=rules,
        assessment=assessment,
        factors=factors,
        overall=overall(factors, rules, vetoes, simulation),
        vetoes=vetoes,
        simulation=simulation,
        findings=with_client_actions(ranked, around.table("actions")),
        caveats=(*caveats, *_unmatched(assessment), *_idle(rules, indicators, config)),
        tables=around.evidence,
        previous=previous,
        options={"seed": seed, "draws": int(draws or numbers()["uncertainty"]["draws"])},
    )


@dataclass(frozen=True)
class Surroundings:
    """What the score takes from the client beside the factors' results."""

    tables: Any
    evidence: pd.DataFrame
    grades: Mapping[str, str]
    status_date: pd.Timestamp | None
    circumstances: Circumstances

    @classmethod
    def of(cls, client: Any, rules: Rules) -> "Surroundings":
        tables = option(client, "tables", default={})
        status_date = option(client, "dates", "status_date")
        independent = independence(option(client, "config", "report"))
        evidence = table_evidence(
            tables,
            status_date=status_date,
            independent=independent or "V8" in rules.vetoes_off,
            totals_cap="V7" not in rules.vetoes_off,
        )
        differences = evidence.dropna(subset=["difference"]).set_index("table")["difference"]
        circumstances = Circumstances(
            rebaselined(_present(tables, "budget"), status_date),
            {str(name): float(gap) for name, gap in differences.items()},
            independent,
        )
        grades = default_grades() if client is None else table_grades(evidence)
        return cls(tables, evidence, grades, status_date, circumstances)

    def table(self, name: str) -> pd.DataFrame | None:
        return _present(self.tables, name)

    @property
    def judgements(self) -> pd.DataFrame | None:
        judgements = self.table("judgements")
        if judgements is None or self.status_date is None:
            return judgements
        return judgements[~(judgements["judged_on"] > self.status_date)]


def _factors(assessment: Assessment, rules: Rules, around: Surroundings) -> list[FactorScore]:
    tables = numbers()["tables"]
    homes = {name: entry["factor"] for name, entry in tables.items() if "factor" in entry}
    differences = {} if "V7" in rules.vetoes_off else around.circumstances.differences or {}
    distrusted = distrusted_factors(differences, homes)
    return [
        factor_score(name, assessment.terms[name], weight=share, distrusted=name in distrusted)
        for name, share in rules.shares.items()
    ]


def _with_interval(item: FactorScore, simulation: Simulation) -> FactorScore:
    if item.score is None:
        return item
    found = simulation.factor_interval(item.factor, item.score)
    return replace(item, low=found.low, high=found.high, kind=found.kind)


def _unmatched(assessment: Assessment) -> tuple[Caveat, ...]:
    return tuple(
        Caveat(Message("score.caveat.unmatched", {"id": name}), (name,))
        for name in assessment.unmatched
    )


def _idle(rules: Rules, indicators: Mapping[str, Indicator], config: Any) -> tuple[Caveat, ...]:
    """Name the client's own anchors and weights that score nothing, and why."""
    published = {item.base_id for item in indicators.values()}
    own = (set(option(config, "scoring", part, default={})) for part in
           ("anchors", "indicator_weights"))  # fmt: skip
    found = []
    for name in sorted(set().union(*own) - set(numbers()["indicators"])):
        halves = name in rules.anchors, name in rules.indicator_weights
        key = "no_indicator" if name not in published else ("" if all(halves) else "half_rule")
        if key:
            found.append(Caveat(Message(f"score.caveat.{key}", {"id": name}), (name,)))
    return tuple(found)


def _caveats(
    results: Iterable[FactorResult], client: Any, weights: Mapping[str, float]
) -> tuple[Caveat, ...]:
    """Gather the caveats of all factors and of the reading of the files, each once."""
    named = [caveat for result in results for caveat in result.caveats]
    named += [
        Caveat(Message("score.caveat.no_weight", {"factor": result.factor}))
        for result in results
        if result.factor not in (*weights, *STANDARD_PARTS)
    ]
    for caveat in option(client, "caveats", default=()):
        if caveat not in named:
            named.append(caveat)
    return tuple(named)


def _mapping(source: Any) -> dict[str, Any]:
    return dict(source) if isinstance(source, Mapping) else dict(vars(source))


def _present(tables: Any, name: str) -> pd.DataFrame | None:
    return tables[name] if name in list(tables) else None
