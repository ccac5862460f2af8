"""What is planted in each demo client: the truth that a report must find again."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Scenario:
    """The planted truth and the frame of one synthetic client.

    Shares are 0–1; effects are relative changes of the true process time by the CRM itself.
    """

    client: str
    name: str
    language: str
    seed: int
    currency: str
    timezone: str
    country: str | None
    project_start: str
    planned_go_live: str
    go_live: str
    blackout_end: str
    status_date: str
    weights: tuple[int, int, int, int]
    # cost
    budget_total: float
    overrun: float
    months_visible: int  # month of the project from which the forecast shows the overrun
    reviews_from_month: int  # first month with a plan-versus-actual review; 99 = never in time
    scope_delivered: float
    unbudgeted_share: float
    late_approval_share: float
    # problems
    problems: int
    solved_share: float
    evidence_share: float  # of the solved ones
    open_severe: int
    silent_departments: int
    survey_shift: float
    # efficiency
    crm_effect: float
    season: float  # amplitude on the log scale
    slowest_month: int
    mix_from: float  # share of simple cases at the beginning …
    mix_to: float  # … and at the end
    cases: int
    sigma: float
    in_system_share: float
    # controls
    order_lines: int
    below_floor_before: float
    below_floor_after: float
    unapproved_after: float  # of the below-floor lines after go-live
    control_off_days: int  # how long the price control was off; 0 = never
    test_deviations: int
    complaints: int  # 0 = no complaint data at all
    dropped_share: float
    inverted: float  # chance that a complaint waits without regard to its rank
    independence: str = "independent"
    events_after: int = 2  # undesired events a year for each point of likelihood
    event_loss: tuple[float, float] = (400.0, 2600.0)  # of one event, for each point of impact
    dismissed_first: float = 0.0  # share of duplicate warnings clicked away after go-live …
    dismissed_last: float = 0.0  # … and at the end; 0 = no warnings are recorded
    exempt_customers: int = 0  # customers for whom the price control does not hold
    displaced_share: float = 0.0  # of the lines below the floor after go-live: there by a rebate
    # cost, further features; 0 = none
    usd_planned: float = 0.0  # rate of the dollar licences in the budget …
    usd_paid: float = 0.0  # … and around which the invoices lie
    run_cost_year: float = 0.0  # subscription after go-live
    rebaselined_month: int = 0  # month in which a second, larger budget was approved
    rebaselined: float = 0.0  # second version / original − 1
    # problems, further features
    register_versions: tuple[str, ...] = ()  # days on which the register was handed over
    vanished: int = 0  # unsolved problems missing from the second version on
    regraded: int = 0  # severity taken down by two before go-live
    reworded: int = 0
    vendor_rejected: int = 0
    rated: int = 0  # problems two raters judged
    disagreements: int = 0
    checked: int = 0  # problems reported solved that were looked at again
    contradicted: int = 0  # of them not found solved
    thin: bool = False  # samples and estimates only, no registers


TRADING = Scenario(
    client="demo-trading", name="华辰贸易有限公司", language="zh-Hans", seed=20240902,
    currency="CNY", timezone="Asia/Shanghai", country="CN",
    project_start="2024-01-08", planned_go_live="2024-07-01", go_live="2024-09-02",
    blackout_end="2024-11-30", status_date="2025-11-30", weights=(20, 30, 25, 25),
    budget_total=2_480_000.0, overrun=0.127, months_visible=6, reviews_from_month=1,
    scope_delivered=0.93, unbudgeted_share=0.03, late_approval_share=0.04,
    problems=64, solved_share=0.86, evidence_share=0.96, open_severe=1, silent_departments=1,
    survey_shift=0.9, crm_effect=-0.30, season=0.10, slowest_month=10, mix_from=0.55, mix_to=0.60, cases=1950,
    sigma=0.45, in_system_share=0.96, order_lines=2400, below_floor_before=0.11,
    below_floor_after=0.018, unapproved_after=0.0, control_off_days=0, test_deviations=0,
    complaints=340, dropped_share=0.03, inverted=0.12, usd_planned=7.1, usd_paid=7.24,
    run_cost_year=72_000.0, rated=40, disagreements=2, dismissed_first=0.30, dismissed_last=0.30,
    exempt_customers=1,
)  # fmt: skip

SERVICES = Scenario(
    client="demo-services", name="Harbourline Facility Services", language="en", seed=20240304,
    currency="SGD", timezone="Asia/Singapore", country=None,
    project_start="2023-07-03", planned_go_live="2024-03-04", go_live="2024-03-04",
    blackout_end="2024-05-31", status_date="2025-02-28", weights=(20, 30, 25, 25),
    budget_total=860_000.0, overrun=0.045, months_visible=99, reviews_from_month=2,
    scope_delivered=0.97, unbudgeted_share=0.02, late_approval_share=0.02,
    problems=46, solved_share=0.76, evidence_share=0.94, open_severe=1, silent_departments=1,
    survey_shift=0.5, crm_effect=0.0, season=0.28, slowest_month=4, mix_from=0.35, mix_to=0.72, cases=1420,
    sigma=0.45, in_system_share=0.90, order_lines=1900, below_floor_before=0.06,
    below_floor_after=0.03, unapproved_after=0.0, control_off_days=0, test_deviations=1,
    complaints=0, dropped_share=0.0, inverted=0.0, event_loss=(210.0, 1350.0),
)  # fmt: skip

TROUBLED = Scenario(
    client="demo-troubled", name="Kessler Bauteile GmbH", language="en", seed=20240513,
    currency="EUR", timezone="Europe/Berlin", country=None,
    project_start="2023-05-08", planned_go_live="2024-01-15", go_live="2024-05-13",
    blackout_end="2024-07-31", status_date="2025-05-31", weights=(20, 30, 25, 25),
    budget_total=540_000.0, overrun=0.62, months_visible=4, reviews_from_month=11,
    scope_delivered=0.72, unbudgeted_share=0.12, late_approval_share=0.17,
    problems=58, solved_share=0.79, evidence_share=0.45, open_severe=4, silent_departments=3,
    survey_shift=-0.2, crm_effect=0.08, season=0.08, slowest_month=10, mix_from=0.50, mix_to=0.52, cases=1300,
    sigma=0.5, in_system_share=0.66, order_lines=2000, below_floor_before=0.09,
    below_floor_after=0.085, unapproved_after=0.6, control_off_days=46, test_deviations=3,
    displaced_share=0.7, events_after=5, event_loss=(90.0, 570.0),
    complaints=280, dropped_share=0.19, inverted=0.75, independence="implementer",
    rebaselined_month=7, rebaselined=0.30, vanished=4, regraded=5, reworded=2, vendor_rejected=3,
    register_versions=("2023-09-15", "2024-04-19", "2025-05-16"), rated=30, disagreements=11,
    checked=12, contradicted=5, dismissed_first=0.35, dismissed_last=0.85, exempt_customers=6,
)  # fmt: skip

SMALL = replace(
    SERVICES, client="demo-small", name="青禾五金店", language="zh-Hans", seed=20241104,
    currency="CNY", timezone="Asia/Shanghai", country="CN", project_start="2024-05-06",
    planned_go_live="2024-10-08", go_live="2024-11-04", blackout_end="2024-12-31",
    status_date="2025-08-31", budget_total=186_000.0, overrun=0.11, problems=24, solved_share=0.75,
    evidence_share=0.78, crm_effect=-0.25, sigma=0.4, order_lines=80, below_floor_after=0.05,
    complaints=32, dropped_share=0.25, thin=True,
)  # fmt: skip

DEMOS = {item.client: item for item in (TRADING, SERVICES, TROUBLED, SMALL)}
