"""Small notebooks and clients for the benchmark of the batch: their cells cost little.

Each notebook makes 20,000 rows, draws a bootstrap and shows three figures. They follow the plan of
a run (gate, factors, scorecard), so that the runner and stock papermill execute the same files.
"""

import shutil
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

PROJECT = Path(__file__).parents[1]
DEMO = "demo-small"
NAMES = ("00_data_check", "01_cost", "02_problems", "03_efficiency", "04_controls", "05_scorecard")
PARAMETERS = """client_id: str = "client-01"  # folder below the clients directory
clients_dir: str = ""  # empty: data/clients of the project
run_dir: str = ""  # empty: run by hand
language: str = ""  # en or zh-Hans; empty: the client's
status_date: str = ""  # YYYY-MM-DD; empty: the client's"""
CELLS = (
    """import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from scipy import stats""",
    """rng = np.random.default_rng(7)
rows = pd.DataFrame({"group": rng.integers(0, 12, 20_000), "hours": rng.lognormal(2, 1, 20_000)})
rows.groupby("group")["hours"].describe()""",
    """draw = stats.bootstrap((rows["hours"].to_numpy()[:2_000],), np.median, n_resamples=1_000,
                       method="percentile", rng=rng)
draw.confidence_interval""",
    """sns.histplot(rows, x="hours", bins=60, log_scale=True)
plt.show()""",
    """sns.boxplot(rows, x="group", y="hours", showfliers=False)
plt.show()""",
    """sns.lineplot(rows.groupby("group", as_index=False)["hours"].median(), x="group", y="hours")
plt.show()""",
)
PUBLISH = """if run_dir:
    from crm_eval_lib import FactorResult

    FactorResult.collect("{factor}", []).publish(run_dir)"""
SCORE = """if run_dir:
    from crm_eval_lib import open_client, scorecard

    client = open_client(client_id, run_dir=run_dir)
    scorecard.score(scorecard.load_results(run_dir), client=client, draws=200).publish(run_dir)"""


def write_notebooks(folder: Path) -> None:
    """Write the light set."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        last = SCORE if name == NAMES[-1] else PUBLISH.format(factor=name[3:])
        codes = [new_code_cell(source, metadata={"tags": []}) for source in (*CELLS, last)]
        first = new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        cells = [new_markdown_cell(f"# {name}", metadata={"tags": []}), first, *codes]
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}),
                       folder / f"{name}.ipynb")  # fmt: skip


def write_clients(folder: Path, count: int, demo: str = DEMO) -> list[str]:
    """Copy a demo client under other names; return the names."""
    names = [f"client-{number:03d}" for number in range(1, count + 1)]
    for name in names:
        shutil.copytree(PROJECT / "data" / "clients" / demo, folder / name)
        settings = folder / name / "client.yml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace(demo, name), encoding="utf-8")
    return names
