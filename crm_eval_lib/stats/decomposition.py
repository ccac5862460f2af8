"""Where a change comes from: shares exactly adding up, whatever the order of the factors.

Kitagawa parts a difference of two means into "the mix changed" and "the same kind of case takes
longer". Shapley (Das Gupta) does the like for any formula of several factors.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from math import comb, prod

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crm_eval_lib.errors import CrmEvalError

MOST_FACTORS = 12  # the work doubles with every factor


@dataclass(frozen=True)
class Kitagawa:
    """A difference of two means, parted.

    Attributes
    ----------
    first, second : float
        The two crude means.
    first_standardised, second_standardised : float
        Both means under one mix: that of the two groups pooled.
    mix_effect, rate_effect : float
        Their sum is ``total`` exactly.
    table : DataFrame
        Per stratum: shares, rates and both effects.
    """

    first: float
    second: float
    first_standardised: float
    second_standardised: float
    mix_effect: float
    rate_effect: float
    table: pd.DataFrame = field(repr=False)

    @property
    def total(self) -> float:
        """Second mean minus first mean."""
        return self.second - self.first


def kitagawa(
    first_counts: ArrayLike, first_rates: ArrayLike, second_counts: ArrayLike,
    second_rates: ArrayLike,
) -> Kitagawa:  # fmt: skip
    """Part the difference of two means into mix and rate [Kitagawa 1955].

    Parameters
    ----------
    first_counts, second_counts : array
        Cases per stratum, the same strata in both groups.
    first_rates, second_rates : array
        Mean per stratum.

    Returns
    -------
    Kitagawa
        mix = Σ (share₂ − share₁)·(rate₁ + rate₂)/2, rate = Σ (rate₂ − rate₁)·(share₁ + share₂)/2.

    Examples
    --------
    >>> split = kitagawa([87, 263], [81 / 87, 192 / 263], [270, 80], [234 / 270, 55 / 80])
    >>> round(split.total, 3), round(split.mix_effect, 3), round(split.rate_effect, 3)
    (0.046, 0.099, -0.054)
    """
    groups = [
        np.asarray(given, dtype=float)
        for given in (first_counts, first_rates, second_counts, second_rates)
    ]
    counts1, rates1, counts2, rates2 = groups
    if len({group.shape for group in groups}) > 1 or counts1.sum() <= 0 or counts2.sum() <= 0:
        raise CrmEvalError("Both groups need the same strata and at least one case each.")
    share1, share2 = counts1 / counts1.sum(), counts2 / counts2.sum()
    pooled = (counts1 + counts2) / (counts1 + counts2).sum()
    table = pd.DataFrame(
        {
            "first_share": share1,
            "second_share": share2,
            "first_rate": rates1,
            "second_rate": rates2,
            "mix_effect": (share2 - share1) * (rates1 + rates2) / 2,
            "rate_effect": (rates2 - rates1) * (share1 + share2) / 2,
        }
    )
    return Kitagawa(
        float(share1 @ rates1),
        float(share2 @ rates2),
        float(pooled @ rates1),
        float(pooled @ rates2),
        float(table["mix_effect"].sum()),
        float(table["rate_effect"].sum()),
        table,
    )


def shapley(
    first: Mapping[str, ArrayLike],
    second: Mapping[str, ArrayLike],
    *,
    formula: Callable[[Mapping[str, np.ndarray]], ArrayLike] | None = None,
) -> dict[str, float | np.ndarray]:
    """Part the change of a formula between two situations among its factors.

    Parameters
    ----------
    first, second : mapping of str to number or array
        Each factor's value in both situations; arrays are parted element by element.
    formula : callable, optional
        From the factors to the result; the product of all factors when not given.

    Returns
    -------
    dict
        Share of each factor; they add to formula(second) − formula(first). The average over all
        orders in which the factors can change [Shapley 1953], which for products is the symmetric
        split of [Das Gupta 1993].

    Examples
    --------
    >>> parts = shapley({"rate": 10930, "share": 0.717892}, {"rate": 16591, "share": 0.825974})
    >>> {name: round(part, 3) for name, part in parts.items()}
    {'rate': 4369.913, 'share': 1487.262}
    """
    names = list(first)
    if set(names) != set(second) or not 0 < len(names) <= MOST_FACTORS:
        raise CrmEvalError(
            f"Both situations need the same factors, at most {MOST_FACTORS}; "
            f"found {sorted(first)} and {sorted(second)}."
        )
    outcome = formula or (lambda factors: prod(factors.values()))
    values = {}
    for size in range(len(names) + 1):
        for changed in combinations(names, size):
            mixed = {n: np.asarray((second if n in changed else first)[n], float) for n in names}
            values[frozenset(changed)] = outcome(mixed)
    return {name: _plain(_share(name, names, values)) for name in names}


def _share(name: str, names: list[str], values: Mapping[frozenset[str], ArrayLike]) -> np.ndarray:
    others = [other for other in names if other != name]
    total = np.float64(0.0)
    for size in range(len(others) + 1):
        weight = 1 / (len(names) * comb(len(others), size))
        for already in combinations(others, size):
            step = np.subtract(values[frozenset((*already, name))], values[frozenset(already)])
            total = total + weight * step
    return total


def _plain(value: ArrayLike) -> float | np.ndarray:
    return float(value) if np.ndim(value) == 0 else np.asarray(value)
