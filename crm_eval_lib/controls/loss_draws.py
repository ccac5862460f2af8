"""Simulated losses: how often they happen times what each of them costs."""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

DRAWS = 20_000  # leaves the ends of the interval uncertain by about 1 %
SEED = 20250901
MOST_EVENTS = 1e15  # a Poisson count must fit into 64 bits
BLOCK = 2_000  # draws whose losses are in memory at one time
MANY_EVENTS = 40  # so many equally distributed losses add up to a normal one


class Draws(NamedTuple):
    """Simulated money a year: what is expected, its upper variant, and what one year brings."""

    expected: np.ndarray
    upper: np.ndarray
    yearly: np.ndarray


def simulate(
    low: pd.Series, high: pd.Series, rate: pd.Series, *, years: float, seed: int = SEED,
    draws: int = DRAWS, single_years: bool = True,
) -> Draws:  # fmt: skip
    """Draw the money lost a year; rates of events and middle losses are uncertain.

    A rate counted over ``years`` is gamma distributed with the count as its shape, so that its
    mean is the rate. ``upper`` adds one more event of the dearest kind, as the gamma method for
    weighted sums of Poisson counts does [Fay & Feuer 1997]: for one kind of event of known loss
    the interval is the exact one of Garwood. Without ``single_years`` what single years bring is
    left out, which takes most of the time; all else is the same number for number.

    >>> one = pd.Series([1.0])
    >>> drawn = simulate(one, one, one * 10, years=1.0)  # Garwood: 4.80 to 18.39
    >>> [round(float(end)) for end in (np.quantile(drawn.expected, 0.025),
    ...                                np.quantile(drawn.upper, 0.975))]
    [5, 18]
    """
    rng = np.random.default_rng(seed)
    expected, dearest = np.zeros(draws), np.zeros(draws)
    yearly = np.full(draws, 0.0 if single_years else np.nan)
    for start, end, often in zip(low, high, rate, strict=True):
        loss = _triangular(rng, rng, start, end, draws)
        lasting = rng.gamma(often * years, size=draws) / years if often else np.zeros(draws)
        expected += lasting * loss
        dearest = np.maximum(dearest, loss)
        events = rng.poisson(np.minimum(lasting, MOST_EVENTS))
        if single_years:
            yearly += _summed(rng, events, start, end)
        else:
            _pass_over(rng, events)
    upper = expected + dearest * rng.exponential(size=draws) / years
    return Draws(expected, upper, yearly)


def _triangular(
    rng: np.random.Generator, second: np.random.Generator, low: float, high: float, size: int
) -> np.ndarray:
    """Draw losses with their peak halfway: the mean of two even draws has that shape."""
    return low + (high - low) * (rng.random(size) + second.random(size)) / 2


def _summed(rng: np.random.Generator, n: np.ndarray, low: float, high: float) -> np.ndarray:
    """Add up n losses for each draw; very many of them by their normal limit."""
    total = _one_by_one(rng, _few(n), low, high)
    spread = (high - low) / math.sqrt(24)  # of a triangle with its peak in the middle
    normal = n * (low + high) / 2 + np.sqrt(n) * spread * rng.standard_normal(len(n))
    return np.where(n <= MANY_EVENTS, total, normal)


def _one_by_one(rng: np.random.Generator, n: np.ndarray, low: float, high: float) -> np.ndarray:
    """Add up n losses for each draw, block by block: millions at once would leave the cache.

    The second even draws of all losses follow the first ones of all, so they come from a copy of
    the generator that is as far ahead.
    """
    whole = int(n.sum())
    ahead = np.random.default_rng(SEED)
    ahead.bit_generator.state = rng.bit_generator.state
    ahead.bit_generator.advance(whole)
    sums = [
        np.bincount(np.repeat(np.arange(len(some)), some), minlength=len(some),
                    weights=_triangular(rng, ahead, low, high, int(some.sum())))
        for some in np.split(n, range(BLOCK, len(n), BLOCK))
    ]  # fmt: skip
    rng.bit_generator.advance(whole)
    return np.concatenate(sums)


def _pass_over(rng: np.random.Generator, n: np.ndarray) -> None:
    """Leave out the numbers that `_summed` draws, so that those after them stay the same."""
    rng.bit_generator.advance(2 * int(_few(n).sum()))  # two even draws a loss
    rng.standard_normal(len(n))


def _few(n: np.ndarray) -> np.ndarray:
    """Return the numbers of losses that are drawn one by one."""
    return np.where(n <= MANY_EVENTS, n, 0)
