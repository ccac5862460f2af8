"""The protocol: what was settled before the outcomes were read, and what became of it.

`crm-eval freeze` writes ``protocol.json``; the scorecard's notebook compares the report with it.

>>> from crm_eval_lib.scorecard import score
>>> against_protocol(score([]), {}).step.sentence.key
'protocol.sentence.by_hand'
"""

from crm_eval_lib.protocol.check import Check, against_protocol
from crm_eval_lib.protocol.compare import deviations, differences
from crm_eval_lib.protocol.record import (
    FILE_NAME,
    Protocol,
    ProtocolError,
    new_record,
    read_protocol,
)
from crm_eval_lib.protocol.settings import DESIGN_TABLES, settings_of
from crm_eval_lib.protocol.verdicts import client_under, verdict_under

__all__ = [
    "DESIGN_TABLES", "FILE_NAME", "Check", "Protocol", "ProtocolError", "against_protocol",
    "client_under", "deviations", "differences", "new_record", "read_protocol", "settings_of",
    "verdict_under",
]  # fmt: skip
