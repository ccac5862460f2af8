"""The whole of client.yml as models; their descriptions make the data dictionary."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationInfo, field_validator

from crm_eval_lib.config import rules
from crm_eval_lib.config.fields import (
    ClientId,
    CurrencyCode,
    Day,
    DayPair,
    MonthEnd,
    Names,
    OptionalDay,
    Timezone,
    one_of,
)
from crm_eval_lib.config.section import Mistake, Section, key, meant
from crm_eval_lib.config.sections import (
    TEXT,
    Bands,
    Calendar,
    Complaints,
    Efficiency,
    Finance,
    Price,
    Privacy,
    Scoring,
)
from crm_eval_lib.config.yaml_text import typed
from crm_eval_lib.tables import TABLES

DATE = "a date such as 2024-09-02"
DATE_OR_NULL = f"{DATE}, or null"
LANGUAGES = ("en", "zh-Hans")
INDEPENDENCE = ("independent", "consultant", "vendor", "implementer", "owner")
SCHEMA = 1
CHINESE_ZONES = ("Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin", "PRC")


class Periods(Section):
    """Where months and years end in the client's books."""

    month_end: MonthEnd = key(
        "last", "Last day of a period: the month's last day, or a fixed day.",
        "会计期间的最后一天：月末，或固定的某一天。", allowed="last, or a day from 1 to 31",
    )  # fmt: skip
    fiscal_year_start: int = key(
        1, "Month in which the fiscal year begins.", "会计年度开始的月份。",
        allowed="a month from 1 to 12", ge=1, le=12,
    )  # fmt: skip


class Dates(Section):
    """The days everything is measured against."""

    project_start: OptionalDay = key(
        None, "Day the project started.", "项目开始的日期。", allowed=DATE_OR_NULL
    )
    planned_go_live: OptionalDay = key(
        None, "Day go-live was planned for.", "原计划上线的日期。", allowed=DATE_OR_NULL
    )
    forecast_go_live: OptionalDay = key(
        None, "Day go-live is now expected.", "目前预计上线的日期。", allowed=DATE_OR_NULL
    )
    go_live: OptionalDay = key(
        None, "Day the system went live; null = not yet. This or planned_go_live is needed.",
        "系统实际上线的日期；null 表示尚未上线。与 planned_go_live 至少填一个。",
        allowed=DATE_OR_NULL,
    )  # fmt: skip
    status_date: Day = key(
        ..., "Day up to which the client is judged; nothing recorded later is looked at.",
        "评价截止的日期；此后的记录一概不看。", allowed=DATE,
    )  # fmt: skip
    blackout: DayPair = key(
        None, "First and last day of the transition that belongs neither to before nor to after.",
        "过渡期的第一天和最后一天；既不算上线前，也不算上线后。",
        allowed="two dates, [2024-09-02, 2024-11-30], or null",
    )  # fmt: skip

    @classmethod
    def relations(cls, raw: Mapping[str, Any], context: Mapping[str, Any]) -> Iterator[Mistake]:
        """Without a day of go-live there is no before and no after."""
        if not raw.get("go_live") and not raw.get("planned_go_live"):
            text = "is missing, and so is planned_go_live; give at least one of the two dates"
            yield Mistake(("go_live",), text)
        yield from rules.ordered_dates(raw)


class NotApplicable(Section):
    """Why an indicator has no meaning for this client, and who signed for it."""

    reason: str = key(..., "Why it does not apply.", "不适用的理由。", allowed=TEXT, min_length=1)
    role: str = key(
        ..., "Client's role that signed for it.", "客户方签字确认的岗位。", allowed=TEXT,
        min_length=1,
    )  # fmt: skip


