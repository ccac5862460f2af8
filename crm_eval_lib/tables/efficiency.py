"""Tables of factor 3, efficiency: processes, their event log, and samples where there is none."""

# A list of facts, one column per two lines; broken by the formatter it could not be read as a list.
# fmt: off
from crm_eval_lib.tables.declare import SELECTIONS, WAVES, column
from crm_eval_lib.tables.spec import Table

SYSTEMS = {"old": "旧系统", "crm": "CRM", "paper": "纸质"}
SAMPLE_SOURCES = {
    "paper": "纸质单据", "excel": "Excel", "mail": "邮件", "chat_approval": "聊天审批", "crm": "CRM",
}
RESOLUTIONS = {"minute": "分钟", "half_day": "半天", "day": "天"}
TARGET_SOURCES = {"contract": "合同", "requirement": "需求", "sla": "服务级别协议", "policy": "制度"}

PROCESSES = Table(
    "processes", "efficiency", title_en="Processes", title_zh="流程",
    en="One process the system was to make faster, or one to compare with.",
    zh="系统应当提速的一个流程，或用于对照的流程。", key=("process",),
    columns=(
        column("process*", "id", "流程", "Process, as named in the events.",
               "流程名称，与事件表一致。"),
        column("title", "text", "标题", "Name for the reader.", "便于阅读的名称。",
               also=("流程名称",)),
        column("importance", "scale", "重要性", "5 = most important.", "5 为最重要。"),
        column("difficulty", "scale", "难度", "5 = most difficult.", "5 为最难。"),
        column("repetitive", "yes_no", "是否重复性", "The same work again and again.",
               "是否为重复性工作。", also=("重复性",)),
        column("annual_volume", "number", "年业务量", "Cases a year.", "每年的业务笔数。",
               unit="cases", minimum=0.0),
        column("hourly_cost", "amount", "小时成本", "Cost of an hour of work, client's currency.",
               "每小时工作的成本，按客户币种。", minimum=0.0),
        column("sla_hours", "number", "时限小时数", "Business hours within which a case is due.",
               "要求办结的工作小时数。", unit="hours", minimum=0.0),
        column("in_crm", "yes_no", "是否在CRM中", "Run in the CRM; no = comparison process.",
               "是否在 CRM 中办理；“否”表示对照流程。", empty_means="yes"),
        column("touch_activities", "text", "人工环节",
               "Activities that are work on the case, separated by ;", "真正动手处理的环节，用分号分隔。"),
        column("start_activity", "text", "起始环节", "Activity that starts a case.",
               "一笔业务开始的环节。", empty_means="first event"),
        column("end_activities", "text", "结束环节", "Activities that end a case, separated by ;",
               "一笔业务结束的环节，用分号分隔。", empty_means="last event"),
        column("orders_total_after", "number", "上线后总笔数",
               "All cases after the blackout, in the CRM or not.",
               "过渡期之后的全部业务笔数，无论是否在 CRM 中办理。", unit="cases", minimum=0.0),
    ),
)
EVENTS = Table(
    "events", "efficiency", title_en="Event log", title_zh="事件日志", open_columns=True,
    en="One activity of one case; every further column is an attribute of the case.",
    zh="一笔业务中的一个环节；其余各列均作为业务属性。",
    columns=(
        column("process", "id", "流程", "Process.", "流程名称。", default="main"),
        column("case_id*", "id", "业务编号", "Case.", "业务的编号。", also=("单号",)),
        column("activity*", "text", "环节", "What was done.", "办理的环节。", also=("活动",)),
        column("completed_at*", "timestamp", "完成时间", "When it was completed.", "完成的时间。"),
        column("started_at", "timestamp", "开始时间", "When it was started.", "开始的时间。"),
        column("resource", "id", "经办人", "Who did it, as a pseudonym.", "经办人的代号。"),
        column("role", "text", "岗位", "Role that did it.", "经办岗位。"),
        column("system", "enum", "系统", "System it was done in.", "在哪个系统中办理。",
               values=SYSTEMS),
    ),
)
CASE_SAMPLES = Table(
    "case_samples", "efficiency", title_en="Sampled cases", title_zh="业务抽样", core=False,
    en="One case drawn from files, mails or chats, for those without an event log.",
    zh="从档案、邮件或聊天记录中抽取的一笔业务；没有事件日志时使用。", key=("sample_id",),
    columns=(
        column("sample_id*", "id", "样本编号", "Sample.", "样本的编号。"),
        column("process*", "id", "流程", "Process.", "流程名称。"),
        column("case_ref*", "id", "业务编号", "Case on the paper.", "单据上的业务编号。"),
        column("wave*", "enum", "阶段", "Before or after go-live.", "上线前或上线后。", values=WAVES),
        column("source*", "enum", "来源", "Where it was found.", "出自何处。", values=SAMPLE_SOURCES,
               unless="not_found_reason"),
        column("selection*", "enum", "抽样方式", "How it was drawn.", "抽取的方式。",
               values=SELECTIONS),
        column("population_n", "integer", "总体数量", "Cases it was drawn from.",
               "被抽取的总笔数。", unit="cases", minimum=0.0),
        column("submitted_at*", "timestamp", "提交时间", "When it was submitted.", "提交的时间。",
               unless="not_found_reason"),
        column("decided_at*", "timestamp", "决定时间", "When it was decided.", "作出决定的时间。",
               unless="not_found_reason"),
        column("resolution*", "enum", "时间精度", "How exact the times are.", "时间记录的精度。",
               values=RESOLUTIONS, unless="not_found_reason"),
        column("returned_count", "integer", "退回次数", "How often it was sent back.",
               "被退回的次数。", minimum=0.0),
        column("amount", "amount", "金额", "Amount of the case.", "业务金额。"),
        column("not_found_reason", "text", "未找到原因", "Why a drawn case could not be found.",
               "抽中但未能找到的原因。"),
    ),
)
TIME_STUDY = Table(
    "time_study", "efficiency", title_en="Time study", title_zh="工时观测", core=False,
    en="One activity timed by an observer.", zh="由观测人计时的一个环节。",
    key=("process", "activity", "observation_id", "wave"),
    columns=(
        column("process*", "id", "流程", "Process.", "流程名称。"),
        column("activity*", "text", "环节", "Activity.", "观测的环节。"),
        column("observation_id*", "id", "观测编号", "Observation.", "观测的编号。"),
        column("wave*", "enum", "阶段", "Before or after go-live.", "上线前或上线后。", values=WAVES),
        column("observed_on*", "date", "观测日期", "Day of the observation.", "观测的日期。"),
        column("minutes*", "number", "分钟数", "Minutes of work.", "所用分钟数。",
               unit="minutes", minimum=0.0),
        column("observer_role*", "text", "观测人岗位", "Role of the observer.", "观测人的岗位。"),
        column("worker", "id", "操作人", "Who was observed, as a pseudonym.", "被观测人的代号。"),
    ),
)
ESTIMATES = Table(
    "estimates", "efficiency", title_en="Estimated work time", title_zh="工时估计", core=False,
    en="What one person thinks a case takes.", zh="一位受访者对单笔业务用时的估计。",
    key=("process", "respondent_id", "wave"),
    columns=(
        column("process*", "id", "流程", "Process.", "流程名称。"),
        column("respondent_id*", "id", "受访者编号", "Pseudonym of the person.", "受访者的代号。"),
        column("role*", "text", "岗位", "Role of the person.", "受访者的岗位。"),
        column("wave*", "enum", "阶段", "Before or after go-live.", "上线前或上线后。", values=WAVES),
        column("minutes_low*", "number", "最少分钟数", "Minutes of an easy case.",
               "顺利时的分钟数。", unit="minutes", minimum=0.0),
        column("minutes_likely*", "number", "通常分钟数", "Minutes of a usual case.",
               "通常的分钟数。", unit="minutes", minimum=0.0),
        column("minutes_high*", "number", "最多分钟数", "Minutes of a hard case.",
               "困难时的分钟数。", unit="minutes", minimum=0.0),
        column("cases_per_week", "number", "每周笔数", "Cases the person has in a week.",
               "每周经手的笔数。", unit="cases", minimum=0.0),
    ),
)
TARGETS = Table(
    "targets", "efficiency", title_en="Targets", title_zh="目标时限", core=False,
    en="The time one paper allows for a process.", zh="某份文件对流程规定的时限。",
    key=("process", "source"),
    columns=(
        column("process*", "id", "流程", "Process.", "流程名称。"),
        column("target_hours*", "number", "目标小时数", "Business hours allowed.",
               "规定的工作小时数。", unit="hours", minimum=0.0),
        column("source*", "enum", "来源", "Where the target is written.", "目标出自何处。",
               values=TARGET_SOURCES),
    ),
)

TABLES = (
    PROCESSES, EVENTS, CASE_SAMPLES, TIME_STUDY, ESTIMATES, TARGETS,
)
