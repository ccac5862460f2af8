"""Lessons with the reference answers filled in."""

import ast
from typing import Any

from crm_eval_lib.training.questions import Plan


def left_open(source: str) -> set[str]:
    """Return the variables a cell leaves to the learner: those set to ``...``."""
    return {
        target.id
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and node.value.value is Ellipsis
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def filled(notebook: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """Return the notebook with the reference code in the place of each open answer."""
    answers = {question.variable: question.code for question in plan.questions}
    cells = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            for variable in left_open("".join(cell["source"])):
                cell = {**cell, "source": answers.pop(variable)}
        cells.append(cell)
    assert not answers, f"no cell leaves {sorted(answers)} open"
    return {**notebook, "cells": cells}
