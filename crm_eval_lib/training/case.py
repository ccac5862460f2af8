"""The client of a lesson: its planted truth and its tables."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from crm_eval_lib.simulate import Scenario, make_tables


@dataclass(frozen=True, slots=True)
class Case:
    """A small simulated client and what was planted in it.

    Parameters
    ----------
    scenario : Scenario
        The truth: answers are computed from it, never from the tables.
    tables : mapping of str to DataFrame
        What the learner gets, by name of the table.
    """

    scenario: Scenario
    tables: Mapping[str, pd.DataFrame]

    @classmethod
    def of(cls, scenario: Scenario, *names: str) -> "Case":
        """Make the tables of a scenario and keep those named (none named: all)."""
        tables = make_tables(scenario)
        return cls(scenario, {name: tables[name] for name in names} if names else tables)
