"""Every chart with what it may be given: as usual, one thing, three, forty, long names, nothing.

The steps are those of a demo client (and small ones of the tests for what it has not); their tables
are cut or grown to the number of things, and their names made long.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pandas as pd
from demo_steps import demo_steps
from sample_rows import forms, lost, minutes, sampled, studied
from test_controls_displaced import CHEAP, REBATE, moved
from test_efficiency_controlled import both, built

from crm_eval_lib import charts, efficiency, portfolio
from crm_eval_lib.charts.style import HEIGHT_INCHES, WIDTH_INCHES
from crm_eval_lib.results import Step

CASES = ("usual", "one", "three", "forty", "long", "none")
THINGS = {"one": 1, "three": 3, "forty": 40}
LONG_NAME = "华东大区重点客户售前售后服务与合同履约综合管理部第"
_MONTH = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True)
class Chart:
    """A chart and where its step comes from.

    Parameters
    ----------
    step : str or callable
        Name of the demo client's step, or what makes one.
    keys : tuple of str
        Columns that name the things drawn: the first may be one or many; one thing has but one
        of each.
    names : tuple of str
        Columns of the client's own words.
    table : str, optional
        As `charts.figure` takes it.
    closed : bool
        The things are a list of ours: there may be fewer, never more.
    least : int
        As many things the calculation always gives.
    where : tuple of str
        A column and the value it has in the rows drawn.
    many : callable, optional
        Makes the step of so many things where growing rows does not.
    """

    step: str | Callable[[], Step]
    keys: tuple[str, ...]
    names: tuple[str, ...] = ()
    table: str | None = None
    closed: bool = False
    least: int = 1
    where: tuple[str, str] | None = None
    many: Callable[[Step, int], Step] | None = None

    def usual(self) -> Step:
        """Return the step as it is."""
        step = demo_steps()[self.step] if isinstance(self.step, str) else self.step()
        return each_table(step, self._rows) if self.where else step

    def _rows(self, table: pd.DataFrame) -> pd.DataFrame:
        column, value = self.where
        return table[table[column] == value] if column in table else table


def each_table(step: Step, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Step:
    """Return the step with all its tables changed."""
    tables = {name: change(table) for name, table in step.tables.items()}
    return replace(step, table=None if step.table is None else change(step.table), tables=tables)


def step_of(name: str, case: str) -> Step | None:
    """Return what a chart is given in a case; None where that cannot be."""
    chart = CHARTS[name]
    step = chart.usual()
    if case == "usual":
        return step
    if case == "none":
        return each_table(step, lambda table: table.head(0))
    if case == "long":
        return _long_names(step, chart) if chart.names else None
    count = THINGS[case]
    if count < chart.least or (chart.closed and count > len(_values(step, chart.keys[0], chart))):
        return None
    if chart.many and count > 1:
        return chart.many(step, count)
    for key in chart.keys if count == 1 else chart.keys[:1]:
        step = _counted(step, key, count, chart)
    return step


def size_of(name: str, step: Step) -> tuple[float, float]:
    """Return the size in which the notebooks draw a chart."""
    if name == "plot_process_map" and len(step.table):
        return charts.map_size(step)
    if name == "plot_portfolio":
        return charts.portfolio_size(step)
    return SIZES.get(name, (WIDTH_INCHES, HEIGHT_INCHES))


def _values(step: Step, key: str, chart: Chart) -> list[Any]:
    """Return what stands in a column, of the table drawn before all others."""
    drawn = step.tables[chart.table] if chart.table else step.table
    tables = [t for t in (drawn, step.table, *step.tables.values()) if t is not None and key in t]
    return list(dict.fromkeys(value for table in tables for value in table[key]))


def _counted(step: Step, key: str, count: int, chart: Chart) -> Step:
    """Keep as many things as asked for, or add others like them."""
    values = _values(step, key, chart)
    wanted = _more(values, count)

    def change(table: pd.DataFrame) -> pd.DataFrame:
        if key not in table:
            return table
        parts = [table.iloc[:0]]
        for place, value in enumerate(wanted):
            rows = table[table[key] == values[place % len(values)]].assign(**{key: value})
            if place >= len(values):
                named = [name for name in chart.names if name in rows and name != key]
                rows = rows.assign(**{name: rows[name].map(lambda old, n=place: f"{old}{n + 1}")
                                      for name in named})  # fmt: skip
            parts.append(rows)
        return pd.concat(parts, ignore_index=True).astype(table.dtypes.drop(key))

    return each_table(step, change)


def _more(values: list[Any], count: int) -> list[Any]:
    """Go on as the values do: months by months, numbers by ones, names by numbers behind them."""
    if count <= len(values):
        return values[:count]
    first, places = values[0], range(len(values), count)
    if isinstance(first, pd.Timestamp):
        return [first + pd.DateOffset(months=n) for n in range(count)]
    if isinstance(first, (int, float)):
        return [*values, *(max(values) + n + 1 for n in range(count - len(values)))]
    if _MONTH.fullmatch(str(first)):
        return pd.period_range(first, periods=count, freq="M").astype(str).tolist()
    return [*values, *(f"{values[n % len(values)]} {n + 1}" for n in places)]


def _long_names(step: Step, chart: Chart) -> Step:
    found = dict.fromkeys(value for name in chart.names
                          for value in _values(step, name, chart) if value)  # fmt: skip
    longer = {value: f"{LONG_NAME}{n + 1}组" for n, value in enumerate(found)}

    def change(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(**{name: table[name].map(lambda value: longer.get(value, value))
                               for name in chart.names if name in table})  # fmt: skip

    return each_table(step, change)


def _samples() -> Step:
    waves = [*forms("before", 2, 4, 6, 8, 10), *lost("before", 1), *forms("after", 1, 2, 3, 4, 5)]
    return sampled(waves)[0]


def _time_study() -> Step:
    shown = [(wave, name, n) for wave, n in (("before", 20), ("after", 10)) for name in ("a", "b")]
    return studied([row for wave, name, n in shown for work in ("check", "seal", "file")
                    for row in minutes(wave, name, n, n + 5, activity=work)])[0]  # fmt: skip


def _portfolio() -> Step:
    fixed = {"low": 50.0, "high": 70.0, "worst": 40.0, "best": 80.0, "band": "pass"}
    rows = [
        {"client": "Acme", "score": 61.0, **fixed},
        {"client": "北方贸易", "score": 90.0, **fixed, "low": 85.0, "high": 99.0, "best": 100.0},
        {"client": "Thin", "score": None, **fixed, "low": None, "high": None},
    ]
    table = pd.DataFrame(rows, columns=list(portfolio.COMPARISON_COLUMNS))
    return Step("score.portfolio", table=table)


def _dated() -> Step:
    step = demo_steps()["data_check.received"]
    return replace(step, table=charts.dated_rows(step))


@cache
def _compared() -> Step:
    return efficiency.change(built(*both(1, -0.35)))


def _map_of(step: Step, count: int) -> Step:
    """A map of as many steps as fit, with ways round and back; the other moves are counted."""
    edge, node = step.table.iloc[0], step.tables["steps"].iloc[0]
    fit = min(count, 12)
    moves = [(n, n + 1) for n in range(fit - 1)] + [(n, n + 2) for n in range(0, fit - 2, 3)]
    moves += [(n, n - 2) for n in range(3, fit, 4)]
    named = [{"source_name": f"step {a + 1}", "target_name": f"step {b + 1}"} for a, b in moves]
    rest = [{**name, "drawn": False} for name in named[: count - fit]]
    table = pd.DataFrame([{**edge, **name} for name in [*named, *rest]])
    nodes = pd.DataFrame([{**node, "activity_name": f"step {n + 1}"} for n in range(fit)])
    return replace(step, table=table, tables={**step.tables, "steps": nodes})


def _study_of(step: Step, count: int) -> Step:
    """An event study of so many quarters, a third of them after go-live."""
    study = step.tables["event_study"]
    rows = pd.concat([study] * count).head(count).reset_index(drop=True)
    quarters = rows.index - 2 * count // 3
    phases = ["lead" if quarter < 0 else "lag" for quarter in quarters]
    study = rows.assign(quarter=quarters, phase=phases)
    return replace(step, tables={**step.tables, "event_study": study})


def _worth_of(step: Step, count: int) -> Step:
    """A value of so many stated benefits between cost and net present value."""
    table = step.table
    total = int(table.index[table["standing"] == "total"][0])
    stated = table[table["kind"] == "stated_benefit"].iloc[0]
    more = pd.DataFrame([{**stated, "name": f"{stated['name']}{n}"} for n in range(count)])
    parts = [table[:2], more, table[total : total + 1], table[total + 1 :]]
    return replace(step, table=pd.concat(parts, ignore_index=True))


_MONTHS = ("period_end",)
SIZES = {"plot_time_by_group": (WIDTH_INCHES, 3.8)}
CHARTS = {
    "plot_periods": Chart(_dated, ("table_name",), closed=True),
    "plot_gaps": Chart("data_check.completeness", ("column_name",)),
    "plot_overview": Chart("cost.overview", ("measure",), closed=True, least=3),
    "plot_deviation": Chart("cost.deviation", ("category",), ("category",)),
    "plot_bridge": Chart("cost.bridge", ("part",), closed=True, least=3),
    "plot_schedule": Chart("cost.schedule", ("milestone_id",), ("name",)),
    "plot_earned_value": Chart("cost.earned_value", _MONTHS),
    "plot_forecast_funnel": Chart("cost.month_by_month", _MONTHS),
    "plot_contingency": Chart("cost.contingency", _MONTHS),
    "plot_forecast": Chart("cost.early_warning", _MONTHS),
    "plot_outside_view": Chart("cost.outside_view", ("class_id",), ("title",)),
    "plot_funnel": Chart("problems.solved", ("stage",), closed=True, least=3),
    "plot_groups": Chart("problems.by_group", ("key",), ("key",),
                         where=("dimension", "department")),
    "plot_breaks": Chart("problems.ledger", ("first_break",), table="breaks", closed=True),
    "plot_solution_time": Chart("problems.solution_time", ("day",)),
    "plot_time_by_group": Chart("problems.time_by_group", ("key",), ("key",),
                                where=("dimension", "department")),
    "plot_survey": Chart("problems.survey", ("item_id",), ("text",)),
    "plot_priority": Chart("efficiency.priority", ("process",), ("title",)),
    "plot_turnaround": Chart("efficiency.measures", ("share",), ("title",)),
    "plot_step_times": Chart("efficiency.step_times", ("activity_name",),
                             ("title", "activity_name"), table="parts"),
    "plot_process_map": Chart("efficiency.process_map", ("source_name",),
                              ("source_name", "target_name", "activity_name"), many=_map_of),
    "plot_work_in_progress": Chart("efficiency.work_in_progress", ("week",), ("title",)),
    "plot_interrupted": Chart("efficiency.change", ("start",), ("title",), table="series"),
    "plot_event_study": Chart(_compared, ("quarter",), ("title",), table="event_study",
                              many=_study_of),
    "plot_ladder": Chart("efficiency.change", ("rung",), ("title",), table="rungs", closed=True),
    "plot_changes": Chart("efficiency.change", ("process", "measure"), ("title",)),
    "plot_system_use": Chart("efficiency.in_system_share", ("process", "month"), ("title",)),
    "plot_samples": Chart(_samples, ("process", "sample"), ("title",)),
    "plot_time_study": Chart(_time_study, ("activity",), ("title", "activity")),
    "plot_sampling_plan": Chart("efficiency.sampling_plan", ("forms_before",), closed=True),
    "plot_control_matrix": Chart("controls.mode_matrix", ("control_id",), ("risk",)),
    "plot_test_limits": Chart("controls.assurance", ("control_id",), ("risk",)),
    "plot_below_floor": Chart("controls.below_floor", ("month",)),
    "plot_leakage": Chart("controls.leakage", ("product_group",), ("product_group",)),
    "plot_approvals": Chart("controls.approvals", ("approval",), closed=True),
    "plot_displacement": Chart(lambda: moved([CHEAP, {}], [REBATE, {}, {}, {}]), ("way",),
                               closed=True),
    "plot_complaint_waits": Chart("controls.complaint_times", ("priority",)),
    "plot_complaint_order": Chart("controls.complaint_order", ("urgency_rank",)),
    "plot_exemptions": Chart("controls.exempt_sales", ("exempt",), ("exempt",)),
    "plot_dismissals": Chart("controls.advice_taken", ("control_id", "month"), ("control_id",),
                             table="months"),
    "plot_duties": Chart("controls.separated_duties", ("permission_a",),
                         ("permission_a", "permission_b")),
    "plot_residual_loss": Chart("controls.residual_loss", ("control_id",), ("risk",),
                                table="by_point", closed=True),
    "plot_factor_scores": Chart("score.factors", ("factor",), closed=True),
    "plot_indicator_scores": Chart("score.indicators", ("indicator",), closed=True),
    "plot_sensitivity": Chart("score.sensitivity", ("indicator",), closed=True),
    "plot_matrix": Chart("score.matrix", ("process",), ("process",)),
    "plot_portfolio": Chart(_portfolio, ("client",), ("client",)),
    "plot_worth": Chart("value.worth", ("name",), ("name",), least=2, many=_worth_of),
    "plot_value_tornado": Chart("value.tornado", ("kind",), ("name",)),
}  # fmt: skip
