"""The Chinese words of a Chinese demo client: roles, regions, product groups, remarks."""

import pandas as pd

WORDS = {
    "key user": "关键用户", "sales director": "销售总监", "process owner": "流程负责人",
    "internal audit": "内部审计", "service desk": "客服台", "sales": "销售员",
    "administrator": "系统管理员", "general ledger": "总账系统", "ticket system": "工单系统",
    "CRM audit log": "CRM审计日志", "CRM configuration": "CRM配置导出", "Valves": "阀门", "Pumps": "水泵", "Seals": "密封件",
    "Service": "服务", "North": "华北", "South": "华南", "East": "华东", "small": "小额",
    "large": "大额", "services over budget": "实施服务超预算",
    "cap on change requests": "限制变更申请", "own orders approved": "自己下单自己审批",
    "consultant": "顾问", "screen at the order desk": "订单部现场演示", "audit log of the CRM": "CRM审计日志",
    "not part of the standard product": "不属于标准产品功能", "user": "用户", "hour": "小时",
    "sales manager": "销售经理", "order clerk": "订单员", "contract 2024-07": "2024-07号合同",
    "invoices of the implementer": "实施方发票", "purchase orders": "采购订单",
    "bank statements": "银行流水",
    "customer exists": "客户已存在", "another branch": "另一分支机构",
    "same name, other company": "同名不同公司", "will be merged later": "稍后合并",
    "Order approval": "订单审批", "own floor set": "自己设定底价", "quality": "质量", "delivery": "交期", "invoice": "发票",
    "Alder Interfaces": "联拓集成", "Brightwater Consulting": "明达咨询", "Fernway Software": "云帆软件", "Northgate Hardware": "北辰硬件",
    "Fernway Subscriptions": "云帆订阅服务", "Lindqvist Data": "恒通数据", "Alder Training": "博学培训",
    "own staff": "内部人员", "other suppliers": "其他供应商",
    "submit": "提交申请", "check_price": "核价", "check_credit": "信用审核", "approve": "审批",
}  # fmt: skip
CODES = ("kind", "category", "method", "mode", "channel", "table")  # columns of fixed codes
WITH_OWN_WORDS = ("complaints",)  # whose category is free text


def in_chinese(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables with the client's own words in Chinese; codes of the contract stay."""
    return {name: _translated(name, table) for name, table in tables.items()}


def _translated(name: str, table: pd.DataFrame) -> pd.DataFrame:
    changed = table.copy()
    for column in changed.columns:
        if column in CODES and name not in WITH_OWN_WORDS:
            continue
        if pd.api.types.is_string_dtype(changed[column].dtype):
            changed[column] = changed[column].map(_word)
    return changed


def _word(value: object) -> object:
    if isinstance(value, str) and value.startswith("test record "):
        return "测试记录" + value.removeprefix("test record ")
    return WORDS.get(value, value) if isinstance(value, str) else value
