"""R0 and R1: quantiles before and after, as they stand or under one mix."""

import numpy as np
import pandas as pd

from crm_eval_lib.efficiency.estimates import (
    R0,
    R1,
    Estimate,
    Measure,
    Options,
    no_placebos,
    placebos_of,
    share_as_large,
)
from crm_eval_lib.efficiency.medians import quantile_ratio, ratios
from crm_eval_lib.efficiency.mix import Support
from crm_eval_lib.efficiency.periods import MONTH, WEEK, period_of, start_of
from crm_eval_lib.efficiency.tallies import Counts, parted_at, side_of, sides_of
from crm_eval_lib.results import Message

PLACEBO_WEEKS = 13  # a quarter on each side of a placebo date
GRID = 500  # points on which repeated curves are told


def compared(
    sides: pd.DataFrame, measure: Measure, support: Support, *, options: Options
) -> Estimate:
    """Compare a quantile after with before, under one mix where kinds can be compared.

    Parameters
    ----------
    sides : DataFrame
        Cases before and after, as the designs need them.
    support : Support
        Its strata, where there are any, make it R1.
    """
    rung = R1 if support.strata else R0
    data = support.within(sides) if support.strata else sides.assign(stratum="")
    ratio = quantile_ratio(
        data, share=measure.share, confidence=options.confidence, seed=options.seed
    )
    if ratio.value is None:
        return Estimate(rung=rung, reason=Message("efficiency.reason.not_reached"))
    placebos = _placebos(data[~data["after"]], measure.share)
    parts, tables = {"placebo_dates": len(placebos)}, {}
    if options.detail:
        tables["leave_out"] = _leave_out(data, measure.share, ratio.value)
        values = tables["leave_out"]["change_ratio"]
        parts |= {"leave_out_low": float(values.min()), "leave_out_high": float(values.max())}
    share = share_as_large(placebos, np.log1p(ratio.value))
    return Estimate(rung, ratio, placebo_share=share, placebos=placebos, parts=parts, tables=tables)


def _placebos(before: pd.DataFrame, share: float) -> pd.DataFrame:
    """Log ratios at every week boundary before go-live with a quarter on both sides."""
    if before.empty:
        return no_placebos()
    grid, weeks = _grid(before["hours"]), np.unique(before["week"])
    dates = np.arange(weeks[0] + PLACEBO_WEEKS, weeks[-1] - PLACEBO_WEEKS + 2)
    if not len(dates):
        return no_placebos()
    past, rest = parted_at(side_of(before, grid), np.searchsorted(weeks, dates))
    found = ratios(past, rest, grid=grid, share=share)
    told = np.isfinite(found) & (found > 0)
    days = [start_of(week, WEEK) for week in dates[told].tolist()]
    return placebos_of(days, np.log(found[told]))


def _leave_out(data: pd.DataFrame, share: float, whole: float) -> pd.DataFrame:
    """Leave out the cases of one month at a time; ``overturns`` where the sign turns."""
    grid, months = _grid(data["hours"]), period_of(data["begun"], MONTH)
    sides = sides_of(data.assign(week=months), grid)
    rows = []
    for place, side in enumerate(sides):
        rest = _without_each(side)
        other = sides[1 - place].summed()
        others = Counts(*(np.repeat(c, len(rest.ended), axis=0) for c in (other.ended, other.cut)))
        pair = (rest, others) if place == 0 else (others, rest)
        known = np.sort(months[data["after"].eq(bool(place))].unique())
        found = ratios(*pair, grid=grid, share=share) - 1
        rows += [
            (start_of(m, MONTH).strftime("%Y-%m"), r) for m, r in zip(known, found, strict=True)
        ]
    table = pd.DataFrame(rows, columns=["month", "change_ratio"]).dropna()
    turned = np.sign(table["change_ratio"]).ne(np.sign(whole))
    return table.assign(p=np.nan, overturns=turned)


def _without_each(side: Counts) -> Counts:
    """Counts of all months but one, for each month."""
    return Counts(*(c.sum(axis=1)[None] - np.moveaxis(c, 1, 0) for c in (side.ended, side.cut)))


def _grid(hours: pd.Series) -> np.ndarray:
    return np.unique(hours.quantile(np.linspace(0, 1, GRID), interpolation="higher"))
