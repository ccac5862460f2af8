"""Tables of factor 1, cost: what was planned, what was spent, what was decided on the way."""

# A list of facts, one column per two lines; broken by the formatter it could not be read as a list.
# fmt: off
from crm_eval_lib.tables.declare import CATEGORIES, column, currency, money_columns, tax
from crm_eval_lib.tables.spec import Table

ACTUAL_KINDS = {
    "invoice": "发票", "timesheet": "工时", "accrual": "预提", "credit": "红字冲减",
    "order": "采购订单", "payment": "付款",
}
ACCEPTANCE = {"unconditional": "无条件通过", "conditional": "有条件通过", "refused": "拒绝验收"}
CHANGE_REASONS = {
    "scope": "范围变化", "law": "法规变化", "error": "差错", "price": "价格变化", "other": "其他",
}
PROGRESS_RULES = {
    "0/100": "完成才计", "50/50": "开工计半", "milestones": "按里程碑", "measured": "实测",
}
REVIEW_KINDS = {
    "steering": "指导委员会", "cost": "成本检查", "audit": "审计", "acceptance": "验收",
}
SUMMARY_BASES = {
    "contract": "合同", "ledger": "账簿", "invoice": "发票", "payment": "付款", "estimate": "估计",
}
LABOUR_METHODS = {"timesheet": "工时记录", "calendar": "日程表", "interview": "访谈"}

