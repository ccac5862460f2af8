"""Are complaints served in the order of their importance?"""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.controls.advice import complaint_order as advise
from crm_eval_lib.controls.advice import role_of, watching
from crm_eval_lib.controls.complaints import AREA, STAGES, TABLES, seen_complaints, waits
from crm_eval_lib.controls.logs import COMPLAINT_OWNER
from crm_eval_lib.controls.overtaken import by_rank, who_waited
from crm_eval_lib.controls.queue_order import Inversions, inversions, somers_d
from crm_eval_lib.controls.windows import numbers_of, recorded, unknown
from crm_eval_lib.errors import ConfigError, nearest
from crm_eval_lib.results import (
    CONFIDENCE,
    Indicator,
    Message,
    Step,
    measured,
    missing_column,
    not_assessed,
)
from crm_eval_lib.scoring import numbers
from crm_eval_lib.stats.agreement import agreement_table, kappa

NO_PAIRS = Message("controls.reason.no_pairs")
ONE_CLASS = Message("controls.reason.one_class")
RULES = ("max", "product", "importance")
_HIGHER_FIRST = 100  # the higher of two ratings outweighs any lower one
_HOUR = pd.Timedelta(hours=1)
UNITS = {
    f"{AREA}.inversion_share[response]": "ratio",
    f"{AREA}.inversion_share[resolution]": "ratio",
    f"{AREA}.priority_agreement": "index",
    f"{AREA}.order_agreement": "index",
}


def complaint_order(
    complaints: pd.DataFrame | None,
    controls: pd.DataFrame | None = None,
    *,
    dates: Any,
    rank: str = "max",
    confidence: float = CONFIDENCE,
) -> Step:
    """Count how often a less important complaint was served before a more important one.

    Parameters
    ----------
    complaints : DataFrame or None
    controls : DataFrame or None
        Names the role that answers for the order of complaints.
    dates : object
        Has ``go_live``, ``status_date`` and ``blackout``.
    rank : str
        ``max`` (the higher of importance and severity, then the lower), ``product`` or
        ``importance``; empty ratings count as 3.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.

    Returns
    -------
    Step
        ``inversion_share[response|resolution]`` with a jackknife interval;
        ``priority_agreement``: quadratic kappa of the assigned priority and the rank cut into as
        many classes; ``order_agreement``: Somers' D of the wait for an answer by rank. Table: one
        row per rank, the most urgent first; ``waited`` lists the important customers whose
        complaint waited while less important ones were answered.

    Examples
    --------
    The more important of two complaints came second and waited longer while the other was served:

    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(go_live=day("2024-09-02"), blackout=None,
    ...                         status_date=day("2025-08-31"))
    >>> complaints = pd.DataFrame({"complaint_id": ["A", "B"], "importance": [5.0, 2.0],
    ...     "severity": 3.0, "opened_at": pd.to_datetime(["2025-01-15 08:00", "2025-01-15 09:00"]),
    ...     "first_response_at": pd.to_datetime(["2025-01-15 17:00", "2025-01-15 10:00"])})
    >>> step = complaint_order(complaints, dates=dates)
    >>> step["controls.complaints.inversion_share[response]"].value
    1.0
    """
    rows = seen_complaints(complaints, dates=dates)
    needed = ("importance",) if rank == "importance" else ("importance", "severity")
    if not isinstance(rows, Message) and not any(recorded(complaints, name) for name in needed):
        rows = missing_column("complaints", *needed)
    if isinstance(rows, Message):
        return Step("controls.complaint_order", tuple(unknown(UNITS, rows, tables=TABLES)))
    urgency = complaint_rank(rows, rank)
    found = {stage: _inversions(rows, urgency, stage) for stage in STAGES}
    shares = [_share(complaints, found[stage], stage, confidence) for stage in STAGES]
    indicators = (*shares, _agreement(rows, urgency), _order(rows, complaints, urgency))
    answers = found["response"] if shares[0].value is not None else None
    told = answers is not None
    table = by_rank(urgency, answers) if told else None
    slots = {"share": shares[0].value, "pairs": shares[0].n}
    if told:
        top = table.iloc[0]
        slots |= {"top": int(top["complaints"]), "top_overtaken": int(top["overtaken"])}
    return Step(
        "controls.complaint_order",
        indicators,
        table=table,
        sentence=Message("controls.sentence.complaint_order", slots) if told else None,
        headline=Message("controls.headline.complaint_order", slots) if told else None,
        subtitle=Message("controls.subtitle.complaint_order"),
        findings=_findings(rows, urgency, answers, controls) if told else (),
        tables={"waited": who_waited(rows, urgency, answers)} if told else {},
    )


