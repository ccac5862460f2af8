"""The step that takes the most time after go-live, unless it is a control that must stay."""

import re
from dataclasses import dataclass

import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, BUSINESS, Cases, title_of
from crm_eval_lib.results import Action, Caveat, Finding, Message, keyed
from crm_eval_lib.stats.weekly import interval_of_mean, weekly_means

LEAST_CASES = 30  # finished cases after go-live, so that a mean of hours is worth quoting
LEAST_SHARE = 0.25  # a step with less of the time does not hold the process up
SEVERITY = 3.0
DAYS_A_YEAR = 365.25
NO_MODE, SECOND = "none", "dual"
# Words by which a step names itself as what a control of the log checks, in both languages.
_APPROVAL = (
    r"approv|authori[sz]|release|sign.?off|countersign|endors|"
    r"审批|批准|审核|核准|核批|批复|复核|审签|会签|签批|签字|放行"
)
_PRICE = r"price|discount|价格|底价|最低价|特价|折扣|(?:定|核|审|议|改)价|价(?:审|核)"
_CHECKS = {"approval": re.compile(_APPROVAL, re.I), "price_floor": re.compile(_PRICE, re.I)}
_CHECKING = re.compile(
    rf"check|verif|review|inspect|control|{_APPROVAL}|检查|检验|校验|核|审|查", re.I
)
# What checks are about: a step that checks what the risk of a control speaks of carries it out.
_SUBJECTS = tuple(
    re.compile(words, re.I)
    for words in (
        r"credit|信用|授信", _PRICE, r"contract|合同", r"payment|付款|收款|回款",
        r"invoice|发票|开票", r"stock|inventory|库存", r"quality|质量|质检",
        r"legal|compliance|法务|合规", r"customer|客户",
        r"budget|预算", r"deliver|shipment|发货|出库", r"\btax|税",
    )
)  # fmt: skip
_AMOUNT = re.compile(r"amount|value|金额", re.I)
_OWNER = Message("efficiency.word.owner")
_DATE = Message("efficiency.word.date_of_client")


@dataclass(frozen=True)
class Hours:
    """Hours per case with their interval; NaN bounds where the spread is unknown."""

    mean: float
    low: float
    high: float


def bottleneck(
    cases: Cases,
    row: dict,
    hours: Hours,
    *,
    controls: pd.DataFrame | None = None,
    confidence: float,
) -> Finding | Caveat | None:
    """Propose to remove or delegate a step, say that it is a control, or nothing.

    Parameters
    ----------
    row : dict
        ``process``, ``title``, ``activity_name``, ``time_share`` of the step.
    hours : Hours
        That it takes of a case after go-live.

    Notes
    -----
    Saving = cases a year × hours per case of the step, waiting and work together; where an
    attribute named in the mix tells classes of amount, of the class with the most cases only: the
    routine orders. Without a yearly volume the cases after go-live are extrapolated to a year.
    """
    process, activity = row["process"], row["activity_name"]
    if row["time_share"] < LEAST_SHARE or _finished(cases, process) < LEAST_CASES:
        return None
    control = required_control(process, activity, controls)
    if control is not None:
        slots = {"process": row["title"], "activity": activity, "control_id": control,
                 "share": row["time_share"]}  # fmt: skip
        return Caveat(Message("efficiency.caveat.bottleneck_is_control", slots),
                      tables=("events", "controls"))  # fmt: skip
    routine = _routine_class(cases, process, activity, confidence)
    name, saved = routine if routine is not None else (None, hours)
    return _finding(cases, row, name, saved)


