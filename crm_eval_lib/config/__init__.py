"""client.yml: who, when, in what currency and language; weights and knobs.

>>> Calendar().hours
('09:00-12:00', '13:00-18:00')
"""

from crm_eval_lib.config.loading import FILE_NAME, decode, load_config, own_factors
from crm_eval_lib.config.models import ClientConfig, Dates, NotApplicable, Periods, Report, Source
from crm_eval_lib.config.sections import (
    Calendar,
    Complaints,
    Efficiency,
    Finance,
    Price,
    Privacy,
    Scoring,
)

__all__ = [
    "FILE_NAME", "Calendar", "ClientConfig", "Complaints", "Dates", "Efficiency", "Finance",
    "NotApplicable", "Periods", "Price", "Privacy", "Report", "Scoring", "Source", "decode",
    "load_config", "own_factors",
]  # fmt: skip
