"""Which processes are evaluated, which are compared with, and what the client said of them."""

from collections.abc import Sequence

import pandas as pd

FACTS = ("title", "importance", "difficulty", "repetitive", "annual_volume", "hourly_cost",
         "sla_hours", "orders_total_after", "end_activities")  # fmt: skip


def roster_of(
    processes: pd.DataFrame | None, logged: Sequence[str]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the processes to evaluate with what is said of them, and the names of those compared.

    >>> listed = pd.DataFrame({"process": ["sell", "repair"], "in_crm": ["yes", "no"]})
    >>> roster, compared = roster_of(listed, ["repair", "sell", "buy"])
    >>> roster.index.tolist(), compared
    (['sell', 'buy'], ('repair',))
    """
    listed = pd.DataFrame({"process": pd.Series(dtype="str")}) if processes is None else processes
    listed = listed.drop_duplicates("process").set_index("process")
    listed = listed.reindex(columns=[*FACTS, "in_crm"])
    outside = listed["in_crm"].eq("no").fillna(False)
    compared = tuple(listed.index[outside])
    names = [*listed.index[~outside], *(n for n in logged if n not in listed.index)]
    return listed.reindex(list(dict.fromkeys(names))).drop(columns="in_crm"), compared


def unlisted(processes: pd.DataFrame | None, roster: pd.DataFrame) -> tuple[str, ...]:
    """Name the processes of a roster that the client did not list."""
    if processes is None or processes.empty:
        return ()
    return tuple(roster.index[~roster.index.isin(processes["process"])])
