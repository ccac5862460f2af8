"""Simulate what every interval covers and write docs/calibration.md.

python tests/calibrate.py              all settings: some twenty minutes
python tests/calibrate.py kappa        only those whose name has the word: printed, not written
python tests/calibrate.py score        docs/calibration_score.md: factors, total and P(pass)
"""

import sys

from calibration import CASES, score_page, simulate
from calibration.claims import CLAIMS, POWERS
from calibration.page import PAGE, UNDER, page, verdict

SCORE = "score"


def main(word: str = "") -> int:
    """Run the cases; the exit code is 1 when one is too narrow and not labelled."""
    if word in ("", SCORE) and not score_page.write():
        return 1
    found = []
    for case in CASES:
        if word == SCORE or word.lower() not in case.name.lower():
            continue
        result = simulate(case)
        found.append((case, result))
        said = verdict(case, result)
        print(f"{result.coverage:.3f} ± {result.error:.3f}  {said:10}  {case.name}", flush=True)
    if not word:
        claimed = [(claim, claim.shares()) for claim in CLAIMS]
        detected = [(power, power.shares()) for power in POWERS]
        PAGE.write_text(page(found, claimed, detected), encoding="utf-8")
        print(PAGE)
    return int(any(verdict(*row) == UNDER for row in found))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
