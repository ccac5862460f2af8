"""The restricted annex: price controls looked at person by person; off unless client.yml says so.

Nothing here enters a report, a score or a finding. Each function takes tables and returns one.
"""

from crm_eval_lib.persons.annex import Sheet, annex
from crm_eval_lib.persons.bunching import bunching
from crm_eval_lib.persons.concentration import concentration
from crm_eval_lib.persons.floor_edits import floor_edits
from crm_eval_lib.persons.splits import split_orders
from crm_eval_lib.persons.workbook import FOLDER, write_annex

__all__ = [
    "FOLDER",
    "Sheet",
    "annex",
    "bunching",
    "concentration",
    "floor_edits",
    "split_orders",
    "write_annex",
]
