"""Tables of factor 2, problems: the register, who took part, what was proved, what people say."""

# A list of facts, one column per two lines; broken by the formatter it could not be read as a list.
# fmt: off
from crm_eval_lib.tables.declare import SIDES, VERDICTS, WAVES, column
from crm_eval_lib.tables.spec import Table

FREQUENCIES = {"daily": "每天", "weekly": "每周", "monthly": "每月", "rare": "很少"}
PHASES = {"survey": "调研", "build": "实施", "live": "上线后"}
IN_SCOPE = {"yes": "是", "no": "否", "deferred": "推迟"}
STATUSES = {
    "open": "未解决", "solved": "已解决", "partly": "部分解决", "rejected": "不予受理",
    "duplicate": "重复", "withdrawn": "已撤回",
}
SOLUTION_KINDS = {
    "configuration": "配置", "development": "开发", "process": "流程调整", "training": "培训",
}
ORIGINS = {
    "register": "问题台账", "survey_report": "调研报告", "contract": "合同", "minutes": "会议纪要",
    "recalled": "事后回忆",
}
TEST_RESULTS = {"pass": "通过", "fail": "不通过", "not_run": "未执行"}
RATING_SIDES = {"client": "客户方", "consultant": "顾问"}
CHECK_METHODS = {
    "live_demo": "现场演示", "record": "系统记录", "screenshot": "截图", "oral": "口头",
}

