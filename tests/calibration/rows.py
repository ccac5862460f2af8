"""Rows of the page: made of what was simulated, or read from the page as it stands."""

import re
from dataclasses import dataclass

import numpy as np

from calibration.case import Case, Found
from calibration.claims import WORDS, Claim

HOLDS, LABELLED, UNDER = "holds", "labelled", "TOO NARROW"
REPLACED = "replaced"
KEPT, BROKEN, BESIDE = "kept", "TOO MANY", "shown beside"
_COVERED = re.compile(r"\| (\d\.\d{3}) ± ")


@dataclass(frozen=True)
class Row:
    """One line of a table, with what it says in its last cell."""

    line: str
    verdict: str

    @property
    def coverage(self) -> float:
        """Coverage as printed; NaN in a row of claims."""
        found = _COVERED.search(self.line)
        return float(found[1]) if found else np.nan

    @property
    def cells(self) -> list[str]:
        """What stands in its cells."""
        return [cell.strip() for cell in self.line.strip("|").split("|")]

    @property
    def draws(self) -> int:
        """Number of draws as printed."""
        return int(self.cells[1].replace(",", ""))


def per_cent(share: float, digits: int = 0) -> str:
    """Write a share as the reports do."""
    return f"{100 * share:.{digits}f} %"


def row_of(case: Case | Claim) -> str:
    """Return how a case begins its row: what the test of the page looks for."""
    return f"| {case.setting} |"


def verdict(case: Case, found: Found) -> str:
    """Say whether a case holds, is labelled where it is shown, or is left as it is."""
    if not case.judged:
        return REPLACED
    if not found.under:
        return HOLDS
    return LABELLED if case.label else UNDER


def case_row(case: Case, found: Found) -> Row:
    """Return the row of an interval."""
    said = verdict(case, found)
    return Row(
        f"{row_of(case)} {found.draws:,} | {per_cent(found.published / found.draws)} "
        f"| {found.coverage:.3f} ± {found.error:.3f} | {_width(found.width)} | {said} |",
        said,
    )


def claim_row(claim: Claim, shares: dict[str, float]) -> Row:
    """Return the row of what is claimed."""
    said = BESIDE if claim.allowed is None else KEPT if claim.allowed(shares) else BROKEN
    told = " | ".join(per_cent(shares[word], 1) for word in WORDS)
    return Row(f"{row_of(claim)} {claim.draws:,} | {told} | {said} |", said)


def rows_on(text: str) -> dict[tuple[str, str], Row]:
    """Return the rows of a page by heading and setting."""
    found, heading = {}, ""
    for line in text.splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        cells = Row(line, "").cells
        if line.startswith("| ") and len(cells) > 2:
            found[heading, cells[0]] = Row(line, cells[-1])
    return found


def _width(width: float) -> str:
    if not np.isfinite(width):
        return "open"
    return f"{width:,.0f}" if width >= 10 else f"{width:.3f}"