class Report(Section):
    """What stands on the report beside the findings."""

    project: str = key(
        "", "Name of the project, as printed.", "报告上显示的项目名称。", allowed=TEXT
    )
    status: str = key("draft", "State of the report.", "报告的状态。", allowed="draft, or a word")
    prepared_by: str = key("", "Who prepared it.", "编制人。", allowed=TEXT)
    reviewed_by: str = key("", "Who reviewed it.", "复核人。", allowed=TEXT)
    independence: str = key(
        "independent", "How the one who prepared it stands to the project.",
        "编制人与项目的关系。", allowed="independent, consultant, vendor, implementer or owner",
    )  # fmt: skip
    countersigned_by: str = key(
        "", "Independent person who countersigned.", "独立的会签人。", allowed=TEXT
    )
    decision_sought: str = key(
        "", "Decision asked of the reader.", "请读者作出的决定。", allowed=TEXT
    )
    confidentiality: str = key("", "Who may read it.", "保密级别。", allowed=TEXT)
    logo: str = key(
        "", "Picture in the client's folder.", "客户文件夹中的标识图片。", allowed="a file name"
    )
    consultancy: str = key("", "Name of the consultancy.", "咨询机构名称。", allowed=TEXT)

    _role = field_validator("independence", mode="before")(one_of(*INDEPENDENCE))


class Source(Section):
    """Where a table comes from when it is not a file of its own name."""

    query: str = key(
        "", "DuckDB SQL reading inside the client's folder and roots.",
        "在客户文件夹及 roots 范围内取数的 DuckDB SQL。", allowed="a SELECT; or file instead",
    )  # fmt: skip
    file: str = key(
        "", "File in the client's folder.", "客户文件夹中的文件。",
        allowed="a file name; or query instead",
    )  # fmt: skip
    columns: dict[str, str] = key(
        dict, "Our column: header in the file.", "本数据字典的列名：文件中的表头。",
        allowed="{complaint_id: number}",
    )  # fmt: skip
    values: dict[str, dict[str, str | None]] = key(
        dict, "Per column: value in the file to value of the dictionary; null = empty.",
        "按列列出：文件中的值对应本数据字典的值；null 表示留空。",
        allowed="{status: {Closed: closed}}",
    )  # fmt: skip
    nulls: Names = key(
        (), "Texts that mean an empty cell.", "表示空值的文字。", allowed='a list such as ["?"]'
    )
    formats: dict[str, str] = key(
        dict, "Per column: how its dates are written.", "按列列出日期的书写格式。",
        allowed='{opened_at: "%d/%m/%Y %H:%M"}',
    )  # fmt: skip

    @classmethod
    def relations(cls, raw: Mapping[str, Any], context: Mapping[str, Any]) -> Iterator[Mistake]:
        """A source is a query or a file."""
        given = [name for name in ("query", "file") if str(raw.get(name) or "").strip()]
        if len(given) != 1:
            found = "both query and file" if given else "neither query nor file"
            yield Mistake((), f"found {found}; allowed: exactly one of the two")


