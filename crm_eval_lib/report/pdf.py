"""A report as PDF, printed by a Chromium that is installed already."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from crm_eval_lib.errors import CrmEvalError, UsageError

CHROMIUM_VARIABLE = "CRM_EVAL_CHROMIUM"  # names the program where it is not found by itself
TIMEOUT_SECONDS = 120.0
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
          "msedge", "microsoft-edge")  # fmt: skip
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
# No page numbers of the browser's own, an outline from the headings, nothing asked of any host.
_OPTIONS = ("--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer",
            "--generate-pdf-document-outline", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-quic")  # fmt: skip


def find_chromium() -> str:
    """Return the program that prints; without one the error says how to get or name it."""
    named = os.environ.get(CHROMIUM_VARIABLE, "")
    found = [named] if named else [*(shutil.which(name) or "" for name in _NAMES), *_PLACES]
    for program in found:
        if program and Path(program).is_file():
            return program
    missing = f"{CHROMIUM_VARIABLE} names {named!r}, which is no file." if named else (
        "No Chromium, Chrome or Edge was found."
    )  # fmt: skip
    raise UsageError(
        f"{missing} --pdf prints through a browser: install Chromium, or set {CHROMIUM_VARIABLE} "
        "to its program, or open report.html and print it from there."
    )


def print_pdf(page: Path, program: str) -> Path:
    """Print a page beside itself, whole or not at all.

    Parameters
    ----------
    page : Path
        The report; ``report.html`` becomes ``report.pdf``.
    program : str
        What `find_chromium` returned.

    Returns
    -------
    Path
    """
    with TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        made = Path(scratch) / "page.pdf"
        command = [program, *_OPTIONS, *_as_root(), f"--user-data-dir={scratch}/profile",
                   f"--print-to-pdf={made}", page.resolve().as_uri()]  # fmt: skip
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CrmEvalError(f"{page} was not printed: {error}") from error
        if not made.is_file() or not made.read_bytes().startswith(b"%PDF"):
            said = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
            raise CrmEvalError(f"{page} was not printed: {program} ended with {said[0]}")
        beside = page.with_name(f".{page.stem}.pdf")
        shutil.copyfile(made, beside)
    return beside.replace(page.with_suffix(".pdf"))


def _as_root() -> tuple[str, ...]:
    """Chromium refuses its sandbox to root, who has no other choice inside a container."""
    root = sys.platform != "win32" and os.geteuid() == 0
    return ("--no-sandbox",) if root else ()
