"""The page: one self-contained file from executed notebooks and results.json."""

from crm_eval_lib.report.index import render_index as render_index
from crm_eval_lib.report.page import render_page as render_page
