"""What the second process that forks holds: what a check needs, and nothing else.

Importing this module is all there is to it. No thread may start here: a fork copies only one.
"""

from contextlib import suppress
from importlib import import_module

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.runner.descendants import leave_nothing

HELD = (
    "babel.dates",
    "crm_eval_lib.cli",  # the main module of the command
    "crm_eval_lib.client",
    "crm_eval_lib.runner.preparing",
    "crm_eval_lib.sources.logo",
)
leave_nothing()
for name in HELD:
    import_module(name)
with suppress(CrmEvalError, OSError):  # what is broken is told by the child that needs it
    import_module("crm_eval_lib.runner.preparing").get_ready()
