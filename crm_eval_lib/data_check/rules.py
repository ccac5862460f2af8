"""What is checked, as lists: record dates, orders of dates, links, and columns indicators need."""

from dataclasses import dataclass

MISSING_SHARE_LIMIT = 0.20  # above it the indicators of the column lose one evidence grade
EXAMPLES = 3  # keys quoted in a sentence
# Fallback tables on which indicators rest.
USED_FALLBACKS = ("cost_summary", "labour_estimate", "problem_check", "order_samples",
                  "complaint_samples")  # fmt: skip
LISTED_ROWS = 1000  # offending rows kept per check in the table behind it

# The date a row is recorded under; rows after the status date are not used.
RECORD_DATES = {
    "actuals": "incurred_on", "changes": "raised_on", "progress": "period_end",
    "reviews": "held_on", "problems": "raised_on", "problem_check": "checked_on",
    "events": "completed_at", "case_samples": "submitted_at", "time_study": "observed_on",
    "control_tests": "tested_on", "control_off": "off_from", "decisions": "decided_at",
    "orders": "ordered_at", "complaints": "opened_at", "errors": "occurred_at",
    "exposure": "period_end", "access": "used_at", "complaint_samples": "heard_at",
    "judgements": "judged_on",
}  # fmt: skip
# What happened to a row later; a date after the status date counts as not yet happened.
LATER_DATES = {
    "budget": ("approved_on",), "actuals": ("approved_on", "ordered_on"),
    "milestones": ("actual_on", "accepted_on"), "scope": ("decided_on",),
    "changes": ("approved_on",), "problems": ("solved_on", "closed_on", "confirmed_on"),
    "departments": ("survey_attended_on",), "trace": ("tested_on",),
    "case_samples": ("decided_at",), "controls": ("decided_on",),
    "orders": ("approved_at", "shipped_at"),
    "complaints": ("first_response_at", "resolved_at", "closed_at", "escalated_at"),
    "complaint_samples": ("first_response_at", "resolved_at"),
    "control_totals": ("obtained_on",), "cost_summary": ("finished_on",),
}  # fmt: skip
# Tables of the project itself: records before its start are odd. Orders, events and complaints
# from before are what the comparison needs.
PROJECT_TABLES = ("actuals", "changes", "progress", "reviews", "problems")
PROJECT_LATER_DATES = (("milestones", "actual_on"), ("milestones", "accepted_on"))


@dataclass(frozen=True, slots=True)
class DateOrder:
    """In one table, `later` must not lie before `earlier`."""

    table: str
    earlier: str
    later: str
    indicators: tuple[str, ...] = ()
    consequence: str = "times_doubtful"  # key of the sentence that says what follows


