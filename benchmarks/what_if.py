"""How long a redraw of the what-if takes: answer and HTML, for every client with a report."""

import sys
import time
from pathlib import Path
from statistics import median

from crm_eval_lib.cli.options import LANGUAGES
from crm_eval_lib.runner.paths import client_folders
from crm_eval_lib.whatif import Base, base_of, what_if
from crm_eval_lib.whatif.shown import answer_html

GOAL_SECONDS = 0.3
REDRAWS = 15


def redraw_seconds(base: Base) -> tuple[float, float]:
    """Return the median seconds of a redraw, by the clock and of CPU."""
    clock, cpu = [], []
    for number in range(REDRAWS):
        asked = base.settings.but(weights={"cost": 20.0 + number}, realisation=0.6)
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
    print(f"| client | s | CPU s (goal {GOAL_SECONDS}) |\n|---|--:|--:|")
    for name in names:
        clock, cpu = redraw_seconds(base_of(name, reports_dir=reports))
        print(f"| {name} | {clock:.2f} | {cpu:.2f} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
