"""Tables that serve all factors: control totals, benefits, agreed actions, judgements."""

# A list of facts, one column per two lines; broken by the formatter it could not be read as a list.
# fmt: off
from crm_eval_lib.tables.declare import column
from crm_eval_lib.tables.spec import Table

MEASURES = {"rows": "行数", "amount": "金额"}
SCORE_LIMITS = (0.0, 100.0)

CONTROL_TOTALS = Table(
    "control_totals", "common", title_en="Control totals", title_zh="控制总数",
    en="A total from the source system, to see whether an extract is complete.",
    zh="源系统中的一个总数，用以核对导出的数据是否完整。",
    key=("table", "process", "period_start", "period_end", "measure", "source_system"),
    columns=(
        column("table*", "text", "数据表", "Table the total belongs to.", "总数对应的数据表。",
               also=("表名",)),
        column("process", "text", "流程", "Process it is for; empty = all.",
               "对应的流程；留空表示全部。"),
        column("period_start", "date", "期初日期", "First day it covers.", "所含期间的第一天。"),
        column("period_end", "date", "期末日期", "Last day it covers.", "所含期间的最后一天。"),
        column("measure*", "enum", "口径", "What is totalled.", "总数的口径。", values=MEASURES),
        column("total*", "number", "总数", "The total.", "总数的数值。"),
        column("source_system*", "text", "来源系统", "System it comes from.", "总数出自哪个系统。"),
        column("obtained_by_role", "text", "取数岗位", "Role that obtained it.", "取得总数的岗位。"),
        column("obtained_on", "date", "取数日期", "Day it was obtained.", "取得总数的日期。"),
    ),
)
BENEFITS = Table(
    "benefits", "common", title_en="Benefits", title_zh="收益",
    en="One benefit of the system beside those computed.", zh="系统带来的、计算之外的一项收益。",
    key=("benefit_id",),
    columns=(
        column("benefit_id*", "id", "收益编号", "Benefit.", "收益的编号。"),
        column("name*", "text", "名称", "What the benefit is.", "收益的内容。"),
        column("quantified", "yes_no", "是否量化", "It is stated as an amount.",
               "是否以金额表示。", also=("已量化",)),
        column("amount_year", "amount", "年金额", "Amount a year.", "每年的金额。"),
        column("low", "amount", "下限", "Lowest plausible amount a year.", "每年金额的合理下限。"),
        column("high", "amount", "上限", "Highest plausible amount a year.", "每年金额的合理上限。"),
    ),
)
ACTIONS = Table(
    "actions", "common", title_en="Agreed actions", title_zh="整改措施",
    en="One action agreed after an earlier report.", zh="上次报告之后商定的一项措施。",
    key=("action_id",),
    columns=(
        column("action_id*", "id", "措施编号", "Action.", "措施的编号。"),
        column("finding", "text", "对应发现",
               "Finding it answers: its id in results.json, with or without its key, or the type of "
               "its action.",
               "针对哪一项发现：results.json 中的发现编号（可不带方括号内的键），或其措施类型。"),
        column("owner_role", "text", "责任岗位", "Role that has to do it.", "负责落实的岗位。"),
        column("due_on", "date", "期限", "Day it is due.", "应当完成的日期。"),
        column("state", "text", "状态",
               "How far it is: done, closed …; dropped, cancelled …; anything else is still open.",
               "目前的进展：已完成、已关闭等；已取消、不采纳等；其余一律视为未完成。"),
        column("response", "text", "客户答复", "What the client says to it.", "客户的答复。"),
    ),
)
JUDGEMENTS = Table(
    "judgements", "common", title_en="Judgements", title_zh="人工判断",
    en="A person's score for an indicator that could not be assessed.",
    zh="对无法评估的指标由人给出的评分。", key=("indicator_id", "judged_on"),
    columns=(
        column("indicator_id*", "text", "指标编号", "Indicator.", "指标的编号。"),
        column("score*", "number", "评分", "Score, 100 = best.", "评分，100 为最好。",
               unit="points", minimum=SCORE_LIMITS[0], maximum=SCORE_LIMITS[1]),
        column("reason*", "text", "理由", "Why this score.", "给出该评分的理由。"),
        column("judged_by_role*", "text", "判断岗位", "Role that judged.", "作出判断的岗位。"),
        column("judged_on*", "date", "判断日期", "Day of the judgement.", "作出判断的日期。"),
    ),
)

TABLES = (CONTROL_TOTALS, BENEFITS, ACTIONS, JUDGEMENTS)
