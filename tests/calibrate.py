"""Simulate what every interval covers and write docs/calibration.md.

python tests/calibrate.py                all settings: some half an hour
python tests/calibrate.py --new          only those without a row of as many draws on the page
python tests/calibrate.py --new --most 400    the same with at most so many draws each: a first look
python tests/calibrate.py kappa          only those whose name has the word: printed, not written
python tests/calibrate.py score          docs/calibration_score.md: factors, total and P(pass)
"""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace

from calibration import CASES, Case, score_page, simulate
from calibration.claims import CLAIMS, POWERS, Claim
from calibration.page import CLAIMED_TITLE, PAGE, POWERED_TITLE, page
from calibration.rows import BROKEN, UNDER, Row, case_row, claim_row, rows_on

SCORE = "score"
Rows = dict[tuple[str, str], Row]

WORK = [*((case.table, case) for case in CASES), *((CLAIMED_TITLE, claim) for claim in CLAIMS),
        *((POWERED_TITLE, power) for power in POWERS)]  # fmt: skip


def simulated(word: str, known: Rows, most: int | None) -> Iterator[tuple[str, str, Row]]:
    """Run what the word asks for and has no row of as many draws; what has no row at all first."""
    asked = [(heading, case if most is None else replace(case, draws=min(case.draws, most)))
             for heading, case in WORK
             if word.lower() in f"{heading}: {case.setting}".lower()]  # fmt: skip
    for heading, case in sorted(asked, key=lambda pair: (pair[0], pair[1].setting) in known):
        row = known.get((heading, case.setting))
        if row is None or row.draws < case.draws:
            row = _row(case)
            print(row.line, flush=True)
            yield heading, case.setting, row


def _row(case: Case | Claim) -> Row:
    if isinstance(case, Case):
        return case_row(case, simulate(case))
    return claim_row(case, case.shares())


def main(word: str = "", *, new: bool = False, most: int | None = None) -> int:
    """Run the cases; the exit code is 1 when one is too narrow and not labelled."""
    if word == SCORE or not (word or new):
        written = score_page.write()
        if word == SCORE or not written:
            return int(not written)
    rows = rows_on(PAGE.read_text("utf-8")) if new else {}
    for heading, setting, row in simulated(word, dict(rows), most):
        rows[heading, setting] = row
        if new:  # stopped half way: what is done stays done, and it goes on from there
            _write(rows)
    if new or not word:
        _write(rows)
    return int(any(row.verdict in (UNDER, BROKEN) for row in rows.values()))


def _write(rows: Rows) -> None:
    found = [(case, row) for case in CASES if (row := rows.get((case.table, case.setting)))]
    told = [[row for claim in claims if (row := rows.get((title, claim.setting)))]
            for title, claims in ((CLAIMED_TITLE, CLAIMS), (POWERED_TITLE, POWERS))]  # fmt: skip
    PAGE.write_text(page(found, *told), encoding="utf-8")


if __name__ == "__main__":
    asked = ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("word", nargs="?", default="")
    asked.add_argument("--new", action="store_true")
    asked.add_argument("--most", type=int)
    sys.exit(main(**vars(asked.parse_args())))
