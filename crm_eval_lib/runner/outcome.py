"""How a piece of work ended, for people and for the batch."""

import errno
import traceback
from dataclasses import dataclass, field
from typing import Any

from crm_eval_lib.errors import CrmEvalError, told

INTERNAL_ERROR = 3  # exit code for our own faults

_OF_THE_MACHINE = {  # what a disk, its rights or its quota refuse
    errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG, errno.EIO, errno.EMFILE,
    errno.ENOTDIR, getattr(errno, "EDQUOT", errno.ENOSPC),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What a child says while it works, such as the cell it has come to."""

    what: Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a piece of work ended: `exit_code` 0 is good; `message` is for people.

    `last_told` is what the child said last, `died` whether it did not come to its own end;
    `facts` are its seconds by the clock and of CPU, and its peak memory.
    """

    exit_code: int = 0
    message: str = ""
    detail: str = ""
    problems: tuple[str, ...] = ()
    value: Any = None
    facts: dict[str, Any] = field(default_factory=dict)
    last_told: Any = None
    died: bool = False  # the work did not come to its own end


def outcome_of(error: Exception) -> Outcome:
    """Say what an error means: of the user's files or machine, or a fault of ours."""
    if isinstance(error, CrmEvalError):
        message, problems = told(error)
        return Outcome(error.exit_code, message, problems=tuple(problems))
    if isinstance(error, MemoryError):
        return Outcome(1, "out of memory. Run fewer pieces at one time (-j), or on more memory.")
    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        return Outcome(1, f"{error.strerror}: {error.filename or 'while writing'}")
    return Outcome(INTERNAL_ERROR, f"{type(error).__name__}: {error}",
                   "".join(traceback.format_exception(error)))  # fmt: skip
