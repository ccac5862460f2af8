"""What docs/performance.md says of the batch, from what benchmarks/batch.py measured."""

import os
import platform
import statistics

from batch_ours import PROCESSES

GOALS = {"a": 8.0, "b": 3.0, "d": 1.3, "one": 1.5}  # ours: times as fast as a and b; of d, one
CELLS_SECONDS, PAGE_SECONDS = 8.0, 1.5  # CPU of all standard notebooks of a client; of its page
MANY_MEGABYTES, MANY_DRIFT, EDGE = 1536, 0.10, 20
AGAIN_SECONDS = 2.0  # to confirm many clients that stand, the hashing of their files apart
HEADING, MANY_HEADING = "## A batch", "## Many clients"


def section(
    count: int,
    runs: dict[str, list[float]],
    floors: dict[str, dict[str, float]],
    seconds: list[float],
) -> str:
    """Return the section on set-ups.

    Parameters
    ----------
    runs : dict of str to list of float
        Seconds by the clock of every run of the set-ups a, b, c, and of ours on the real notebooks
        (c-real) and on one client (c-one).
    floors : dict of str to dict
        CPU seconds of imports, cells and page of a client: of the light notebooks (d) and the real
        ones (d-real) in `PROCESSES` processes at one time, of the real ones in one alone (d-one).
    seconds : list of float
        Of each client of the real batch.
    """
    took = {name: statistics.median(all_of) for name, all_of in runs.items()}
    least = {name: count * (of["cells"] + of["page"]) / PROCESSES for name, of in floors.items()}
    alone = floors["d-one"]
    faster = {name: took[name] / took["c"] for name in ("a", "b")}
    above = {"light": took["c"] / least["d"], "d": took["c-real"] / least["d-real"],
             "one": took["c-one"] / (alone["imports"] + alone["cells"])}  # fmt: skip
    rows = [
        ("light", "(a) command lines of papermill and nbconvert", _spread(runs["a"]),
         f"{faster['a']:.1f} times as fast", _at_least("a", faster["a"])),
        ("light", "(b) papermill and nbconvert in two lasting workers", _spread(runs["b"]),
         f"{faster['b']:.1f} times as fast", _at_least("b", faster["b"])),
        ("light", "(c) ours", _spread(runs["c"]), f"{above['light']:.2f} × the floor", ""),
        ("light", "(d) floor", f"{least['d']:.1f}", "", ""),
        ("real", "(c) ours", _spread(runs["c-real"]), f"{above['d']:.2f} × the floor",
         _at_most("d", above["d"])),
        ("real", "(d) floor", f"{least['d-real']:.1f}", "", ""),
        ("real", "one client alone", _spread(runs["c-one"]),
         f"{above['one']:.2f} × imports and cells", _at_most("one", above["one"])),
    ]  # fmt: skip
    table = "\n".join(f"| {a} | {b} | {s} | {ours} | {goal} |" for a, b, s, ours, goal in rows)
    return f"""{HEADING}

Made by `make bench` (benchmarks/batch.py): {count} clients, {PROCESSES} processes,
{platform.machine()} with {os.cpu_count()} cores. The light notebooks make 20,000 rows, a bootstrap
and three figures each; the real ones are the standard set on copies of a demo client. The floor is
the CPU of cells and page with everything imported, divided by the processes; it was measured
before and behind each run of ours, in as many processes at one time. Seconds are medians, with the
fastest and the slowest run behind them where there was more than one.

| notebooks | set-up | s | ours is | goal |
|---|---|--:|--:|---|
{table}

One process alone: cells of all standard notebooks of one client {alone["cells"]:.1f} s of CPU (goal
{CELLS_SECONDS:.0f}), one page {alone["page"]:.1f} s (goal {PAGE_SECONDS}), imports
{alone["imports"]:.1f} s. Per client in the real batch, by the clock: median
{statistics.median(seconds):.1f} s, from {min(seconds):.1f} to {max(seconds):.1f}.
"""


def many_section(
    took: float, cpu: list[float], yardstick: list[float], peak: float, again: float
) -> str:
    """Return the section on many clients.

    Parameters
    ----------
    took : float
        Seconds of the whole command.
    cpu : list of float
        CPU seconds of each client, in the order in which they ran.
    yardstick : list of float
        CPU seconds of a fixed piece of work, done as each of them ended.
    peak : float
        Most MB that a piece of work took.
    again : float
        Seconds of the same command, nothing being changed.
    """
    edges = slice(EDGE), slice(-EDGE, None)
    first, last = (statistics.mean(cpu[edge]) for edge in edges)
    was, now = (statistics.median(yardstick[edge]) for edge in edges)
    drift = (last / now) / (first / was) - 1
    memory = (PROCESSES + 1) * peak  # the pool takes less than its children
    return f"""{MANY_HEADING}

Made by `make bench` (`benchmarks/batch.py --many`): {len(cpu)} clients on the light notebooks in
one command took {took:.0f} s. CPU per client: {first:.2f} s over the first {EDGE}, {last:.2f} s
over the last. The clock of a machine drifts: a fixed piece of work, done as each client ended, took
{now / was - 1:+.0%} of CPU over the last. Held against it a client took {drift:+.0%} (goal within
{MANY_DRIFT:.0%}: {_kept(abs(drift) <= MANY_DRIFT)}). The
largest piece of work took {peak:.0f} MB, two at a time and the pool
about {memory:.0f} MB (goal {MANY_MEGABYTES}: {_kept(memory <= MANY_MEGABYTES)}). The same
command again, nothing being changed, took {again:.1f} s, hashing all files included (goal
{AGAIN_SECONDS:.0f} beside the hashing: {_kept(again <= AGAIN_SECONDS)}).
"""


def _spread(seconds: list[float]) -> str:
    """Print the median, and the extremes of more than one run."""
    middle = f"{statistics.median(seconds):.1f}"
    return middle if len(seconds) == 1 else f"{middle} ({min(seconds):.1f}–{max(seconds):.1f})"


def _at_least(name: str, ratio: float) -> str:
    return f"≥ {GOALS[name]:.0f}: {_kept(ratio >= GOALS[name])}"


def _at_most(name: str, ratio: float) -> str:
    return f"≤ {GOALS[name]}: {_kept(ratio <= GOALS[name])}"


def _kept(good: bool) -> str:
    return "kept" if good else "missed"
