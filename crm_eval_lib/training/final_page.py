"""The page of a final case: what the learner said, what is true, and where it could be seen."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm_eval_lib.report.assets import finished, template
from crm_eval_lib.report.page import tools
from crm_eval_lib.results import Message
from crm_eval_lib.simulate import Scenario, planted_rates
from crm_eval_lib.text import say, table_label, word
from crm_eval_lib.training.final_truth import MAIN_TABLES, STATEMENTS, control_ties


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page, in words."""

    item: str
    given: str
    truth: str
    right: bool
    why: str


def render_final(table: pd.DataFrame, truth: Scenario, lang: str) -> str:
    """Build the page from `crm_eval_lib.training.final.compared` and what was planted."""
    parts = [
        (_word(f"part.{part}", lang), [_line(row, truth, lang) for row in rows.itertuples()])
        for part, rows in table.groupby("part", sort=False)
    ]
    counts = {"right": int(table["right"].sum()), "n": len(table)}
    page = template("final_case.html").render(
        **tools(lang),
        title=say(Message("training_final.title", {"client": truth.name}), lang),
        said=say(Message("training_final.counted", counts), lang),
        heads=[_word(f"head.{name}", lang) for name in ("item", "given", "truth", "why")],
        right_word=word("training.title.right", lang),
        wrong_word=word("training.title.wrong", lang),
        parts=parts,
    )
    return finished(page, lang)


def _line(row: Any, truth: Scenario, lang: str) -> Line:
    if row.part == "findings":
        tables = [_named(table, lang) for table in STATEMENTS[row.item].tables]
        slots = {"tables": tables, "how": _word(f"seen.{row.item}", lang)}
        why = say(Message("training_final.see", slots), lang)
        return Line(_word(f"statement.{row.item}", lang), _word(f"answer.{row.given}", lang),
                    _word(f"answer.{row.truth}", lang), row.right, why)  # fmt: skip
    factor = word(f"core.factor.{row.item}", lang)
    if row.part == "grades":
        tie = control_ties(truth.seed)[MAIN_TABLES[row.item]]
        reason = f"none_{row.truth}" if tie == "none" else tie
        slots = {"table": _named(MAIN_TABLES[row.item], lang)}
        why = say(Message(f"training_final.grade.{reason}", slots), lang)
        return Line(factor, row.given, row.truth, row.right, why)
    said, true = (_word(f"verdict.{row.item}.{name}", lang) for name in (row.given, row.truth))
    why = say(Message(f"training_final.why.{row.item}", _planted(truth)), lang)
    return Line(factor, said, true, row.right, why)


def _planted(truth: Scenario) -> dict[str, Any]:
    """What was planted, as the sentences about the verdicts need it."""
    return {
        "overrun": truth.overrun, "claimed": planted_rates(truth)["honest_claimed_rate"],
        "proven": planted_rates(truth)["honest_solved_rate"], "effect": truth.crm_effect,
        "off": truth.control_off_days, "unapproved": truth.unapproved_after,
        "inverted": truth.inverted, "dropped": truth.dropped_share,
    }  # fmt: skip


def _named(table: str, lang: str) -> str:
    return table if "." in table else table_label(table, lang)


def _word(key: str, lang: str) -> str:
    return word(f"training_final.{key}", lang)
