"""How cases go through a process: variants, repetitions, ping-pong, handovers between roles."""

import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, BEFORE, Cases, title_of
from crm_eval_lib.results import Message, Step

TABLES = ("events",)
SAMPLES = (BEFORE, AFTER)
MOST_ROLES = 30  # pairs of roles told one by one


def variants(cases: Cases, processes: tuple[str, ...] | None = None) -> Step:
    """Tell the ways finished cases took, and how much went back and forth.

    Parameters
    ----------
    cases : Cases
        With the pictures of `flow_pictures`.
    processes : tuple of str, optional
        Default: all of the roster.

    Returns
    -------
    Step
        The most frequent variants (sequences of steps) of finished cases with their share before
        and after. Tables: ``habits`` per sample – variants, how many carry four fifths, cases with
        a repeated step, cases that went back to the person they came from (A → B → A), handovers a
        case; ``roles`` – handovers between roles.

    Examples
    --------
    >>> from crm_eval_lib.efficiency import example_cases
    >>> variants(example_cases()).table[["variant_name", "before_cases_share"]].values.tolist()
    [['request → approve → done', 1.0]]
    """
    names = cases.names(processes)
    table = _variants(cases, names)
    if table.empty:
        return Step("efficiency.variants", sources=TABLES)
    habits, roles = _habits(cases, names), _roles(cases, names)
    tables = {"habits": habits} | ({"roles": roles} if len(roles) else {})
    return Step(
        "efficiency.variants",
        table=table,
        sentence=_sentence(habits, table),
        tables=tables,
        sources=TABLES,
    )


def _variants(cases: Cases, names: tuple[str, ...]) -> pd.DataFrame:
    rows = cases.pictures.get("variants", pd.DataFrame())
    if rows.empty or not rows["process"].isin(names).any():
        return pd.DataFrame()
    rows = rows[rows["process"].isin(names)]
    key = ["process", "rank", "variant", "steps"]
    wide = rows.pivot(index=key, columns="sample", values="cases").fillna(0).reset_index()
    totals = cases.pictures["variant_counts"].set_index(["process", "sample"])["cases"]
    table = pd.DataFrame({"process": wide["process"],
                          "title": wide["process"].map(lambda name: title_of(cases, name)),
                          "rank": wide["rank"], "variant_name": wide["variant"],
                          "steps": wide["steps"]})  # fmt: skip
    for sample in SAMPLES:
        count = wide[sample] if sample in wide else pd.Series(0, index=wide.index)
        whole = wide["process"].map(lambda name, s=sample: totals.get((name, s)))
        table[f"{sample}_cases"] = count.astype("int64")
        table[f"{sample}_cases_share"] = count / whole
    place = table["process"].map({name: number for number, name in enumerate(names)})
    order = pd.DataFrame({"place": place, "rank": table["rank"]}).sort_values(["place", "rank"])
    return table.loc[order.index].reset_index(drop=True)


def _habits(cases: Cases, names: tuple[str, ...]) -> pd.DataFrame:
    counts = cases.pictures["variant_counts"].rename(columns={"cases": "finished"})
    rows = cases.pictures["habits"].merge(counts, on=["process", "sample"], how="left")
    rows = rows[rows["process"].isin(names)]
    known = "resource" in cases.recorded
    return pd.DataFrame({
        "process": rows["process"],
        "title": rows["process"].map(lambda name: title_of(cases, name)),
        "sample": rows["sample"], "n": rows["cases"], "finished_cases": rows["finished"],
        "variants": rows["variants"], "carrying_variants": rows["carrying"],
        "single_variants": rows["single"],
        "rework_rate": rows["rework_cases"] / rows["cases"],
        "ping_pong_share": rows["ping_pong_cases"] / rows["cases"] if known else None,
        "handovers": rows["handovers"] / rows["cases"] if known else None,
    }).sort_values(["process", "sample"], ascending=[True, False], ignore_index=True)  # fmt: skip


def _roles(cases: Cases, names: tuple[str, ...]) -> pd.DataFrame:
    rows = cases.pictures["roles"]
    rows = rows[rows["process"].isin(names)]
    if rows.empty:
        return rows
    counts = cases.pictures["habits"].set_index(["process", "sample"])["cases"]
    key = ["process", "source", "target"]
    wide = rows.pivot(index=key, columns="sample", values="moves").fillna(0).reset_index()
    table = pd.DataFrame({"process": wide["process"], "from_role": wide["source"],
                          "to_role": wide["target"]})  # fmt: skip
    for sample in SAMPLES:
        count = wide[sample] if sample in wide else pd.Series(0, index=wide.index)
        whole = wide["process"].map(lambda name, s=sample: counts.get((name, s)))
        table[f"{sample}_handovers"] = count / whole
    order = table[[f"{sample}_handovers" for sample in SAMPLES]].sum(axis=1)
    kept = order.sort_values(ascending=False, kind="stable").index[:MOST_ROLES]
    return table.loc[kept].reset_index(drop=True)


def _sentence(habits: pd.DataFrame, table: pd.DataFrame) -> Message:
    process = table["process"].iloc[0]
    mine = habits[habits["process"].eq(process)].set_index("sample")
    first = table.iloc[0]
    known = [sample for sample in SAMPLES if sample in mine.index]
    if len(known) < len(SAMPLES) or mine["finished_cases"].isna().any():
        sample = known[0]
        slots = {"process": first["title"], "variants": int(mine.at[sample, "variants"]),
                 "carrying": int(mine.at[sample, "carrying_variants"])}  # fmt: skip
        return Message("efficiency.sentence.variants_one", slots)
    slots = {"process": first["title"], "top_before": float(first["before_cases_share"]),
             "top_after": float(first["after_cases_share"])}  # fmt: skip
    for sample in SAMPLES:
        slots[sample] = int(mine.at[sample, "carrying_variants"])
        slots[f"all_{sample}"] = int(mine.at[sample, "variants"])
    return Message("efficiency.sentence.variants", slots)
