"""Scenarios of the final case: what is planted in them is drawn, each trap for itself."""

from dataclasses import replace

import numpy as np
import pandas as pd

from crm_eval_lib.simulate.scenario import SERVICES, TRADING, TROUBLED, Scenario

EXAM = "exam"
# each trap is either clearly there or clearly not, so that a verdict on it is right or wrong
OVERRUNS = (0.04, 0.24, 0.62)
EFFECTS = (-0.32, 0.0, 0.36)
SOLVED = ((0.90, 0.97), (0.80, 0.80), (0.76, 0.42))  # reported solved, and with evidence of those
OFF_DAYS = (0, 38)
NAMES = {"en": ("Alder Tools", "Northgate Supplies", "Quarry Lane Foods", "Sable Instruments"),
         "zh-Hans": ("启明器材", "北辰物资", "云岭食品", "泽川仪表")}  # fmt: skip


def exam_scenario(seed: int, language: str = "en") -> Scenario:
    """Draw a client of its own for a seed: any mixture of good and bad, in the language given.

    >>> exam_scenario(7).client
    'final-7'
    >>> exam_scenario(7) == exam_scenario(7)
    True
    """
    rng = np.random.default_rng([seed, 2024])
    frame = (TRADING, SERVICES, TROUBLED)[rng.integers(3)]
    solved, evidenced = SOLVED[rng.integers(len(SOLVED))]
    effect = EFFECTS[rng.integers(len(EFFECTS))]
    return replace(
        frame, client=f"final-{seed}", seed=seed, language=language,
        name=NAMES[language][rng.integers(len(NAMES[language]))],
        overrun=OVERRUNS[rng.integers(len(OVERRUNS))], months_visible=4,
        reviews_from_month=_either(rng, 1, 10), scope_delivered=_either(rng, 0.95, 0.70),
        unbudgeted_share=0.03, usd_planned=0.0, usd_paid=0.0, run_cost_year=0.0,
        rebaselined_month=_either(rng, 0, 6), rebaselined=0.30,
        problems=60, solved_share=solved, evidence_share=evidenced,
        open_severe=_either(rng, 0, 4), silent_departments=_either(rng, 0, 3),
        register_versions=frame.register_versions or _versions(frame),
        vanished=_either(rng, 0, 4), regraded=0, reworded=0, vendor_rejected=0, rated=0,
        disagreements=0, checked=0, contradicted=0,
        crm_effect=effect, sigma=0.4, season=0.06, cases=1800,
        mix_from=0.5, mix_to=_either(rng, 0.5, 0.85) if effect == 0 else 0.5,
        in_system_share=_either(rng, 0.96, 0.62), order_lines=1600,
        below_floor_after=0.05, unapproved_after=_either(rng, 0.0, 0.6), displaced_share=0.0,
        control_off_days=OFF_DAYS[rng.integers(len(OFF_DAYS))], test_deviations=0, complaints=300,
        inverted=_either(rng, 0.05, 0.85), dropped_share=_either(rng, 0.02, 0.20),
        dismissed_first=0.0, dismissed_last=0.0,
        independence=("independent", "implementer")[rng.integers(2)],
    )  # fmt: skip


def _either(rng: np.random.Generator, without: float, planted: float) -> float:
    """Draw whether a trap is planted; a whole number stays one."""
    return planted if rng.random() < 0.5 else without


def _versions(frame: Scenario) -> tuple[str, ...]:
    """Days on which the register was handed over: early, before go-live, at the end."""
    start, live = pd.Timestamp(frame.project_start), pd.Timestamp(frame.go_live)
    days = (start + (live - start) * 0.35, live - pd.Timedelta(days=20),
            pd.Timestamp(frame.status_date) - pd.Timedelta(days=15))  # fmt: skip
    return tuple(day.date().isoformat() for day in days)
