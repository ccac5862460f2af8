"""Charts: ``plot_<thing>(step, *, ax=None, lang="en") -> Axes``, and `figure` to show one."""

from crm_eval_lib.charts.figure import Figure as Figure
from crm_eval_lib.charts.figure import figure as figure
from crm_eval_lib.charts.problems import plot_departments as plot_departments
from crm_eval_lib.charts.problems import plot_funnel as plot_funnel
from crm_eval_lib.charts.problems import plot_solution_time as plot_solution_time
from crm_eval_lib.charts.problems import plot_survey as plot_survey
