"""R3: a series against comparison units; what moved both falls out of the difference."""

from functools import partial

import numpy as np
import pandas as pd

from calibration.case import Case, repeat
from calibration.series import (
    FIRST,
    IDS,
    LENGTHS,
    World,
    bounds_of,
    correlated,
    direction,
)
from crm_eval_lib.efficiency.controlled import LEADS_P, QUARTER
from crm_eval_lib.efficiency.estimates import R2, R3, Options
from crm_eval_lib.efficiency.periods import MONTH
from crm_eval_lib.efficiency.series_design import interrupted
from crm_eval_lib.efficiency.verdict import verdict_of
from crm_eval_lib.stats.event_study import leads_alike

TABLE = "Change, R3: against comparison units"
DRAWS = 1000
MARKET = (0.9, 0.2)  # correlation of neighbouring months and spread of what moves both


def _pair(rng: np.random.Generator, world: World) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The process alone, and its difference from units that did not get the system."""
    own, other = world.series(rng), World(world.before, world.after, dip=0.0).series(rng)
    market = correlated(rng, len(own), *MARKET)
    alone = own.assign(value=own["value"] + market)
    carried = other["value"] + market
    return alone, alone.assign(value=alone["value"] - carried, carried=carried)


def _holds(both: pd.DataFrame, world: World) -> bool:
    """Whether both moved alike before go-live."""
    live = FIRST + world.before
    return leads_alike(both[both["used"]], live=live, width=QUARTER[MONTH]) >= LEADS_P


def _interval(rng: np.random.Generator, *, world: World):
    """Only where the leads are flat."""
    _, both = _pair(rng, world)
    return bounds_of(both) if _holds(both, world) else None


def reported(rng: np.random.Generator, *, world: World) -> str:
    """R3 where the leads are flat, else R2, each with its placebo dates."""
    alone, both = _pair(rng, world)
    series, rung = (both, R3) if _holds(both, world) else (alone, R2)
    return verdict_of(interrupted(series, MONTH, world.window, options=Options(), rung=rung))


def without_placebos(rng: np.random.Generator, *, world: World) -> str:
    """What the interval of R3 alone would claim; nothing where the leads are not flat."""
    found = _interval(rng, world=world)
    return "untold" if found is None else direction(*found)


def without_comparison(rng: np.random.Generator, *, world: World) -> str:
    """What the interval of R2 would claim in the same market."""
    return direction(*bounds_of(_pair(rng, world)[0]))


def cases() -> list[Case]:
    """Two lengths."""
    return [
        Case(TABLE, world.words, IDS, repeat(partial(_interval, world=world), 0.0), draws=DRAWS)
        for world in (World(*length) for length in LENGTHS)
    ]
