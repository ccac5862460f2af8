"""How a check, a hint and a solution show themselves: plain text and HTML."""

from dataclasses import dataclass
from html import escape

from crm_eval_lib.results import Message
from crm_eval_lib.text import say, word
from crm_eval_lib.training.marking import ERROR, NOT_TRIED, RIGHT, WRONG

# state: shape and colour; the word is always printed beside them
_LOOK = {RIGHT: ("●", "#0072B2"), WRONG: ("▲", "#7A0019"), NOT_TRIED: ("○", "#6b6b6b"),
         ERROR: ("◆", "#8a5f00")}  # fmt: skip
_PLAIN = ("■", "#6b6b6b")  # hints and solutions have no state


@dataclass(frozen=True, slots=True)
class Shown:
    """What an exercise answers.

    Parameters
    ----------
    title : str
        Question and what this is: ``q1 · right``.
    messages : tuple of Message
    state : str
        State of a check; empty for hints and solutions.
    code : str
        Reference answer, for a solution.
    language : str
    """

    title: str
    messages: tuple[Message, ...]
    state: str = ""
    code: str = ""
    language: str = "en"

    @property
    def text(self) -> str:
        """The sentences alone."""
        return "\n".join(say(message, self.language) for message in self.messages)

    def __repr__(self) -> str:
        shape, _ = _LOOK.get(self.state, _PLAIN)
        return "\n".join(part for part in (f"{shape} {self.title}", self.text, self.code) if part)

    def _repr_html_(self) -> str:
        shape, colour = _LOOK.get(self.state, _PLAIN)
        lines = "".join(f"<p style='margin:.3em 0'>{escape(line)}</p>"
                        for line in self.text.splitlines())  # fmt: skip
        code = f"<pre>{escape(self.code)}</pre>" if self.code else ""
        return (
            f"<div lang='{self.language}' style='border-left:4px solid {colour};"
            "padding:.3em 1em;max-width:60em'>"
            f"<strong>{shape} {escape(self.title)}</strong>{lines}{code}</div>"
        )


def titled(name: str, what: str, lang: str) -> str:
    """Return the title of an answer: the question, and what this is.

    >>> titled("q1", "hint", "en")
    'q1 · hint'
    """
    return f"{name} · {word(f'training.title.{what}', lang)}"
