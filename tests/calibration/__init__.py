"""Do intervals cover what they promise? Simulated where the truth is known.

A `Case` draws data of a known truth many times and asks the library for its interval each time.
`CASES` lists those of the factors cost, problems and value; another factor adds a module with a
function ``cases()`` and names it in `registry`. ``python tests/calibrate.py`` runs all and writes
docs/calibration.md; tests/test_calibration.py runs a fast part.
"""

from calibration.case import ALLOWED, NOMINAL, Case, Found, Intervals, simulate
from calibration.registry import CASES, KEPT_APART

__all__ = ["ALLOWED", "CASES", "KEPT_APART", "NOMINAL", "Case", "Found", "Intervals", "simulate"]
