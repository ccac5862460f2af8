"""The lab: JupyterLab for one client, and what a client gets of its own.

Only the first cells of the notebooks call this; the library's core never does.
"""

from crm_eval_lib.lab.defaults import defaults

__all__ = ["defaults"]
