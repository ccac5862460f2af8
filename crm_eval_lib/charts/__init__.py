"""Charts: ``plot_<thing>(step, *, ax=None, lang="en") -> Axes``, and `figure` to show one.

A drawing goes onto axes of one's own, inside the style, and what is returned is restyled as any
matplotlib axes:

>>> import matplotlib.pyplot as plt
>>> from crm_eval_lib.charts.style import CONTEXT, style
>>> from crm_eval_lib.scorecard import example_card
>>> from crm_eval_lib.scorecard.steps import factor_scores
>>> step = factor_scores(example_card())
>>> with style():
...     ax = plot_factor_scores(step, ax=plt.subplots(figsize=(5, 2))[1])
...     ax.set_xlabel("Points of 100")
Text(0.5, ..., 'Points of 100')

A figure of one's own is a function of the same form, in a module beside the client's notebook;
`figure` puts words, source and table beside it, and the page takes it as any other:

>>> def plot_promise(step, *, ax=None, lang="en"):
...     ax = plot_factor_scores(step, ax=ax, lang=lang)
...     ax.axvline(75, color=CONTEXT, linestyle="--")  # what the contract promised
...     return ax
>>> figure("OWN-01", plot_promise, step, headline="Every factor reaches the promised 75 points")
OWN-01 Every factor reaches the promised 75 points
...
"""

from crm_eval_lib.charts.conduct import plot_dismissals as plot_dismissals
from crm_eval_lib.charts.conduct import plot_duties as plot_duties
from crm_eval_lib.charts.conduct import plot_exemptions as plot_exemptions
from crm_eval_lib.charts.controls import plot_below_floor as plot_below_floor
from crm_eval_lib.charts.controls import plot_complaint_waits as plot_complaint_waits
from crm_eval_lib.charts.controls import plot_control_matrix as plot_control_matrix
from crm_eval_lib.charts.controls import plot_leakage as plot_leakage
from crm_eval_lib.charts.controls import plot_test_limits as plot_test_limits
from crm_eval_lib.charts.cost import plot_bridge as plot_bridge
from crm_eval_lib.charts.cost import plot_deviation as plot_deviation
from crm_eval_lib.charts.cost import plot_earned_value as plot_earned_value
from crm_eval_lib.charts.cost import plot_forecast as plot_forecast
from crm_eval_lib.charts.cost import plot_schedule as plot_schedule
from crm_eval_lib.charts.data_check import dated_rows as dated_rows
from crm_eval_lib.charts.data_check import plot_gaps as plot_gaps
from crm_eval_lib.charts.data_check import plot_periods as plot_periods
from crm_eval_lib.charts.efficiency import plot_changes as plot_changes
from crm_eval_lib.charts.efficiency import plot_priority as plot_priority
from crm_eval_lib.charts.efficiency import plot_system_use as plot_system_use
from crm_eval_lib.charts.efficiency import plot_turnaround as plot_turnaround
from crm_eval_lib.charts.figure import Figure as Figure
from crm_eval_lib.charts.figure import figure as figure
from crm_eval_lib.charts.flow import plot_step_times as plot_step_times
from crm_eval_lib.charts.flow import plot_work_in_progress as plot_work_in_progress
from crm_eval_lib.charts.ladder import plot_event_study as plot_event_study
from crm_eval_lib.charts.ladder import plot_interrupted as plot_interrupted
from crm_eval_lib.charts.ladder import plot_ladder as plot_ladder
from crm_eval_lib.charts.prices import plot_approvals as plot_approvals
from crm_eval_lib.charts.prices import plot_displacement as plot_displacement
from crm_eval_lib.charts.problems import plot_breaks as plot_breaks
from crm_eval_lib.charts.problems import plot_funnel as plot_funnel
from crm_eval_lib.charts.problems import plot_groups as plot_groups
from crm_eval_lib.charts.problems import plot_survey as plot_survey
from crm_eval_lib.charts.process_map import map_size as map_size
from crm_eval_lib.charts.process_map import plot_process_map as plot_process_map
from crm_eval_lib.charts.queue import plot_complaint_order as plot_complaint_order
from crm_eval_lib.charts.reference import plot_outside_view as plot_outside_view
from crm_eval_lib.charts.residual import plot_residual_loss as plot_residual_loss
from crm_eval_lib.charts.samples import plot_samples as plot_samples
from crm_eval_lib.charts.samples import plot_sampling_plan as plot_sampling_plan
from crm_eval_lib.charts.samples import plot_time_study as plot_time_study
from crm_eval_lib.charts.score import plot_factor_scores as plot_factor_scores
from crm_eval_lib.charts.score import plot_indicator_scores as plot_indicator_scores
from crm_eval_lib.charts.score import plot_matrix as plot_matrix
from crm_eval_lib.charts.score import plot_portfolio as plot_portfolio
from crm_eval_lib.charts.score import plot_sensitivity as plot_sensitivity
from crm_eval_lib.charts.score import portfolio_size as portfolio_size
from crm_eval_lib.charts.supervision import plot_contingency as plot_contingency
from crm_eval_lib.charts.supervision import plot_forecast_funnel as plot_forecast_funnel
from crm_eval_lib.charts.supervision import plot_overview as plot_overview
from crm_eval_lib.charts.survival import plot_solution_time as plot_solution_time
from crm_eval_lib.charts.survival import plot_time_by_group as plot_time_by_group
from crm_eval_lib.charts.value import plot_value_tornado as plot_value_tornado
from crm_eval_lib.charts.value import plot_worth as plot_worth
