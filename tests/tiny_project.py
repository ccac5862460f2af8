"""A project whose notebooks cost next to nothing: for kills, full disks, batches and clusters."""

import json
import shutil

from test_current import ASKING
from test_runner import notebook

SCORE = """from crm_eval_lib import open_client, scorecard
client = open_client(client_id, run_dir=run_dir)
card = scorecard.score(scorecard.load_results(run_dir), client=client, draws=200)
card.publish(run_dir)"""


def tiny_project(folder, demo_clients, clients=("acme", "borg")):
    """Make clients from the small demo, and three notebooks: gate, cost, scorecard."""
    for name in clients:
        client = folder / "data" / "clients" / name
        shutil.copytree(demo_clients / "demo-small", client)
        text = (client / "client.yml").read_text("utf-8")
        (client / "client.yml").write_text(text.replace("demo-small", name), "utf-8")
    for name in ("00_data_check", "01_cost"):
        asked = ASKING.format(factor=name[3:], rows="client.tables.cost_summary")
        notebook(folder / "notebooks", name, asked)
    notebook(folder / "notebooks", "05_scorecard", SCORE)
    return folder


def scored(report):
    """Return a report's results but for the time."""
    found = json.loads((report / "results.json").read_text("utf-8"))
    return found | {"provenance": found["provenance"] | {"generated_at": ""}}
