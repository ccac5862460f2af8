"""All steps of a demo client as its notebooks make them, by name; factor results keep no steps."""

from functools import cache
from importlib import import_module
from unittest import mock

from crm_eval_lib import scorecard, value
from crm_eval_lib.client import open_client
from crm_eval_lib.results import FactorResult, Step

FACTORS = ("cost", "problems", "efficiency", "controls")


@cache
def demo_steps(client_id: str = "demo-trading") -> dict[str, Step]:
    """Assess a demo client once, and keep every step on its way into a factor's result."""
    kept: dict[str, Step] = {}
    collect = FactorResult.collect

    def keep(factor: str, steps: list[Step]) -> FactorResult:
        kept.update({step.name: step for step in steps})
        return collect(factor, steps)

    client = open_client(client_id)
    with mock.patch.object(FactorResult, "collect", keep):
        import_module("crm_eval_lib.data_check").assess(client)
        results = [import_module(f"crm_eval_lib.{name}").assess(client) for name in FACTORS]
        value.assess(client, {result.factor: result for result in results})
    card = scorecard.score(results, client=client)
    return kept | {step.name: step for step in scorecard.all_steps(card)}
