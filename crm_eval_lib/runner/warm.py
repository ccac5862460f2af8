"""What the process that forks holds: every library a notebook or a page needs, imported once.

Importing this module is all there is to it. No thread may start here: a fork copies only one.
"""

import atexit
import gc
from importlib import import_module

from crm_eval_lib.runner.descendants import leave_nothing

HELD = (
    "babel.dates",
    "duckdb",
    "ipykernel.debugger",
    "IPython.core.application",
    "IPython.core.completerlib",
    "IPython.core.crashhandler",
    "IPython.core.magics.execution",
    "IPython.core.oinspect",
    "matplotlib_inline.backend_inline",
    "pandas.core.arrays.arrow.extension_types",
    "papermill",
    "psutil",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "scipy.stats",
    "statsmodels.stats.inter_rater",
    "tornado.platform.asyncio",
    "crm_eval_lib.charts",
    "crm_eval_lib.cli",  # the main module of the command, which multiprocessing gives each child
    "crm_eval_lib.client",
    "crm_eval_lib.controls",
    "crm_eval_lib.cost",
    "crm_eval_lib.data_check",
    "crm_eval_lib.efficiency",
    "crm_eval_lib.lab.defaults",
    "crm_eval_lib.persons.annex",
    "crm_eval_lib.portfolio",
    "crm_eval_lib.problems",
    "crm_eval_lib.protocol",
    "crm_eval_lib.report.assets",
    "crm_eval_lib.runner.jobs",
    "crm_eval_lib.runner.kernel",
    "crm_eval_lib.runner.preparing",
    "crm_eval_lib.runner.shell",
    "crm_eval_lib.scorecard.publish",
    "crm_eval_lib.sources.large",
    "crm_eval_lib.sources.logo",
    "crm_eval_lib.sources.query",
    "crm_eval_lib.value",
)


def hold() -> None:
    """Import and use everything, and keep it out of all sweeps for garbage.

    Next to nothing of an import is garbage (3 of 320 MB): to look for it takes a tenth of the
    time. What is here for good is not walked through, nor copied, in every child.
    """
    gc.disable()
    try:
        for name in HELD:
            import_module(name)
        import_module("crm_eval_lib.report.assets").prepare()
        import_module("crm_eval_lib.runner.first_use").use_everything()
    finally:  # a package that is broken is told by the child that needs it
        gc.freeze()
        atexit.register(gc.unfreeze)  # lest extensions report objects as leaked
        gc.enable()


leave_nothing()
hold()
