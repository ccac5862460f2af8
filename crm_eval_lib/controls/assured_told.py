"""What the tests of control points come to: design and operation apart, and what is still open."""

from typing import Any

import pandas as pd

from crm_eval_lib.results import Caveat, Indicator, Message, keyed
from crm_eval_lib.stats.sampling import further_items

NOT_TESTED, WITHIN, OPEN, OVER = VERDICTS = ("not_tested", "within", "not_assured", "over")
RESISTED, MENDED, BROKEN = "resisted", "mended", "broken"
WALKED, WALKED_BADLY = "walked", "walked_badly"
TABLES = ("controls", "control_tests")
EXAMPLES = 5  # untested points named in the sentence; the table has all


def judged(points: pd.DataFrame) -> pd.DataFrame:
    """Judge each point twice, by the attempts to pass it and by what happened in practice.

    Returns
    -------
    DataFrame
        ``design``: resisted every attempt, mended (the latest was resisted), broken, or walked
        through only. ``verdict``: within or over the tolerable rate, or neither (not assured).
        ``next_items``: clean items the next sample needs; after a failure a whole new sample.
    """
    design = pd.Series(NOT_TESTED, index=points.index, dtype=object)
    walked, tried = points["walkthroughs"] > 0, points["negative_tests"] > 0
    design = design.mask(walked, WALKED).mask(points["walkthroughs_failed"] > 0, WALKED_BADLY)
    design = design.mask(tried, RESISTED).mask(points["failed_negative"], MENDED)
    design = design.mask(points["refuted_by_test"], BROKEN)
    verdict = pd.Series(OPEN, index=points.index, dtype=object)
    verdict = verdict.mask(points["within_tolerable"], WITHIN)
    verdict = verdict.mask(points["over_tolerable"] | points["failed_negative"], OVER)
    verdict = verdict.mask(~points["ever_tested"], NOT_TESTED)
    points = points.assign(design=design, verdict=verdict)
    items = [_next_items(row) for row in points.to_dict("records")]
    return points.assign(next_items=pd.array(items, dtype="Int64"))


def operation_table(points: pd.DataFrame) -> pd.DataFrame:
    """Return one row per point: what samples and populations showed, and what comes next."""
    rate = points["deviations"] / points["items"].where(points["items"] > 0)
    names = ["control_id", "risk", "critical", "items", "deviations", "deviation_rate",
             "upper_limit_rate", "confidence", "tolerable_rate", "verdict",
             "next_items"]  # fmt: skip
    return _by_weight(points.assign(deviation_rate=rate))[names].reset_index(drop=True)


def design_table(points: pd.DataFrame) -> pd.DataFrame:
    """Return one row per point: negative tests and walkthroughs, and how they ended."""
    names = ["control_id", "risk", "critical", "negative_tests", "negative_failed",
             "walkthroughs", "walkthroughs_failed", "last_tested", "design"]  # fmt: skip
    return _by_weight(points)[names].reset_index(drop=True)


def wanting(points: pd.DataFrame) -> tuple[Caveat, ...]:
    """Name the points whose tests leave them open: too small a sample, or no test at all."""
    open_ones = points[(points["items"] > 0) & (points["verdict"] == OPEN)]
    clean = open_ones["deviations"] == 0
    return (
        *_small("neither", "clean_sample", open_ones[clean]),
        *_small("neither_some", "some_sample", open_ones[~clean]),
        *_never(points),
    )


def words(points: pd.DataFrame, shares: list[Indicator]) -> dict[str, Any]:
    """Return sentence, headline and subtitle of the step."""
    tested, effective = shares
    said: dict[str, Any] = {"subtitle": Message("controls.subtitle.assurance")}
    if tested.value is None:
        return said
    counts = points.loc[points["tested"], "verdict"].value_counts()
    slots = {"tested": tested.value, "effective": effective.value,
             "n": tested.parts["points_tested"], "points": tested.n,
             "within": (effective.parts or {}).get("points_effective", 0),
             "failed": int(counts.get(OVER, 0)), "open": int(counts.get(OPEN, 0))}  # fmt: skip
    return said | {
        "sentence": Message("controls.sentence.assurance", slots),
        "headline": Message("controls.headline.assurance", slots),
    }


def _next_items(row: dict[str, Any]) -> int | None:
    if row["verdict"] == OVER or not row["items"]:
        size = row["sample_size"]
        return None if pd.isna(size) else int(size)
    population = row["population_size"]
    return further_items(
        int(row["deviations"]), int(row["items"]), row["tolerable_rate"],
        population=None if pd.isna(population) else int(population),
        confidence=row["confidence"],
    )  # fmt: skip


def _small(key: str, name: str, rows: pd.DataFrame) -> tuple[Caveat, ...]:
    """Say of samples that are too small: neither a failure nor a proof."""
    if rows.empty:
        return ()
    samples = [_sample(name, row) for row in rows.to_dict("records")]
    ids = tuple(keyed("controls.upper_limit", id) for id in rows["control_id"])
    return (Caveat(Message(f"controls.caveat.{key}", {"samples": samples}), ids, tables=TABLES),)


def _sample(name: str, row: dict[str, Any]) -> Message:
    slots = {"control_id": str(row["control_id"]), "n": int(row["items"]),
             "k": int(row["deviations"]), "limit": float(row["upper_limit_rate"]),
             "confidence": row["confidence"], "tolerable": row["tolerable_rate"]}  # fmt: skip
    if pd.isna(row["next_items"]):
        return Message(f"controls.word.{name}_open", slots)
    return Message(f"controls.word.{name}", {**slots, "further": int(row["next_items"])})


def _never(points: pd.DataFrame) -> tuple[Caveat, ...]:
    """Name the points that nobody ever tested, the gravest first."""
    rows = _by_weight(points[~points["ever_tested"]])
    if rows.empty:
        return ()
    first = rows.head(EXAMPLES)
    named = [Message("controls.word.point", {"control_id": str(id), "risk": str(risk)})
             for id, risk in zip(first["control_id"], first["risk"], strict=True)]  # fmt: skip
    slots = {"n": len(rows), "of": len(points), "critical": int(rows["critical"].sum()),
             "points": named}  # fmt: skip
    ids = ("controls.tested_share", "controls.critical_unassured")
    return (Caveat(Message("controls.caveat.untested", slots), ids, tables=TABLES),)


def _by_weight(points: pd.DataFrame) -> pd.DataFrame:
    return points.sort_values(
        ["critical", "risk_weight", "control_id"], ascending=[False, False, True]
    )
