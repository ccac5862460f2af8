"""The lab in a real JupyterLab: open, run all, move a slider, copy the block, restart."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress

import pytest
from client_folder import make_client
from finished_report import make_report
from test_report_browser import CHROMIUM
from test_report_browser import browser as started_browser
from test_whatif import FILES, OWN, results

from crm_eval_lib.lab.factor import new_factor
from crm_eval_lib.runner.fingerprint import folder_state
from crm_eval_lib.runner.plan import plan

TOKEN = "lab"
STARTED, CELL = 60_000, 60_000  # milliseconds: the page, and a notebook's last cell
IDLE = "(ipykernel) | Idle"  # in the status bar, once the kernel answers
SLIDER = (
    ".widget-slider:has-text('Cost') [role=slider], .widget-slider:has-text('Cost') .noUi-handle"
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]

browser = started_browser  # one Chromium for all tests of this file


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A client with a notebook of its own and a finished report."""
    root = tmp_path_factory.mktemp("lab")
    folder = make_client(root / "clients", FILES, more=OWN)
    new_factor(folder, "usage", plan(folder).all)
    make_report(root / "reports", root / "clients", results().values())
    return root


@pytest.fixture(scope="module")
def address(folders):
    """Open the lab on a free port; yield the address of its files."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{name}_DIR": str(folders / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    places = [f"--{name}={folders / name}" for name in ("clients", "reports")]
    command = [sys.executable, "-c", "from crm_eval_lib.cli import main; main()", "lab", "acme",
               *places, f"--folder={folders / 'work'}", "--no-browser", f"--port={port}",
               "--allow-root", f"--IdentityProvider.token={TOKEN}"]  # fmt: skip
    with (folders / "log").open("w") as log:
        server = subprocess.Popen(command, env=os.environ | own, stdout=log, stderr=log,
                                  start_new_session=True)  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}/lab/tree"
    finally:
        with (
            suppress(OSError),
            urllib.request.urlopen(
                urllib.request.Request(f"http://127.0.0.1:{port}/api/shutdown?token={TOKEN}", b"")
            ),
        ):
            server.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def opened(browser, address, path):
    """Open a notebook once the server answers."""
    page = browser.new_page(viewport={"width": 1500, "height": 1400})
    for _ in range(120):
        with suppress(Exception):
            page.goto(f"{address}/{path}?token={TOKEN}&reset")
            break
        page.wait_for_timeout(500)
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=STARTED)
    page.wait_for_selector(f"text={IDLE}", timeout=STARTED)
    return page


def choose(page, menu, entry):
    page.click(f".lm-MenuBar-itemLabel:text-is('{menu}')")
    page.click(f".lm-Menu-itemLabel:text-is('{entry}')")


def test_the_what_if_runs_moves_writes_and_begins_again(browser, address):
    page = opened(browser, address, "what_if.ipynb")
    choose(page, "Run", "Run All Cells")
    page.wait_for_selector(".crm-now", timeout=CELL)
    handle = page.locator(SLIDER).first
    handle.focus()
    handle.press("PageUp")
    page.wait_for_selector(".crm-verdict", timeout=CELL)
    page.click("button:has-text('Write these as client.yml')")
    page.wait_for_function("document.querySelector('.crm-eval-block textarea').value.length > 0")
    block = page.input_value(".crm-eval-block textarea")
    assert "weights: {cost: " in block and "crm-eval check acme" in block.splitlines()[0]
    assert "weights: {cost: 10," not in block  # the slider did move
    choose(page, "Kernel", "Restart Kernel and Run All Cells…")
    page.click(".jp-Dialog button:has-text('Restart')")
    page.wait_for_selector(".crm-verdict", state="detached", timeout=CELL)
    page.wait_for_selector(".crm-now", timeout=CELL)


def test_running_and_saving_an_own_notebook_leaves_its_file_as_it_is(
    browser, address, folders, project
):
    own = folders / "clients" / "acme" / "notebooks" / "06_usage.ipynb"
    before, standard = own.read_bytes(), folder_state(project / "notebooks")
    page = opened(browser, address, "own/06_usage.ipynb")
    choose(page, "Run", "Run All Cells")
    page.locator(".jp-CodeCell").last.locator(".crm-eval").first.wait_for(timeout=CELL)
    with page.expect_response(
        lambda answer: "06_usage.ipynb" in answer.url and answer.request.method == "PUT"
    ):
        choose(page, "File", "Save Notebook")
    assert own.read_bytes() == before
    assert [path.name for path in own.parent.iterdir()] == [own.name]
    assert folder_state(project / "notebooks") == standard
