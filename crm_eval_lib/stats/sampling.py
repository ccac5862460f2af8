"""Sampling of control tests: upper limit of a deviation rate, and how many items to test."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from scipy import special, stats

from crm_eval_lib.errors import CrmEvalError

CONFIDENCE = 0.95  # one-sided: risk of relying on a control that fails too often is the rest
LARGEST_SAMPLE = 100_000  # items; an expected rate so near the tolerable one cannot be tested
_NEAR = 1e-9  # floats this near the risk are decided in exact arithmetic


def upper_limit(
    k: int, n: int, *, population: int | None = None, confidence: float = CONFIDENCE
) -> float:
    """Return the one-sided upper limit of a deviation rate.

    Parameters
    ----------
    k, n : int
        Deviations found, items tested (above 0).
    population : int, optional
        Items the sample was drawn from, where known. A population smaller than the sample cannot
        be what it was drawn from and is left out of account.
    confidence : float
        One-sided level.

    Returns
    -------
    float
        Clopper–Pearson: the rate p at which BinCDF(k; n, p) = 1 − confidence [AICPA, Audit
        Sampling, tables A-3]. With a population of N items: D/N for the largest number D of
        deviations at which the hypergeometric P(X ≤ k) still exceeds 1 − confidence.

    Examples
    --------
    >>> round(upper_limit(0, 25), 3), round(upper_limit(0, 25, confidence=0.90), 3)
    (0.113, 0.088)
    >>> upper_limit(0, 25, population=100)
    0.09
    """
    k, n = _counts(k, n)
    if not 0 < confidence < 1:
        raise CrmEvalError(f"A confidence lies between 0 and 1; found {confidence}.")
    if population is not None and population >= n:
        return _finite_limit(k, n, int(population), 1 - confidence)
    return 1.0 if k == n else float(stats.beta.ppf(confidence, k + 1, n - k))


def exceedance(k: int, n: int, tolerable: float) -> float:
    """Return the probability that the true rate exceeds a tolerable one, after k of n.

    Under Jeffreys' prior: P(Beta(k + ½, n − k + ½) > tolerable).

    >>> round(exceedance(0, 25, 0.05), 3), round(exceedance(1, 60, 0.05), 3)
    (0.108, 0.105)
    """
    k, n = _counts(k, n)
    return float(stats.beta.sf(tolerable, k + 0.5, n - k + 0.5))


def sample_size(
    tolerable: Any, expected: Any = 0, *, risk: Any = "0.05", largest: int = LARGEST_SAMPLE
) -> int | None:
    """Return how many items a test of a control needs.

    Parameters
    ----------
    tolerable : float, str or Fraction
        Deviation rate the test must be able to exclude.
    expected : float, str or Fraction
        Rate at which deviations are expected; ⌈n·expected⌉ of them may occur.
    risk : float, str or Fraction
        Risk of relying on a control that deviates at the tolerable rate.
    largest : int
        Where to give up.

    Returns
    -------
    int or None
        Smallest n with BinCDF(⌈n·expected⌉; n, tolerable) ≤ risk [AICPA, Audit Sampling, tables
        A-1]; None when there is none up to `largest`. Floats are read by their decimal digits, so
        that 0.1·30 is 3 and not a little more.

    Examples
    --------
    >>> sample_size(0.05), sample_size(0.10, risk=0.10), sample_size(0.05, 0.01)
    (59, 22, 93)
    """
    rate, expected, risk = (_decimal(value) for value in (tolerable, expected, risk))
    if not (0 < rate <= 1 and 0 <= expected <= 1 and 0 < risk < 1):
        raise CrmEvalError(
            f"Sample size: tolerable rate {tolerable}, expected rate {expected} and risk {risk} "
            "must lie between 0 and 1."
        )
    if expected >= rate and rate < 1:
        return None
    for allowed, first, last in _spans(expected, largest):
        needed = _smallest(allowed, rate, risk, last)
        if needed is not None:
            return max(needed, first)
    return None


def further_items(
    k: int,
    n: int,
    tolerable: Any,
    *,
    population: int | None = None,
    confidence: float = CONFIDENCE,
    largest: int = LARGEST_SAMPLE,
) -> int | None:
    """Return how many more items, all clean, bring the upper limit down to the tolerable rate.

    Parameters
    ----------
    k, n : int
        Deviations found, items tested so far; both may be 0.
    tolerable : float, str or Fraction
    population : int, optional
        Items in all, where known; as in `upper_limit`.
    confidence : float
        One-sided level.
    largest : int
        Where to give up.

    Returns
    -------
    int or None
        0 if the limit is low enough already; None if no number of items is enough.

    Examples
    --------
    >>> further_items(0, 25, 0.05), further_items(1, 60, 0.05), further_items(0, 59, 0.05)
    (34, 33, 0)
    """
    rate, risk = _decimal(tolerable), _decimal(round(1 - confidence, 12))
    if not 0 <= k <= n:
        raise CrmEvalError(f"Further items need whole numbers 0 <= k <= n; found {k} of {n}.")
    if population is not None and population >= max(n, 1):
        return _further_of(k, n, rate, int(population), confidence)
    needed = _smallest(int(k), rate, risk, largest) if rate > 0 else None
    return None if needed is None else max(needed - n, 0)


def _further_of(k: int, n: int, rate: Fraction, population: int, confidence: float) -> int | None:
    def enough(items: int) -> bool:
        limit = upper_limit(k, items, population=population, confidence=confidence)
        return Fraction(round(limit * population), population) <= rate

    low, high = max(n, 1) - 1, population  # low may be too few; high is all there is
    if not enough(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return max(high - n, 0)


def _spans(expected: Fraction, largest: int) -> Iterator[tuple[int, int, int]]:
    """Yield numbers of allowed deviations with the first and last n that allows them."""
    if expected == 0:
        yield 0, 1, largest
        return
    first, allowed = 1, 1
    while first <= largest:
        last = math.floor(allowed / expected)
        if last >= first:
            yield allowed, first, min(last, largest)
            first = last + 1
        allowed += 1


def _smallest(allowed: int, rate: Fraction, risk: Fraction, last: int) -> int | None:
    """Smallest n ≤ last at which `allowed` deviations are few enough; more items only help."""
    if not _few_enough(allowed, last, rate, risk):
        return None
    low, high = allowed, last  # n = allowed is never enough: its probability is 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _few_enough(allowed, middle, rate, risk) else (middle, high)
    return high


def _few_enough(allowed: int, n: int, rate: Fraction, risk: Fraction) -> bool:
    if allowed >= n:
        return False
    probability = float(special.bdtr(allowed, n, float(rate)))
    if abs(probability - float(risk)) > _NEAR:
        return probability < float(risk)
    hit, miss, whole = rate.numerator, rate.denominator - rate.numerator, rate.denominator
    ways = sum(math.comb(n, i) * hit**i * miss ** (n - i) for i in range(allowed + 1))
    return Fraction(ways, whole**n) <= risk


def _finite_limit(k: int, n: int, population: int, risk: float) -> float:
    low, high = k, population - (n - k) + 1  # low may be true; high contradicts the sample
    while high - low > 1:
        middle = (low + high) // 2
        possible = stats.hypergeom.cdf(k, population, middle, n) > risk + _NEAR * risk
        low, high = (middle, high) if possible else (low, middle)
    return low / population


def _counts(k: int, n: int) -> tuple[int, int]:
    if n <= 0 or not 0 <= k <= n or k != int(k) or n != int(n):
        raise CrmEvalError(f"A limit needs whole numbers 0 <= k <= n, n > 0; found {k} of {n}.")
    return int(k), int(n)


def _decimal(value: Any) -> Fraction:
    return value if isinstance(value, Fraction) else Fraction(str(value))
