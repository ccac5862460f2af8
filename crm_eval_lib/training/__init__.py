"""The school: lessons on clients whose truth is known, with exercises that answer back.

>>> lesson = open_lesson("01_cost", {"deviation": 0.38}, version=1)
>>> lesson.q1.check().state
'right'
"""

from crm_eval_lib.training.final import open_final_case
from crm_eval_lib.training.lesson import open_lesson

__all__ = ["open_final_case", "open_lesson"]
