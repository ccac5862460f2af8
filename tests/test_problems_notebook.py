"""Notebook 02 says what the library says, keeps the house rules, and reads a client's folder."""

import nbformat
import pytest
from notebook_cells import published

from crm_eval_lib import problems
from crm_eval_lib.client import open_client


@pytest.fixture(scope="module")
def notebook(project):
    return nbformat.read(project / "notebooks" / "02_problems.ipynb", as_version=4)


def test_an_earlier_status_date_sees_fewer_problems_solved(notebook, tmp_path, assessed):
    found = published(notebook, tmp_path, "problems", status_date="2024-07-31")
    now = assessed("problems", "demo-trading")["problems.claimed_rate"].value
    (then,) = (i for i in found["indicators"] if i["id"] == "problems.claimed_rate")
    assert then["value"] < now


def test_a_folder_with_chinese_headers_and_encoding_is_read(tmp_path):
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "client.yml").write_text(
        "schema: 1\nclient: acme\nname: 某公司\nlanguage: zh-Hans\ncurrency: CNY\n"
        "timezone: Asia/Shanghai\ndates: {project_start: 2024-01-08, planned_go_live: 2024-07-01, "
        "go_live: 2024-09-02, status_date: 2025-08-31}\n",
        "utf-8",
    )
    rows = ["问题编号,提出日期,标题,严重度,状态,是否认可,证据,解决日期",
            "007,2024-01-20,订单无人审批,5,已解决,是,测试记录,2024-10-08",
            "008,2024-01-21,客户重复建档,5,未解决,,,"]  # fmt: skip
    (folder / "problems.csv").write_text("\n".join(rows), "gb18030")
    result = problems.assess(open_client("acme", clients_dir=str(tmp_path)))
    assert result["problems.solved_rate"].value == 0.5
    assert result["problems.open_five_90"].value == 1
    assert result.findings[0].rows == (("problems", "008"),)
