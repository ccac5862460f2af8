"""Another transition: what it decides is measured again, once, and kept."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any

import pandas as pd

from crm_eval_lib.client import Client
from crm_eval_lib.results import FactorResult, Message
from crm_eval_lib.scorecard.wording import factor_name
from crm_eval_lib.whatif.base import Base

Days = tuple[str, str] | None
MEASURED = ("efficiency", "controls")  # cost and problems do not ask for a transition


def is_measured(base: Base, days: Days) -> bool:
    """Say whether the numbers of a transition are at hand: the report's, or kept ones."""
    return days == base.settings.blackout or _question(days) in base.kept


def measured_with(base: Base, days: Days) -> Mapping[str, FactorResult]:
    """Return what the factors publish under another transition.

    Efficiency and controls are measured as a run measures them, from the client's files, with the
    knobs of the report: seconds when first asked, at once from then on. What notebooks of the
    client's own publish stays as the report has it.

    Parameters
    ----------
    base : Base
    days : tuple of str or None
        First and last day of the transition, YYYY-MM-DD; None: none.
    """
    if days == base.settings.blackout:
        return base.results
    return base.once(_question(days), lambda: _measured(base, days))


def with_days(client: Client, days: Days) -> Client:
    """Return the client with another transition; its tables are the same."""
    twin, pair = copy.copy(client), None if days is None else tuple(map(pd.Timestamp, days))
    dates = client.config.dates.model_copy(update={"blackout": pair})
    twin.config = client.config.model_copy(update={"dates": dates})
    twin.dates = replace(client.dates, blackout=pair)
    return twin


def transition_notes(base: Base) -> tuple[Message, ...]:
    """Say how the numbers of another transition came about."""
    log = "measured" if base.client.events is not None else "no_log"
    return (Message(f"whatif.transition.{log}"),)


def left_to_run(base: Base) -> tuple[Message, ...]:
    """Name the factors that only a run measures under another transition."""
    own = [factor_name(item.factor) for item in base.notebooks if item.own]
    return (Message("whatif.needs_run.own", {"factors": own}),) if own else ()


def _measured(base: Base, days: Days) -> Mapping[str, FactorResult]:
    client = with_days(base.client, days)
    standard = [n for n in base.notebooks if n.factor in MEASURED and not n.own]
    again = {item.factor: _assessed(client, item.factor, base.knobs.get(item.name, {}))
             for item in standard}  # fmt: skip
    return {**base.results, **again}


def _assessed(client: Client, factor: str, knobs: Mapping[str, Any]) -> FactorResult:
    return import_module(f"crm_eval_lib.{factor}").assess(client, **knobs)


def _question(days: Days) -> tuple[str, Days]:
    return "transition", days
