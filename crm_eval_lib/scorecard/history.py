"""The change since the last report, like for like."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.results import Caveat, Message, Step
from crm_eval_lib.scorecard.card import Card
from crm_eval_lib.scorecard.factors import FactorScore
from crm_eval_lib.scorecard.rules import Rules
from crm_eval_lib.scorecard.terms import WEAKEST_GRADE, Term
from crm_eval_lib.scorecard.value import DIGITS, points, worst_end

CHANGE_COLUMNS = ("factor", "before", "now", "before_alike", "now_alike", "change", "indicators")
MOVED_COLUMNS = ("factor", "indicator", "before", "now", "effect")
TOTAL = "total"
# Rules of the score that a report prints; where they differ, the scores printed then and now do.
_RULES = ("factor_weights", "indicator_weights", "anchors", "bands", "vetoes_off")


def change(card: Card) -> Step:
    """Show the change since the last report, on the indicators both could score.

    Parameters
    ----------
    card : Card
        From `score`, with ``previous`` from `last_report`.

    Returns
    -------
    Step
        Per factor and for the total, by today's weights and anchors on both sides; ``moved`` has
        the indicators behind it. Other weights, anchors, bands, vetoes or another version of the
        method are named, because the printed scores then mean something else.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from crm_eval_lib.scorecard import example_card
    >>> then = {**example_card(cost=60).to_dict(), "status_date": "2024-12-31"}
    >>> table = change(replace(example_card(), previous=then)).table
    >>> table[["factor", "before", "now", "change"]].round(6).values.tolist()[-1]
    ['total', 76.0, 80.0, 4.0]
    """
    if card.previous is None:
        return Step("score.change", sentence=Message("score.sentence.change_none", {}))
    table = change_since(card.factors, card.rules, card.previous, total=card.overall.score)
    total = table[table["factor"] == TOTAL].iloc[0]
    slots = {"date": card.previous["status_date"], "n": int(total["indicators"])}
    key = "change_unlike"
    if pd.notna(total["change"]):
        slots["points"] = abs(round(float(total["change"]), DIGITS))
        key = "change_up" if total["change"] >= 0 else "change_down"
    return Step(
        "score.change",
        table=table,
        sentence=Message(f"score.sentence.{key}", slots),
        caveats=tuple(Caveat(message) for message in _other_rules(card)),
        tables={"moved": moved_since(card.factors, card.rules, card.previous)},
    )


def _other_rules(card: Card) -> Iterator[Message]:
    """Say by which rules the last report was made, where they were others."""
    from crm_eval_lib import __version__

    previous, now = card.previous, card.rules.to_dict()
    then = previous.get("scoring") or {}
    changed = [name for name in _RULES if name in then and not _alike(name, then, now)]
    slots = {"date": previous["status_date"]}
    if changed:
        names = [Message(f"history.rule.{name}", {}) for name in changed]
        yield Message("history.caveat.rules", {**slots, "names": names})
    version = ((previous.get("provenance") or {}).get("versions") or {}).get("crm_eval")
    if version is not None and version != __version__:
        versions = {"then": str(version), "now": __version__}
        yield Message("history.caveat.version", {**slots, **versions})


def _alike(name: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Scaled factor weights are the same weights."""
    pair = [side[name] for side in (then, now)]
    if name != "factor_weights":
        return json.dumps(pair[0], sort_keys=True) == json.dumps(pair[1], sort_keys=True)
    shares = [
        {f: round(w / sum(side.values()), DIGITS) for f, w in side.items() if w} for side in pair
    ]
    return shares[0] == shares[1]


def last_report(
    run_dir: str | Path | None, status_date: pd.Timestamp | None = None
) -> dict[str, Any] | None:
    """Read the results of the latest earlier report from ``<run_dir>/history``.

    Parameters
    ----------
    run_dir : str or Path, optional
        The run's folder; empty when run by hand, then there is no history.
    status_date : Timestamp, optional
        Only reports of an earlier date count.

    Returns
    -------
    dict or None
        The content of its ``results.json``; None where there is no earlier report.

    Raises
    ------
    CrmEvalError
        The file cannot be read as JSON.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     for day, points in (("2024-06-30", 60), ("2024-12-31", 76)):
    ...         old = Path(folder) / "history" / day
    ...         old.mkdir(parents=True)
    ...         _ = (old / "results.json").write_text(json.dumps({"total": points}))
    ...     last_report(folder, pd.Timestamp("2024-12-31"))
    {'total': 60}
    """
    if not run_dir:
        return None
    paths = sorted(Path(run_dir).glob("history/*/results.json"))
    limit = None if status_date is None else status_date.date().isoformat()
    earlier = [path for path in paths if limit is None or path.parent.name < limit]
    return _read(earlier[-1]) if earlier else None


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CrmEvalError(
            f"history/{path.parent.name}/{path.name} of the client's report cannot be read as JSON "
            f"({error}). Put back a good copy, or remove that folder: then the change since that "
            "report is not shown."
        ) from error


