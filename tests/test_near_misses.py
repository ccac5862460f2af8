"""What is nearly right is answered at once, with the name that was meant."""

import pytest
from client_folder import make_client

from crm_eval_lib.cli import main
from crm_eval_lib.cli.clients import check_client
from crm_eval_lib.cli.options import LANGUAGES as cli_languages
from crm_eval_lib.cli.options import Language
from crm_eval_lib.text import LANGUAGES

BUDGET = "line_id,category,amount\nL1,software,100\n"


def test_a_misspelt_header_is_named_beside_the_problems_of_cells(tmp_path):
    table = "line_id,category,amount,aproved_on\nL1,sofware,12,2024-03-01\n"
    make_client(tmp_path, {"budget.csv": table})
    first, second = check_client(tmp_path, "acme")["problems"]
    assert "'sofware'" in first
    assert "budget.csv, column aproved_on" in second and "Did you mean 'approved_on'?" in second


def test_a_value_no_knob_can_have_is_refused_before_the_run(tmp_path, capsys):
    make_client(tmp_path, {"budget.csv": BUDGET})
    with pytest.raises(SystemExit) as stop:
        main(["run", "acme", "--clients", str(tmp_path), "--reports", str(tmp_path / "reports"),
              "-p", "03_efficiency.confidence=2"])  # fmt: skip
    assert stop.value.code == 2 and "must lie between 0 and 1" in capsys.readouterr().err
    assert not list((tmp_path / "reports").glob("*"))


@pytest.mark.parametrize("typed", ["zh", "zh_CN", "ZH-hans"])
def test_a_language_is_known_by_its_common_names(typed):
    assert Language().convert(typed, None, None) == "zh-Hans"
    assert set(cli_languages) == set(LANGUAGES)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rn"], "No verb 'rn': did you mean 'run'?"),
        (["run", "acme", "--lang", "zh-hns"], "did you mean 'zh-Hans'?"),
        (["run", "acme", "--lang", "fr"], "known are: en, zh-Hans"),
    ],
)
def test_a_misspelt_word_of_the_command_line_gets_the_nearest(arguments, said, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2 and said in capsys.readouterr().err
