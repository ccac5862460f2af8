"""What surrounds a synthetic client's tables: client.yml, commentary, control totals."""

import pandas as pd

from crm_eval_lib.simulate.scenario import Scenario

_TIED = {
    "actuals": "general ledger", "events": "CRM audit log", "orders": "ERP",
    "complaints": "CRM", "problems": "ticket system", "controls": "CRM configuration",
}  # fmt: skip


def client_yml(scenario: Scenario) -> str:
    """Write the client's configuration as a consultant would."""
    cost, problems, efficiency, controls = scenario.weights
    country = scenario.country or "null"
    return f"""\
schema: 1
client: {scenario.client}
name: {scenario.name}
language: {scenario.language}
currency: {scenario.currency}
timezone: {scenario.timezone}
calendar:
  country: {country}
  days: [mon, tue, wed, thu, fri]
  hours: ["09:00-12:00", "13:00-18:00"]
dates:
  project_start: {scenario.project_start}
  planned_go_live: {scenario.planned_go_live}
  go_live: {scenario.go_live}
  status_date: {scenario.status_date}
  blackout: [{scenario.go_live}, {scenario.blackout_end}]
weights: {{cost: {cost}, problems: {problems}, efficiency: {efficiency}, controls: {controls}}}
{_mix(scenario)}report:
  project: "{_project(scenario)}"
  status: draft
  prepared_by: "{_preparer(scenario)}"
  independence: {scenario.independence}
  decision_sought: "{_decision(scenario)}"
"""


def _chinese(scenario: Scenario) -> bool:
    return scenario.language == "zh-Hans"


def _preparer(scenario: Scenario) -> str:
    return "评估小组" if _chinese(scenario) else "Evaluation team"


def _project(scenario: Scenario) -> str:
    return "客户管理系统建设项目" if _chinese(scenario) else "Introduction of the CRM"


def _mix(scenario: Scenario) -> str:
    """Name what cases are standardised by; samples carry no such columns."""
    return "" if scenario.thin else "efficiency:\n  mix: [region, amount_band]\n"


def _decision(scenario: Scenario) -> str:
    if scenario.thin:
        return "是否支付尾款并续签维护合同"
    if _chinese(scenario):
        return "是否在其余分公司推广本系统"
    return "Whether to roll the system out to the remaining branches"


def commentary(scenario: Scenario) -> str:
    """Write a short consultant's commentary; it says that the client is synthetic."""
    if _chinese(scenario):
        return "# 总评\n\n本客户为模拟数据，用于演示，不对应任何真实企业。\n"
    return "# Summary\n\nThis client is simulated for demonstration; no real company is meant.\n"


def extra_tables(scenario: Scenario) -> dict[str, pd.DataFrame]:
    """Make the tables that serve all factors: benefits and actions."""
    name = "减少纸质单据" if _chinese(scenario) else "Fewer paper forms"
    other = "客户满意度" if _chinese(scenario) else "Customer satisfaction"
    benefits = pd.DataFrame({
        "benefit_id": ["B1", "B2"], "name": [name, other], "quantified": ["yes", "no"],
        "amount_year": [24000.0, None], "low": [15000.0, None], "high": [30000.0, None],
    })  # fmt: skip
    return {"benefits": benefits}


def control_totals(scenario: Scenario, tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Make row totals as another system reports them; they tie within a few rows."""
    rows = [
        {"table": table, "measure": "rows", "total": len(tables[table]), "source_system": system,
         "obtained_by_role": "internal audit", "obtained_on": scenario.status_date}
        for table, system in _TIED.items() if table in tables
    ]  # fmt: skip
    return {"control_totals": pd.DataFrame(rows)}
