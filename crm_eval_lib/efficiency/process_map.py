"""Which step follows which, how often and after how long a wait, before and after."""

import numpy as np
import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, BEFORE, BUSINESS, Cases, title_of
from crm_eval_lib.efficiency.moves import by_sample
from crm_eval_lib.results import Message, Step

TABLES = ("events",)
SAMPLES = (BEFORE, AFTER)
MOST_NODES = 12  # steps on one map; more cannot be read
MOST_EDGES = 30
CARRIED = 0.90  # the moves that make up nine tenths are drawn, the rest is counted
_ROUNDING = 1e-9


def process_map(cases: Cases, processes: tuple[str, ...] | None = None) -> Step:
    """Count the moves from step to step, with the waiting before the second one.

    Parameters
    ----------
    cases : Cases
        With the pictures of `flow_pictures`.
    processes : tuple of str, optional
        Default: all of the roster.

    Returns
    -------
    Step
        A row for each move: how often before and after, mean and median hours of waiting, and
        whether it belongs to the map: moves between the most visited steps that carry nine tenths.
        ``steps`` in its tables holds the steps themselves.

    Examples
    --------
    >>> from crm_eval_lib.efficiency import example_cases
    >>> columns = ["source_name", "target_name", "mean_wait_before_hours", "mean_wait_after_hours"]
    >>> process_map(example_cases()).table[columns].tail(1).values.tolist()
    [['request', 'approve', 16.0, 8.0]]
    """
    names = cases.names(processes)
    edges = [_edges(cases, name) for name in names if "edges" in cases.pictures]
    edges = [part for part in edges if len(part)]
    if not edges:
        return Step("efficiency.process_map", sources=TABLES)
    table = pd.concat(edges, ignore_index=True)
    nodes = pd.concat([_nodes(cases, name) for name in table["process"].unique()],
                      ignore_index=True)  # fmt: skip
    return Step(
        "efficiency.process_map",
        table=table,
        sentence=_sentence(table),
        headline=_headline(table),
        subtitle=Message("efficiency.subtitle.process_map"),
        tables={"steps": nodes},
        sources=TABLES,
    )


def _edges(cases: Cases, process: str) -> pd.DataFrame:
    rows = cases.picture("edges", process)
    rows = rows[rows["sample"].isin(SAMPLES)]
    if rows.empty:
        return pd.DataFrame()
    clock = cases.clocks.get(process, BUSINESS)
    wide = rows.set_index(["source", "target", "sample"])
    values = pd.DataFrame({"moves": wide["moves"],
                           "mean_wait": wide[f"wait_{clock}"] / wide["moves"],
                           "median_wait": wide[f"median_wait_{clock}"]})  # fmt: skip
    wide = values.unstack("sample")
    index = wide.index
    table = pd.DataFrame({"process": process, "title": title_of(cases, process),
                          "source_name": index.get_level_values(0),
                          "target_name": index.get_level_values(1)})  # fmt: skip
    for sample in SAMPLES:
        moves = _column(wide, "moves", sample).fillna(0)
        table[f"{sample}_moves"] = moves.astype("int64").to_numpy()
        table[f"{sample}_moves_share"] = (moves / moves.sum()).to_numpy()  # NaN without any
        for name in ("mean_wait", "median_wait"):
            table[f"{name}_{sample}_hours"] = _column(wide, name, sample).to_numpy()
    weight = table[[f"{sample}_moves_share" for sample in SAMPLES]].mean(axis=1)
    order = weight.sort_values(ascending=False, kind="stable").index
    table, weight = table.loc[order].reset_index(drop=True), weight.loc[order].to_numpy()
    return table.assign(drawn=_drawn(table, weight, _nodes(cases, process)))


def _column(wide: pd.DataFrame, name: str, sample: str) -> pd.Series:
    return wide[name].get(sample, pd.Series(np.nan, index=wide.index))


def _drawn(table: pd.DataFrame, weight: np.ndarray, nodes: pd.DataFrame) -> np.ndarray:
    """Mark the heaviest moves between steps of the map, up to nine tenths of all moves."""
    inside = set(nodes.loc[nodes["drawn"], "activity_name"])
    possible = (table["source_name"].isin(inside) & table["target_name"].isin(inside)).to_numpy()
    already = np.cumsum(np.where(possible, weight, 0.0)) - np.where(possible, weight, 0.0)
    wanted = possible & (already < CARRIED - _ROUNDING)
    return wanted & (np.cumsum(wanted) <= MOST_EDGES)


def _nodes(cases: Cases, process: str) -> pd.DataFrame:
    """The steps with their visits and mean place in a case, the most visited ones to be drawn."""
    return cases.once(("nodes", process), lambda: _counted(cases, process))


def _counted(cases: Cases, process: str) -> pd.DataFrame:
    rows = cases.picture("nodes", process)
    counts = cases.picture("case_weeks", process).groupby("sample")["cases"].sum()
    wide, places = (by_sample(rows, name) for name in ("visits", "places"))
    per_case = wide / counts.reindex(SAMPLES)
    table = pd.DataFrame({
        "process": process, "title": title_of(cases, process), "activity_name": wide.index,
        "before_visits": per_case[BEFORE].to_numpy(), "after_visits": per_case[AFTER].to_numpy(),
        "mean_place": (places.sum(axis=1) / wide.sum(axis=1)).to_numpy(),
    })  # fmt: skip
    rank = per_case.mean(axis=1).to_numpy()
    chosen = np.argsort(-rank, kind="stable")[:MOST_NODES]
    table["drawn"] = np.isin(np.arange(len(table)), chosen)
    return table.sort_values("mean_place", kind="stable", ignore_index=True)


def _sentence(table: pd.DataFrame) -> Message:
    first = table[table["process"].eq(table["process"].iloc[0])]
    drawn = first[first["drawn"]]
    share = drawn[[f"{sample}_moves_share" for sample in SAMPLES]].sum().replace(0, np.nan).mean()
    slots = {"process": first["title"].iloc[0], "n": len(drawn), "of": len(first),
             "share": float(share)}  # fmt: skip
    return Message("efficiency.sentence.process_map", slots)


def _headline(table: pd.DataFrame) -> Message:
    """Name the drawn move whose median wait changed most, where both samples know one."""
    first = table[table["process"].eq(table["process"].iloc[0]) & table["drawn"]]
    waits = [f"median_wait_{sample}_hours" for sample in SAMPLES]
    change = (first[waits[1]] - first[waits[0]]).abs()
    if change.isna().all() or change.max() == 0:
        return Message("efficiency.headline.process_map", {"process": table["title"].iloc[0]})
    row = first.loc[change.idxmax()]
    slots = {"source": row["source_name"], "target": row["target_name"],
             "before": row[waits[0]], "after": row[waits[1]]}  # fmt: skip
    return Message("efficiency.headline.process_map_wait", slots)