def complaint_rank(complaints: pd.DataFrame, rule: str = "max") -> pd.Series:
    """Return how urgent each complaint is; larger = first.

    >>> rows = pd.DataFrame({"importance": [5, 3], "severity": [1, None]})
    >>> complaint_rank(rows).tolist(), complaint_rank(rows, "product").tolist()
    ([501.0, 303.0], [5.0, 9.0])
    """
    if rule not in RULES:
        raise ConfigError(f"client.yml, complaints: rank: {rule!r}; {nearest(rule, RULES)}")
    middle = float(numbers()["scales"]["empty"])
    importance = numbers_of(complaints, "importance", middle)
    if rule == "importance":
        return importance
    severity = numbers_of(complaints, "severity", middle)
    if rule == "product":
        return importance * severity
    both = pd.concat([importance, severity], axis=1)
    return both.max(axis=1) * _HIGHER_FIRST + both.min(axis=1)


def _inversions(rows: pd.DataFrame, urgency: pd.Series, stage: str) -> Inversions:
    spans = waits(rows, stage)
    origin = spans["start"].min()
    # Whole numbers sort and compare several times faster than durations, which ask for NaT.
    start, end = ((spans[name] - origin).to_numpy().astype("int64") for name in ("start", "end"))
    return inversions(start, end, spans["served"].to_numpy(), urgency.to_numpy())


def _share(complaints: pd.DataFrame, found: Inversions, stage: str, confidence: float) -> Indicator:
    id, column = f"{AREA}.inversion_share[{stage}]", STAGES[stage]
    if not recorded(complaints, column):
        return not_assessed(id, "ratio", missing_column("complaints", column), tables=TABLES)
    if not found.pairs:
        return not_assessed(id, "ratio", NO_PAIRS, n=0, tables=TABLES)
    low, high = found.interval(confidence)
    parts = {"inversions": found.inversions, "pairs": found.pairs}
    return measured(id, found.share, "ratio", low=low, high=high, confidence=confidence,
                    n=found.pairs, tables=TABLES, parts=parts)  # fmt: skip


def _agreement(rows: pd.DataFrame, urgency: pd.Series) -> Indicator:
    id, assigned = f"{AREA}.priority_agreement", numbers_of(rows, "priority")
    known = assigned.notna()
    if not known.any():
        reason = missing_column("complaints", "priority")
        return not_assessed(id, "index", reason, tables=TABLES)
    classes = sorted(assigned[known].unique())
    ranked = rank_classes(urgency[known], assigned[known])
    n = int(known.sum())
    if len(classes) < 2:
        return not_assessed(id, "index", ONE_CLASS, n=n, tables=TABLES)
    found = kappa(agreement_table(assigned[known], ranked, classes), weights="quadratic")
    if found.kappa is None:
        return not_assessed(id, "index", ONE_CLASS, n=n, tables=TABLES)
    return measured(id, found.kappa, "index", low=found.low, high=found.high, n=n, tables=TABLES)


def rank_classes(urgency: pd.Series, assigned: pd.Series) -> pd.Series:
    """Cut the rank into as many classes as there are priorities, of about the same sizes.

    Complaints of one rank stay together: they go where the middle of them falls.

    >>> rank_classes(pd.Series([9, 4, 4, 1]), pd.Series([1.0, 2.0, 2.0, 3.0])).tolist()
    [1.0, 2.0, 2.0, 3.0]
    """
    sizes = assigned.value_counts().sort_index()
    bounds = sizes.cumsum().to_numpy()
    middle = urgency.rank(ascending=False, method="average") - 0.5
    place = np.searchsorted(bounds, middle.to_numpy(), side="right")
    return pd.Series(sizes.index.to_numpy()[np.minimum(place, len(sizes) - 1)], urgency.index)


def _order(rows: pd.DataFrame, complaints: pd.DataFrame, urgency: pd.Series) -> Indicator:
    id = f"{AREA}.order_agreement"
    if not recorded(complaints, "first_response_at"):
        reason = missing_column("complaints", "first_response_at")
        return not_assessed(id, "index", reason, tables=TABLES)
    spans = waits(rows, "response")
    hours = (spans["end"] - spans["start"]) / _HOUR
    sound = hours >= 0
    value = somers_d(hours[sound], spans["served"][sound], urgency[sound])
    if value is None:
        return not_assessed(id, "index", NO_PAIRS, n=0, tables=TABLES)
    return measured(id, value, "index", n=int(sound.sum()), tables=TABLES)


def _findings(
    rows: pd.DataFrame, urgency: pd.Series, found: Inversions, controls: pd.DataFrame | None
) -> tuple:
    top = urgency == urgency.max()
    waited = rows[top & (found.overtaken > 0)]
    promised = (rows.loc[top, "response_due"] - rows.loc[top, "opened_at"]) / _HOUR
    hours = float(promised.median()) if promised.notna().any() else None
    points = watching(controls, COMPLAINT_OWNER)
    return advise(
        waited, int(top.sum()), found.share or 0.0,
        owner=role_of(points, "owner_role"), hours=hours,
    )  # fmt: skip