def change_since(
    factors: Sequence[FactorScore],
    rules: Rules,
    previous: Mapping[str, Any] | None,
    *,
    total: float | None = None,
) -> pd.DataFrame:
    """Compare with an earlier report on the indicators both could score, with today's rules.

    Parameters
    ----------
    factors : sequence of FactorScore
    rules : Rules
    previous : mapping or None
        The results of the earlier report.
    total : float or None
        Today's total as printed, after every cap; None where there is none.

    Returns
    -------
    DataFrame
        Per factor and for the total: the scores as they were printed, both scores over the common
        indicators (``alike``), their difference and how many indicators are common.
    """
    if previous is None:
        return pd.DataFrame(columns=list(CHANGE_COLUMNS))
    old = {item["id"]: item for item in previous["indicators"] if item["score"] is not None}
    printed = {item["id"]: item["score"] for item in previous["factors"]}
    rows = [_row(factor, old, printed, rules) for factor in factors if factor.weight > 0]
    rows.append(_total(rows, factors, previous, total))
    return pd.DataFrame(rows, columns=list(CHANGE_COLUMNS))


def moved_since(
    factors: Sequence[FactorScore], rules: Rules, previous: Mapping[str, Any]
) -> pd.DataFrame:
    """List the indicators that moved since: points then and now, effect on the total.

    The effects add up to the change of the total like for like.
    """
    old = {item["id"]: item for item in previous["indicators"] if item["score"] is not None}
    common = {factor.factor: _common(factor, old) for factor in factors if factor.weight > 0}
    whole = sum(factor.weight for factor in factors if common.get(factor.factor))
    rows = []
    for factor in factors:
        terms = common.get(factor.factor, [])
        weight = sum(term.weight for term in terms)
        for term in terms:
            before = _rescored(term, old[term.id], rules)
            effect = (term.score - before) * term.weight / weight * factor.weight / whole
            values = (factor.factor, term.id, before, term.score, effect)
            rows.append(dict(zip(MOVED_COLUMNS, values, strict=True)))
    table = pd.DataFrame(rows, columns=list(MOVED_COLUMNS))
    table = table[table["effect"].abs() > 10**-DIGITS]
    return table.sort_values("effect", key=abs, ascending=False, kind="stable", ignore_index=True)


def _common(factor: FactorScore, old: Mapping[str, Any]) -> list[Term]:
    return [
        term
        for term in factor.terms
        if term.applicable and term.weight > 0 and term.score is not None and term.id in old
    ]


def _row(
    factor: FactorScore,
    old: Mapping[str, Mapping[str, Any]],
    printed: Mapping[str, float | None],
    rules: Rules,
) -> dict[str, Any]:
    common = _common(factor, old)
    before = _mean([(t.weight, _rescored(t, old[t.id], rules)) for t in common])
    now = _mean([(t.weight, t.score) for t in common])
    gained = None if now is None else now - before
    values = (factor.factor, printed.get(factor.factor), factor.score, before, now, gained,
              len(common))  # fmt: skip
    return dict(zip(CHANGE_COLUMNS, values, strict=True))


def _rescored(term: Term, old: Mapping[str, Any], rules: Rules) -> float:
    """Score an earlier value by today's anchors; what was judged in points stays as it was."""
    if old["state"] != "scored" or not isinstance(old["value"], int | float):
        return float(old["score"])
    anchors = rules.anchors[term.indicator.base_id]
    if old["grade"] != WEAKEST_GRADE:
        return float(points(old["value"], anchors))
    end = worst_end(old["low"], old["high"], anchors)
    return float(old["score"]) if end is None else end


def _total(
    rows: Sequence[Mapping[str, Any]],
    factors: Sequence[FactorScore],
    previous: Mapping[str, Any],
    printed_now: float | None,
) -> dict[str, Any]:
    weights = {factor.factor: factor.weight for factor in factors}
    alike = [row for row in rows if row["change"] is not None]
    before = _mean([(weights[row["factor"]], row["before_alike"]) for row in alike])
    now = _mean([(weights[row["factor"]], row["now_alike"]) for row in alike])
    gained = None if now is None else now - before
    values = (TOTAL, previous["overall"]["score"], printed_now, before, now, gained,
              sum(row["indicators"] for row in alike))  # fmt: skip
    return dict(zip(CHANGE_COLUMNS, values, strict=True))


def _mean(pairs: Sequence[tuple[float, float]]) -> float | None:
    total = sum(weight for weight, _ in pairs)
    return sum(weight * score for weight, score in pairs) / total if total else None
