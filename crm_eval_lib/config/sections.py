"""The knobs of client.yml: calendar, scoring, finance, the factors' own, privacy."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationInfo, create_model, field_validator

from crm_eval_lib.config import rules
from crm_eval_lib.config.fields import (
    Country,
    Names,
    Overrides,
    Weekdays,
    Windows,
    one_of,
    switch,
)
from crm_eval_lib.config.section import Mistake, Section, key
from crm_eval_lib.scoring import numbers

SHARE = "a number from 0 to 1"
TEXT = "text"
SWITCH = "true or false"
POINTS = "a number from 0 to 100"


class Calendar(Section):
    """Working time."""

    country: Country = key(
        None,
        "Country whose public holidays and make-up days hold; null = none. Default: CN in a "
        "Chinese time zone, else none.",
        "按哪个国家的法定节假日和调休；null 表示不考虑。时区在中国时默认为 CN，否则不考虑。",
        allowed="two letters of ISO 3166, such as CN, or null",
    )
    days: Weekdays = key(
        ("mon", "tue", "wed", "thu", "fri"), "Working days.", "工作日。",
        allowed="a list of mon, tue, wed, thu, fri, sat, sun",
    )  # fmt: skip
    hours: Windows = key(
        ("09:00-12:00", "13:00-18:00"), "Working hours; breaks lie between the windows.",
        "工作时间；各时段之间为休息时间。",
        allowed='a list of "HH:MM-HH:MM"; "00:00-24:00" is a whole day',
    )  # fmt: skip
    overrides: Overrides = key(
        dict, "The client's own days off, working days or hours; they win over everything else.",
        "客户自定的休息日、工作日或工作时间，优先于其他规则。",
        allowed="{2024-12-31: off}, with off, on or hours behind the date",
    )  # fmt: skip


_BAND_KEYS = {
    "pass": ("Lowest score that passes.", "达标的最低分。"),
    "good": ("Lowest score that is good.", "良好的最低分。"),
    "excellent": ("Lowest score that is excellent.", "优秀的最低分。"),
}


class _Banded(Section):
    """Where the bands of the score begin."""

    @classmethod
    def relations(cls, raw: Mapping[str, Any], context: Mapping[str, Any]) -> Iterator[Mistake]:
        """Bands rise."""
        return rules.ordered_bands(raw)


def _band(name: str) -> tuple[type, Any]:
    en, zh = _BAND_KEYS[name]
    return float, key(lambda: float(numbers()["bands"][name]), en, zh, allowed=POINTS, ge=0, le=100)


# `pass` is a word of Python, so that the class cannot be written out.
Bands = create_model("Bands", __base__=_Banded, **{name: _band(name) for name in _BAND_KEYS})


class Scoring(Section):
    """Overrides of the value functions; what is not named keeps its default."""

    anchors: dict[str, tuple[float, ...]] = key(
        dict, "Where an indicator scores 0 and where 100.", "指标得 0 分和得 100 分的位置。",
        allowed="{indicator: [zero, full]} or [zero, full, full, zero]",
    )  # fmt: skip
    indicator_weights: dict[str, float] = key(
        dict, "Weights of indicators inside their factor.", "指标在所属要素内的权重。",
        allowed="{indicator: number of at least 0}",
    )  # fmt: skip
    veto: dict[str, bool] = key(
        dict, "Vetoes switched off for this client.", "对该客户停用的否决规则。",
        allowed="{V4: off}, with V1 to V8 and on or off",
    )  # fmt: skip
    weight_spread: float = key(
        lambda: float(numbers()["uncertainty"]["weight_spread"]),
        "How far the weights may be argued about: relative spread in the uncertainty.",
        "权重的可争议程度：不确定性中权重的相对离散度。", allowed=SHARE, ge=0, le=1,
    )  # fmt: skip

    @field_validator("anchors", "indicator_weights", mode="before")
    @classmethod
    def _known_indicators(cls, value: Any, info: ValidationInfo) -> Any:
        read = rules.anchors if info.field_name == "anchors" else rules.indicator_weights
        return read(value, info.context or {})

    @field_validator("veto", mode="before")
    @classmethod
    def _known_vetoes(cls, value: Any) -> dict[str, bool]:
        return rules.vetoes(value)


class Finance(Section):
    """How money is valued over time."""

    discount_rate: float = key(
        0.10, "Yearly rate at which later money counts less.", "年贴现率。",
        allowed="a number from 0 to below 1 (0.10 = 10 % a year)", ge=0, lt=1,
    )  # fmt: skip
    realisation: float = key(
        0.5, "Share of saved hours that really becomes money.",
        "节省的工时中真正转化为资金的比例。", allowed=SHARE, ge=0, le=1,
    )  # fmt: skip
    horizon_years: int = key(
        3, "Years of benefits counted.", "计算收益的年数。",
        allowed="a whole number from 1 to 30", ge=1, le=30,
    )  # fmt: skip


class Efficiency(Section):
    """How processes are compared."""

    mix: Names = key(
        (), "Columns of the events by which the mix of cases is standardised.",
        "用于业务结构标准化的事件列。", allowed="a list of column names",
    )  # fmt: skip
    comparison: str = key(
        "", "Cases the system did not touch, as a condition on the events' columns.",
        "未受系统影响的业务，写成针对事件列的条件。",
        allowed="a condition such as region = 'North', or nothing",
    )  # fmt: skip


class Complaints(Section):
    """How complaints are ranked."""

    rank: str = key(
        "max",
        "Rank of a complaint: max = the higher of importance and severity, then the lower; "
        "product = both multiplied; importance = importance alone.",
        "投诉的排序依据：max 表示先比重要性与严重度中的较高者，再比较低者；product 表示两者之积；"
        "importance 表示只看重要性。",
        allowed="max, product or importance",
    )

    _rank = field_validator("rank", mode="before")(one_of("max", "product", "importance"))


class Price(Section):
    """How prices are checked."""

    floor_share_of_list: float | None = key(
        None, "Floor as a share of the list price where no floor is given; null = none.",
        "没有底价时，按目录价的多大比例作为底价；null 表示不设。",
        allowed="a number above 0, up to 1, or null", gt=0, le=1,
    )  # fmt: skip
    approval_before: str = key(
        "shipped_at", "Moment before which an exception has to be approved.",
        "例外须在哪个时点之前获批。", allowed="shipped_at or ordered_at",
    )  # fmt: skip

    _moment = field_validator("approval_before", mode="before")(one_of("shipped_at", "ordered_at"))


class Privacy(Section):
    """What may be said about persons."""

    pseudonymise: bool = key(
        True, "Names of persons are replaced.", "以代号代替人员姓名。", allowed=SWITCH
    )
    person_level: bool = key(
        False, "The restricted annex on single persons is made; needs basis and approver.",
        "生成涉及个人的限制性附件；须填写依据和批准人。", allowed=SWITCH,
    )  # fmt: skip
    basis: str = key("", "Legal basis for it.", "法律依据。", allowed=TEXT)
    approver: str = key("", "Role that approved it.", "批准的岗位。", allowed=TEXT)

    @property
    def annex_wanted(self) -> bool:
        """Whether the annex on single persons is asked for, on a basis somebody approved."""
        return bool(self.person_level and self.basis.strip() and self.approver.strip())

    @classmethod
    def relations(cls, raw: Mapping[str, Any], context: Mapping[str, Any]) -> Iterator[Mistake]:
        """Looking at persons needs a basis and an approver."""
        try:
            wanted = switch(raw.get("person_level", False))
        except ValueError:
            return
        for name in ("basis", "approver"):
            if wanted and not str(raw.get(name, "")).strip():
                text = "is empty; person_level: true needs a basis and an approver. Fill it in, or "
                yield Mistake((name,), text + "set person_level to false")
