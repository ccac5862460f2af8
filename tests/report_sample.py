"""A small client made by hand, for tests of the page: notebooks, results, settings."""

import json
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from crm_eval_lib import charts
from crm_eval_lib.results import Caveat, Message, Step, measured, missing_table, not_assessed
from crm_eval_lib.scorecard.rules import rules_for
from crm_eval_lib.text import language
from crm_eval_lib.view import STEP_MIME, step_payload

NASTY = '</script><img src=x onerror=alert(1)>\u202e=HYPERLINK("http://evil.example")'


def plot_bars(step, *, ax=None, lang="en"):
    """Draw one bar per row."""
    ax.barh(step.table["category"], step.table["share"], color="#0072B2")
    return ax


def deviation(lang="en", *, label="Hardware"):
    """Return a step with a table, a sentence and a caveat."""
    table = pd.DataFrame({"category": [label, "硬件" if lang != "en" else "Training"],
                          "share": [0.127, -0.04], "planned_amount": [1000.0, 2500.5]})  # fmt: skip
    indicators = (
        measured("cost.deviation_original", 0.127, "ratio", low=0.1, high=0.15, n=41,
                 tables=("budget", "actuals")),
        measured("cost.eac", 1219000.0, "money", currency="CNY"),
        not_assessed("cost.spi", "index", missing_table("progress")),
    )  # fmt: skip
    words = Message("core.reason.missing_table", {"tables": ["progress"]})
    caveats = (Caveat(missing_table("changes"), ("cost.spi",)),)
    return Step("cost.deviation", indicators, table, sentence=words, caveats=caveats)


def prose(text, *tags):
    """Return a markdown cell."""
    return {"cell_type": "markdown", "metadata": {"tags": list(tags)}, "source": text}


def code(source, *data, tags=()):
    """Return an executed code cell with these outputs."""
    outputs = [{"output_type": "display_data", "data": item, "metadata": {}} for item in data]
    return {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source,
            "execution_count": 1, "outputs": outputs}  # fmt: skip


def step_output(step):
    """Return what a bare step shows."""
    return {STEP_MIME: step_payload(step), "text/html": "<b>html</b>", "text/plain": "plain"}


def cost_cells(lang):
    """Return the cells of a small cost notebook."""
    step = deviation(lang, label=NASTY)
    with language(lang):
        figure = charts.figure("COST-01", plot_bars, step, headline=NASTY, alt="12.7% over")
        bundle = figure._repr_mimebundle_()
    return [
        prose("# Cost\n\nDid it stay within budget?", "lang-en"),
        prose("# 成本\n\n是否控制在预算之内？", "lang-zh-Hans"),
        code("client_id: str = 'x'", tags=["parameters"]),
        prose("The **method** in English.", "lang-en"),
        prose("中文的方法。", "lang-zh-Hans"),
        code("deviation = cost.deviation(budget)", step_output(step)),
        code('charts.figure("COST-01", plot, deviation)', bundle),
        code("foreign", {"text/html": "<script>alert(2)</script>"}, {"text/vnd.mermaid": "graph"},
             {"image/svg+xml": "<svg onload='alert(3)'/>"}, {"text/plain": NASTY}),
    ]  # fmt: skip


def write_notebooks(folder: Path, lang="en", cells=None):
    """Write the notebooks of a run and return their paths in the order of the page."""
    title = lambda a, b: [prose(f"# {a}", "lang-en"), prose(f"# {b}", "lang-zh-Hans")]  # noqa: E731
    books = {
        "00_data_check": title("Data check", "数据检查"),
        "01_cost": cells or cost_cells(lang),
        "02_problems": title("Problems", "问题"),
        "06_adoption": title("Adoption " + NASTY, "使用情况"),
        "05_scorecard": title("Scorecard", "评分卡"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in books.items():
        path = folder / f"{name}.ipynb"
        book = {"cells": content, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        path.write_text(json.dumps(book), encoding="utf-8")
        paths.append(path)
    return paths


def results(lang="en", **overall):
    """Return the content of a small results.json."""
    indicators = [item.to_dict() for item in deviation(lang).indicators]
    indicators[0] |= {"state": "scored", "score": 74.6, "grade": "A", "weight": 35}
    total = {"score": 68.3, "assessed_score": 68.3, "low": 62.0, "high": 74.0,
             "bounds": [58.0, 76.0], "band": "pass", "p_pass": 0.93, "uncapped": 73.0,
             "capped_by": None, "equal_weights_score": 69.1}  # fmt: skip
    return {
        "schema": 1, "client": "sample", "language": lang, "status_date": "2025-08-31",
        "indicators": indicators,
        "findings": [_finding(place) for place in range(5)],
        "factors": [factor("problems", 79.7), factor("cost", 41.2), factor("adoption", None)],
        "overall": {**total, **overall},
        "scoring": rules_for(None).to_dict(),
        "completeness": {"core": 2, "of": 33, "further": 0},
        "provenance": {
            "fingerprint": "ab" * 32,
            "inputs": [{"table": "budget", "path": f"{NASTY}.csv", "sha256": "0f" * 32, "rows": 3},
                       {"table": "actuals", "path": "actuals.csv", "sha256": "1f" * 32, "rows": 9}],
            "parameters": {"score": {"seed": 0}}, "versions": {"crm_eval": "0.1.0"},
            "protocol": None, "generated_at": "2026-01-01T00:00:00+00:00",
        },
    }  # fmt: skip


def factor(id, score, **more):
    """Return one factor's entry of results.json."""
    state = "scored" if score is not None else "indicative"
    low, high = (None, None) if score is None else (score - 5, score + 5)
    return {"id": id, "state": state, "score": score, "low": low, "high": high,
            "bounds": [30.0, 90.0], "weight": 0.3, "uncapped": score, "capped_by": None,
            "reason": None, **more}  # fmt: skip


def config(**report):
    """Return the client's settings, its name full of markup."""
    defaults = {"status": "draft", "prepared_by": NASTY, "reviewed_by": "", "consultancy": NASTY,
                "independence": "independent", "countersigned_by": "", "project": NASTY,
                "decision_sought": NASTY,
                "confidentiality": ""}  # fmt: skip
    dates = SimpleNamespace(project_start="2024-01-08", planned_go_live="2024-07-01",
                            go_live="2024-09-02")  # fmt: skip
    return SimpleNamespace(name=f"Acme & Söhne {NASTY}", currency="CNY", dates=dates,
                           report=SimpleNamespace(**{**defaults, **report}))  # fmt: skip


def _finding(place):
    action = {"type": f"cost.{place}", "sentence": f"Do {place}.", "owner_role": "controller",
              "size": 86000.0, "size_unit": "money"}  # fmt: skip
    return {"id": f"f{place}", "factor": "cost", "indicator": "cost.eac", "severity": 5 - place,
            "verb": "shows", "sentence": f"Finding {place} {NASTY}", "rows": [],
            "action": action}  # fmt: skip
