"""The interrupted series of a process: its effect, when, how sure, and what hangs on one month."""

import numpy as np
import pandas as pd

from crm_eval_lib.efficiency.cases import BEFORE, BETWEEN, Window
from crm_eval_lib.efficiency.estimates import (
    R2,
    Estimate,
    Options,
    no_placebos,
    placebos_of,
    share_as_large,
)
from crm_eval_lib.efficiency.medians import Ratio
from crm_eval_lib.efficiency.periods import PERIODS_A_MONTH, enough, harmonics_for, period_of
from crm_eval_lib.stats.interrupted import Contrast, InterruptedSeries, interrupted_series
from crm_eval_lib.stats.robustness import left_out, pretended_effects

HORIZONS = (3, 6, 12)  # months after go-live at which the effect is told


def interrupted(
    series: pd.DataFrame, frequency: str, window: Window, *, options: Options, rung: str = R2
) -> Estimate:
    """Estimate the change in a series of log medians against its own trend and season.

    Parameters
    ----------
    series : DataFrame
        From `period_series`; ``carried``, where given, is what comparison units did, already
        taken off ``value`` and put back where hours are shown.
    frequency : str
        "week" or "month".
    window : Window
        For the months since go-live.

    Returns
    -------
    Estimate
        exp(mean over the after-periods of level + slope·t) − 1, and its placebo dates: the same
        model at every period before go-live that leaves enough on both sides.
    """
    used = series[series["used"]].sort_values("time")
    waves = harmonics_for(used, frequency)
    fit = interrupted_series(used, harmonics=waves, confidence=options.confidence)
    placebos = _placebos(used[~used["after"]], frequency)
    tables = {"series": _with_lines(series, used, fit)}
    parts = _parts(series, used, fit, frequency)
    if options.detail:
        tables["horizons"] = _horizons(fit, used, frequency, window, options)
        tables["leave_out"] = _leave_out(fit, used, waves, options)
        values = tables["leave_out"]["change_ratio"]
        parts |= {"leave_out_low": float(values.min()), "leave_out_high": float(values.max())}
    return Estimate(
        rung,
        ratio_of(fit.effect),
        placebo_share=share_as_large(placebos, fit.effect.value),
        placebos=placebos,
        parts=parts | {"placebo_dates": len(placebos)},
        tables=tables,
    )


def ratio_of(effect: Contrast) -> Ratio:
    """Return an effect on logarithms as a ratio less one; what is detectable as a fall."""
    return Ratio(
        float(np.expm1(effect.value)),
        float(np.expm1(effect.low)),
        float(np.expm1(effect.high)),
        effect.p,
        float(-np.expm1(-effect.detectable)),
    )


def unlearnt(data: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Take the days of a blackout that began before go-live out of the series."""
    if window.paused is None:
        return data
    learning = data["sample"].eq(BEFORE) & data["begun"].ge(window.paused)
    return data.assign(sample=data["sample"].mask(learning, BETWEEN))


def _parts(
    series: pd.DataFrame, used: pd.DataFrame, fit: InterruptedSeries, frequency: str
) -> dict[str, object]:
    return {
        "frequency": frequency,
        "periods_before": int((~used["after"]).sum()),
        "periods_after": int(used["after"].sum()),
        "periods_without_value": int((series["sample"].ne(BETWEEN) & ~series["used"]).sum()),
        "level": fit.level,
        "slope": fit.slope,
        "phi": fit.phi,
        "harmonics": fit.harmonics,
    }


def _with_lines(series: pd.DataFrame, used: pd.DataFrame, fit: InterruptedSeries) -> pd.DataFrame:
    back = used["carried"].to_numpy() if "carried" in used else 0.0
    without = fit.without_event + back
    lines = pd.DataFrame(
        {
            "fitted": np.exp(fit.fitted + back),
            "without_event": np.exp(without),
            "without_low": np.exp(without - fit.without_half),
            "without_high": np.exp(without + fit.without_half),
        },
        index=used.index,
    )
    return series.join(lines)


def _placebos(before: pd.DataFrame, frequency: str) -> pd.DataFrame:
    places = [n for n in range(1, len(before)) if enough(n, len(before) - n, frequency)]
    if not places:
        return no_placebos()
    waves = harmonics_for(before, frequency)
    effects = pretended_effects(before, places, harmonics=waves)
    return placebos_of(before["start"].iloc[places], effects)


def _horizons(
    fit: InterruptedSeries, used: pd.DataFrame, frequency: str, window: Window, options: Options
) -> pd.DataFrame:
    live = int(period_of(pd.Series([window.live]), frequency).iloc[0])
    times = used.loc[used["after"], "time"]
    rows = []
    for months in HORIZONS:
        time = live + round(months * PERIODS_A_MONTH[frequency])
        if times.min() <= time <= times.max():
            found = fit.after(time - times.min(), confidence=options.confidence)
            rows.append((months, *np.expm1([found.value, found.low, found.high])))
    return pd.DataFrame(rows, columns=["months", "change_ratio", "low_ratio", "high_ratio"])


def _leave_out(
    fit: InterruptedSeries, used: pd.DataFrame, waves: int, options: Options
) -> pd.DataFrame:
    """Leave out one month at a time; ``overturns`` where it decides what can be said."""
    found = left_out(used, used["start"].dt.strftime("%Y-%m"), harmonics=waves)
    level = 1 - options.confidence
    sure, still = fit.effect.p < level, found["p"] < level
    turned = np.sign(found["value"]).ne(np.sign(fit.effect.value))
    return pd.DataFrame(
        {
            "month": found["group"],
            "change_ratio": np.expm1(found["value"]),
            "p": found["p"],
            "overturns": still.ne(sure) | (still & turned),
        }
    )
