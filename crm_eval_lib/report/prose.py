"""Markdown of notebooks and of the consultant, turned into HTML that can do no harm."""

import re
from collections.abc import Mapping
from functools import cache
from html import escape
from typing import Any

from markupsafe import Markup

from crm_eval_lib.text.safe import shown

_BLANKS = " \t\r\n"  # Python strips control characters too, which a reader is to be shown
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")
_LOWEST = 6


def html_of(markdown: str, *, below: int = 2) -> Markup:
    """Render a markdown cell; raw HTML is shown as text, links and pictures as their words.

    Parameters
    ----------
    markdown : str
    below : int
        Level of the heading the prose stands under; its own headings start one lower.

    Examples
    --------
    >>> html_of("**now** <script>")
    Markup('<p><strong>now</strong> &lt;script&gt;</p>\\n')
    """
    return Markup(_renderer(below)(shown(markdown)))


def title_and_question(opening: str) -> tuple[str, str]:
    """Split a notebook's first prose into its title and the rest.

    >>> title_and_question("# Cost\\n\\nWhat did it cost?")
    ('Cost', 'What did it cost?')
    """
    lines = opening.strip().splitlines()
    for position, line in enumerate(lines):
        match = _HEADING.match(line)
        if match:
            rest = [*lines[:position], *lines[position + 1 :]]
            return match[2], "\n".join(rest).strip()
    return "", opening.strip()


def commentary_by_section(
    text: str | None, names: Mapping[str, str]
) -> dict[str, list[tuple[str, list[str]]]]:
    """Sort the consultant's words under the sections of the page.

    Parameters
    ----------
    text : str or None
        commentary.md; a heading starts a passage.
    names : mapping of str to str
        What a heading may say, in small letters, to the section's id.

    Returns
    -------
    dict
        Section id to passages (heading, paragraphs); ``other`` holds unknown headings and
        ``summary`` what stands before the first heading.
    """
    found: dict[str, list[tuple[str, list[str]]]] = {}
    section, heading, lines = "summary", "", []
    for line in [*(text or "").splitlines(), "# "]:
        match = _HEADING.match(line) or (re.match(r"^(#)\s*()$", line) if line else None)
        if not match:
            lines.append(line)
            continue
        parts = re.split(r"\n[ \t]*\n", "\n".join(lines))
        paragraphs = [part.strip(_BLANKS) for part in parts if part.strip(_BLANKS)]
        if paragraphs:
            found.setdefault(section, []).append((heading, paragraphs))
        title, lines = match[2].strip(), []
        section = names.get(title.casefold(), "other")
        heading = title if section == "other" else ""
    return found


@cache
def _renderer(below: int) -> Any:
    import mistune

    class Renderer(mistune.HTMLRenderer):
        """Own headings one level lower; no address that could be followed or fetched."""

        def heading(self, text: str, level: int, **attributes: Any) -> str:
            level = min(below + max(level - 1, 1), _LOWEST)
            return f"<h{level}>{text}</h{level}>\n"

        def link(self, text: str, url: str, title: str | None = None) -> str:
            address = escape(url)
            return text if address in text else f"{text} ({address})"

        def image(self, text: str, url: str, title: str | None = None) -> str:
            return f"<em>{text or escape(url)}</em>"

    markdown = mistune.create_markdown(renderer=Renderer(escape=True), plugins=["table"])
    markdown.renderer.register("table_cell", _table_cell)
    return markdown


def _table_cell(renderer: Any, text: str, align: str | None = None, head: bool = False) -> str:
    """Leave the alignment to the page: no style attributes."""
    tag = "th" if head else "td"
    return f"  <{tag}>{text}</{tag}>\n"
