"""Whole simulated clients: tables drawn, factors computed, scored – vetoes that hold included.

The factors of a simulated client draw from streams of their own. So the tables of each factor are
drawn and assessed once, and clients are put together from these parts: one of each factor.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from calibration.drawn import PARTS, Part, tested_again
from calibration.score import TOTAL, rules
from crm_eval_lib.client import open_client
from crm_eval_lib.controls import assurance, critical_points
from crm_eval_lib.results import FactorResult
from crm_eval_lib.scorecard import Card, FactorScore, points, score
from crm_eval_lib.scorecard.terms import WEAKEST_GRADE
from crm_eval_lib.simulate import write_folder

DRAWS = 400  # simulated verdicts per client
WORKERS = 2
FACTORS = ("cost", "problems", "efficiency", "controls")
CAPS = {"V1": ("controls", 59, 59), "V3": ("problems", 59, 74), "V4": ("cost", 59, 100),
        "V5": ("cost", 59, 100), "V6": ("efficiency", 59, 100)}  # fmt: skip
BY_SAMPLE = "V1"  # a sample beyond the tolerable rate is a failure by the rule's own words
NOT_ASSURED, NOT_ASSURED_CAP = "V2", 74  # a fact of the tests made, in truth as in the report


@dataclass(frozen=True)
class Kind:
    """One kind of part: how its tables are drawn, and of how many clients."""

    factor: str
    options: Mapping[str, Any] = field(default_factory=dict)
    draws: int = 40
    tests: Mapping[str, Any] | None = None  # on the first kind of the factor, with other samples


KINDS = {
    "cost": Kind("cost", {}, 24),
    "cost, V4": Kind("cost", {"scope": (0.45, 0.58)}, 6),
    "cost, V5": Kind("cost", {"over": (0.52, 0.70)}, 6),
    "problems": Kind("problems", {}, 120),
    "problems, full marks": Kind("problems", {"solved": (0.94, 0.97)}, 40),
    "problems, V3": Kind("problems", {"open_five": True}, 40),
    "efficiency": Kind("efficiency", {}, 120),
    "efficiency, full marks": Kind("efficiency", {"effect": (-0.33, -0.29)}, 40),
    "efficiency, V6": Kind("efficiency", {"effect": (0.15, 0.35)}, 40),
    "controls": Kind("controls", {}, 120),
    "controls, V1": Kind("controls", {}, 120, {"deviating": (0.15, 0.20)}),
    "controls, V1 or not": Kind("controls", {}, 120, {"deviating": (0.0, 0.10)}),
    "controls, V2": Kind("controls", {}, 120, {"deviating": (0.0, 0.02), "items": 25}),
}
MIDDLE = dict(zip(FACTORS, FACTORS, strict=True))


@dataclass(frozen=True)
class Scene:
    """Clients of one kind: of which parts they are made, and whether they lie mid-range."""

    words: str
    parts: Mapping[str, str | tuple[str, ...]]
    middle: bool = True

    def parts_of(self, factor: str, found: Mapping[str, list["Assessed"]]) -> list["Assessed"]:
        """Return the parts a client's factor may be made of: of one kind or of several."""
        kinds = self.parts[factor]
        return [one for kind in ((kinds,) if isinstance(kinds, str) else kinds)
                for one in found[kind]]  # fmt: skip


def _scene(words: str, middle: bool = True, **changed: str) -> Scene:
    return Scene(words, {**MIDDLE, **changed}, middle)


DOUBTFUL = _scene("critical control may fail (V1 or V2)", controls="controls, V1 or not")
SCENES = (
    _scene("mid-range, no veto"),
    _scene("severe problem open (V3)", problems="problems, V3"),
    _scene("too little delivered (V4)", cost="cost, V4"),
    _scene("budget exceeded by half (V5)", cost="cost, V5"),
    _scene("top process slower (V6)", efficiency="efficiency, V6"),
    _scene("critical control fails (V1)", controls="controls, V1"),
    DOUBTFUL,
    _scene("critical control tested too little (V2)", controls="controls, V2"),
    _scene("solved and faster at full marks", False, problems="problems, full marks",
           efficiency="efficiency, full marks"),
)  # fmt: skip

ALL_KINDS = Scene("clients of all kinds", {
    factor: tuple(kind for kind, made in KINDS.items() if made.factor == factor)
    for factor in FACTORS})  # fmt: skip


@dataclass(frozen=True)
class Assessed:
    """One part with what the library found in its tables."""

    part: Part
    result: FactorResult
    client: Any


def assessed(kind: str, number: int) -> Assessed:
    """Draw the tables of a part, write them as a client's folder, read and assess them."""
    made = KINDS[kind]
    part = PARTS[made.factor](_stream(kind, number), **made.options)
    with TemporaryDirectory() as folder:
        write_folder(Path(folder) / part.scenario.client, part.scenario, part.tables)
        client = open_client(part.scenario.client, clients_dir=folder)
        result = import_module(f"crm_eval_lib.{made.factor}").assess(client)
        tables = {name: client.tables[name] for name in client.tables}
        kept = SimpleNamespace(config=client.config, dates=client.dates, tables=tables)
    lean = replace(part, tables={})
    return Assessed(lean, FactorResult(result.factor, result.indicators), kept)


def pool(kinds: Sequence[str] = tuple(KINDS), most: int | None = None) -> dict[str, list[Assessed]]:
    """Assess the parts of every kind, in two processes."""
    counts = {kind: min(KINDS[kind].draws, most or KINDS[kind].draws) for kind in kinds}
    found = {}
    with ProcessPoolExecutor(WORKERS) as workers:
        for kind in kinds:
            if KINDS[kind].tests is None:
                found[kind] = list(workers.map(partial(assessed, kind), range(counts[kind])))
    for kind in kinds:
        if KINDS[kind].tests is not None:
            found[kind] = [retested(one, kind, number)
                           for number, one in enumerate(found[KINDS[kind].factor])]  # fmt: skip
    return found


