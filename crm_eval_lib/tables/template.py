"""A new client's folder: client.yml to fill in, and a workbook with one sheet per core table."""

from importlib.resources import files
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from crm_eval_lib.errors import UsageError, nearest
from crm_eval_lib.tables import CORE_TABLES, TABLES
from crm_eval_lib.tables.dictionary import column_limits, kind_words
from crm_eval_lib.tables.spec import Column, Table

CONFIG_NAME = "client.yml"
WORKBOOK_NAME = "intake.xlsx"
LANGUAGES = ("en", "zh-Hans")
PREPARED_ROWS = 5000  # rows with formats and lists of values
LONGEST_LIST = 255  # characters; Excel takes no longer list of values
COLUMN_WIDTH = 18
COMMENT_SIZE = {"x_scale": 2.2, "y_scale": 1.6}
_FORMATS = {
    "date": {"num_format": "yyyy-mm-dd"},
    "timestamp": {"num_format": "yyyy-mm-dd hh:mm"},
    "id": {"num_format": "@"},
    "text": {"num_format": "@"},
}
_REQUIRED = {"en": "Required.", "zh-Hans": "必填。"}
_LIST_TITLE = {"en": "Not in the list", "zh-Hans": "不在列表中"}
_LIST_TEXT = {
    "en": "Choose a value of the list, or leave the cell empty.",
    "zh-Hans": "请从列表中选择，或留空。",
}
_YES_NO = {"en": ["yes", "no"], "zh-Hans": ["是", "否"]}


def write_template(folder: str | Path, client_id: str, language: str = "en") -> None:
    """Write client.yml and intake.xlsx for a new client.

    Parameters
    ----------
    folder : path
        The client's folder; made if need be. Its name and the id must be equal.
    client_id : str
        Id of the client.
    language : str
        Language of the comments and of the report: en or zh-Hans.

    Raises
    ------
    UsageError
        The id is not allowed, or one of the files is there already; then nothing is written.
    """
    folder = Path(folder)
    _check(folder, client_id, language)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG_NAME).write_text(
        config_text(client_id, language), encoding="utf-8", newline="\n"
    )
    write_workbook(folder / WORKBOOK_NAME, language)


def config_text(client_id: str, language: str) -> str:
    """Return client.yml with comments; only the dates are left to fill in."""
    name = f"client.{language}.yml"
    text = (files("crm_eval_lib") / "data" / name).read_text(encoding="utf-8")
    return text.replace("CLIENT_ID", client_id)


def write_workbook(path: Path, language: str) -> None:
    """Write an empty workbook with a sheet, a header row and comments for every core table."""
    with xlsxwriter.Workbook(str(path)) as workbook:
        formats = {kind: workbook.add_format(given) for kind, given in _FORMATS.items()}
        header = {"bold": True, "bottom": 1}
        heads = (workbook.add_format(header | {"bg_color": "#E6E6E6"}), workbook.add_format(header))
        for name in CORE_TABLES:
            _sheet(workbook.add_worksheet(name), TABLES[name], (formats, heads), language)


def _check(folder: Path, client_id: str, language: str) -> None:
    from crm_eval_lib.config.fields import client_id as known_as_id

    if language not in LANGUAGES:
        raise UsageError(f"Language {language!r} is not available: {nearest(language, LANGUAGES)}")
    try:
        known_as_id(client_id)
    except ValueError as error:
        raise UsageError(
            f"{client_id!r} cannot be a client's id: small letters, digits, _ and - only, at most "
            "63, beginning with a letter or digit."
        ) from error
    if folder.absolute().name != client_id:
        raise UsageError(f"The folder {folder} must be named like the client, {client_id!r}.")
    there = [name for name in (CONFIG_NAME, WORKBOOK_NAME) if (folder / name).exists()]
    if there:
        raise UsageError(f"{folder} holds {' and '.join(there)} already; nothing was changed.")


def _sheet(
    sheet: Worksheet,
    table: Table,
    formats: tuple[dict[str, Format], tuple[Format, Format]],
    language: str,
) -> None:
    kinds, (required, optional) = formats
    sheet.freeze_panes(1, 0)
    for position, column in enumerate(table.columns):
        sheet.write_string(0, position, column.name, required if column.required else optional)
        sheet.write_comment(0, position, _comment(column, language), COMMENT_SIZE)
        sheet.set_column(position, position, COLUMN_WIDTH, kinds.get(column.kind))
        choices = _choices(column, language)
        if choices:
            rule = {"validate": "list", "source": choices, "error_type": "warning",
                    "error_title": _LIST_TITLE[language],
                    "error_message": _LIST_TEXT[language]}  # fmt: skip
            sheet.data_validation(1, position, PREPARED_ROWS, position, rule)


def _comment(column: Column, language: str) -> str:
    """Say what belongs into a column: header, meaning, type, values."""
    chinese = language == "zh-Hans"
    title = f"{column.header_zh}：{column.zh}" if chinese else column.en
    lines = [title, kind_words(column, language)]
    lines += [column_limits(column).replace("`", "")]
    lines += [_REQUIRED[language]] if column.required and column.default is None else []
    return "\n".join(line for line in lines if line)


def _choices(column: Column, language: str) -> list[str]:
    """Return the values to choose from, in the language of the workbook."""
    chinese = language == "zh-Hans"
    listed = list(column.values.values() if chinese else column.values)
    choices = _YES_NO[language] if column.kind == "yes_no" else listed
    return choices if choices and len(",".join(choices)) <= LONGEST_LIST else []
