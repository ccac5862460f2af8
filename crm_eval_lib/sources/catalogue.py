"""The starter catalogue: common control points of a CRM, and scripted tests that try to pass them.

Own text in both languages; ``docs/control_catalogue.md`` describes the two files.
"""

from contextlib import suppress
from pathlib import Path

import pandas as pd

from crm_eval_lib.errors import UsageError
from crm_eval_lib.results import Message
from crm_eval_lib.runner.paths import project_folder
from crm_eval_lib.tables import TABLES
from crm_eval_lib.text import say, word

SHIPPED = "data/reference/controls"  # below the project's folder
POINTS, TESTS = "control_points.csv", "negative_tests.csv"
STARTER = "starter"  # folder of a new client; nothing in it is read
SCRIPT_PARTS = ("role", "prepare", "steps", "expected", "deviation", "clean_up")
TRANSLATED = ("risk", "process", "override_role", "owner_role", "words", "ask")
_SUFFIX = {"zh-Hans": "zh"}
_LEFT_OPEN = ("supported_mode", "configured_mode", "decided_on", "decided_by_role", "evidence")


def read_points(lang: str = "en") -> pd.DataFrame:
    """Return the control points of the catalogue in one language.

    Parameters
    ----------
    lang : str
        ``en`` (default) or ``zh-Hans``.

    Returns
    -------
    DataFrame
        ``control_id``, ``risk``, ``process``, ``kind``, ``required_mode`` (a proposal),
        ``critical``, ``likelihood``, ``impact``, the roles, ``log_check``, ``ask`` (what to find
        out) and ``words`` (of both languages, by which a client's own point is known again). Empty
        where the library is installed without the project's folder.

    Examples
    --------
    >>> points = read_points("zh-Hans")
    >>> points.empty or "risk" in points
    True
    """
    return _in_language(_read(POINTS), TRANSLATED, lang)


def read_tests(lang: str = "en") -> pd.DataFrame:
    """Return the scripted negative tests of the catalogue in one language."""
    return _in_language(_read(TESTS), SCRIPT_PARTS, lang)


def starter_table(points: pd.DataFrame, lang: str = "en") -> pd.DataFrame:
    """Return catalogue points as a table ``controls`` to fill in, codes in words of the language.

    What only the client knows – what the product can do, what is set up, who decided it and when –
    is left empty.
    """
    columns = [column for column in TABLES["controls"].columns
               if column.name in points or column.name in _LEFT_OPEN]  # fmt: skip
    table = points.reindex(columns=[column.name for column in columns], fill_value="")
    if lang == "en":
        return table
    words = {column.name: column.values for column in columns if column.values}
    words["critical"] = {"yes": "是", "no": "否"}
    return table.assign(**{name: table[name].map(known) for name, known in words.items()
                           if name not in _LEFT_OPEN})  # fmt: skip


def script(tests: pd.DataFrame, points: pd.DataFrame, lang: str = "en") -> str:
    """Return the negative tests as a page to work through with a test account."""
    risks = points.set_index("control_id")["risk"]
    parts = [f"# {word('controls.starter.title', lang)}", word("controls.starter.intro", lang)]
    for row in tests.to_dict("records"):
        slots = {"test_id": row["test_id"], "control_id": row["control_id"],
                 "risk": risks[row["control_id"]]}  # fmt: skip
        parts.append("## " + say(Message("controls.starter.heading", slots), lang))
        parts += [f"**{word(f'controls.starter.{part}', lang)}** {row[part]}"
                  for part in SCRIPT_PARTS]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def write_starter(folder: str | Path, lang: str = "en") -> Path | None:
    """Write the catalogue into a new client's folder; nothing is read there until it is moved.

    Returns
    -------
    Path or None
        The folder ``starter``; None where the library is installed without the catalogue.
    """
    points = read_points(lang)
    if points.empty:
        return None
    target = Path(folder) / STARTER
    target.mkdir(parents=True)
    starter_table(points, lang).to_csv(
        target / "controls.csv", index=False, encoding="utf-8-sig", lineterminator="\n"
    )
    text = script(read_tests(lang), points, lang)
    (target / "negative_tests.md").write_text(text, encoding="utf-8", newline="\n")
    return target


def _read(name: str) -> pd.DataFrame:
    with suppress(UsageError):  # no catalogue then: nothing is compared with it
        path = project_folder(SHIPPED) / name
        return pd.read_csv(path, dtype="str", keep_default_na=False)
    return pd.DataFrame()


def _in_language(rows: pd.DataFrame, names: tuple[str, ...], lang: str) -> pd.DataFrame:
    if rows.empty:
        return rows
    suffix = _SUFFIX.get(lang, lang)
    every = {"words": rows["words_en"] + ";" + rows["words_zh"]} if "words_en" in rows else {}
    texts = {name: rows[f"{name}_{suffix}"] for name in names} | every
    bare = [name for name in rows if not name.endswith(("_en", "_zh"))]
    return rows[bare].assign(**texts)
