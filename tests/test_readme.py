"""README's generated parts are fresh, and what it promises exists."""

import re

from crm_eval_lib.cli.helptext import refreshed


def test_help_block_is_what_the_command_line_prints(project):
    text = (project / "README.md").read_text("utf-8")
    assert "    Usage: crm-eval" in text
    assert refreshed(text) == text


def test_every_make_target_has_plain_commands(project):
    makefile = (project / "Makefile").read_text("utf-8")
    readme = (project / "README.md").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):.*##", makefile, flags=re.M))
    assert all(f"`make {target}`" in readme for target in targets)


def test_linked_files_exist(project):
    text = (project / "README.md").read_text("utf-8")
    for target in re.findall(r"\]\(([\w./-]+)\)", text):
        assert (project / target).exists(), target
