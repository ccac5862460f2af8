"""Code of notebooks with its syntax coloured by classes."""

from functools import cache
from typing import Any

from markupsafe import Markup

from crm_eval_lib.text.safe import shown


def html_of_code(source: str) -> Markup:
    """Return Python code as escaped, coloured HTML without styles of its own."""
    from pygments import highlight

    lexer, formatter = _tools()
    return Markup(highlight(shown(source.rstrip()), lexer, formatter))


@cache
def _tools() -> tuple[Any, Any]:
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers.python import PythonLexer

    return PythonLexer(), HtmlFormatter(cssclass="code", nowrap=False)
