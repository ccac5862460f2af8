"""Exceptions and warnings of the workbook. Each carries the exit code of the command line."""

from collections.abc import Iterable
from difflib import get_close_matches


class CrmEvalError(Exception):
    """Base of all errors a user can mend; its text says what is wrong and what to do."""

    exit_code = 1


class UsageError(CrmEvalError):
    """The command, the client's name or a parameter is wrong."""

    exit_code = 2


class ParameterError(UsageError):
    """A notebook parameter is unknown or of the wrong type."""


class ConfigError(UsageError):
    """client.yml, or a notebook beside it, is missing, unreadable or contradicts the contract.

    That is a failure of the client, as a wrong table is, and not of the call.
    """

    exit_code = 1


class OverrideError(ConfigError):
    """What the caller put in the place of a setting of client.yml is wrong."""

    exit_code = UsageError.exit_code


class DataError(CrmEvalError):
    """The client's tables break the contract; `problems` lists every place at once.

    Parameters
    ----------
    message : str
        Summary, one paragraph.
    problems : list of crm_eval_lib.tables.Problem
        Every problem found, of all tables.
    """

    def __init__(self, message: str, problems: Iterable[object] = ()) -> None:
        super().__init__(message)
        self.problems = list(problems)


def told(error: CrmEvalError) -> tuple[str, list[str]]:
    """Return an error's message and its problems, so that each is said once.

    >>> told(DataError("2 problems in the tables:\\na\\nb", ["a", "b"]))
    ('2 problems in the tables:', ['a', 'b'])
    """
    problems = [str(problem) for problem in getattr(error, "problems", ())]
    message = str(error)
    if problems == [message]:
        return message, []
    lines = [line for line in message.splitlines() if line not in problems]
    return "\n".join(lines), problems


def ended(text: str) -> str:
    """Return a sentence with its end, such as one that closes with `nearest`.

    >>> ended("There is no 'amuont': did you mean 'amount'?"), ended("known are: amount")
    ("There is no 'amuont': did you mean 'amount'?", 'known are: amount.')
    """
    return text if text.endswith(("?", ".")) else f"{text}."


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant, as an English half-sentence.

    >>> nearest("amuont", ["amount", "currency"])
    "did you mean 'amount'?"
    >>> nearest("x", ["amount", "currency"])
    'known are: amount, currency'
    >>> nearest("x", [])
    'there are none yet'
    """
    names = [str(item) for item in known]
    if not names:
        return "there are none yet"
    match = get_close_matches(str(name), names, n=1)
    return f"did you mean {match[0]!r}?" if match else f"known are: {', '.join(names)}"
