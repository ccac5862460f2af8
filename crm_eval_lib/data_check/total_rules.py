"""Rows of control totals, loss ranges and volumes that cannot be right."""

import pandas as pd

from crm_eval_lib.data_check.row_rules import Material, RowRule, filled, no_row, numbers
from crm_eval_lib.tables import TABLES

_LOSS = ("controls.residual_loss",)


def _unknown_table(m: Material) -> pd.Series:
    return ~m.rows["table"].astype("str").isin({*TABLES, *m.tables})


def _absent_table(m: Material) -> pd.Series:
    present = {name for name in m.tables if m.other(name) is not None}
    return m.rows["table"].isin(set(TABLES) - present)


def _unknown_process(m: Material) -> pd.Series:
    """Mark totals of a process that no row of the table belongs to."""
    mask = no_row(m.rows)
    for name in m.rows["table"].dropna().unique():
        frame = m.other(name, "process")
        if frame is not None:
            mine = m.rows["table"].eq(name) & filled(m.rows["process"])
            mask |= mine & ~m.rows["process"].isin(frame["process"].dropna())
    return mask


def _negative_total(m: Material) -> pd.Series:
    return numbers(m.rows["total"]) < 0


def _ends_late(m: Material) -> pd.Series:
    status = getattr(m.dates, "status_date", None)
    return no_row(m.rows) if status is None else pd.to_datetime(m.rows["period_end"]) > status


def _loss_turned(m: Material) -> pd.Series:
    return numbers(m.rows["loss_low"]) > numbers(m.rows["loss_high"])


def _loss_one_sided(m: Material) -> pd.Series:
    return m.rows["loss_low"].isna() ^ m.rows["loss_high"].isna()


def _no_volume(m: Material) -> pd.Series:
    return numbers(m.rows["volume"]) == 0


TOTAL_RULES = (
    RowRule("total_unknown", "control_totals", ("table",), _unknown_table),
    RowRule("total_absent", "control_totals", ("table",), _absent_table),
    RowRule("total_process", "control_totals", ("process", "table"), _unknown_process),
    RowRule("total_negative", "control_totals", ("total",), _negative_total),
    RowRule("total_ends_late", "control_totals", ("period_end",), _ends_late),
    RowRule("loss_turned", "controls", ("loss_low", "loss_high"), _loss_turned, _LOSS),
    RowRule("loss_one_sided", "controls", ("control_id", "loss_low", "loss_high"),
            _loss_one_sided, _LOSS),
    RowRule("no_volume", "exposure", ("volume",), _no_volume, ("controls.error_ratio",)),
)  # fmt: skip
