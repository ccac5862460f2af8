"""A client with one thin table gets through every notebook; what is missing is not assessed."""

import nbformat
import pytest
from client_folder import make_client
from notebook_cells import published

MONTHS = [f"{year}-{month:02d}" for year in (2023, 2024, 2025) for month in range(1, 9)]
EVENTS = "process,case_id,activity,completed_at\n" + "".join(
    f"{process},{process}{number},{activity},{month}-{day:02d} 10:00\n"
    for process in ("sales", "returns")
    for number, month in enumerate(MONTHS)
    for activity, day in (("submit", 3), ("approve", 5))
)
TABLES = {
    "budget": "line_id,category,amount\nL1,services,1000\n",
    "actuals": "txn_id,incurred_on,amount,kind\nT1,2024-03-01,900,invoice\n",
    "problems": "problem_id,raised_on,title,severity,status\nP1,2024-02-01,Lost orders,4,open\n",
    "events": EVENTS,
    "controls": "control_id,risk,required_mode\nC1,Below the floor,block\n",
    "orders": "order_id,ordered_at,product,quantity,unit_price\nO1,2025-01-02,A,2,10\n",
    "complaints": "complaint_id,opened_at\nK1,2025-01-02\n",
}
NOTEBOOKS = ("00_data_check", "01_cost", "02_problems", "03_efficiency", "04_controls")


@pytest.mark.parametrize("name", NOTEBOOKS)
@pytest.mark.parametrize("table", TABLES)
def test_every_notebook_runs_on_one_thin_table(project, tmp_path, table, name):
    make_client(tmp_path / "clients", {f"{table}.csv": TABLES[table]})
    notebook = nbformat.read(project / "notebooks" / f"{name}.ipynb", as_version=4)
    known = {"client_id": "acme", "clients_dir": str(tmp_path / "clients")}
    found = published(notebook, tmp_path, name[3:], **known)
    for item in found["indicators"]:
        assert item["state"] != "not_assessed" or item["reason"], item["id"]
