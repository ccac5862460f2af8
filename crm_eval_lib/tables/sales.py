"""Tables of factor 4, controls: orders and price rules, complaints, and samples of both."""

# A list of facts, one column per two lines; broken by the formatter it could not be read as a list.
# fmt: off
from crm_eval_lib.tables.declare import COUNT_WORDS, SELECTIONS, column, currency
from crm_eval_lib.tables.spec import Table

ORDER_CHANNELS = {"ui": "界面录入", "import": "导入", "api": "接口"}
FLOOR_SOURCES = {"system": "系统", "price_list": "价目表", "oral": "口头"}
APPROVALS = {"before_shipment": "发货前", "after": "事后", "none": "无"}
COMPLAINT_CHANNELS = {
    "crm": "CRM", "phone": "电话", "group_chat": "群聊", "mail": "邮件", "visit": "走访",
}

ORDERS = Table(
    "orders", "controls", title_en="Order lines", title_zh="订单行",
    en="One line of one sales order.", zh="销售订单中的一行。", key=("order_id", "line_no"),
    columns=(
        column("order_id*", "id", "订单号", "Sales order.", "销售订单号。", also=("订单编号",)),
        column("line_no", "id", "行号", "Line of the order.", "订单中的行号。", default="1"),
        column("ordered_at*", "timestamp", "下单时间", "When it was ordered.", "下单的时间。"),
        column("product*", "id", "产品", "Product.", "产品编号。", also=("产品编号",)),
        column("quantity*", "number", "数量", "Quantity charged.", "计价数量。", above=0.0),
        column("unit_price*", "amount", "单价", "Price per unit as sold.", "成交单价。"),
        column("list_price", "amount", "目录价", "List price per unit.", "目录单价。"),
        column("floor_price", "amount", "底价", "Lowest price allowed per unit.",
               "允许的最低单价。", also=("最低价",)),
        currency(),
        column("fx_rate", "number", "汇率",
               "Units of the client's currency per unit of the row's currency.",
               "一单位本行币种折合客户币种的数额。", above=0.0),
        column("customer", "id", "客户", "Customer.", "客户编号。", also=("客户编号",)),
        column("customer_class", "text", "客户等级", "Class of the customer.", "客户的等级。"),
        column("product_group", "text", "产品组", "Group of the product.", "产品所属的组。"),
        column("created_by", "id", "制单人", "Who entered it, as a pseudonym.", "录入者的代号。"),
        column("creator_role", "text", "制单岗位", "Role that entered it.", "录入者的岗位。"),
        column("approved_by", "id", "审批人", "Who approved the price, as a pseudonym.",
               "价格审批人的代号。"),
        column("approver_role", "text", "审批岗位", "Role that approved the price.",
               "价格审批人的岗位。"),
        column("approved_at", "timestamp", "审批时间", "When the price was approved.",
               "价格获批的时间。"),
        column("shipped_at", "timestamp", "发货时间", "When it was shipped.", "发货的时间。"),
        column("override_reason", "text", "放行理由", "Reason given for the exception.",
               "填写的放行理由。"),
        column("channel", "enum", "录入渠道", "How it came into the system.",
               "订单进入系统的渠道。", values=ORDER_CHANNELS),
        column("free_quantity", "number", "赠送数量", "Quantity given free of charge.",
               "免费赠送的数量。", minimum=0.0),
        column("rebate", "amount", "返利", "Rebate, total of the line.", "整行的返利金额。"),
        column("freight", "amount", "运费", "Freight borne by the seller, total of the line.",
               "整行由卖方承担的运费。"),
    ),
)
PRICE_RULES = Table(
    "price_rules", "controls", title_en="Price floors", title_zh="底价规则",
    en="The lowest price of one product for a while.", zh="某一产品在一段时间内的最低价。",
    columns=(
        column("product*", "id", "产品", "Product.", "产品编号。", also=("产品编号",)),
        column("customer_class", "text", "客户等级", "Class it holds for; empty = all.",
               "适用的客户等级；留空表示全部。"),
        currency(),
        column("min_quantity", "number", "起订数量", "Quantity from which it holds.",
               "适用的最小数量。", minimum=0.0),
        column("floor_price*", "amount", "底价", "Lowest price allowed per unit.",
               "允许的最低单价。", also=("最低价",)),
        column("valid_from*", "date", "生效日期", "First day.", "第一天。"),
        column("valid_to", "date", "失效日期", "Last day; empty = without end.",
               "最后一天；留空表示一直有效。"),
        column("changed_by", "text", "修改岗位", "Role that changed it.", "修改规则的岗位。"),
        column("changed_at", "timestamp", "修改时间", "When it was changed.", "修改的时间。"),
    ),
)
APPROVAL_LIMITS = Table(
    "approval_limits", "controls", title_en="Approval limits", title_zh="审批限额",
    en="The order value up to which one role may approve.", zh="某一岗位可审批的订单金额上限。",
    key=("role", "currency", "valid_from"),
    columns=(
        column("role*", "text", "岗位", "Role.", "岗位名称。"),
        column("limit*", "amount", "限额", "Highest net order value.", "订单净额的上限。",
               minimum=0.0),
        currency(),
        column("valid_from", "date", "生效日期", "First day; empty = from the start.",
               "第一天；留空表示自始有效。"),
    ),
)
COMPLAINTS = Table(
    "complaints", "controls", title_en="Complaints", title_zh="客户投诉",
    en="One complaint of a customer.", zh="客户的一次投诉。", key=("complaint_id",),
    columns=(
        column("complaint_id*", "id", "投诉编号", "Complaint.", "投诉的编号。"),
        column("opened_at*", "timestamp", "提出时间", "When it came in.", "收到投诉的时间。"),
        column("customer", "id", "客户", "Customer.", "客户编号。", also=("客户编号",)),
        column("importance", "scale", "客户重要性", "5 = most important customer.",
               "5 为最重要的客户。", also=("重要性",)),
        column("severity", "scale", "严重度", "5 = most severe.", "5 为最严重。",
               also=("严重程度",)),
        column("priority", "integer", "优先级", "As the system set it; 1 = first.",
               "系统设定的优先级；1 为最先。"),
        column("first_response_at", "timestamp", "首次响应时间", "When it was first answered.",
               "首次答复的时间。"),
        column("resolved_at", "timestamp", "解决时间", "When it was resolved.", "解决的时间。"),
        column("closed_at", "timestamp", "关闭时间", "When it was closed.", "关闭的时间。"),
        column("owner", "id", "责任人", "Who has it, as a pseudonym.", "负责人的代号。"),
        column("reopened", "integer", "重新打开次数",
               "How often it was opened again; yes = once, no = never.",
               "被重新打开的次数；“是”按一次计，“否”按零次计。", minimum=0.0, words=COUNT_WORDS,
               also=("是否重新打开",)),
        column("escalated_at", "timestamp", "升级时间", "When it was escalated.",
               "升级处理的时间。"),
        column("response_due", "timestamp", "响应时限", "When the answer is due; empty = never.",
               "应当答复的最晚时间；留空表示没有时限。"),
        column("resolve_due", "timestamp", "解决时限", "When the solution is due; empty = never.",
               "应当解决的最晚时间；留空表示没有时限。"),
        column("channel", "text", "渠道", "How it came in.", "投诉的渠道。"),
        column("category", "text", "类别", "What it is about.", "投诉的内容类别。"),
    ),
)
ORDER_SAMPLES = Table(
    "order_samples", "controls", title_en="Sampled orders", title_zh="订单抽样", core=False,
    en="One order drawn from paper, for those without order data.",
    zh="从单据中抽取的一笔订单；没有订单数据时使用。", key=("sample_id",),
    columns=(
        column("sample_id*", "id", "样本编号", "Sample.", "样本的编号。"),
        column("order_id*", "id", "订单号", "Sales order.", "销售订单号。", also=("订单编号",)),
        column("selection*", "enum", "抽样方式", "How it was drawn.", "抽取的方式。",
               values=SELECTIONS),
        column("population_n", "integer", "总体数量", "Orders it was drawn from.",
               "被抽取的订单总数。", minimum=0.0),
        column("unit_price*", "amount", "单价", "Price per unit as sold.", "成交单价。"),
        column("floor_price*", "amount", "底价", "Lowest price allowed per unit.",
               "允许的最低单价。", also=("最低价",)),
        column("floor_source*", "enum", "底价来源", "Where the floor is from.", "底价出自何处。",
               values=FLOOR_SOURCES),
        column("approval*", "enum", "审批情况", "When it was approved.", "审批发生在何时。",
               values=APPROVALS),
        column("approver_role", "text", "审批岗位", "Role that approved it.", "审批人的岗位。"),
    ),
)
COMPLAINT_SAMPLES = Table(
    "complaint_samples", "controls", title_en="Sampled complaints", title_zh="投诉抽样", core=False,
    en="One complaint heard somewhere, to see whether the CRM knows it.",
    zh="从各处听到的一次投诉，用以核对 CRM 中是否有记录。", key=("ref", "channel"),
    columns=(
        column("ref*", "id", "参考号", "Where it can be found again.", "便于查找的编号。"),
        column("channel*", "enum", "渠道", "Where it was heard.", "听到投诉的渠道。",
               values=COMPLAINT_CHANNELS),
        column("heard_at*", "timestamp", "听到时间", "When it was heard.", "听到的时间。"),
        column("customer_class", "text", "客户等级", "Class of the customer.", "客户的等级。"),
        column("first_response_at", "timestamp", "首次响应时间", "When it was first answered.",
               "首次答复的时间。"),
        column("resolved_at", "timestamp", "解决时间", "When it was resolved.", "解决的时间。"),
        column("in_crm*", "yes_no", "是否在CRM中", "The CRM holds it.", "CRM 中是否有记录。"),
    ),
)

TABLES = (
    ORDERS, PRICE_RULES, APPROVAL_LIMITS, COMPLAINTS, ORDER_SAMPLES, COMPLAINT_SAMPLES,
)
