"""What every factor returns: indicators, steps and factor results, frozen and language-free.

A step computes; `crm_eval_lib.text` says it, `crm_eval_lib.charts` draws it, the report renders it.
"""

from crm_eval_lib.results.factor import FactorResult, write_table
from crm_eval_lib.results.finding import Action, Caveat, Finding
from crm_eval_lib.results.indicator import (
    CONFIDENCE,
    RECORDED,
    STATES,
    UNITS,
    VALUED_STATES,
    Indicator,
    find_indicator,
    keyed,
    measured,
    missing_column,
    missing_table,
    not_applicable,
    not_assessed,
    with_state,
)
from crm_eval_lib.results.message import PLAIN_TYPES, Message, to_plain
from crm_eval_lib.results.step import Step

__all__ = [
    "CONFIDENCE",
    "PLAIN_TYPES",
    "RECORDED",
    "STATES",
    "UNITS",
    "VALUED_STATES",
    "Action",
    "Caveat",
    "FactorResult",
    "Finding",
    "Indicator",
    "Message",
    "Step",
    "find_indicator",
    "keyed",
    "measured",
    "missing_column",
    "missing_table",
    "not_applicable",
    "not_assessed",
    "to_plain",
    "with_state",
    "write_table",
]
