"""Short ways to write a column down, and the lists of values several tables share."""

from typing import Any

from crm_eval_lib.tables.spec import Column

CURRENCY_UNIT = "ISO 4217"
SCALE_LIMITS = (1.0, 5.0)
RATIO_LIMITS = (0.0, 1.0)
# Size of a number that is not 0. Further out a float64 keeps neither the cents of a sum nor a
# finite quotient; no project, quantity or rate lies there, but a slipped cell does.
SMALLEST, LARGEST = 1e-9, 1e15
SCALE_MIDDLE = "3"  # how an empty 1–5 scale is read
COUNT_WORDS = {  # a count of which some systems know only whether
    "yes": "1", "no": "0", "true": "1", "false": "0", "是": "1", "否": "0", "有": "1", "无": "0",
}  # fmt: skip

CATEGORIES = {
    "hardware": "硬件", "software": "软件", "licence": "许可证", "services": "实施服务",
    "internal_labour": "内部人工", "integration": "系统集成", "data_migration": "数据迁移",
    "training": "培训", "change_management": "变革管理", "infrastructure": "基础设施",
    "subscription": "订阅", "contingency": "预备费", "other": "其他",
}  # fmt: skip
TAX = {"included": "含税", "excluded": "不含税"}
SIDES = {"client": "客户方", "vendor": "供应商", "consultant": "顾问"}
WAVES = {"before": "上线前", "after": "上线后"}
VERDICTS = {"solved": "已解决", "partly": "部分解决", "not_solved": "未解决"}
SELECTIONS = {"census": "全部", "random": "随机", "systematic": "等距", "convenience": "便利"}
MODES = {  # strongest first
    "block": "系统拦截", "dual": "双人审批", "warn": "警告", "suggest": "建议",
    "detect": "事后发现", "none": "无",
}  # fmt: skip


def column(name: str, kind: str, header_zh: str, en: str, zh: str, **more: Any) -> Column:
    """Declare a column; a star behind the name marks it as required, as in the contract.

    >>> column("percent_complete*", "ratio", "完成比例", "Done.", "完成。").maximum
    1.0
    """
    limits = {"scale": SCALE_LIMITS, "ratio": RATIO_LIMITS}.get(kind)
    units = {"scale": "1–5", "ratio": "0–1", "amount": "money"}
    if limits:
        more = {"minimum": limits[0], "maximum": limits[1]} | more
    if kind == "scale" and not name.endswith("*"):
        more = {"empty_means": SCALE_MIDDLE} | more
    more = {"unit": units.get(kind, "")} | more
    required = name.endswith("*")
    return Column(name.removesuffix("*"), kind, en, zh, header_zh, required=required, **more)


def currency() -> Column:
    """Return the column that names the currency of the row's amounts."""
    return column(
        "currency", "text", "币种", "Currency of the row's amounts.", "本行金额的币种。",
        unit=CURRENCY_UNIT, empty_means="client's currency", also=("货币",),
    )  # fmt: skip


def money_columns() -> tuple[Column, ...]:
    """Return currency, rate, tax and tax rate, equal in every table that has the four."""
    return (
        currency(),
        column(
            "fx_rate", "number", "汇率",
            "Units of the client's currency per unit of the row's currency.",
            "一单位本行币种折合客户币种的数额。", above=0.0,
        ),
        tax(),
        column(
            "tax_rate", "ratio", "税率",
            "Rate of recoverable tax; with it, amounts that include tax are made net.",
            "可抵扣税的税率；填写后，含税金额可换算为不含税金额。",
        ),
    )  # fmt: skip


def tax() -> Column:
    """Return the column that says whether amounts include tax."""
    return column(
        "tax", "enum", "是否含税",
        "Whether the amounts include tax; needed where budget and actuals are compared.",
        "金额是否含税；预算与实际对比时需要。", values=TAX, also=("含税",),
    )  # fmt: skip
