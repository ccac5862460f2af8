"""What a factor says, gathered from its steps; written to and read from the run folder."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.results.finding import Caveat, Finding
from crm_eval_lib.results.indicator import Indicator, find_indicator
from crm_eval_lib.results.step import Step

FACTOR_ID = r"[a-z][a-z0-9_]*"


@dataclass(frozen=True)
class FactorResult:
    """All that one factor says: the same shape for standard and own factors.

    Parameters
    ----------
    factor : str
        Its id: small letters, digits and _.
    indicators : tuple of Indicator
        Their ids begin with the factor's; ``result["cost.cpi"]`` gives one.
    findings, caveats : tuple
        What to say of single indicators, and what makes them doubtful.
    tables : mapping of str to DataFrame
        Of every step, by its name; a further one as ``<step>.<name>``.
    steps : tuple of str
        Names of the steps, in the order of the notebook.

    Examples
    --------
    >>> from crm_eval_lib.results import measured
    >>> step = Step("cost.demo", (measured("cost.cpi", 0.89, "index"),))
    >>> FactorResult.collect("cost", [step]).steps
    ('cost.demo',)
    """

    factor: str
    indicators: tuple[Indicator, ...]
    findings: tuple[Finding, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    steps: tuple[str, ...] = ()

    @classmethod
    def collect(cls, factor: str, steps: Sequence[Step]) -> "FactorResult":
        """Gather steps into one result; an indicator id may appear once only.

        Parameters
        ----------
        factor : str
            Id: small letters, digits and _.
        steps : sequence of Step
            In the order of the notebook.

        Returns
        -------
        FactorResult
            All indicators, findings, caveats and tables; the steps by name.

        Raises
        ------
        CrmEvalError
            An indicator published twice, one of another factor, or an id that is no factor id.

        Examples
        --------
        >>> from crm_eval_lib.results import measured
        >>> step = Step("cost.demo", (measured("cost.cpi", 1.0, "index"),))
        >>> FactorResult.collect("cost", [step])["cost.cpi"].value
        1.0
        """
        if not re.fullmatch(FACTOR_ID, factor):
            raise CrmEvalError(f"Factor id {factor!r}: use small letters, digits and _ only.")
        indicators = [indicator for step in steps for indicator in step.indicators]
        ids = [indicator.id for indicator in indicators]
        twice = sorted({i for i in ids if ids.count(i) > 1}) if len(set(ids)) < len(ids) else []
        if twice:
            raise CrmEvalError(f"Factor {factor}: indicators published twice: {', '.join(twice)}.")
        foreign = [i for i in ids if not i.startswith(f"{factor}.") and factor != "data_check"]
        if foreign:
            raise CrmEvalError(f"Factor {factor}: ids must start with '{factor}.': {foreign[0]}.")
        tables = {step.name: step.table for step in steps if step.table is not None}
        tables |= {f"{s.name}.{name}": t for s in steps for name, t in s.tables.items()}
        return cls(
            factor,
            tuple(indicators),
            tuple(finding for step in steps for finding in step.findings),
            tuple(caveat for step in steps for caveat in step.caveats),
            tables,
            tuple(step.name for step in steps),
        )

    def __getitem__(self, indicator_id: str) -> Indicator:
        """Return one indicator by its id."""
        return find_indicator(self.indicators, indicator_id)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types; of the tables the names."""
        return {
            "factor": self.factor,
            "indicators": [indicator.to_dict() for indicator in self.indicators],
            "findings": [finding.to_dict() for finding in self.findings],
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "steps": list(self.steps),
            "tables": sorted(self.tables),
        }

    def publish(self, run_dir: str | Path | None = None) -> "FactorResult":
        """Write ``results/<factor>.json`` and ``tables/*.csv`` below run_dir; show the result.

        Without a run folder (a notebook run by hand) nothing is written.
        """
        if run_dir:
            folder = Path(run_dir)
            (folder / "results").mkdir(parents=True, exist_ok=True)
            (folder / "tables").mkdir(parents=True, exist_ok=True)
            text = json.dumps(self.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)
            (folder / "results" / f"{self.factor}.json").write_text(text, encoding="utf-8")
            for name, table in self.tables.items():
                write_table(table, folder / "tables" / f"{name}.csv")
        return self

    @classmethod
    def load(cls, path: str | Path) -> "FactorResult":
        """Read what `publish` wrote; the tables stay on disk."""
        data = json.loads(Path(path).read_text(encoding="utf-8"))
        return cls(
            data["factor"],
            tuple(Indicator.from_dict(item) for item in data["indicators"]),
            tuple(Finding.from_dict(item) for item in data["findings"]),
            tuple(Caveat.from_dict(item) for item in data["caveats"]),
            {},
            tuple(data["steps"]),
        )

    def __repr__(self) -> str:
        from crm_eval_lib import view

        return view.plain(self)

    def _repr_html_(self) -> str:
        return self._repr_mimebundle_()["text/html"]

    def _ipython_key_completions_(self) -> list[str]:
        """Offer the ids of the indicators after an opening bracket."""
        return [indicator.id for indicator in self.indicators]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from crm_eval_lib import view

        return view.factor_bundle(self)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV for spreadsheets: UTF-8 with BOM, no cell that starts a formula."""
    from crm_eval_lib.text.safe import disarmed  # late: words are made from results

    columns = [_cells(values) for _, values in table.items()]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([disarmed(column) for column in table.columns])
        writer.writerows(zip(*columns, strict=True))


def _cells(values: pd.Series) -> list[Any]:
    """Return the cells of a column as `DataFrame.to_csv` writes them, disarmed; missing is empty.

    Most tables have few rows; `to_csv` takes longer to set out than to write these.
    """
    from crm_eval_lib.text.safe import disarmed

    gone = values.isna().tolist()
    if isinstance(values.dtype, pd.StringDtype):
        cells = [disarmed(cell) for cell in values.tolist()]
    elif values.dtype.kind in "mM":
        cells = values.astype("str").tolist()  # days at midnight without a time
    elif pd.api.types.is_numeric_dtype(values.dtype):
        cells = values.tolist()
    else:
        cells = values.map(disarmed).tolist()
    return ["" if empty else cell for cell, empty in zip(cells, gone, strict=True)]