class ClientConfig(Section):
    """All of client.yml."""

    schema_version: int = key(
        SCHEMA, "Version of this file's form.", "本文件的格式版本。", allowed="1",
        alias="schema", ge=SCHEMA, le=SCHEMA,
    )  # fmt: skip
    client: ClientId = key(
        ..., "Id of the client; equals the folder's name.", "客户标识，与文件夹同名。",
        allowed="small letters, digits, _ and -, at most 63, beginning with a letter or digit",
    )  # fmt: skip
    name: str = key(..., "Name of the client as printed.", "报告上显示的客户名称。", allowed=TEXT)
    language: str = key("en", "Language of the report.", "报告语言。", allowed="en or zh-Hans")
    currency: CurrencyCode = key(
        "CNY", "Currency of the report and of amounts without one.",
        "报告所用币种，也是未注明币种的金额的币种。",
        allowed="a currency code of ISO 4217, such as CNY",
    )  # fmt: skip
    timezone: Timezone = key(
        "Asia/Shanghai", "Time zone of moments without an offset.", "未注明时差的时间所在的时区。",
        allowed="a name of the IANA list, such as Asia/Shanghai",
    )  # fmt: skip
    calendar: Calendar = key(Calendar, "Working time.", "工作时间。", allowed="see below")
    periods: Periods = key(Periods, "Accounting periods.", "会计期间。", allowed="see below")
    dates: Dates = key(..., "Days of the project.", "项目日期。", allowed="see below")
    weights: dict[str, float] = key(
        rules.standard_weights,
        "Weights of the factors; one not named keeps its default; own factors join here.",
        "各要素的权重；未列出的保持默认值，自定要素也写在这里。",
        allowed="{cost: 20, problems: 30, efficiency: 25, controls: 25}; numbers of at least 0",
    )
    bands: Bands = key(Bands, "Where the bands begin.", "各等级的起点。", allowed="see below")
    scoring: Scoring = key(
        Scoring, "Overrides of the scoring.", "对评分规则的修改。", allowed="see below"
    )
    not_applicable: dict[str, NotApplicable] = key(
        dict, "Indicators without meaning for this client, with reason and signing role.",
        "对该客户没有意义的指标，须注明理由和签字岗位。",
        allowed="{indicator: {reason: text, role: text}}",
    )  # fmt: skip
    finance: Finance = key(Finance, "Value of money.", "资金价值。", allowed="see below")
    efficiency: Efficiency = key(
        Efficiency, "Comparison of processes.", "流程的比较。", allowed="see below"
    )
    complaints: Complaints = key(
        Complaints, "Ranking of complaints.", "投诉的排序。", allowed="see below"
    )
    price: Price = key(Price, "Check of prices.", "价格核查。", allowed="see below")
    parameters: dict[str, dict[str, Any]] = key(
        dict, "Knobs of single notebooks.", "单个笔记本的参数。",
        allowed="{03_efficiency: {confidence: 0.95}}",
    )  # fmt: skip
    report: Report = key(Report, "Beside the findings.", "报告的其他信息。", allowed="see below")
    privacy: Privacy = key(Privacy, "Persons.", "个人信息。", allowed="see below")
    roots: Names = key(
        (), "Further folders a query may read.", "查询可以读取的其他文件夹。",
        allowed="a list of folders",
    )  # fmt: skip
    sources: dict[str, Source] = key(
        dict, "Tables that are no file of their own name.", "不以同名文件提供的数据表。",
        allowed="{table: {query: …}} or {table: {file: …}}",
    )  # fmt: skip

    _language = field_validator("language", mode="before")(one_of(*LANGUAGES))

    @field_validator("weights", mode="before")
    @classmethod
    def _known_factors(cls, value: Any, info: ValidationInfo) -> dict[str, float]:
        return rules.weights(value, info.context or {})

    @field_validator("parameters", mode="before")
    @classmethod
    def _typed_parameters(cls, value: Any) -> Any:
        if isinstance(value, dict):
            value = {name: knobs for name, knobs in value.items() if knobs is not None}
        return typed(value)

    @classmethod
    def completed(cls, raw: dict[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
        """Fill in the id from the folder, the name from the id, the country from the zone."""
        if context.get("folder"):
            raw.setdefault("client", context["folder"])
        if "client" in raw:
            raw.setdefault("name", str(raw["client"]))
        raw.setdefault("dates", {})
        calendar = raw.setdefault("calendar", {})
        if isinstance(calendar, dict) and raw.get("timezone", CHINESE_ZONES[0]) in CHINESE_ZONES:
            raw["calendar"] = {"country": "CN"} | calendar
        return raw

    @classmethod
    def relations(cls, raw: Mapping[str, Any], context: Mapping[str, Any]) -> Iterator[Mistake]:
        """Check the folder's name, and the names of tables and indicators."""
        folder = context.get("folder")
        if folder and str(raw["client"]).strip() != folder:
            text = f"found {str(raw['client'])!r} in the folder {folder!r}; the two must be equal"
            yield Mistake(("client",), text)
        yield from rules.exempt_indicators(raw.get("not_applicable"), context)
        sources = raw.get("sources")
        for name in sources if isinstance(sources, Mapping) else ():
            if name not in TABLES:
                yield Mistake(
                    ("sources", name), f"there is no table {name!r}; {meant(name, TABLES)}"
                )
