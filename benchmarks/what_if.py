"""How long a redraw of the what-if takes: answer and HTML, for every client with a report.

Weights and money alone, and with another confidence and a transition that is measured already.
"""

import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from crm_eval_lib.cli.options import LANGUAGES
from crm_eval_lib.runner.paths import client_folders
from crm_eval_lib.whatif import Base, base_of, what_if
from crm_eval_lib.whatif.shown import answer_html
from crm_eval_lib.whatif.sliders import transition_of

GOAL_SECONDS = 0.3
REDRAWS = 15
SHORT_DAYS = 30  # of a transition


def redraw_seconds(base: Base, **also: Any) -> tuple[float, float]:
    """Return the median seconds of a redraw, by the clock and of CPU."""
    clock, cpu = [], []
    what_if(base, base.settings.but(**also))  # what is measured once
    for number in range(REDRAWS):
        asked = base.settings.but(weights={"cost": 20.0 + number}, realisation=0.6, **also)
        started, used = time.perf_counter(), time.process_time()
        answer_html(base, what_if(base, asked), LANGUAGES[0])
        clock.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
    return median(clock), median(cpu)


def main(reports: str = "reports") -> None:
    """Print a table for docs/performance.md."""
    names = client_folders(Path(reports))
    if not names:
        sys.exit(f"No report stands in {reports}: crm-eval run --all makes them.")
    print(f"| client | asked | s | CPU s (goal {GOAL_SECONDS}) |\n|---|---|--:|--:|")
    for name in names:
        base = base_of(name, reports_dir=reports)
        measured = {"confidence": 0.8, "blackout": transition_of(base, SHORT_DAYS)}
        for asked, also in (("weights, money", {}), ("and confidence, transition", measured)):
            clock, cpu = redraw_seconds(base, **also)
            print(f"| {name} | {asked} | {clock:.2f} | {cpu:.2f} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
