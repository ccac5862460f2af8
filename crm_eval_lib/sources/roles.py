"""A role, never a name: cells that name a person where a role belongs are taken as empty."""

import re
import unicodedata

import pandas as pd

from crm_eval_lib.sources.raw import Raw
from crm_eval_lib.sources.values import Cells
from crm_eval_lib.tables.spec import Problem, Table

# Roles that a report prints: who has to act, who raised it, who may release.
ROLE_COLUMNS = ("owner_role", "raised_by_role", "override_role")
_TITLES = r"mr|mrs|ms|miss|dr|prof|herr|frau|monsieur|madame|se[nñ]ora?"
_ADDRESSED = re.compile(rf"(?i)({_TITLES})\.?\s+\w+.*|.*\w\s*(先生|女士|小姐|同志)")
_MAIL = re.compile(r"\S+@\S+\.\S+")
# The commonest Chinese family names, but those that begin words of the office: 高层, 项目, 安全.
_FAMILIES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭林罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余杜叶魏苏吕丁"
    "沈姚卢傅姜崔谭廖范汪陆戴贾韦邱侯邹熊孟秦阎薛尹段雷黎史陶贺顾毛郝龚邵钱严武"
)
_RANKS = "总|总监|经理|主任|主管|部长|科长|处长|局长|工|董|书记|老师|会计"
_OFFICE = (
    "员长理管总监部组科处室局层班售购账库服审法技财采客务会计岗职人方司厂店站线区问事秘业边间办列"
    "料州阳汉埔"
)
_CHINESE = re.compile(
    rf"[{_FAMILIES}](?:{_RANKS})|[老小][{_FAMILIES}]|[{_FAMILIES}](?:(?![{_OFFICE}])[一-鿿]){{1,2}}"
)
# Family names in pinyin and common given names that are no words of an office.
_NAMES = """
    wang zhang liu chen yang huang zhao wu zhou xu zhu guo luo zheng liang tang deng cao peng zeng
    xiao tian dong pan yuan cai jiang du ye wei lu ding shen yao cui tan liao qiu hou zou xiong
    meng qin xue yin duan tao gu hao gong shao qian yan li
    john james robert michael william david richard thomas charles daniel matthew anthony steven
    paul andrew peter kevin brian george mary patricia jennifer linda elizabeth barbara susan
    jessica sarah karen nancy lisa margaret sandra emily anna maria laura anne julia hans
    klaus jürgen stefan andreas martin jean pierre marie luis jose josé carlos ana ivan olga amit
    priya raj yuki hiroshi kim nguyen mohammed muhammad ahmed ali fatima
"""
_KNOWN = frozenset(_NAMES.split())
_WORD = re.compile(r"[A-ZÀ-Þ][\w’'.-]*")


def names_a_person(text: str) -> bool:
    """Say whether a cell is a person's name by its form: an address, or a name and nothing else.

    Only common forms are known; a name that is none of them stays.

    >>> [names_a_person(text) for text in ("Zhang Wei", "王经理", "Ms Okafor", "张三")]
    [True, True, True, True]
    >>> [names_a_person(text) for text in ("Sales Director", "销售经理", "key user", "高管")]
    [False, False, False, False]
    """
    told = unicodedata.normalize("NFKC", text).strip()
    if _ADDRESSED.fullmatch(told) or _MAIL.fullmatch(told) or _CHINESE.fullmatch(told):
        return True
    words = told.split()
    plain = 2 <= len(words) <= 3 and all(_WORD.fullmatch(word) for word in words)
    return plain and not _KNOWN.isdisjoint(word.casefold() for word in words)


def without_names(
    columns: dict[str, Cells], table: Table, raw: Raw
) -> tuple[dict[str, Cells], list[Problem]]:
    """Empty the cells of role columns that name a person; say where, not who."""
    problems: list[Problem] = []
    for column in [name for name in ROLE_COLUMNS if name in columns]:
        roles = pd.Series(columns[column])
        persons = [role for role in roles.dropna().unique() if names_a_person(str(role))]
        if not persons:
            continue
        named = roles.isin(persons).to_numpy(dtype=bool)
        columns = {**columns, column: roles.mask(named).array}
        problems.append(raw.place.problem(
            row=int(raw.rows[named.argmax()]), column=column,
            found=f"what looks like a person's name, in {int(named.sum()):,} of the rows",
            allowed="a role, such as sales director", blocking=False,
            remedy=f"The cells are taken as empty; name the role in table {table.name}.",
        ))  # fmt: skip
    return columns, problems
