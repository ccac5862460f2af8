"""What the process that forks holds: every library a notebook or a page needs, imported once.

Importing this module is all there is to it. No thread may start here: a fork copies only one.
"""

import atexit
import gc

import duckdb  # noqa: F401
import ipykernel.debugger  # noqa: F401
import matplotlib_inline.backend_inline  # noqa: F401
import papermill  # noqa: F401
import pyarrow.parquet  # noqa: F401
import scipy.stats  # noqa: F401
import statsmodels.stats.inter_rater  # noqa: F401

import crm_eval_lib.charts
import crm_eval_lib.client
import crm_eval_lib.controls
import crm_eval_lib.cost
import crm_eval_lib.data_check
import crm_eval_lib.efficiency
import crm_eval_lib.problems
import crm_eval_lib.report.assets
import crm_eval_lib.runner.jobs
import crm_eval_lib.runner.shell
import crm_eval_lib.scorecard

crm_eval_lib.report.assets.prepare()
gc.freeze()  # what is here for good is not walked through, nor copied, in every child
atexit.register(gc.unfreeze)  # lest extensions report objects as leaked
