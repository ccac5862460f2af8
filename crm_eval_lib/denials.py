"""Free text that is filled in and yet says "nothing": marks for empty, and words that deny.

A cell such as "N/A", "无" or "nothing found" is not blank, but it names nothing either. Only a
cell that says nothing else is taken so: "no deviation in cost, but three weeks late" says more.
"""

import re
from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from crm_eval_lib.letters import folded

# Marks people type where a form wants no empty cell. They say nothing, not even no.
_MARKS: Final = re.compile(r"[-–—_/\\.·?*+~]+|\(?n\W?a\W?\)?|null|nan|不适用|不详|空")

_EVIDENCE = r"evidence|proof|records?|documents?|documentation|files?|attachments?|tests?|papers?"
_EVIDENCE_ZH = "证据|凭证|凭据|证明|材料|资料|附件|文件|记录|截图|文档|佐证"
_DEVIATION = (
    r"deviations?|variances?|overruns?|overspend\w*|delays?|differences?|discrepanc(?:y|ies)|issues?"
    r"|findings?|problems?|remarks?|slippages?|anomal(?:y|ies)|exceptions?"
)
_DEVIATION_ZH = "偏差|差异|偏离|超支|超预算|超期|逾期|延期|延误|异常|问题|情况|不符"
_LITTLE = r"(?:any|significant|material|major|notable|relevant|large|cost|budget|schedule)"
_LITTLE_ZH = "(?:任何|明显|重大|显著|较大|大的?|相关|书面|成本|进度|预算)"
# What may follow a denial without taking it back: where, against what, so far.
_REST = (
    r"(?!.*\b(?:but|however|except|although|though|only)\b)"
    r"(?:,? (?:in|on|from|of|against|to|at|this|for|during|between|so far|yet|until|by|was|were"
    r"|found|seen|noted|detected|identified|observed|reported|recorded|available)\b[^;,]*)?"
)
_LATER = (
    r"tb[acd]|to ?do|to (?:follow|come)|later|pending(?: (?:review|confirmation|upload|check))?"
    r"|to be (?:provided|confirmed|checked|determined|defined|added|attached|supplied|done)"
    r"|待(?:补|定|提供|提交|上传|确认|完善|核|收集).{0,8}|(?:后补|稍后|随后).{0,8}"
    r"|(?:未|尚未|暂未|没有?)(?:提供|上传|附|填写?|补充?|取得|收集)(?:到|上)?.{0,4}"
)
_NEGATIVE: Final = r"no|n|none|nil|nothing|not|false|0|否|无|没有?|没|未|缺失?|暂无|暂缺"


def _denial(nouns: str, nouns_zh: str, seen: str, more: str) -> re.Pattern[str]:
    english = (
        rf"(?:there (?:is|are|was|were) |we (?:saw|found|have) |with)?"
        rf"(?:no|not? any|none|out|nil)(?: {_LITTLE})*(?: (?:{nouns}))(?: or (?:{nouns}))*{_REST}"
        rf"|not(?: yet)? (?:{seen})|(?:nothing|none|no)(?: yet)? (?:{seen}){_REST}"
    )
    chinese = (
        rf"(?:暂|尚|还|均|并|经查|经核对|经检查)?[,:]?(?:未|无|没有?|没|缺|缺少|暂无|并无|未曾)"
        rf"(?:发现|见|查出|出现|发生|存在|有|检出)?{_LITTLE_ZH}*(?:{nouns_zh})*(?:发现|存在|出现)?"
    )
    return re.compile(rf"(?:{_NEGATIVE}|{english}|{chinese}|{_LATER}|{more})[.!。!;；]*")


_NO_EVIDENCE: Final = _denial(
    _EVIDENCE, _EVIDENCE_ZH,
    "available|provided|given|attached|recorded|documented|there|kept|on file|applicable|found",
    "missing|lacking|unavailable|awaited|outstanding",
)  # fmt: skip
_NO_DEVIATION: Final = _denial(
    _DEVIATION, _DEVIATION_ZH,
    "found|seen|noted|detected|identified|observed|reported|applicable|to report|discussed",
    rf"(?:all |everything |costs? |project )?(?:is |was |are )?(?:on (?:plan|track|budget|schedule)"
    rf"|as planned|within (?:the )?budget|in line with (?:the )?plan){_REST}"
    "|(?:一切|基本)?(?:正常|符合计划|按计划(?:进行|执行)?|与计划一致|符合预算|在预算(?:之)?内)",
)  # fmt: skip


def marked_empty(values: pd.Series) -> pd.Series:
    """Say which cells hold only a mark for "nothing to enter", such as a dash or N/A.

    >>> marked_empty(pd.Series(["N/A", "—", "no", "test 7", None])).tolist()
    [True, True, False, False, False]
    """
    return _matching(values, _MARKS.fullmatch)


def denies_evidence(values: pd.Series) -> pd.Series:
    """Say which cells say in words or by a mark that there is no evidence, or none yet.

    >>> denies_evidence(pd.Series(["无", "待补充", "no evidence yet", "no. 7", None])).tolist()
    [True, True, True, False, False]
    """
    return _matching(values, lambda text: _MARKS.fullmatch(text) or _NO_EVIDENCE.fullmatch(text))


def denies_deviation(values: pd.Series) -> pd.Series:
    """Say which cells say that no deviation was found, or nothing.

    >>> cells = ["nothing found", "未发现偏差", "no deviation in cost, but 3 weeks late", "+12 %"]
    >>> denies_deviation(pd.Series(cells)).tolist()
    [True, True, False, False]
    """
    return _matching(values, lambda text: _MARKS.fullmatch(text) or _NO_DEVIATION.fullmatch(text))


def _matching(values: pd.Series, matches: Callable[[str], object]) -> pd.Series:
    """Ask each different text once: width, case and spaces apart."""
    places, known = pd.factorize(values)
    texts = map(folded, np.asarray(known, dtype=object))
    found = np.array([bool(matches(text)) for text in texts] + [False])
    return pd.Series(found[places], index=values.index)
