"""Charts: ``plot_<thing>(step, *, ax=None, lang="en") -> Axes``, and `figure` to show one."""

from crm_eval_lib.charts.cost import plot_bridge as plot_bridge
from crm_eval_lib.charts.cost import plot_deviation as plot_deviation
from crm_eval_lib.charts.cost import plot_earned_value as plot_earned_value
from crm_eval_lib.charts.cost import plot_forecast as plot_forecast
from crm_eval_lib.charts.cost import plot_schedule as plot_schedule
from crm_eval_lib.charts.data_check import plot_gaps as plot_gaps
from crm_eval_lib.charts.data_check import plot_periods as plot_periods
from crm_eval_lib.charts.efficiency import plot_changes as plot_changes
from crm_eval_lib.charts.efficiency import plot_interrupted as plot_interrupted
from crm_eval_lib.charts.efficiency import plot_priority as plot_priority
from crm_eval_lib.charts.efficiency import plot_system_use as plot_system_use
from crm_eval_lib.charts.efficiency import plot_turnaround as plot_turnaround
from crm_eval_lib.charts.figure import Figure as Figure
from crm_eval_lib.charts.figure import figure as figure
from crm_eval_lib.charts.problems import plot_funnel as plot_funnel
from crm_eval_lib.charts.problems import plot_groups as plot_groups
from crm_eval_lib.charts.problems import plot_solution_time as plot_solution_time
from crm_eval_lib.charts.problems import plot_survey as plot_survey
from crm_eval_lib.charts.score import plot_factor_scores as plot_factor_scores
from crm_eval_lib.charts.score import plot_indicator_scores as plot_indicator_scores
from crm_eval_lib.charts.score import plot_matrix as plot_matrix
from crm_eval_lib.charts.score import plot_portfolio as plot_portfolio
from crm_eval_lib.charts.score import plot_sensitivity as plot_sensitivity
