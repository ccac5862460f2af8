"""Tables of factor 4, controls: the control points, how they were tested, when they were off.

Orders, prices and complaints are in `crm_eval_lib.tables.sales`.
"""

# A list of facts, one column per two lines; broken by the formatter it could not be read as a list.
# fmt: off
from crm_eval_lib.tables.declare import MODES, column
from crm_eval_lib.tables.spec import Table

CONTROL_KINDS = {"preventive": "预防性", "detective": "检查性"}
LOG_CHECKS = {
    "price_floor": "底价", "approval": "审批", "complaint_owner": "投诉责任人", "none": "无",
}
TEST_METHODS = {
    "negative": "反向测试", "walkthrough": "穿行测试", "sample": "抽样", "population": "全量",
}
TEST_RESULTS = {"pass": "通过", "deviation": "偏差", "not_applicable": "不适用"}
ADVICE_DECISIONS = {"followed": "采纳", "overridden": "未采纳"}

CONTROLS = Table(
    "controls", "controls", title_en="Control points", title_zh="控制点",
    en="One point at which the system decides, warns, advises or looks on.",
    zh="系统在其中直接判断、警告、建议或旁观的一个控制点。", key=("control_id",),
    columns=(
        column("control_id*", "id", "控制点编号", "Control point.", "控制点的编号。"),
        column("risk*", "text", "风险", "What goes wrong without it.", "没有它会出现什么问题。"),
        column("process", "text", "流程", "Process it belongs to.", "所属流程。"),
        column("kind", "enum", "控制类型", "Before or after the fact.", "事前预防或事后检查。",
               values=CONTROL_KINDS),
        column("required_mode*", "enum", "要求方式", "Mode the client decided on.",
               "客户确定的控制方式。", values=MODES),
        column("supported_mode", "enum", "支持方式", "Strongest mode the product can do.",
               "产品所能支持的最强方式。", values=MODES),
        column("configured_mode", "enum", "配置方式", "Mode that is set up.", "实际配置的方式。",
               values=MODES),
        column("decided_on", "date", "确定日期", "Day the mode was decided.", "确定控制方式的日期。"),
        column("decided_by_role", "text", "决定岗位", "Role that decided it.", "作出决定的岗位。"),
        column("critical", "yes_no", "是否关键", "Its failure may not happen.",
               "是否不容许失效。", empty_means="no", also=("关键控制",)),
        column("likelihood", "scale", "可能性", "5 = most likely.", "5 为最可能发生。"),
        column("impact", "scale", "影响", "5 = gravest.", "5 为影响最大。"),
        column("events_per_year_before", "number", "上线前年次数", "Events a year before go-live.",
               "上线前每年发生的次数。", unit="per year", minimum=0.0),
        column("events_per_year_after", "number", "上线后年次数", "Events a year after go-live.",
               "上线后每年发生的次数。", unit="per year", minimum=0.0),
        column("loss_low", "amount", "最小损失", "Low loss per event, client's currency.",
               "单次损失的下限，按客户币种。", minimum=0.0),
        column("loss_high", "amount", "最大损失", "High loss per event, client's currency.",
               "单次损失的上限，按客户币种。", minimum=0.0),
        column("override_role", "text", "放行岗位", "Role that may override it.", "有权放行的岗位。"),
        column("owner_role", "text", "责任岗位", "Role that answers for it.", "负责该控制点的岗位。"),
        column("log_check", "enum", "日志核对", "Log that can refute it.",
               "可据以推翻该控制点的记录。", values=LOG_CHECKS, empty_means="none"),
        column("tolerable_rate", "ratio", "可容忍偏差率", "Deviation rate still tolerated.",
               "可以容忍的偏差率。", empty_means="0.05 if critical, else 0.10"),
        column("expected_rate", "ratio", "预期偏差率", "Deviation rate expected.",
               "预期的偏差率。"),
        column("population_size", "integer", "总体数量", "Transactions it applies to.",
               "适用该控制点的业务笔数。", minimum=0.0),
        column("evidence", "text", "证据", "What proves the mode.", "证明控制方式的材料。"),
    ),
)
CONTROL_TESTS = Table(
    "control_tests", "controls", title_en="Tests of control points", title_zh="控制测试",
    en="One test of one control point: one attempt, one item of a sample.",
    zh="对一个控制点的一次测试：一次尝试或样本中的一项。", key=("control_id", "test_id"),
    columns=(
        column("control_id*", "id", "控制点编号", "Control point.", "控制点的编号。"),
        column("test_id*", "id", "测试编号", "Test.", "测试的编号。"),
        column("tested_on", "date", "测试日期", "Day of the test.", "测试的日期。"),
        column("method*", "enum", "测试方法", "How it was tested.", "测试的方法。",
               values=TEST_METHODS),
        column("result*", "enum", "测试结果", "What was found.", "测试的结果。", values=TEST_RESULTS),
        column("tester_role", "text", "测试岗位", "Role of the tester.", "测试人的岗位。"),
        column("evidence", "text", "证据", "What proves the result.", "证明结果的材料。"),
    ),
)
CONTROL_OFF = Table(
    "control_off", "controls", title_en="Times without the control", title_zh="控制停用",
    en="One time during which a control point was switched off.", zh="一个控制点的一次停用。",
    columns=(
        column("control_id*", "id", "控制点编号", "Control point.", "控制点的编号。"),
        column("off_from*", "timestamp", "停用时间", "When it was switched off.", "停用的时间。"),
        column("off_to", "timestamp", "恢复时间", "When it was on again; empty = still off.",
               "重新启用的时间；留空表示仍停用。"),
        column("switched_by", "text", "操作岗位", "Role that switched it.", "操作开关的岗位。"),
    ),
)
EXEMPTIONS = Table(
    "exemptions", "controls", title_en="Exemptions", title_zh="豁免",
    en="A role or a customer for whom a control point does not hold.",
    zh="不受某一控制点约束的岗位或客户。",
    columns=(
        column("control_id*", "id", "控制点编号", "Control point.", "控制点的编号。"),
        column("exempt*", "text", "豁免对象", "Role or customer.", "岗位或客户。"),
        column("granted_by_role", "text", "批准岗位", "Role that granted it.", "批准豁免的岗位。"),
        column("from", "date", "开始日期", "First day; empty = from the start.",
               "第一天；留空表示自始有效。"),
        column("to", "date", "结束日期", "Last day; empty = without end.",
               "最后一天；留空表示一直有效。"),
    ),
)
DECISIONS = Table(
    "decisions", "controls", title_en="Advice and decisions", title_zh="建议与决定",
    en="One time the system showed advice or a warning, and what the user did.",
    zh="系统给出一次建议或警告后，使用者的决定。",
    columns=(
        column("control_id*", "id", "控制点编号", "Control point.", "控制点的编号。"),
        column("decided_at*", "timestamp", "决定时间", "When it was decided.", "作出决定的时间。"),
        column("user", "id", "用户", "Who decided, as a pseudonym.", "作出决定者的代号。"),
        column("advice", "text", "系统建议", "What the system advised.", "系统给出的建议。"),
        column("decision*", "enum", "决定", "Whether it was followed.", "是否采纳建议。",
               values=ADVICE_DECISIONS),
        column("reason", "text", "理由", "Reason the user gave.", "使用者填写的理由。"),
    ),
)
ERRORS = Table(
    "errors", "controls", title_en="Errors", title_zh="差错",
    en="One error in the work.", zh="工作中的一次差错。", key=("error_id",),
    columns=(
        column("error_id*", "id", "差错编号", "Error.", "差错的编号。"),
        column("occurred_at*", "timestamp", "发生时间", "When it happened.", "发生的时间。"),
        column("process", "text", "流程", "Process it happened in.", "所属流程。"),
        column("kind", "text", "差错类型", "Kind of error.", "差错的类型。"),
        column("human*", "yes_no", "是否人为", "Made by a person.", "是否由人造成。", also=("人为",)),
        column("amount", "amount", "金额", "Amount at stake.", "涉及的金额。"),
    ),
)
EXPOSURE = Table(
    "exposure", "controls", title_en="Volume of work", title_zh="业务量",
    en="How much work one process had in one period.", zh="某一流程在某一期间的业务量。",
    key=("process", "period_end"),
    columns=(
        column("process*", "text", "流程", "Process.", "流程名称。"),
        column("period_end*", "date", "期末日期", "Last day of the period.", "该期的最后一天。"),
        column("volume*", "number", "业务量", "Cases or orders of the period.",
               "该期的业务或订单笔数。", unit="cases", minimum=0.0),
        column("manual_reviews", "number", "人工复核次数", "Price reviews done by hand.",
               "人工复核价格的次数。", minimum=0.0),
    ),
)
ACCESS = Table(
    "access", "controls", title_en="Access rights", title_zh="权限",
    en="One permission of one user, or one use of it.", zh="一个用户的一项权限，或其一次使用。",
    columns=(
        column("user_id*", "id", "用户编号", "User, as a pseudonym.", "用户的代号。"),
        column("permission*", "text", "权限", "Permission held.", "拥有的权限。"),
        column("used_at", "timestamp", "使用时间", "When it was used; empty = held only.",
               "使用的时间；留空表示仅拥有。"),
    ),
)
CONFLICTS = Table(
    "conflicts", "controls", title_en="Conflicting permissions", title_zh="不相容权限",
    en="Two permissions one person should not hold together.", zh="不应由同一人拥有的两项权限。",
    key=("permission_a", "permission_b"),
    columns=(
        column("permission_a*", "text", "权限一", "One permission.", "其中一项权限。"),
        column("permission_b*", "text", "权限二", "The other permission.", "另一项权限。"),
        column("risk", "text", "风险", "What the pair makes possible.", "两者结合带来的风险。"),
    ),
)

TABLES = (
    CONTROLS, CONTROL_TESTS, CONTROL_OFF, EXEMPTIONS, DECISIONS, ERRORS, EXPOSURE, ACCESS,
    CONFLICTS,
)
