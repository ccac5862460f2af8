"""A shell in this very process in a kernel's place, driven by papermill's client."""

import asyncio
import contextvars
import json
import os
import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ipykernel import ipkernel
from ipykernel.inprocess.blocking import BlockingInProcessChannel, BlockingInProcessKernelClient
from ipykernel.inprocess.constants import INPROCESS_KEY
from ipykernel.inprocess.ipkernel import InProcessKernel
from ipykernel.iostream import IOPubThread, OutStream
from nbclient.client import CellExecutionComplete
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager
from traitlets import Type, default
from traitlets.config import Config

from crm_eval_lib.runner.messages import Session, Socket, ToldOfCell, plain_outputs
from crm_eval_lib.runner.whole_files import replace_text

SAVE_SECONDS = 3.0  # a notebook at work is saved at most this often; a kill takes as much of it
OUTPUT_CHARACTERS = 10_000_000  # what one notebook may print; a page holds a thousandth of it
TOO_MUCH_PRINTED = (
    f"The notebook has printed more than {OUTPUT_CHARACTERS:,} characters; show less."
)
LEFT = {"ename": "SystemExit", "evalue": "", "traceback": ["SystemExit"]}  # as sys.exit() leaves
MESSAGE_SECONDS = 60.0  # the shell's own messages are there at once; a lost one is a fault
_INLINE = "module://matplotlib_inline.backend_inline"
_CONFIG = Config({
    "HistoryManager": {"enabled": False},
    "Kernel": {"_execute_sleep": 0.0},  # after each cell, for sockets, of which there are none
})  # fmt: skip


class Manager(NotebookExecutionManager):
    """papermill's record of states, saved whole and not more often than `SAVE_SECONDS`.

    Saving twice per cell, as papermill does, costs more than many a cell, and so does the encoder
    that indents. Keys are in order, as papermill has them.
    """

    def save(self, **changed: Any) -> None:
        """Save the notebook unless that has just been done; always at start, end and error."""
        self.nb = changed.get("nb") or self.nb
        ended = bool(self.end_time) or bool(self.nb.metadata.papermill.get("exception"))
        first = self.last_save_time <= self.start_time
        since = (self.now() - self.last_save_time).total_seconds()
        if self.output_path and (ended or first or since >= SAVE_SECONDS):
            text = json.dumps(self.nb, ensure_ascii=False, sort_keys=True)
            replace_text(Path(self.output_path), text)
            self.last_save_time = self.now()


class Client(ToldOfCell, PapermillNotebookClient):
    """papermill's client over a shell of the same process instead of a kernel."""

    def execute(self, **_: Any) -> Any:
        """Execute all cells; as with a kernel, an error is an output of its cell."""
        self.reset_execution_trackers()
        with plain_outputs(), _shell() as self.kc:
            self.papermill_execute_cells()
            self.nb.metadata["language_info"] = dict(self.kc.kernel.language_info)
            self.set_widgets_metadata()
        return self.nb

    def execute_cell(self, cell: Any, cell_index: int, **_: Any) -> Any:
        """Execute one cell and keep its outputs.

        Raises
        ------
        CellExecutionError
            The cell failed and does not carry the tag ``raises-exception``, or the notebook has
            printed too much.
        """
        tags = cell.metadata.get("tags", [])
        skipped = self.skip_cells_with_tag in tags
        if cell.cell_type != "code" or not cell.source.strip() or skipped:
            return cell
        if self.on_cell_start:
            self.on_cell_start(cell=cell, cell_index=cell_index)
        cell["outputs"], self.clear_before_next_output = [], False
        cell.metadata["execution"] = {}  # nbclient notes its times here
        request = self._dispatch(cell.source)
        self._take_outputs(request, cell, cell_index)
        reply = self.kc.get_shell_msg(timeout=MESSAGE_SECONDS)["content"]
        if BoundedStream.printed > OUTPUT_CHARACTERS:
            raise too_much_printed(cell)
        if self.kc.kernel.shell.exit_now:  # `exit()` and `quit` end a notebook, they raise nothing
            reply |= {"status": "error", **LEFT}
            cell["outputs"].append(new_output("error", **LEFT))
        if reply["status"] == "error" and "raises-exception" not in tags:
            raise CellExecutionError.from_cell_and_msg(cell, reply)
        return cell

    def _dispatch(self, source: str) -> str:
        """Have the cell run, which may fork: its child ends here, whatever it comes to.

        The child has no running event loop, so that what follows the cell raises in it.
        """
        process = os.getpid()
        try:
            return self.kc.execute(source, allow_stdin=False)
        finally:
            if os.getpid() != process:
                os._exit(0)

    def _take_outputs(self, request: str, cell: Any, cell_index: int) -> None:
        while True:
            message = self.kc.get_iopub_msg(timeout=MESSAGE_SECONDS)
            if message["parent_header"].get("msg_id") != request:
                continue  # of a thread that an earlier cell left running
            try:
                self.process_message(message, cell, cell_index)
            except CellExecutionComplete:
                return