_COMPLAINT_WAITS = ("controls.complaints.response_hours", "controls.complaints.sla_response")
_RESOLUTIONS = ("controls.complaints.resolution_hours", "controls.complaints.sla_resolve")
_SOLVING = ("problems.median_days", "problems.p80_days", "problems.rmst_days")
_CASES = ("efficiency.change", "efficiency.median_hours_before", "efficiency.median_hours_after")
DATE_ORDERS = (
    DateOrder("budget", "planned_start", "planned_finish", ("cost.spi", "cost.earned_schedule"),
              "planned_at_once"),
    DateOrder("actuals", "ordered_on", "incurred_on", ("cost.committed",), "counts_as_given"),
    DateOrder("milestones", "actual_on", "accepted_on", ("cost.accepted_share",),
              "counts_as_given"),
    DateOrder("changes", "raised_on", "approved_on", ("cost.deviation_current",),
              "counts_as_given"),
    DateOrder("problems", "raised_on", "solved_on", _SOLVING, "left_out_of_times"),
    DateOrder("problems", "raised_on", "closed_on", _SOLVING, "closed_early"),
    DateOrder("problems", "solved_on", "closed_on", _SOLVING, "solved_day_counts"),
    DateOrder("problems", "solved_on", "confirmed_on", ("problems.confirmed_share",),
              "counts_as_given"),
    DateOrder("problems", "raised_on", "entered_on", _SOLVING, "entered_when_raised"),
    DateOrder("events", "started_at", "completed_at", ("efficiency.touch_change",)),
    DateOrder("case_samples", "submitted_at", "decided_at", _CASES),
    DateOrder("control_off", "off_from", "off_to", ("controls.uptime",)),
    DateOrder("exemptions", "from", "to", ("controls.exempt_share",)),
    DateOrder("orders", "ordered_at", "approved_at", ("controls.price.late_approved",)),
    DateOrder("orders", "ordered_at", "shipped_at", ("controls.price.late_approved",)),
    DateOrder("price_rules", "valid_from", "valid_to", ("controls.price.below_floor_rate",)),
    DateOrder("complaints", "opened_at", "first_response_at", _COMPLAINT_WAITS, "wait_left_out"),
    DateOrder("complaints", "opened_at", "resolved_at", _RESOLUTIONS, "wait_left_out"),
    DateOrder("complaints", "first_response_at", "resolved_at",
              (*_COMPLAINT_WAITS, *_RESOLUTIONS), "waits_apart"),
    DateOrder("complaints", "opened_at", "closed_at", _RESOLUTIONS, "counts_as_done"),
    DateOrder("complaints", "opened_at", "escalated_at", (), "counts_as_given"),
    DateOrder("complaints", "opened_at", "response_due", _COMPLAINT_WAITS[1:], "due_passed"),
    DateOrder("complaints", "opened_at", "resolve_due", _RESOLUTIONS[1:], "due_passed"),
    DateOrder("complaint_samples", "heard_at", "first_response_at"),
    DateOrder("complaint_samples", "heard_at", "resolved_at"),
    DateOrder("reviews", "held_on", "acted_on", consequence="counts_as_given"),
    DateOrder("control_totals", "period_start", "period_end"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """Ids of one table that must occur in another."""

    table: str
    column: str
    partner: str
    partner_column: str
    consequence: str  # key of the sentence that says what follows
    indicators: tuple[str, ...] = ()
    by_name: bool = False  # names are compared by their letters, as the indicators do


LINKS = (
    Link("actuals", "line_id", "budget", "line_id", "unbudgeted", ("cost.unbudgeted_share",)),
    Link("changes", "line_id", "budget", "line_id", "unmatched", ("cost.deviation_current",)),
    Link("progress", "line_id", "budget", "line_id", "left_out", ("cost.cpi", "cost.spi")),
    Link("plan", "line_id", "budget", "line_id", "left_out", ("cost.spi",)),
    Link("trace", "problem_id", "problems", "problem_id", "left_out", ("problems.traced_share",)),
    Link("ratings", "problem_id", "problems", "problem_id", "left_out",
         ("problems.kappa", "problems.pabak")),
    Link("problem_check", "problem_id", "problems", "problem_id", "left_out"),
    Link("problems", "department", "departments", "department", "unmatched",
         ("problems.engagement",), by_name=True),
    Link("problems", "process", "processes", "process", "unmatched"),
    Link("survey", "item_id", "survey_items", "item_id", "no_direction",
         ("problems.survey_better_share",)),
    Link("events", "process", "processes", "process", "no_volume", ("efficiency.priority",)),
    Link("case_samples", "process", "processes", "process", "no_volume"),
    Link("time_study", "process", "processes", "process", "no_volume"),
    Link("estimates", "process", "processes", "process", "no_volume"),
    Link("targets", "process", "processes", "process", "no_volume"),
    Link("control_tests", "control_id", "controls", "control_id", "left_out",
         ("controls.tested_share", "controls.effective_share")),
    Link("control_off", "control_id", "controls", "control_id", "left_out", ("controls.uptime",)),
    Link("exemptions", "control_id", "controls", "control_id", "left_out",
         ("controls.exempt_share",)),
    Link("decisions", "control_id", "controls", "control_id", "left_out",
         ("controls.advice_followed",)),
    Link("orders", "approver_role", "approval_limits", "role", "no_limit",
         ("controls.price.over_limit",)),
    Link("order_samples", "order_id", "orders", "order_id", "unmatched"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Use:
    """A column whose empty cells leave an indicator without part of its evidence.

    ``when`` narrows the rows: (column, value), or (column, None) for "column is filled".
    """

    table: str
    column: str
    indicators: tuple[str, ...]
    when: tuple[str, str | None] | None = None


_PLANNED_VALUE = ("cost.spi", "cost.sv", "cost.eac_cpi_spi", "cost.earned_schedule",
                  "cost.spi_time", "cost.ieac_time")  # fmt: skip
_RANKED = ("controls.complaints.inversion_share[response]",
           "controls.complaints.inversion_share[resolution]")  # fmt: skip
USES = (
    Use("budget", "planned_start", _PLANNED_VALUE),
    Use("budget", "planned_finish", _PLANNED_VALUE),
    Use("milestones", "weight", ("cost.accepted_share",)),
    Use("scope", "weight", ("cost.scope_delivered", "cost.scope_adjusted")),
    Use("reviews", "plan_vs_actual_shown", ("cost.review_coverage",)),
    Use("problems", "importance", ("problems.weighted_solved_rate",)),
    Use("problems", "phase", ("problems.late_found_share",)),
    Use("problems", "department", ("problems.engagement",)),
    Use("problems", "raised_by_side", ("problems.engagement", "problems.proactive_share")),
    Use("problems", "prompted", ("problems.proactive_share",), ("phase", "survey")),
    Use("problems", "solved_on", _SOLVING, ("status", "solved")),
    Use("processes", "importance", ("efficiency.priority",)),
    Use("processes", "difficulty", ("efficiency.priority",)),
    Use("processes", "annual_volume", ("efficiency.priority", "efficiency.hours_saved")),
    Use("events", "started_at", ("efficiency.touch_change",)),
    Use("events", "resource", ("efficiency.handovers_before", "efficiency.handovers_after")),
    Use("events", "system", ("efficiency.in_system_share",)),
    Use("controls", "likelihood", ("controls.coverage", "controls.tested_share",
                                   "controls.effective_share")),
    Use("controls", "impact", ("controls.coverage", "controls.tested_share",
                               "controls.effective_share")),
    Use("controls", "configured_mode", ("controls.coverage", "controls.mode_gap")),
    Use("controls", "critical", ("controls.critical_failed", "controls.critical_unassured")),
    Use("control_tests", "tested_on", ("controls.tested_share",)),
    Use("orders", "created_by", ("controls.price.self_approved",), ("approved_at", None)),
    Use("orders", "approved_by", ("controls.price.self_approved",), ("approved_at", None)),
    Use("orders", "approver_role", ("controls.price.over_limit",), ("approved_at", None)),
    Use("complaints", "importance", _RANKED),
    Use("complaints", "severity", _RANKED),
    Use("complaints", "first_response_at", _COMPLAINT_WAITS, ("resolved_at", None)),
    Use("complaints", "response_due", ("controls.complaints.sla_response",)),
    Use("complaints", "resolve_due", ("controls.complaints.sla_resolve",)),
)  # fmt: skip
