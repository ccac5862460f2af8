"""What the report claims where nothing happened."""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np

from calibration import controlled, logs, samples, weeks
from calibration.case import SEED
from calibration.series import SLOW_DRAWS, World, claim_of_naive, direction, estimated, series_ratio
from crm_eval_lib.efficiency.verdict import verdict_of
from crm_eval_lib.stats.interrupted import POWER

FASTER, SLOWER, *_ = WORDS = ("faster", "slower", "open", "untold")
MOST_FASTER, MOST_ANY = 0.04, 0.07
MANY = 160  # cases a month in a well filled log
DEAR_DRAWS, LOG_DRAWS = 200, 300
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
    """No effect at two lengths: what is reported, and what other methods make of the same."""
    return [row for world in (World(), World(36, 18))
            for row in (*_alone(world), *_against(world), *_from_events(world))]  # fmt: skip


def _common(world: World) -> str:
    return f"{world.before} + {world.after} months, no effect"


def _alone(world: World) -> Iterable[Claim]:
    common = _common(world)
    yield Claim(f"{common}: reported verdict", partial(_reported, world=world), 2000, honest)
    yield Claim(f"{common}: R2 without its placebo dates",
                partial(_without_placebos, world=world), SLOW_DRAWS)  # fmt: skip
    yield Claim(f"{common}: before/after as it stands", partial(claim_of_naive, world=world),
                SLOW_DRAWS)  # fmt: skip
    if world.before == World.before:
        yield Claim(f"{common}, {MANY} cases a month: before/after as it stands",
                    partial(claim_of_naive, world=world, per_month=MANY), DEAR_DRAWS)  # fmt: skip


def _against(world: World) -> Iterable[Claim]:
    common = f"{_common(world)}, a market that moves"
    for words, ask, allowed in (
        ("reported verdict (R3, or R2 where the leads are not flat)", controlled.reported, honest),
        ("R3 without its placebo dates", controlled.without_placebos, None),
        ("R2 without its placebo dates", controlled.without_comparison, None),
    ):
        draws = controlled.DRAWS if allowed else SLOW_DRAWS
        yield Claim(f"{common}: {words}", partial(ask, world=world), draws, allowed)


def _from_events(world: World) -> Iterable[Claim]:
    common = f"{_common(world)}, from single events"
    yield Claim(f"{common}: reported verdict", partial(logs.reported, world=world), LOG_DRAWS,
                honest)  # fmt: skip
    if world.before == World.before:
        yield Claim(f"{common}: before/after as it stands", partial(logs.as_it_stands, world=world),
                    DEAR_DRAWS)  # fmt: skip


def well_powered(shares: dict[str, float]) -> bool:
    """Say whether the fall named as detectable is found about as often as promised."""
    return abs(shares[FASTER] - POWER) <= POWER_OFF


def smallest_detectable(planted: "Planted") -> float:
    """Return the median of the smallest detectable fall that the library names, as a logarithm."""
    rng = np.random.default_rng([SEED, zlib.crc32(planted.words.encode())])
    falls = [planted.ask(rng, 0.0)[1] for _ in range(planted.looks)]
    return float(np.log1p(-np.median(falls)))


@dataclass(frozen=True)
class Planted:
    """A world into which a change can be planted.

    ``ask(rng, log effect)`` gives the interval, and the fall that the library calls detectable.
    """

    words: str
    ask: Callable[[np.random.Generator, float], tuple[tuple[float, float], float]]
    draws: int = 1000
    looks: int = 200
    judged: bool = True

    def found(self) -> Claim:
        """The fall named as the smallest detectable, planted."""
        effect = cache(partial(smallest_detectable, self))
        words = f"{self.words}, the smallest detectable fall: interval below zero"
        allowed = well_powered if self.judged else None
        return Claim(words, lambda rng: direction(*self.ask(rng, effect())[0]), self.draws, allowed)


def _series(rng: np.random.Generator, effect: float, *, world: World):
    found = series_ratio(replace(world, effect=effect).series(rng))
    return (found.low, found.high), found.detectable


def _weeks(rng: np.random.Generator, effect: float, *, size: int):
    found = weeks.asked(rng, weeks=size, large=(0.0, 0.0), effect=effect)
    return (found.low, found.high), found.detectable


def _forms(rng: np.random.Generator, effect: float, *, n: int):
    found = samples.asked(rng, n=n, median=24, share=0.5, spread=0.5, width=samples.DAY,
                          effect=float(np.exp(effect)))  # fmt: skip
    low, high = found.bounds()
    return (low - 1, high - 1), found.detectable()


def powers() -> list[Claim]:
    """Each design with the fall it calls detectable."""
    lengths = [World(dip=0.0), World(36, 18, dip=0.0)]
    every = [
        *(Planted(f"{world.before} + {world.after} months", partial(_series, world=world))
          for world in lengths),
        *(Planted(f"{size} + {size} weeks before/after", partial(_weeks, size=size), draws=600,
                  looks=100, judged=size > 4)
          for size in (4, 8)),
        *(Planted(f"{n} + {n} forms, day stamps", partial(_forms, n=n), judged=n > 30)
          for n in (30, 60)),
    ]  # fmt: skip
    return [planted.found() for planted in every]


CLAIMS = claims()
POWERS = powers()
