"""Value functions: from an indicator's value to 0–100 points, linear between anchors, clipped."""

from collections.abc import Sequence
from typing import Any

import numpy as np

FULL = 100.0
DIGITS = 9  # points are kept to this many decimals, so that 60 is never 59.99999999999999


def points(value: Any, anchors: Sequence[float]) -> Any:
    """Score a value, or an array of values.

    Parameters
    ----------
    value : float or ndarray
    anchors : sequence of 2 or 4 floats
        ``[zero, full]`` or, two-sided, ``[zero, full, full, zero]``.

    Returns
    -------
    float or ndarray
        100 · (value − zero)/(full − zero), clipped to 0–100; of two sides the lower one.

    Examples
    --------
    >>> float(points(0.127, [0.50, 0.0, -0.15, -0.65]))
    74.6
    """
    score = _side(value, anchors[0], anchors[1])
    if len(anchors) > 2:
        score = np.minimum(score, _side(value, anchors[3], anchors[2]))
    return np.round(score, DIGITS) + 0.0  # no minus zero


def value_at(score: float, anchors: Sequence[float]) -> float:
    """Return the value that scores these points (on the first side of two).

    >>> value_at(50.0, [4, 0])
    2.0
    """
    return anchors[0] + (anchors[1] - anchors[0]) * score / FULL


def worst_end(low: float | None, high: float | None, anchors: Sequence[float]) -> float | None:
    """Score the unfavourable end of an interval; None when that end is open.

    >>> worst_end(0.10, 0.20, [0.50, 0.0])
    60.0
    """
    one_sided = (high,) if anchors[0] > anchors[1] else (low,)
    ends = (low, high) if len(anchors) > 2 else one_sided
    if any(end is None for end in ends):
        return None
    return min(float(points(end, anchors)) for end in ends)


def span(anchors: Sequence[float], value: float) -> float:
    """Return the distance from zero to full points on the side of the value."""
    if len(anchors) > 2 and _side(value, anchors[3], anchors[2]) < FULL:
        return abs(anchors[3] - anchors[2])
    return abs(anchors[1] - anchors[0])


def _side(value: Any, zero: float, full: float) -> Any:
    return np.clip(FULL * (value - zero) / (full - zero), 0.0, FULL)
