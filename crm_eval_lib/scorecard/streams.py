"""Random streams of the simulated verdicts, one for each name: none moves another's draws."""

from collections.abc import Mapping
from zlib import crc32

import numpy as np


class Streams:
    """Random streams by name, each of as many draws."""

    def __init__(self, seed: int, count: int) -> None:
        self.seed, self.count = seed, count

    def rng(self, name: str) -> np.random.Generator:
        """Return the stream of this name from its beginning."""
        return np.random.default_rng([self.seed, crc32(name.encode())])

    def weights(
        self, name: str, weights: Mapping[str, float], spread: float
    ) -> dict[str, np.ndarray]:
        """Draw weights from a Dirichlet whose mean is the set weights.

        Its concentration makes the relative standard deviation of an average weight the spread:
        (k − 1)/(concentration + 1) = spread².
        """
        total = sum(weights.values())
        if spread <= 0 or len(weights) < 2:
            return {key: np.full(self.count, weight / total) for key, weight in weights.items()}
        concentration = max((len(weights) - 1) / spread**2 - 1, 1.0)
        return {
            key: self.rng(f"{name}/{key}").standard_gamma(
                concentration * weight / total, self.count
            )
            for key, weight in weights.items()
        }
