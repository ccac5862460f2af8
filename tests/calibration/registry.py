"""All cases; a factor adds its module here."""

from calibration import (
    controlled,
    described,
    forms,
    losses,
    observed,
    raters,
    reference,
    replaced,
    samples,
    saved,
    series,
    shares,
    survey,
    times,
    value,
    weeks,
    weighted,
)

CASES = (
    *shares.cases(),
    *weighted.cases(),
    *times.cases(),
    *raters.cases(),
    *survey.cases(),
    *reference.cases(),
    *value.cases(),
    *weeks.cases(),
    *series.cases(),
    *controlled.cases(),
    *samples.cases(),
    *forms.cases(),
    *described.cases(),
    *saved.cases(),
    *losses.cases(),
    *observed.cases(),
    *replaced.cases(),
)

# Indicators that publish bounds which promise no coverage, and why.
KEPT_APART: dict[str, str] = {}
