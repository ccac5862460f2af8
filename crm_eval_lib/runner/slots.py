"""How many pieces of work may be at work at one time, and who is next."""

from collections import deque
from threading import Event, Lock
from types import TracebackType


class Slots:
    """A semaphore that lets pieces of work in in the order in which they asked.

    That of `threading` lets in whoever comes first once a place is free, which is the one that has
    just left it: a client would be worked to its end before another goes on, and the last ones
    would end one after the other on one processor.

    Parameters
    ----------
    number : int
        Pieces at work at one time.

    Examples
    --------
    >>> with Slots(1):
    ...     "at work"
    'at work'
    """

    def __init__(self, number: int) -> None:
        self._lock, self._free = Lock(), number
        self._waiting: deque[Event] = deque()

    def __enter__(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn = Event()
            self._waiting.append(turn)
        try:
            turn.wait()
        except BaseException:  # Ctrl-C: who is next must not wait for one that has gone
            self._leave(turn)
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._pass_on()

    def _pass_on(self) -> None:
        if self._waiting:
            self._waiting.popleft().set()
        else:
            self._free += 1

    def _leave(self, turn: Event) -> None:
        with self._lock:
            if turn.is_set():
                self._pass_on()
            else:
                self._waiting.remove(turn)
