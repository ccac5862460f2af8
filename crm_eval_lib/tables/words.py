"""How headers and coded values may be written: English and Chinese, any case, width or spacing."""

import re
import unicodedata
from functools import cache

import numpy as np
from babel.core import get_global

from crm_eval_lib.errors import DataError
from crm_eval_lib.tables.declare import CURRENCY_UNIT, LARGEST, SMALLEST
from crm_eval_lib.tables.spec import Column, Table

HUNDRED_PER_CENT = 100.0
_GAPS = re.compile(r"[\s_\-]+")
_YES_NO = {
    "yes": ("y", "true", "t", "1", "1.0", "是", "有", "对", "√", "✓"),
    "no": ("n", "false", "f", "0", "0.0", "否", "无", "没有", "不是", "×"),
}
# Words people write for a code beside its first Chinese word; used in every list with that code.
_SYNONYMS = {
    "licence": ("license", "软件许可", "许可"),
    "internal_labour": ("internal_labor", "人工", "内部人力"),
    "services": ("service", "服务"),
    "contingency": ("不可预见费",),
    "infrastructure": ("基础架构",),
    "credit": ("贷项", "红字发票", "退款"),
    "order": ("订单",),
    "accrual": ("计提",),
    "excluded": ("未税",),
    "client": ("客户", "甲方"),
    "vendor": ("供应方", "厂商", "乙方"),
    "consultant": ("顾问方", "咨询方"),
    "before": ("之前", "前"),
    "after": ("之后", "后"),
    "solved": ("解决", "完全解决"),
    "not_solved": ("没有解决",),
    "open": ("打开", "处理中", "待解决"),
    "partly": ("partially", "部分"),
    "rejected": ("驳回", "拒绝"),
    "withdrawn": ("撤回", "撤销"),
    "deferred": ("延期", "暂缓"),
    "survey": ("需求调研",),
    "build": ("建设", "开发"),
    "live": ("运行", "上线"),
    "daily": ("每日",),
    "pass": ("合格",),
    "fail": ("不合格", "失败"),
    "deviation": ("有偏差", "不通过"),
    "block": ("拦截", "系统判断"),
    "dual": ("双人复核", "复核"),
    "warn": ("提醒",),
    "detect": ("事后检查",),
    "overridden": ("推翻", "不采纳"),
    "random": ("随机抽样",),
    "systematic": ("等距抽样", "系统抽样"),
    "convenience": ("便利抽样",),
    "census": ("全数",),
    "paper": ("纸面",),
}
_CURRENCY_WORDS = {"rmb": "CNY", "人民币": "CNY", "人民币元": "CNY", "美元": "USD", "欧元": "EUR",
                   "港元": "HKD", "港币": "HKD", "日元": "JPY", "英镑": "GBP"}  # fmt: skip


def plain(text: object) -> str:
    """Return how a header or a coded value is compared: NFKC, trimmed, small letters, gaps as _.

    >>> plain(" Line ID "), plain("ＬＩＮＥ－ＩＤ"), plain("金额")
    ('line_id', 'line_id', '金额')
    """
    folded = unicodedata.normalize("NFKC", str(text)).strip().casefold()
    return _GAPS.sub("_", folded)


@cache
def currency_codes() -> frozenset[str]:
    """Return the currency codes of ISO 4217."""
    return frozenset(get_global("all_currencies"))


def header_map(table: Table) -> dict[str, str]:
    """Map every header a file may use to the English name.

    Keys are plain (see `plain`), with gaps as underscores and, beside it, as blanks.

    >>> from crm_eval_lib.tables import TABLES
    >>> header_map(TABLES["budget"])["金额"]
    'amount'
    """
    found: dict[str, str] = {}
    for column in table.columns:
        for header in column.headers:
            _put(found, header, column.name, f"{table.name}: header {header!r}")
    return found


def value_map(column: Column) -> dict[str, str]:
    """Map every way a value may be written (plain, see `plain`) to what is stored or parsed.

    Enums and yes/no map to their English codes, currency codes to capitals, and words that stand
    for a number to its digits; other columns have no such words.

    >>> from crm_eval_lib.tables import TABLES
    >>> value_map(TABLES["problems"].column("status"))["已解决"]
    'solved'
    """
    found: dict[str, str] = {}
    if column.unit == CURRENCY_UNIT:
        return {code.casefold(): code for code in currency_codes()} | _CURRENCY_WORDS
    for word, number in column.words.items():
        _put(found, word, number, f"column {column.name}: word {word!r}")
    for code in _codes(column):
        words = (code, column.values.get(code, code), *_YES_NO.get(code, ()))
        for word in (*words, *_SYNONYMS.get(code, ())):
            _put(found, word, code, f"column {column.name}: value {word!r}")
    return found


def _codes(column: Column) -> tuple[str, ...]:
    return ("yes", "no") if column.kind == "yes_no" else tuple(column.values)


def _put(found: dict[str, str], text: str, meaning: str, place: str) -> None:
    """Enter one spelling; the same spelling for two meanings is a mistake of the dictionary."""
    folded = plain(text)
    for spelling in {folded, folded.replace("_", " ")}:
        if found.setdefault(spelling, meaning) != meaning:
            raise DataError(f"{place} means both {found[spelling]!r} and {meaning!r}.")


def limit_remedy(column: Column, value: float) -> str:
    """Say what to do about a number outside its limits; a share is often given in per cent.

    >>> limit_remedy(Column("delivered", "ratio", "", "", ""), 60.0)
    'If 60 per cent is meant, write 0.6 or 60%.'
    """
    if column.kind == "ratio" and 1 < value <= HUNDRED_PER_CENT:
        return f"If {value:g} per cent is meant, write {value / HUNDRED_PER_CENT:g} or {value:g}%."
    return "Correct the value."


def out_of_reach(values: np.ndarray) -> np.ndarray:
    """Mark numbers too large or too small to be counted with; 0 and empty cells are not.

    >>> out_of_reach(np.array([0.0, 12.5, -1e16, 1e-12, np.nan])).tolist()
    [False, False, True, True, False]
    """
    size = np.abs(np.asarray(values, dtype="float64"))
    return (size > LARGEST) | ((size > 0) & (size < SMALLEST))


def reach_words(value: float) -> str:
    """Say the reach of numbers as an addition to what a column accepts; mostly nothing.

    >>> reach_words(1e300)
    ', in size 0 or from 1e-09 to 1e+15'
    """
    return f", in size 0 or from {SMALLEST:g} to {LARGEST:g}" if out_of_reach([value])[0] else ""
