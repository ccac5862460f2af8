"""papermill's own engine, with the end to what may be printed that the fork engine has too."""

import asyncio
from typing import Any

import zmq
from jupyter_core.utils import ensure_async
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

from crm_eval_lib.runner.messages import ToldOfCell
from crm_eval_lib.runner.shell import LEFT, OUTPUT_CHARACTERS, too_much_printed

NAME = "crm-eval-kernel"


class Client(ToldOfCell, PapermillNotebookClient):
    """Drops what is printed past the limit, interrupts the cell and makes it an error of it."""

    printed = 0

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """Take a message of the kernel, unless it prints past the limit."""
        if msg["msg_type"] == "stream":
            before = self.printed
            self.printed += len(msg["content"]["text"])
            if before <= OUTPUT_CHARACTERS < self.printed:
                interrupt = ensure_async(self.km.interrupt_kernel())
                self.interruption = asyncio.get_running_loop().create_task(interrupt)
            if self.printed > OUTPUT_CHARACTERS:
                return None
        output = super().process_message(msg, cell, cell_index)
        # what nbclient sends to a widget meanwhile can hide that the kernel has answered: zmq tells
        # of it once, and asked for by another than who waits, it would be waited for without end
        self.kc.shell_channel.socket.get(zmq.EVENTS)
        return output

    def execute_cell(self, cell: NotebookNode, cell_index: int, **options: Any) -> NotebookNode:
        """Execute one cell.

        Raises
        ------
        CellExecutionError
            The cell failed, or the notebook has printed too much.
        """
        try:
            executed = super().execute_cell(cell, cell_index, **options)
        except (CellExecutionError, CellTimeoutError):  # the second: its end was lost in a flood
            if self.printed <= OUTPUT_CHARACTERS:
                raise
            executed = cell
        if self.printed <= OUTPUT_CHARACTERS:
            return executed
        raise too_much_printed(cell)


def end_at_exit(cell: NotebookNode, execute_reply: dict[str, Any], **_: Any) -> None:
    """End the notebook where a cell has called `exit`, which raises nothing.

    Raises
    ------
    CellExecutionError
        The kernel asks to be left.
    """
    asked = [payload["source"] for payload in execute_reply["content"].get("payload", ())]
    if "ask_exit" in asked:
        cell["outputs"].append(new_output("error", **LEFT))
        raise CellExecutionError("", ename=LEFT["ename"], evalue=LEFT["evalue"])


class KernelEngine(NBClientEngine):
    """papermill's engine with that client."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Execute the notebook in a kernel process."""
        given = {name: value for name, value in options.items() if name != "input_path"}
        given |= {"kernel_name": kernel_name, "on_cell_executed": end_at_exit}
        return Client(nb_man, **given).execute()


papermill_engines.register(NAME, KernelEngine)
