"""Notebook 04 says what the library says, keeps the house rules, and reads a client's folder."""

import json

import nbformat
import pytest
from notebook_cells import published

from crm_eval_lib import controls
from crm_eval_lib.client import open_client


@pytest.fixture(scope="module")
def notebook(project):
    return nbformat.read(project / "notebooks" / "04_controls.ipynb", as_version=4)


def test_the_knobs_move_the_result(notebook, tmp_path, assessed):
    found = published(notebook, tmp_path, "controls", rank="importance", confidence=0.8)
    other = controls.assess(open_client("demo-trading"), rank="importance", confidence=0.8)
    assert found == json.loads(json.dumps(other.to_dict()))
    assert other.to_dict() != assessed("controls", "demo-trading").to_dict()


def test_a_folder_with_chinese_headers_and_codes_is_read(tmp_path):
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "client.yml").write_text(
        "schema: 1\nclient: acme\nname: 某公司\nlanguage: zh-Hans\ncurrency: CNY\n"
        "timezone: Asia/Shanghai\ndates: {project_start: 2024-01-08, planned_go_live: 2024-07-01, "
        "go_live: 2024-09-02, status_date: 2025-08-31}\n",
        "utf-8",
    )
    rows = ["控制点编号,风险,要求方式,配置方式,是否关键",
            "007,低于底价,拦截,拦截,是", "008,重复建档,警告,无,否"]  # fmt: skip
    (folder / "controls.csv").write_text("\n".join(rows), "gb18030")
    result = controls.assess(open_client("acme", clients_dir=str(tmp_path)))
    assert result["controls.coverage"].value == 0.5
    assert result["controls.sample_size[007]"].value == 59


def test_the_prose_holds_no_digits_and_says_what_a_clean_sample_is_worth(notebook):
    prose = {c.metadata.tags[0]: "" for c in notebook.cells if c.cell_type == "markdown"}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            prose[cell.metadata.tags[0]] += cell.source
    assert not any(char.isdigit() for text in prose.values() for char in text)
    assert "neither a failure nor a proof" in prose["lang-en"]
    assert "既不算失效，也不足以证明有效" in prose["lang-zh-Hans"]
