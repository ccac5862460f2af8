"""What the report claims where nothing happened."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np

from calibration.case import SEED
from calibration.series import SLOW_DRAWS, World, claim_of_naive, estimated, series_ratio
from crm_eval_lib.efficiency.verdict import verdict_of
from crm_eval_lib.stats.interrupted import POWER

FASTER, SLOWER, *_ = WORDS = ("faster", "slower", "open", "untold")
MOST_FASTER, MOST_ANY = 0.04, 0.07
POWER_OFF = 0.05  # a standard error is itself estimated, from a few dozen months


@dataclass(frozen=True)
class Claim:
    """One setting: ``ask(rng)`` gives a word of WORDS; ``allowed`` judges their shares."""

    setting: str
    ask: Callable[[np.random.Generator], str]
    draws: int
    allowed: Callable[[dict[str, float]], bool] | None = None

    def shares(self, draws: int | None = None) -> dict[str, float]:
        """Draw and count; the random numbers depend on the setting's name and nothing else."""
        rng = np.random.default_rng([SEED, zlib.crc32(self.setting.encode())])
        size = draws or self.draws
        found = [self.ask(rng) for _ in range(size)]
        return {word: found.count(word) / size for word in WORDS}


def honest(shares: dict[str, float]) -> bool:
    """Say whether a method claims as rarely as promised where nothing happened."""
    claimed = shares[FASTER] + shares[SLOWER]
    return shares[FASTER] <= MOST_FASTER and claimed <= MOST_ANY


def _reported(rng: np.random.Generator, *, world: World) -> str:
    return verdict_of(estimated(rng, world))


def _without_placebos(rng: np.random.Generator, *, world: World) -> str:
    return verdict_of(replace(estimated(rng, world), placebo_share=None))


def claims() -> list[Claim]:
    """No effect at two lengths, by three methods."""
    found = []
    for world in (World(), World(36, 18)):
        common = f"{world.before} + {world.after} months, no effect"
        found += [
            Claim(f"{common}: reported verdict", partial(_reported, world=world), 2000, honest),
            Claim(f"{common}: R2 without its placebo dates",
                  partial(_without_placebos, world=world), SLOW_DRAWS),
            Claim(f"{common}: before/after as it stands", partial(claim_of_naive, world=world),
                  SLOW_DRAWS),
        ]  # fmt: skip
    return found


def well_powered(shares: dict[str, float]) -> bool:
    """Say whether the fall named as detectable is found about as often as promised."""
    return abs(shares[FASTER] - POWER) <= POWER_OFF


@cache
def smallest_detectable(world: World) -> float:
    """Return the median of the smallest detectable fall that the library names, as a logarithm."""
    rng = np.random.default_rng([SEED, zlib.crc32(world.words.encode())])
    falls = [series_ratio(world.series(rng)).detectable for _ in range(SLOW_DRAWS)]
    return float(np.log1p(-np.median(falls)))


def _detected(rng: np.random.Generator, *, world: World) -> str:
    found = series_ratio(replace(world, effect=smallest_detectable(world)).series(rng))
    return FASTER if found.high < 0 else SLOWER if found.low > 0 else "open"


def powers() -> list[Claim]:
    """The fall named as the smallest detectable, planted."""
    return [
        Claim(f"{world.before} + {world.after} months, the smallest detectable fall: interval "
              "below zero", partial(_detected, world=world), 1000, well_powered)
        for world in (World(dip=0.0),)
    ]  # fmt: skip


CLAIMS = claims()
POWERS = powers()