BUDGET = Table(
    "budget", "cost", title_en="Budget", title_zh="预算",
    en="One line of one version of the budget; a version restates all its lines.",
    zh="预算某一版本中的一行；每个版本都须完整列出全部预算行。",
    key=("line_id", "version"),
    columns=(
        column("line_id*", "id", "预算行号", "Budget line.", "预算行的编号。"),
        column("category*", "enum", "类别", "Kind of cost.", "费用类别。",
               values=CATEGORIES, also=("费用类别",)),
        column("description", "text", "说明", "What the line pays for.", "该行预算的用途。"),
        column("amount*", "amount", "金额", "Planned amount of the line.", "该行的计划金额。",
               minimum=0.0, also=("预算金额",)),
        *money_columns(),
        column("quantity", "number", "数量", "Planned quantity.", "计划数量。"),
        column("unit", "text", "计量单位", "Unit of the quantity.", "数量的计量单位。",
               also=("单位",)),
        column("unit_price", "amount", "单价", "Planned price per unit.", "计划单价。"),
        column("version", "integer", "版本", "0 = original budget; higher = later version.",
               "0 表示原始预算，数字越大版本越新。", minimum=0.0, empty_means="0"),
        column("approved_on", "date", "批准日期", "Day this line of the version was approved.",
               "该版本中此行获批的日期。"),
        column("planned_start", "date", "计划开始", "First day the money is to be spent.",
               "计划开始支出的日期。", also=("计划开始日期",)),
        column("planned_finish", "date", "计划完成", "Last day the money is to be spent.",
               "计划支出完毕的日期。", also=("计划完成日期",)),
    ),
)
ACTUALS = Table(
    "actuals", "cost", title_en="Actual cost", title_zh="实际成本",
    en="One entry of the ledger: an invoice, hours worked, an accrual, a credit, an order, "
       "a payment.",
    zh="账上的一笔记录：发票、工时、预提、冲减、采购订单或付款。",
    key=("txn_id",),
    columns=(
        column("txn_id*", "id", "凭证号", "Entry in the ledger.", "账上记录的编号。",
               also=("流水号",)),
        column("line_id", "id", "预算行号", "Budget line it belongs to; empty = unbudgeted.",
               "所属预算行；留空表示预算外。"),
        column("category", "enum", "类别", "Kind of cost.", "费用类别。",
               values=CATEGORIES, also=("费用类别",)),
        column("incurred_on*", "date", "发生日期", "Day the cost was incurred.", "成本发生的日期。"),
        column("amount*", "amount", "金额", "Amount; credits are negative.",
               "金额；冲减填负数。"),
        column("kind*", "enum", "单据类型", "Kind of entry; orders and payments are not cost.",
               "记录的类型；采购订单和付款不计入成本。", values=ACTUAL_KINDS),
        *money_columns(),
        column("quantity", "number", "数量", "Quantity delivered.", "实际数量。"),
        column("unit_price", "amount", "单价", "Price per unit.", "实际单价。"),
        column("vendor", "text", "供应商", "Who was paid.", "收款的供应商。"),
        column("order_ref", "id", "订单号", "Purchase order the entry belongs to.",
               "对应的采购订单号。", also=("采购订单号",)),
        column("retention", "amount", "质保金", "Amount held back until acceptance.",
               "验收前扣留的金额。"),
        column("ordered_on", "date", "下单日期", "Day the order was placed.", "采购下单的日期。"),
        column("approved_on", "date", "批准日期", "Day the spending (not the payment) was approved.",
               "支出（不是付款）获批的日期。"),
    ),
)
MILESTONES = Table(
    "milestones", "cost", title_en="Milestones", title_zh="里程碑",
    en="One milestone of the project.", zh="项目的一个里程碑。", key=("milestone_id",),
    columns=(
        column("milestone_id*", "id", "里程碑编号", "Milestone.", "里程碑的编号。"),
        column("name*", "text", "名称", "What is reached.", "里程碑的名称。"),
        column("planned_on*", "date", "计划日期", "Day it was planned for.", "原计划达到的日期。"),
        column("forecast_on", "date", "预测日期", "Day it is now expected.", "目前预计达到的日期。"),
        column("actual_on", "date", "实际日期", "Day it was reached.", "实际达到的日期。"),
        column("weight", "number", "权重", "Share in the whole, in any unit.",
               "在全部里程碑中所占的份量，单位不限。", minimum=0.0),
        column("accepted_on", "date", "验收日期", "Day the client accepted it.", "客户验收的日期。"),
        column("acceptance", "enum", "验收结论", "How it was accepted.", "验收的结论。",
               values=ACCEPTANCE),
    ),
)
SCOPE = Table(
    "scope", "cost", title_en="Scope", title_zh="项目范围",
    en="One thing the project was to deliver.", zh="项目应交付的一项内容。", key=("item_id",),
    columns=(
        column("item_id*", "id", "内容编号", "Item of the scope list.", "范围清单中的编号。"),
        column("title*", "text", "标题", "What is delivered.", "交付内容。"),
        column("weight", "number", "权重", "Share in the whole, in any unit.",
               "在全部范围中所占的份量，单位不限。", minimum=0.0),
        column("original", "yes_no", "是否原始范围", "Part of the scope first agreed.",
               "是否属于最初商定的范围。", also=("原始范围",)),
        column("delivered*", "ratio", "交付比例", "Share delivered.", "已交付的比例。"),
        column("decided_on", "date", "确定日期", "Day the item was agreed.",
               "商定此项内容的日期。"),
        column("supplier", "text", "供应商", "Who delivers it.", "负责交付的供应商。"),
    ),
)
CHANGES = Table(
    "changes", "cost", title_en="Change requests", title_zh="变更",
    en="What one change request adds to one budget line.", zh="一项变更对一个预算行的影响。",
    key=("change_id", "line_id"),
    columns=(
        column("change_id*", "id", "变更编号", "Change request.", "变更的编号。"),
        column("line_id", "id", "预算行号", "Budget line it changes.", "所影响的预算行。"),
        column("reason*", "enum", "变更原因", "Why it was needed.", "变更的原因。",
               values=CHANGE_REASONS),
        column("amount*", "amount", "金额", "Amount added; savings are negative.",
               "增加的金额；节省填负数。"),
        column("days", "number", "影响天数", "Days added to the plan.", "使计划延后的天数。",
               unit="days"),
        column("raised_on", "date", "提出日期", "Day it was raised.", "提出变更的日期。"),
        column("approved_on", "date", "批准日期", "Day it was approved; empty = never.",
               "获批的日期；留空表示从未批准。"),
    ),
)
PROGRESS = Table(
    "progress", "cost", title_en="Progress", title_zh="进度",
    en="How much of one budget line was done by the end of one period.",
    zh="某一期末某一预算行的完成程度。", key=("line_id", "period_end"),
    columns=(
        column("line_id*", "id", "预算行号", "Budget line.", "预算行的编号。"),
        column("period_end*", "date", "期末日期", "Last day of the period.", "该期的最后一天。"),
        column("percent_complete*", "ratio", "完成比例", "Share done, before the rule is applied.",
               "完成比例，为套用计量规则之前的数值。"),
        column("rule", "enum", "计量规则", "How progress is counted.", "进度的计量规则。",
               values=PROGRESS_RULES, empty_means="measured"),
    ),
)
PLAN = Table(
    "plan", "cost", title_en="Plan over time", title_zh="分期计划",
    en="Planned spending of one line up to one day; without it the budget is spread linearly.",
    zh="某一预算行截至某日的累计计划支出；没有此表时，预算按起止日期平均分摊。",
    key=("line_id", "period_end"),
    columns=(
        column("line_id*", "id", "预算行号", "Budget line.", "预算行的编号。"),
        column("period_end*", "date", "期末日期", "Last day of the period.", "该期的最后一天。"),
        column("planned_cumulative*", "amount", "累计计划金额",
               "Amount planned up to that day.", "截至该日的累计计划金额。"),
    ),
)
REVIEWS = Table(
    "reviews", "cost", title_en="Reviews", title_zh="检查会议",
    en="One meeting that reviewed the project.", zh="一次项目检查会议。", key=("review_id",),
    columns=(
        column("review_id*", "id", "会议编号", "Review.", "检查会议的编号。"),
        column("held_on*", "date", "召开日期", "Day it was held.", "召开的日期。"),
        column("kind", "enum", "会议类型", "Kind of review.", "检查会议的类型。", values=REVIEW_KINDS),
        column("plan_vs_actual_shown", "yes_no", "是否对比计划与实际",
               "The minutes put plan beside actual.", "会议记录是否将计划与实际并列对比。"),
        column("deviation_found", "text", "是否发现偏差",
               "The deviation found, in words or yes; empty or no: none was found.",
               "发现的偏差（文字说明或“是”）；空白或“否”表示未发现。", also=("发现偏差",)),
        column("decision", "text", "决定", "What was decided.", "会议的决定。"),
        column("acted_on", "date", "落实日期", "Day the decision was carried out.",
               "决定得到落实的日期。"),
    ),
)
COST_SUMMARY = Table(
    "cost_summary", "cost", title_en="Cost on one page", title_zh="成本汇总", core=False,
    en="Planned and actual cost of one item, for those without budget and ledger.",
    zh="一个项目的计划与实际成本；没有预算表和明细账时使用。", key=("item_id",),
    columns=(
        column("item_id*", "id", "项目编号", "Item.", "项目的编号。"),
        column("category*", "enum", "类别", "Kind of cost.", "费用类别。",
               values=CATEGORIES, also=("费用类别",)),
        column("planned_amount*", "amount", "计划金额", "Planned amount.", "计划金额。"),
        column("actual_amount*", "amount", "实际金额", "Actual amount.", "实际金额。"),
        currency(),
        tax(),
        column("basis*", "enum", "依据", "What the figures rest on.", "数字的来源依据。",
               values=SUMMARY_BASES),
        column("planned_on", "date", "计划日期", "Day it was planned for.", "计划完成的日期。"),
        column("finished_on", "date", "完成日期",
               "Day it was finished; empty counts as finished once the system is live.",
               "实际完成的日期；留空的，系统上线后按已完成处理。"),
        column("source_document", "text", "来源文件", "Paper the figures come from.",
               "数字出自哪份文件。"),
    ),
)
LABOUR_ESTIMATE = Table(
    "labour_estimate", "cost", title_en="Own labour, estimated", title_zh="内部人工估算",
    core=False,
    en="Own hours of one role, for those without timesheets.",
    zh="某一岗位投入的内部人工；没有工时记录时使用。",
    columns=(
        column("role*", "text", "岗位", "Role.", "岗位名称。"),
        column("persons*", "number", "人数", "Number of persons.", "人数。", minimum=0.0),
        column("weeks*", "number", "周数", "Weeks they worked on it.", "参与的周数。",
               unit="weeks", minimum=0.0),
        column("share_of_time*", "ratio", "时间占比", "Share of their working time.",
               "占其工作时间的比例。"),
        column("hourly_cost*", "amount", "小时成本", "Cost per hour.", "每小时成本。", minimum=0.0),
        column("hours_low", "number", "最少小时数",
               "Lowest plausible hours of the row in all: all its persons over all its weeks.",
               "本行合计小时数的合理下限（全部人员、全部周数）。", unit="hours", minimum=0.0),
        column("hours_high", "number", "最多小时数",
               "Highest plausible hours of the row in all: all its persons over all its weeks.",
               "本行合计小时数的合理上限（全部人员、全部周数）。", unit="hours", minimum=0.0),
        column("method", "enum", "估算方法", "How it was estimated.", "估算所用的方法。",
               values=LABOUR_METHODS),
    ),
)

TABLES = (
    BUDGET, ACTUALS, MILESTONES, SCOPE, CHANGES, PROGRESS, PLAN, REVIEWS, COST_SUMMARY,
    LABOUR_ESTIMATE,
)
