"""All clients beside each other, from the ``results.json`` of every report."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.results import Message, Step
from crm_eval_lib.runner.paths import reports_dir as find_reports_dir
from crm_eval_lib.scorecard.rules import rules_for
from crm_eval_lib.scoring import numbers

FACTORS = ("cost", "problems", "efficiency", "controls")
COUNTED = {
    "critical_failed": "controls.critical_failed",
    "critical_unassured": "controls.critical_unassured",
    "open_five_90": "problems.open_five_90",
}
# what must be equal for two scores to mean the same
_COMPARED = ("factor_weights", "indicator_weights", "anchors", "vetoes_off")
COMPARISON_COLUMNS = ("client", "score", "low", "high", "worst", "best", "band", *FACTORS, "vetoes",
                      "critical_failed", "open_five_90", "comparable", "common_weights_score",
                      "scored_factors", "status_date")  # fmt: skip


def portfolio_rows(reports: str | Path = "") -> list[dict[str, Any]]:
    """Read one row per report, the worst score first.

    Parameters
    ----------
    reports : str or Path
        The reports' folder; empty: ``reports`` of the project.

    Returns
    -------
    list of dict
        Verdict, factors by id, vetoes that fired, critical counts, and whether the client was
        scored by the same rules as most (``comparable``); where not, ``common_weights_score`` is
        the score at the weights that most have.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:  # no report yet
    ...     portfolio_rows(folder)
    []
    """
    folder = Path(reports) if reports else find_reports_dir()
    paths = sorted(folder.glob("*/results.json"))
    rows = [_row(_read(path), path) for path in paths]
    return sorted(_compared(rows), key=_worst_first)


def comparison(rows: Sequence[Mapping[str, Any]]) -> Step:
    """Put the clients into one table.

    Parameters
    ----------
    rows : sequence of mapping
        From `portfolio_rows`.

    Returns
    -------
    Step
        No indicator. Table: one row per client: total, interval, bounds, band, points 0–100 of each
        factor, vetoes, and the total at the weights that most have.

    Examples
    --------
    >>> comparison([]).table is None
    True
    """
    if not rows:
        return Step("score.portfolio", sentence=Message("score.sentence.portfolio_none", {}))
    table = pd.DataFrame([_cells(row) for row in rows], columns=list(COMPARISON_COLUMNS))
    with_total = [row for row in rows if row["score"] is not None]
    slots = {
        "n": len(rows),
        "scored": len(with_total),
        "failing": sum(row["score"] < row["pass_from"] for row in with_total),
        "critical": sum(bool(row["vetoes"]) for row in rows),
    }
    return Step(
        "score.portfolio",
        table=table,
        sentence=Message("score.sentence.portfolio", slots),
        headline=Message("score.headline.portfolio", slots),
        subtitle=Message("score.subtitle.portfolio", {}),
    )


def comparability(rows: Sequence[Mapping[str, Any]]) -> Step:
    """Say whether all clients were scored by the same rules; list the weights of each.

    Parameters
    ----------
    rows : sequence of mapping
        From `portfolio_rows`.

    Returns
    -------
    Step
        No indicator. Table: one row per client: whether it is comparable, and the weight of each
        factor as a share 0–1.

    Examples
    --------
    >>> row = {"name": "Acme", "comparable": True, "weights": {"cost": 0.2, "problems": 0.8}}
    >>> comparability([row]).table.values.tolist()
    [['Acme', True, 0.2, 0.8]]
    """
    if not rows:
        return Step("score.comparability", sentence=Message("score.sentence.portfolio_none", {}))
    other = sum(not row["comparable"] for row in rows)
    key = "not_comparable" if other else "comparable"
    weights = pd.DataFrame(
        [
            {"client": row["name"], "comparable": row["comparable"],
             **{f"{factor}_weight_share": share for factor, share in row["weights"].items()}}
            for row in rows
        ]
    )  # fmt: skip
    sentence = Message(f"score.sentence.{key}", {"n": len(rows), "other": other})
    return Step("score.comparability", table=weights, sentence=sentence)


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CrmEvalError(
            f"{path} cannot be read as JSON ({error}). Run this client again, or remove the folder."
        ) from error


def _row(results: Mapping[str, Any], path: Path) -> dict[str, Any]:
    overall = results["overall"]
    values = {item["id"]: item["value"] for item in results["indicators"]}
    scoring = results.get("scoring") or rules_for().to_dict()
    names = ("score", "assessed_score", "low", "high", "band", "p_pass", "uncapped", "capped_by",
             "equal_weights_score")  # fmt: skip
    return {
        "client": results["client"] or path.parent.name,
        "name": results.get("name") or results["client"],
        "folder": path.parent.name,
        "href": f"{path.parent.name}/report.html",
        "status_date": results["status_date"],
        "generated_at": results["provenance"]["generated_at"],
        **{name: overall.get(name) for name in names},
        "worst": overall["bounds"][0],
        "best": overall["bounds"][1],
        "scored_factors": sum(item["state"] == "scored" for item in results["factors"]),
        "factors": {item["id"]: item for item in results["factors"]},
        "weights": {item["id"]: item["weight"] for item in results["factors"]},
        "vetoes": [item["id"] for item in results.get("vetoes", ()) if item["fired"]],
        **{name: values.get(id) for name, id in COUNTED.items()},
        "pass_from": scoring["bands"]["pass"],
        "scoring": scoring,
    }


def _compared(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not rows:
        return []
    own = [_rules_key(row["scoring"]) for row in rows]
    standard = _rules_key(rules_for().to_dict())
    common, _ = max(Counter(own).items(), key=lambda pair: (pair[1], pair[0] == standard, pair[0]))
    weights = rows[own.index(common)]["weights"]
    return [
        {**row, "comparable": key == common, "common_weights_score": _at_weights(row, weights)}
        for row, key in zip(rows, own, strict=True)
    ]


def _rules_key(scoring: Mapping[str, Any]) -> str:
    compared = {name: scoring[name] for name in _COMPARED}
    total = sum(compared["factor_weights"].values())
    shares = {n: round(w / total, 9) for n, w in compared["factor_weights"].items() if w}
    return json.dumps({**compared, "factor_weights": shares}, sort_keys=True)


def _at_weights(row: Mapping[str, Any], weights: Mapping[str, float]) -> float | None:
    weighed = {factor: weight for factor, weight in weights.items() if weight > 0}
    scores = {factor: (row["factors"].get(factor) or {}).get("score") for factor in weighed}
    if any(score is None for score in scores.values()):
        return None
    total = sum(weighed[factor] * score for factor, score in scores.items()) / sum(weighed.values())
    vetoes = numbers()["vetoes"]
    caps = [vetoes[name].get("total_cap") for name in row["vetoes"]]
    return min([total, *(cap for cap in caps if cap is not None)])


def _worst_first(row: Mapping[str, Any]) -> tuple[float, str]:
    known = [row[name] for name in ("score", "assessed_score", "worst") if row[name] is not None]
    return (known[0], row["client"])


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    scores = {factor: (row["factors"].get(factor) or {}).get("score") for factor in FACTORS}
    return {
        **{name: row[name] for name in COMPARISON_COLUMNS if name in row},
        **scores,
        "client": row["name"],
        "band": row["band"] or "",
        "vetoes": ", ".join(row["vetoes"]),
    }
