"""What the process that forks holds: every library a notebook or a page needs, imported once.

Importing this module is all there is to it. No thread may start here: a fork copies only one.
"""

import atexit
import gc

import babel.dates  # noqa: F401
import duckdb  # noqa: F401
import ipykernel.debugger  # noqa: F401
import IPython.core.application
import IPython.core.completerlib
import IPython.core.crashhandler
import IPython.core.magics.execution
import IPython.core.oinspect  # noqa: F401
import matplotlib_inline.backend_inline  # noqa: F401
import pandas.core.arrays.arrow.extension_types  # noqa: F401
import papermill  # noqa: F401
import pyarrow.dataset
import pyarrow.parquet  # noqa: F401
import scipy.stats  # noqa: F401
import statsmodels.stats.inter_rater  # noqa: F401
import tornado.platform.asyncio  # noqa: F401

import crm_eval_lib.charts
import crm_eval_lib.client
import crm_eval_lib.controls
import crm_eval_lib.cost
import crm_eval_lib.data_check
import crm_eval_lib.efficiency
import crm_eval_lib.lab.defaults
import crm_eval_lib.persons.annex
import crm_eval_lib.portfolio
import crm_eval_lib.problems
import crm_eval_lib.protocol
import crm_eval_lib.report.assets
import crm_eval_lib.report.logo
import crm_eval_lib.runner.first_use
import crm_eval_lib.runner.jobs
import crm_eval_lib.runner.shell
import crm_eval_lib.scorecard.publish
import crm_eval_lib.value

crm_eval_lib.report.assets.prepare()
crm_eval_lib.runner.first_use.use_everything()
gc.collect()
gc.freeze()  # what is here for good is not walked through, nor copied, in every child
atexit.register(gc.unfreeze)  # lest extensions report objects as leaked
