"""Code of notebooks with its syntax coloured by classes."""

from functools import cache
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape

from crm_eval_lib.text.safe import shown

# Only what the style sheet colours gets a class; a class for every name would double the code.
_COLOURED = (("Keyword", "k"), ("Operator.Word", "k"), ("Literal.String", "s"), ("Comment", "c"))


@cache
def html_of_code(source: str) -> Markup:
    """Return Python code as escaped HTML, keywords, texts and comments in classes.

    Examples
    --------
    >>> html_of_code("x = 1  # <b>")
    Markup('<div class="code"><pre>x = 1  <i class=c># &lt;b&gt;</i>\\n</pre></div>')
    """
    from pygments.token import string_to_tokentype

    kinds = [(string_to_tokentype(name), letter) for name, letter in _COLOURED]

    def class_of(piece: tuple[Any, str]) -> str:
        return next((letter for kind, letter in kinds if piece[0] in kind), "")

    parts = []
    for letter, pieces in groupby(_lexer().get_tokens(shown(source.rstrip())), key=class_of):
        text = escape("".join(words for _, words in pieces))
        parts.append(f"<i class={letter}>{text}</i>" if letter else text)
    return Markup(f'<div class="code"><pre>{"".join(parts)}</pre></div>')


@cache
def _lexer() -> Any:
    from pygments.lexers.python import PythonLexer

    return PythonLexer()
