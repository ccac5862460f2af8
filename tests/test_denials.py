"""Free text that says "nothing" is told from free text that says something."""

import pandas as pd
import pytest

from crm_eval_lib.denials import denies_deviation, denies_evidence, marked_empty

NO_EVIDENCE = (
    "待补充", "no", "否", "无", "none", "-", "N/A", "n.a.", "/", "TBD", "to be provided",
    "pending", "暂无", "没有证据", "无附件", "not available", "No evidence yet", "未提供",
    "待上传截图", "稍后补充", "Missing", "nil", "N/A.", "No.", "无。", "There is no proof",
    "without evidence", "没有", "？", "尚未提供", "ＮＯＮＥ",
)  # fmt: skip
EVIDENCE = (
    "test 1", "No. 7", "minutes no 12", "notes.pdf", "no errors in log of 3 May", "T-7",
    "无错误日志 2024-05-03", "未发现异常,见测试报告", "待办列表截图", "N-7", "截图", "空调验收单",
    "nothing fails any more: test 9", "0815", "None of the 12 orders failed, log 7", "nota 4",
    "no deviation",
)  # fmt: skip
NO_DEVIATION = (
    "nothing found", "No deviation", "无偏差", "未发现偏差", "没有发现", "N/A", "/", "no", "否",
    "–", "没有偏差", "未见异常", "no material deviations", "No deviation found in cost.",
    "none found", "nothing to report", "on track", "一切正常", "无重大偏差", "not found",
    "no issues", "n", "false", "No variance against plan", "未发现重大成本偏差", "没有发现问题",
    "经检查，未发现偏差", "无异常情况",
)  # fmt: skip
DEVIATION = (
    "yes", "+12 %", "no deviation in cost, but 3 weeks late", "no longer on plan",
    "not on schedule", "no margin left", "无法按期完成", "未按计划完成", "无偏差，但延期两周",
    "超支12%", "no budget left", "nothing left of the contingency", "not all milestones met",
    "没有按时上线", "true", "是", "not reported in time", "No deviation except hardware",
    "资金未到位", "no delay analysis done", "no schedule", "没有余量",
    "no deviation; three weeks late", "to be rebaselined",
)  # fmt: skip


@pytest.mark.parametrize(
    "asked,denying,saying",
    [(denies_evidence, NO_EVIDENCE, EVIDENCE), (denies_deviation, NO_DEVIATION, DEVIATION)],
)
def test_only_a_cell_that_says_nothing_else_denies(asked, denying, saying):
    cells = pd.Series([*denying, *saying, None, 7])
    assert cells[asked(cells)].tolist() == [*denying]


def test_a_mark_says_nothing_at_all_and_a_no_says_something():
    cells = pd.Series(["N/A", "—", "/", "不适用", "no", "无", "TBD", "test 7", None])
    assert marked_empty(cells).tolist() == [True] * 4 + [False] * 5
