"""What one step of a factor found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from crm_eval_lib.results.finding import Caveat, Finding
from crm_eval_lib.results.indicator import Indicator, find_indicator
from crm_eval_lib.results.message import Message


@dataclass(frozen=True)
class Step:
    """What one step of a factor found.

    Parameters
    ----------
    name : str
        ``factor.step``, as the function is called: ``cost.deviation``.
    indicators : tuple of Indicator
    table : DataFrame or None
        The table the sentence and the figure rest on; one row per thing shown.
    sentence : Message or None
        The answer in one sentence.
    headline, subtitle : Message or None
        Titles of the figure: the finding in 15 words; measure, scope, period, unit.
    tables : mapping of str to DataFrame
        Further tables (largest lines, offending rows …), published as CSV.
    sources : tuple of str
        Client tables the step rests on, where no indicator says so.

    Examples
    --------
    >>> from crm_eval_lib.results import measured
    >>> users = pd.DataFrame({"used": [True, False], "users": [3, 1]})
    >>> share = measured("adoption.active_share", 0.75, "ratio", n=4, tables=("access",))
    >>> step = Step("adoption.active", (share,), users, Message("Three of four use it."))
    >>> step["adoption.active_share"].value, len(step.table)
    (0.75, 2)
    """

    name: str
    indicators: tuple[Indicator, ...] = ()
    table: pd.DataFrame | None = None
    sentence: Message | None = None
    headline: Message | None = None
    subtitle: Message | None = None
    findings: tuple[Finding, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    sources: tuple[str, ...] = ()

    def __getitem__(self, indicator_id: str) -> Indicator:
        """Return one indicator by its id (``step["cost.cpi"]``)."""
        return find_indicator(self.indicators, indicator_id)

    def __repr__(self) -> str:
        from crm_eval_lib import view

        return view.plain(self)

    def _repr_html_(self) -> str:
        return self._repr_mimebundle_()["text/html"]

    def _ipython_key_completions_(self) -> list[str]:
        """Offer the ids of the indicators after an opening bracket."""
        return [indicator.id for indicator in self.indicators]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from crm_eval_lib import view

        return view.step_bundle(self)
