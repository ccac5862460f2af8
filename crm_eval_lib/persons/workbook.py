"""The restricted workbook: a page of rules for the reader, then one sheet per analysis."""

import os
from collections.abc import Sequence
from numbers import Number
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from crm_eval_lib.persons.annex import Sheet
from crm_eval_lib.results import Message
from crm_eval_lib.text import column_label, label_of, say, word
from crm_eval_lib.text.safe import shown

FOLDER = "restricted"
FILE = "person_level.xlsx"
MOST_ROWS = 10_000  # of a sheet; nobody hears so many persons, and Excel stays quick
_OWNER_ONLY, _OWNER_ONLY_FOLDER = 0o600, 0o700
_WIDTH, _README_WIDTH = 18, 110  # characters
_CODED = ("limit_of",)
_TO_THE_MINUTE = 16  # characters of ISO text
_RULES = ("basis", "approver", "made", "rules", "pseudonyms", "hearing")


def write_annex(run_dir: str | Path, sheets: Sequence[Sheet], *, client: Any, made_at: str) -> Path:
    """Write ``restricted/person_level.xlsx``, which only its owner may read, and return its path.

    Parameters
    ----------
    run_dir : path
        Folder of the run.
    sheets : sequence of Sheet
        From `annex`.
    client : Client
        Gives language, name, basis and approver.
    made_at : str
        When, as ISO text.
    """
    folder = Path(run_dir) / FOLDER
    folder.mkdir(mode=_OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    path = folder / FILE
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY))
    lang = client.language
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:  # nothing in a common folder
        first = book.add_worksheet(word("persons.sheet.readme", lang))
        _readme(first, _about(client, sheets, made_at), book)
        for sheet in sheets:
            if sheet.reason is None:
                _table(book.add_worksheet(word(f"persons.sheet.{sheet.name}", lang)),
                       sheet.rows, book, lang)  # fmt: skip
    path.chmod(_OWNER_ONLY)
    return path


def _about(client: Any, sheets: Sequence[Sheet], made_at: str) -> list[tuple[str, bool]]:
    """Return the lines of the first page, and which of them are headings."""
    lang, privacy = client.language, client.config.privacy
    slots = {
        "client": client.name,
        "basis": privacy.basis,
        "approver": privacy.approver,
        "made": made_at[:_TO_THE_MINUTE].replace("T", " "),
        "status": client.dates.status_date.date().isoformat(),
    }
    lines = [(say(Message("persons.readme.title", slots), lang), True)]
    lines += [(say(Message(f"persons.readme.{name}", slots), lang), False) for name in _RULES]
    for sheet in sheets:
        lines += [("", False), (word(f"persons.sheet.{sheet.name}", lang), True)]
        lines += [(text, False) for text in _sheet_words(sheet, lang)]
    return lines


def _sheet_words(sheet: Sheet, lang: str) -> list[str]:
    """Say how many rows a sheet has, what they mean and what they do not."""
    if sheet.reason is not None:
        reason = {"reason": sheet.reason}
        return [say(Message("persons.readme.not_made", reason), lang)]
    rows = {"n": len(sheet.rows), "most": MOST_ROWS}
    cut = "rows_cut" if len(sheet.rows) > MOST_ROWS else "rows"
    meaning = [word(f"persons.{part}.{sheet.name}", lang) for part in ("may", "may_not")]
    return [say(Message(f"persons.readme.{cut}", rows), lang), *meaning]


def _readme(page: Worksheet, lines: Sequence[tuple[str, bool]], book: Any) -> None:
    plain, bold = (book.add_format({"text_wrap": True, "bold": heading, "valign": "top"})
                   for heading in (False, True))  # fmt: skip
    page.set_column(0, 0, _README_WIDTH)
    for place, (text, heading) in enumerate(lines):
        page.write_string(place, 0, shown(text), bold if heading else plain)


def _table(page: Worksheet, rows: pd.DataFrame, book: Any, lang: str) -> None:
    """Write a table; what came from outside is text, whatever it begins with."""
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
    page.freeze_panes(1, 0)
    page.set_column(0, max(len(rows.columns) - 1, 0), _WIDTH)
    for place, name in enumerate(rows.columns):
        page.write_string(0, place, column_label(name, lang, "persons"), head)
        for number, value in enumerate(rows[name].iloc[:MOST_ROWS], 1):
            _cell(page, (number, place), _told(value, name, lang), day, lang)


def _told(value: Any, name: str, lang: str) -> Any:
    """Put words in the place of codes, and of the person in the row of all."""
    if name == "created_by" and pd.isna(value):
        return word("persons.label.all", lang)
    return word(f"persons.label.{value}", lang) if name in _CODED else value


def _cell(page: Worksheet, at: tuple[int, int], value: Any, day: Any, lang: str) -> None:
    if pd.isna(value):
        page.write_blank(*at, None)
    elif isinstance(value, pd.Timestamp):
        page.write_datetime(*at, value.to_pydatetime().replace(tzinfo=None), day)
    elif isinstance(value, bool) or type(value).__name__ == "bool":
        page.write_string(*at, label_of("yes" if value else "no", lang))
    elif isinstance(value, Number):
        page.write_number(*at, value)
    else:
        page.write_string(*at, shown(value))
