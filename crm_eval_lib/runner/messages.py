"""Messages of a shell in this very process: handed over whole, and never packed for a wire."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ipykernel.inprocess.socket import DummySocket
from jupyter_client.session import Session as StockSession
from nbclient import client as nbclient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode, ValidationError, from_dict
from nbformat.v4 import new_output

_OF_PROTOCOL = {"status", "execute_input"}  # their content is made for the message alone
_FIELDS = {  # what nbformat keeps of each kind of output
    "display_data": ("metadata", "data"),
    "error": ("ename", "evalue", "traceback"),
    "execute_result": ("metadata", "data", "execution_count"),
    "stream": ("name", "text"),
}
_JSON = re.compile(r"application/(.*\+)?json")  # of what nbformat takes anything
_stock_output = nbclient.output_from_msg


class Socket(DummySocket):
    """The stock one, without a frame of zmq around each part."""

    def send_multipart(self, msg_parts: list[Any], *_: Any, **__: Any) -> None:
        """Keep a message and let observers know."""
        self.queue.put_nowait(msg_parts)
        self.message_sent += 1


class Session(StockSession):
    """Hands whole messages to a `Socket`, where the stock one packs and signs their parts.

    Contents go through JSON all the same: what is shown is what a kernel would show, and stays so
    when the cell changes the object later.
    """

    def send(
        self,
        stream: Any,
        msg_or_type: Any,
        content: Any = None,
        parent: Any = None,
        ident: Any = None,
        buffers: Any = None,
        track: bool = False,
        header: Any = None,
        metadata: Any = None,
    ) -> dict[str, Any] | None:
        """Hand over a message; of a process that a cell has forked none reaches the notebook.

        Raises
        ------
        TypeError, ValueError
            The content is nothing that JSON can say.
        """
        if os.getpid() != self.pid:
            return None
        message = msg_or_type
        if not isinstance(message, dict):
            message = self.msg(message, content, parent, header, metadata)
        message["buffers"] = [memoryview(part) for part in buffers or message.get("buffers", ())]
        if message["msg_type"] not in _OF_PROTOCOL:
            message["content"] = self.unpack(self.pack(message["content"]))
        stream.send_multipart([ident, message])
        return message

    def recv(self, socket: Any, *_: Any, **__: Any) -> tuple[list[bytes], dict[str, Any]]:
        """Take the next message."""
        return [], socket.recv_multipart()[1]

    def feed_identities(self, msg_list: list[Any], copy: bool = True) -> tuple[list[bytes], Any]:
        """Part addresses, of which there are none, from the message."""
        return [], msg_list

    def deserialize(self, msg_list: list[Any], *_: Any, **__: Any) -> dict[str, Any]:
        """Return the message itself."""
        return msg_list[1]


class ToldOfCell:
    """A part of nbclient's clients: what cannot stand in a notebook is an error of its cell.

    It ends the notebook whatever tags the cell carries: the code of the cell has not failed.
    """

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """Take a message of the kernel.

        Raises
        ------
        CellExecutionError
            A cell shows what is not valid in a notebook.
        """
        try:
            return super().process_message(msg, cell, cell_index)
        except ValidationError as error:
            said = {"ename": "ValidationError", "evalue": f"an output of the cell: {error.message}"}
            cell["outputs"].append(new_output("error", **said, traceback=[str(error)]))
            raise CellExecutionError(str(error), **said) from error


@contextmanager
def plain_outputs() -> Iterator[None]:
    """Have nbclient make outputs of text without holding each against nbformat's schema."""
    nbclient.output_from_msg = output_of
    try:
        yield
    finally:
        nbclient.output_from_msg = _stock_output


def output_of(message: dict[str, Any]) -> NotebookNode:
    """Return the output that a message makes.

    Raises
    ------
    ValueError
        It is no message of an output.
    nbformat.ValidationError
        A cell shows what is not valid in a notebook.
    """
    kind, content = message["header"]["msg_type"], message["content"]
    if kind not in _FIELDS or not _is_plain(kind, content):
        return _stock_output(message)
    return from_dict({"output_type": kind} | {name: content[name] for name in _FIELDS[kind]})


def _is_plain(kind: str, content: dict[str, Any]) -> bool:
    """Say whether an output is text or JSON, which is valid, as nearly all are."""
    if kind == "stream":
        return isinstance(content["text"], str)
    return "data" in content and all(
        isinstance(shown, str) or _JSON.fullmatch(mime) for mime, shown in content["data"].items()
    )
