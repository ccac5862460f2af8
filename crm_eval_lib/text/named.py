"""Reader's names of a client's tables and their columns, from the data dictionary."""


def table_label(table: str, lang: str) -> str:
    """Return the reader's name of a table, else its code.

    >>> table_label("budget", "zh-Hans")
    '预算'
    """
    from crm_eval_lib.tables import TABLES  # late: its schemas take a moment to load

    known = TABLES.get(table)
    if known is None:
        return table
    return known.title_en if lang == "en" else known.title_zh


def field_label(table: str, column: str, lang: str) -> str:
    """Return the reader's name of a column: its heading in Chinese; in English its code says it.

    >>> field_label("budget", "approved_on", "zh-Hans")
    '批准日期'
    """
    from crm_eval_lib.tables import TABLES

    known = TABLES[table].column(column) if table in TABLES else None
    return column if known is None or lang == "en" else known.header_zh


def with_code(label: str, code: str, lang: str) -> str:
    """Put the code behind the label, where it says anything more.

    >>> with_code("预算", "budget", "zh-Hans"), with_code("Budget", "budget", "en")
    ('预算（budget）', 'Budget')
    >>> with_code("Event log", "events", "en")
    'Event log (events)'
    >>> with_code("Event log", "", "en")
    'Event log'
    """
    if not code:
        return label
    same = label.casefold().replace(" ", "_") == code.casefold()
    if same:
        return label
    return f"{label} ({code})" if lang == "en" else f"{label}（{code}）"