def required_control(process: str, activity: str, controls: pd.DataFrame | None) -> str | None:
    """Return the id of a required control that a step carries out, else None.

    A control is required unless its mode is none. It belongs to the step when its risk or id names
    the step, when the log is to be checked for what the step's name says it does, when a second
    approver is required of the process and the step is an approval, or when the step checks what
    the risk is about (credit, contract, payment …). Names are all there is to go by: where a
    control may be meant, the step is not proposed for removal.

    >>> listed = pd.DataFrame({"control_id": ["C2"], "risk": ["Order released unapproved"],
    ...                        "process": ["p"], "required_mode": ["dual"],
    ...                        "log_check": ["approval"]})
    >>> required_control("p", "Approve order", listed), required_control("p", "Submit", listed)
    ('C2', None)
    """
    if controls is None or controls.empty or "required_mode" not in controls:
        return None
    step = activity.casefold().replace("_", " ")
    for row in controls.to_dict("records"):
        mode, owner = row.get("required_mode"), row.get("process")
        elsewhere = not pd.isna(owner) and owner != process
        if pd.isna(mode) or mode == NO_MODE or elsewhere:
            continue
        named = [str(row[name]).casefold() for name in ("control_id", "risk")
                 if not pd.isna(row.get(name))]  # fmt: skip
        checks = _CHECKS["approval"] if mode == SECOND else _CHECKS.get(str(row.get("log_check")))
        if (
            any(step in text for text in named)
            or (checks is not None and checks.search(activity))
            or _about_the_same(activity, str(row.get("risk")))
        ):
            return str(row["control_id"])
    return None


def _about_the_same(activity: str, risk: str) -> bool:
    """Say whether a step checks what a risk speaks of.

    >>> _about_the_same("check_credit", "超出信用额度"), _about_the_same("报价", "低于底价销售")
    (True, False)
    """
    if not _CHECKING.search(activity):
        return False
    return any(words.search(activity) and words.search(risk) for words in _SUBJECTS)


def _routine_class(
    cases: Cases, process: str, activity: str, confidence: float
) -> tuple[str, Hours] | None:
    """Hours of the step in the class of amount with the most cases, per case of all classes."""
    rows = cases.pictures.get("classes")
    places = [place for place, name in enumerate(cases.mix) if _AMOUNT.search(name)]
    if rows is None or rows.empty or not places:
        return None
    rows = rows[rows["process"].eq(process) & rows["attribute"].eq(places[0])]
    if rows.empty:
        return None
    counts = rows.groupby("class")["cases"].sum()
    name = counts.sort_values(ascending=False, kind="stable").index[0]
    clock = cases.clocks.get(process, BUSINESS)
    mine = rows[rows["class"].eq(name) & rows["activity"].eq(activity)]
    weeks = cases.pictures["case_weeks"]
    weeks = weeks[weeks["process"].eq(process) & weeks["sample"].eq(AFTER)].set_index("week")
    spent = (mine[f"wait_{clock}"] + mine[f"work_{clock}"]).groupby(mine["week"]).sum()
    sums = spent.reindex(weeks.index).fillna(0.0).to_numpy()
    found = weekly_means(sums[None, :], weeks["finished"].to_numpy())
    low, high = interval_of_mean(found, confidence)
    return str(name), Hours(float(found.mean[0]), float(low[0]), float(high[0]))


def _finding(cases: Cases, row: dict, name: str | None, hours: Hours) -> Finding | None:
    process = row["process"]
    volume = _volume(cases, process)
    if volume is None or not hours.mean > 0 or pd.isna(hours.low):
        return None
    ends = [max(0.0, end) * volume for end in (hours.low, hours.high)]
    slots = {"activity": row["activity_name"], "process": title_of(cases, process),
             "share": row["time_share"], "hours": hours.mean * volume, "low": ends[0],
             "high": ends[1], "owner": _OWNER, "date": _DATE}  # fmt: skip
    key = "bottleneck"
    if name is not None:
        slots, key = {**slots, "amount": name}, "bottleneck_class"
    action = Action("efficiency.bottleneck", Message(f"efficiency.action.{key}", slots),
                    size=hours.mean * volume, size_unit="hours")  # fmt: skip
    return Finding(
        keyed("efficiency.bottleneck", process),
        "efficiency",
        keyed("efficiency.step_change", f"{process}/{row['activity_name']}"),
        SEVERITY,
        Message("efficiency.finding.bottleneck", slots),
        (("processes", process),),
        action,
    )


def _finished(cases: Cases, process: str) -> int:
    weeks = cases.pictures["case_weeks"]
    mine = weeks["process"].eq(process) & weeks["sample"].eq(AFTER)
    return int(weeks.loc[mine, "finished"].sum())


def _volume(cases: Cases, process: str) -> float | None:
    stated = cases.roster.at[process, "annual_volume"]
    if pd.notna(stated):
        return float(stated)
    window = cases.window
    years = (window.now - window.settled).days / DAYS_A_YEAR
    return len(cases.of(process, AFTER)) / years if years > 0 else None