def retested(one: Assessed, kind: str, number: int) -> Assessed:
    """Test the critical point of a part anew: only the steps that rest on samples run again."""
    rng = _stream(kind, number)
    known = one.client.tables
    part, tests = tested_again(one.part, known["control_tests"], rng, **KINDS[kind].tests)
    dates = one.client.dates
    points, off = known["controls"], known["control_off"]
    steps = (
        assurance(points, tests, dates=dates),
        critical_points(points, tests, off, dates=dates),
    )
    anew = {item.id: item for step in steps for item in step.indicators}
    indicators = tuple(anew.get(item.id, item) for item in one.result.indicators)
    client = SimpleNamespace(**{**vars(one.client), "tables": {**known, "control_tests": tests}})
    return Assessed(part, FactorResult(one.result.factor, indicators), client)


def _stream(kind: str, number: int) -> np.random.Generator:
    return np.random.default_rng([20250601, list(KINDS).index(kind), number])


def clients(scene: Scene, found: Mapping[str, list[Assessed]], count: int) -> Iterator[list]:
    """Put clients together: of every factor another part, in an order of chance."""
    rng = np.random.default_rng(3)
    choices = [scene.parts_of(factor, found) for factor in scene.parts]
    orders = [rng.permutation(np.resize(np.arange(len(parts)), count)) for parts in choices]
    for picks in zip(*orders, strict=True):
        yield [parts[n] for parts, n in zip(choices, picks, strict=True)]


def card_of(parts: Sequence[Assessed], seed: int) -> Card:
    """Score a client made of these parts."""
    tables = {name: table for one in parts for name, table in one.client.tables.items()}
    totals = [one.client.tables["control_totals"] for one in parts
              if "control_totals" in one.client.tables]  # fmt: skip
    tables["control_totals"] = pd.concat(totals, ignore_index=True)
    whole = SimpleNamespace(config=parts[0].client.config, dates=parts[0].client.dates,
                            tables=tables, name="")  # fmt: skip
    return score([one.result for one in parts], client=whole, seed=seed, draws=DRAWS)


def truth_of(card: Card, parts: Sequence[Assessed]) -> dict[str, float]:
    """Score by hand what is true: planted values, ledgers as they are, caps that hold.

    A cap holds by what was planted, and by what the tests showed where the rule speaks of them.
    """
    true = {id: value for one in parts for id, value in one.part.truth.items()}
    fired = {veto.id for veto in card.vetoes if veto.fired}
    vetoes = {veto for one in parts for veto in one.part.vetoes} | ({BY_SAMPLE} & fired)
    scores = {}
    for item in card.factors:
        terms = [term for term in item.terms if term.score is not None and term.applicable]
        got = {term.id: float(points(true.get(term.id, term.indicator.value),
                                     rules().anchors[term.indicator.base_id]))
               for term in terms}  # fmt: skip
        weight = {term.id: term.weight for term in terms}
        mean = sum(weight[id] * got[id] for id in got) / sum(weight.values())
        caps = [cap for name, (factor, cap, _) in CAPS.items()
                if name in vetoes and factor == item.factor]  # fmt: skip
        scores[item.factor] = min([mean, *caps])
    total = sum(rules().shares[name] * scores[name] for name in scores)
    caps = [CAPS[name][2] for name in vetoes]
    if NOT_ASSURED in fired:
        caps.append(NOT_ASSURED_CAP)
    return {**scores, TOTAL: min([total, *caps])}


def weakly(item: FactorScore) -> float:
    """Return the points by which weak evidence lowers a factor: it scores at its worse end."""
    terms = [term for term in item.terms if term.score is not None and term.applicable]
    lost = [term.weight * (float(points(term.indicator.value, rules().anchors[
            term.indicator.base_id])) - term.score)
            for term in terms if term.indicator.grade == WEAKEST_GRADE]  # fmt: skip
    return -sum(lost) / sum(term.weight for term in terms) if terms else 0.0


def coverage(scene: Scene, found: Mapping[str, list[Assessed]], count: int) -> pd.DataFrame:
    """Return, per score, whether the published range holds the truth, and P(pass) beside it."""
    rows = []
    for seed, parts in enumerate(clients(scene, found, count)):
        card = card_of(parts, seed)
        true = truth_of(card, parts)
        whole = card.overall
        if whole.score is None:
            rows.append({"name": TOTAL, "scored": False})
            continue
        ranges = {item.factor: (item.score, item.low, item.high, item.kind)
                  for item in card.factors}  # fmt: skip
        ranges[TOTAL] = whole.score, whole.low, whole.high, whole.kind
        weak = {item.factor: weakly(item) for item in card.factors}
        erred = any(veto.id == BY_SAMPLE and veto.fired for veto in card.vetoes) and not any(
            BY_SAMPLE in one.part.vetoes for one in parts)  # fmt: skip
        for name, (point, low, high, kind) in ranges.items():
            rows.append({
                "name": name, "scored": True, "score": point, "true": true[name], "kind": kind,
                "weak": weak.get(name, 0.0), "erred": erred,
                "width": high - low, "hit": low - 1e-6 <= true[name] <= high + 1e-6,
                "said": whole.p_pass, "passes": true[TOTAL] >= rules().bands["pass"],
            })  # fmt: skip
    return pd.DataFrame(rows)