PROBLEMS = Table(
    "problems", "problems", title_en="Problems", title_zh="问题台账",
    en="One problem the system was to solve, or that turned up on the way.",
    zh="系统应当解决的或过程中出现的一个问题。", key=("problem_id", "register_version"),
    columns=(
        column("problem_id*", "id", "问题编号", "Problem.", "问题的编号。"),
        column("raised_on*", "date", "提出日期", "Day it was raised.", "提出的日期。"),
        column("title*", "text", "标题", "The problem in one line.", "用一句话概括的问题。",
               also=("问题标题",)),
        column("department", "text", "部门", "Department that has it.", "遇到该问题的部门。"),
        column("raised_by_role", "text", "提出人岗位", "Role of the one who raised it.",
               "提出人的岗位。"),
        column("raised_by_side", "enum", "提出方", "Side of the one who raised it.",
               "提出人属于哪一方。", values=SIDES),
        column("prompted", "yes_no", "是否经提示", "Raised only when asked.",
               "是否经询问后才提出。", also=("经提示",)),
        column("process", "text", "流程", "Process it belongs to.", "所属流程。"),
        column("severity*", "scale", "严重度", "5 = most severe.", "5 为最严重。",
               also=("严重程度",)),
        column("importance", "scale", "重要性", "5 = most important.", "5 为最重要。"),
        column("frequency", "enum", "发生频率", "How often it occurs.", "问题发生的频率。",
               values=FREQUENCIES),
        column("phase", "enum", "阶段", "When it was found.", "在哪个阶段发现。", values=PHASES),
        column("in_scope", "enum", "是否在范围内", "Part of what was ordered.",
               "是否属于约定的范围。", values=IN_SCOPE, empty_means="yes", also=("范围内",)),
        column("status*", "enum", "状态", "State claimed by those who work on it.",
               "处理方报告的状态。", values=STATUSES),
        column("decided_by_side", "enum", "决定方",
               "Side that decided to reject or to leave it out of scope; empty = not the client.",
               "由哪一方决定不受理或排除在范围外；留空视为不是客户方决定。", values=SIDES),
        column("decision_reason", "text", "决定理由", "Reason of that decision.",
               "作出该决定的理由。"),
        column("solved_on", "date", "解决日期", "Day it was reported solved.",
               "报告已解决的日期。"),
        column("closed_on", "date", "关闭日期", "Day it was closed, solved or not.",
               "关闭的日期，无论解决与否。"),
        column("accepted", "yes_no", "提出人是否认可",
               "The one who raised it agrees that it is solved.", "提出人是否认可已经解决。",
               also=("是否认可",)),
        column("confirmed_on", "date", "确认日期", "Day the solution was confirmed in use.",
               "在使用中确认有效的日期。"),
        column("evidence", "text", "证据", "What proves the solution: record, test, document; "
               "“none” or “to follow” counts as no evidence.",
               "证明已经解决的材料：记录、测试、文件；填“无”“待补充”的，视为没有证据。"),
        column("owner_role", "text", "责任岗位", "Role that has to solve it.", "负责解决的岗位。"),
        column("solution_kind", "enum", "解决方式", "How it was solved.", "解决的方式。",
               values=SOLUTION_KINDS),
        column("reopened", "integer", "重新打开次数", "How often it was opened again.",
               "被重新打开的次数。", minimum=0.0),
        column("duplicate_of", "id", "重复于", "Problem it repeats.", "与哪个问题重复。"),
        column("entered_on", "date", "登记日期",
               "Day it entered the register; later than raised_on for older problems.",
               "登记入册的日期；早已存在的问题会晚于提出日期。"),
        column("register_version", "text", "台账版本", "Version of the register it stands in: a number, or the day it was handed over.",
               "出自哪一版台账：填版本号或交付日期。"),
        column("origin", "enum", "来源", "Paper the statement comes from.", "该问题出自何种材料。",
               values=ORIGINS),
    ),
)
DEPARTMENTS = Table(
    "departments", "problems", title_en="Departments", title_zh="部门",
    en="One department of the client.", zh="客户的一个部门。", key=("department",),
    columns=(
        column("department*", "text", "部门", "Department.", "部门名称。"),
        column("affected*", "yes_no", "是否涉及", "The system changes its work.",
               "系统是否改变该部门的工作。"),
        column("headcount", "integer", "人数", "Number of people.", "部门人数。", minimum=0.0),
        column("survey_attended_on", "date", "参加调研日期", "Day it took part in the survey.",
               "参加调研的日期。"),
    ),
)
TRACE = Table(
    "trace", "problems", title_en="Trace from problem to test", title_zh="问题追溯",
    en="One requirement of a problem and one test of it.", zh="一个问题对应的需求及其测试。",
    columns=(
        column("problem_id*", "id", "问题编号", "Problem.", "问题的编号。"),
        column("requirement_id", "id", "需求编号", "Requirement made from it.",
               "由该问题形成的需求。"),
        column("test_id", "id", "测试编号", "Test of the requirement.", "验证该需求的测试。"),
        column("test_result", "enum", "测试结果", "Result of the test.", "测试的结果。",
               values=TEST_RESULTS),
        column("tested_on", "date", "测试日期", "Day of the test.", "测试的日期。"),
    ),
)
RATINGS = Table(
    "ratings", "problems", title_en="Ratings", title_zh="评定",
    en="What one rater says about one problem.", zh="一位评定人对一个问题的判断。",
    key=("problem_id", "rater_id"),
    columns=(
        column("problem_id*", "id", "问题编号", "Problem.", "问题的编号。"),
        column("rater_id*", "id", "评定人编号", "Rater, as a pseudonym.", "评定人的代号。"),
        column("side*", "enum", "所属方", "Side of the rater.", "评定人属于哪一方。",
               values=RATING_SIDES),
        column("verdict*", "enum", "判断", "Whether it is solved.", "是否已经解决。", values=VERDICTS),
    ),
)
SURVEY = Table(
    "survey", "problems", title_en="Survey answers", title_zh="问卷答案",
    en="One answer of one person in one wave; leave questions without an answer out.",
    zh="一位受访者在一次调查中的一个答案；未作答的题目不要填写。",
    key=("respondent_id", "wave", "item_id"),
    columns=(
        column("respondent_id*", "id", "受访者编号", "Pseudonym, the same in both waves.",
               "受访者代号，两次调查须一致。"),
        column("wave*", "enum", "调查轮次", "Before or after go-live.", "上线前或上线后。",
               values=WAVES),
        column("item_id*", "id", "题目编号", "Question.", "题目的编号。"),
        column("score*", "number", "得分", "Answer as a number.", "答案的分值。"),
        column("department", "text", "部门", "Department of the person.", "受访者所在部门。"),
    ),
)
SURVEY_ITEMS = Table(
    "survey_items", "problems", title_en="Survey questions", title_zh="问卷题目",
    en="One question of the survey.", zh="问卷中的一道题目。", key=("item_id",),
    columns=(
        column("item_id*", "id", "题目编号", "Question.", "题目的编号。"),
        column("text", "text", "题目", "The question as asked.", "题目原文。"),
        column("low*", "number", "最低分", "Lowest possible score.", "可能的最低分。"),
        column("high*", "number", "最高分", "Highest possible score.", "可能的最高分。"),
        column("higher_is_better*", "yes_no", "高分为好", "A higher score is better.",
               "分数越高是否越好。"),
    ),
)
PROBLEM_CHECK = Table(
    "problem_check", "problems", title_en="Problems checked afterwards", title_zh="问题复查",
    core=False,
    en="One check of a problem taken from the survey report or the contract, for those without "
       "a register.",
    zh="对调研报告或合同中某一问题的一次复查；没有问题台账时使用。",
    columns=(
        column("problem_id*", "id", "问题编号", "Problem.", "问题的编号。"),
        column("checked_on*", "date", "复查日期", "Day of the check.", "复查的日期。"),
        column("checked_by_role*", "text", "复查岗位", "Role of the checker.", "复查人的岗位。"),
        column("method*", "enum", "复查方法", "How it was checked.", "复查的方法。",
               values=CHECK_METHODS),
        column("result*", "enum", "复查结果", "What was found.", "复查的结果。", values=VERDICTS),
        column("evidence", "text", "证据", "What proves the result; “none” counts as no evidence.",
               "证明结果的材料；填“无”的，视为没有证据。"),
    ),
)

TABLES = (
    PROBLEMS, DEPARTMENTS, TRACE, RATINGS, SURVEY, SURVEY_ITEMS, PROBLEM_CHECK,
)
