"""The table of reference classes: not a client's table, but read and checked as one."""

# A list of facts, one column per two lines; broken by the formatter it could not be read as a list.
# fmt: off
from crm_eval_lib.tables.declare import column
from crm_eval_lib.tables.spec import Table

QUANTILE, TAIL_SHARE = "quantile", "tail_share"
MEASURES = {"cost": "成本", "schedule": "工期"}
FORMS = {QUANTILE: "分位数", TAIL_SHARE: "尾部占比"}

REFERENCE_CLASS = Table(
    "reference_class", "reference", title_en="Reference class", title_zh="参照类",
    en="One quantile of one class of finished projects: the share p of them ended at or below "
       "value times their plan. What describes the class is the same on all its rows.",
    zh="一类已完成项目的一个分位数：有 p 这么大比例的项目，其结果不超过计划的 value 倍。"
       "描述该类的各列在其所有行中相同。",
    key=("class_id", "p"),
    columns=(
        column("class_id*", "id", "类别编号", "Class; small letters, digits and _.",
               "类别的编号；小写字母、数字和下划线。"),
        column("measure*", "enum", "衡量对象",
               "Final over planned cost (or effort), or actual over planned duration.",
               "最终与计划成本（或工作量）之比，或实际与计划工期之比。", values=MEASURES),
        column("form*", "enum", "形式",
               "quantile: values between two rows are interpolated; tail_share: the source gives "
               "single shares only, so positions are bounded and not interpolated.",
               "quantile：两行之间可插值；tail_share：来源只给出个别占比，只能给出上下限，不插值。",
               values=FORMS),
        column("p*", "ratio", "比例", "Share of the class at or below the value; a tail share of "
               "17 % above is written 0.83.", "该类中不超过该值的项目比例；"
               "“17% 高于该值”写作 0.83。"),
        column("value*", "number", "倍数", "Result over plan: 1.5 is half as much again.",
               "结果与计划之比：1.5 表示比计划多一半。", above=0.0),
        column("n", "integer", "项目数", "Projects in the class; empty: not published.",
               "该类的项目数；留空表示来源未公布。", minimum=1.0),
        column("year*", "integer", "年份", "Year of the data or of the publication.",
               "数据或发表的年份。", minimum=1900.0, maximum=2100.0),
        column("source*", "text", "来源", "Where the numbers stand, so that they can be looked up.",
               "数字的出处，以便查证。"),
        column("licence*", "text", "许可", "Terms under which the numbers may be passed on.",
               "允许转载这些数字的条款。"),
        column("title_en*", "text", "英文名称", "Name for readers, in English.", "英文名称。"),
        column("title_zh*", "text", "中文名称", "Name for readers, in Chinese.", "中文名称。"),
        column("baseline_en*", "text", "英文口径", "What was measured against which plan, and in "
               "which unit, in English.", "以何种计划为基准、以何单位衡量（英文）。"),
        column("baseline_zh*", "text", "中文口径", "The same in Chinese.",
               "以何种计划为基准、以何单位衡量（中文）。"),
    ),
)