class Outbox(IOPubThread):
    """What is printed and shown comes through at once, of one thread of the notebook at a time.

    The stock one hands it to a thread of its own, for whose sake every cell would wait.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._turn = threading.RLock()

    def schedule(self, f: Callable[[], Any]) -> None:
        """Do it now; threads that did so side by side would lose messages."""
        with self._turn:
            f()


class Kernel(InProcessKernel):
    """ipykernel's kernel without process, mended: a cell that awaits asks it for a thread."""

    shell_channel_thread = SimpleNamespace(parent_thread=None)
    _supports_kernel_subshells = False

    @default("iopub_thread")
    def _default_iopub_thread(self) -> IOPubThread:
        return Outbox(self._underlying_iopub_socket, session=self.session)

    @default("session")
    def _default_session(self) -> Session:
        return Session(parent=self, key=INPROCESS_KEY)

    @default("shell_stream")
    def _default_shell_stream(self) -> Socket:
        return Socket()

    @default("_underlying_iopub_socket")
    def _default_underlying_iopub_socket(self) -> Socket:
        return Socket()


class Channel(BlockingInProcessChannel):
    """The stock channel, which also takes what nbclient tells a widget in the notebook."""

    def send(self, msg: dict[str, Any]) -> None:
        """Hand a message that has no answer to the kernel."""
        self.client.hand_over(msg)


class Frontend(BlockingInProcessKernelClient):
    """ipykernel's client with one event loop and one context for all cells, as a kernel has.

    The stock one starts a task for each cell: what a cell sets in a context variable is lost to
    the next.
    """

    shell_channel_class = Type(Channel)

    def start_channels(self) -> None:
        """Connect to the kernel and start the loop."""
        super().start_channels()
        self.runner, self.variables = asyncio.Runner(), contextvars.copy_context()

    def stop_channels(self) -> None:
        """End the loop and what still runs in it."""
        self.runner.close()
        super().stop_channels()

    def hand_over(self, msg: dict[str, Any]) -> None:
        """Let the kernel work on a message."""
        stream = self.kernel.shell_stream
        self.session.send(stream, msg)
        parts = stream.recv_multipart()
        self.runner.run(self.kernel.dispatch_shell(parts), context=self.variables)

    def _dispatch_to_kernel(self, msg: dict[str, Any]) -> None:
        self.hand_over(msg)
        _, reply = self.session.recv(self.kernel.shell_stream, copy=False)
        self.shell_channel.call_handlers(reply)


class BoundedStream(OutStream):
    """Standard output or error of the cells, with an end to what may be printed."""

    printed = 0

    def write(self, string: str) -> int | None:
        """Pass text on, halves of characters escaped; past the limit it is an error of the cell.

        What commands print is dropped there: who reads their pipe must go on, or they would wait.
        """
        BoundedStream.printed += len(string)
        if BoundedStream.printed > OUTPUT_CHARACTERS:
            if threading.current_thread() is self.watch_fd_thread:
                return len(string)
            raise RuntimeError(TOO_MUCH_PRINTED)
        if isinstance(string, str):
            string = string.encode("utf-8", "backslashreplace").decode("utf-8")
        return super().write(string)


def too_much_printed(cell: Any) -> CellExecutionError:
    """Note in a cell's outputs, in place of other errors, that too much was printed."""
    said = {"ename": "RuntimeError", "evalue": TOO_MUCH_PRINTED}
    cell["outputs"] = [shown for shown in cell.outputs if shown.output_type != "error"]
    cell["outputs"].append(new_output("error", **said, traceback=[TOO_MUCH_PRINTED]))
    return CellExecutionError(TOO_MUCH_PRINTED, **said)


@contextmanager
def _shell() -> Iterator[Any]:
    """Make a shell in the state a new kernel has, and the client that talks to it."""
    with _no_modules_listed():
        kernel = Kernel.instance(config=_CONFIG)  # the one that widgets look for
    for name in ("stdout", "stderr"):
        setattr(kernel, name, BoundedStream(kernel.session, kernel.iopub_thread, name))
    _draw_inline(kernel.shell)
    _reseed()
    client = Frontend(kernel=kernel, session=kernel.session)
    client.start_channels()
    try:
        with redirect_stdout(kernel.stdout), redirect_stderr(kernel.stderr):
            yield client
    finally:
        client.stop_channels()
        Kernel.clear_instance()


@contextmanager
def _no_modules_listed() -> Iterator[None]:
    """Keep a new kernel from listing all modules, for a debugger that no run attaches to.

    It would touch each, and a page that a fork touches is copied: 4,000 pages in every notebook.
    """
    ipkernel.sys = SimpleNamespace(modules={})
    try:
        yield
    finally:
        ipkernel.sys = sys


def _draw_inline(shell: Any) -> None:
    """Let figures appear in the notebook, also where matplotlib was imported before."""
    if os.environ.setdefault("MPLBACKEND", _INLINE) == _INLINE and "matplotlib" in sys.modules:
        sys.modules["matplotlib"].use(_INLINE)
        shell.enable_matplotlib("inline")


def _reseed() -> None:
    """Give this process random states of its own; a fork inherits its parent's."""
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
