"""The project's own files agree with each other."""

import re
import subprocess
import sys
import tomllib

import mistune
import nbformat
import pytest
import yaml

ALLOWED_TAGS = {
    "parameters", "setup", "hide-input", "hide-cell", "appendix", "lang-en", "lang-zh-Hans",
    "keep_output", "nbval-skip", "nbval-ignore-output", "nbval-check-output",
    "nbval-raises-exception",
}  # fmt: skip
MAX_CELLS, MAX_LINES = 30, 15


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required(project) -> set[str]:
    metadata = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [metadata["dependencies"], *metadata["optional-dependencies"].values()]
    return {normal(re.match(r"[\w.-]+", item)[0]) for group in groups for item in group}


def pinned(project) -> set[str]:
    lock = (project / "requirements.lock").read_text("utf-8")
    return {normal(name) for name in re.findall(r"^([\w.-]+)==", lock, flags=re.M)}


def test_every_dependency_is_pinned_in_the_lock(project):
    assert required(project) <= pinned(project)


def test_every_pin_has_a_hash_and_no_address(project):
    lock = (project / "requirements.lock").read_text("utf-8")
    blocks = re.split(r"^(?=[\w.-]+==)", lock, flags=re.M)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in lock and "index-url" not in lock


def test_lock_serves_windows_macos_and_linux(project):
    lock = (project / "requirements.lock").read_text("utf-8")
    assert "os_name == 'nt'" in lock and "sys_platform == 'darwin'" in lock


def test_conda_takes_its_packages_from_the_same_lock(project):
    environment = yaml.safe_load((project / "environment.yml").read_text("utf-8"))
    pip = next(item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    assert pip == ["--require-hashes", "-r requirements.lock"]
    python = next(item for item in environment["dependencies"] if str(item).startswith("python="))
    metadata = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    assert metadata["requires-python"] == ">=" + python.split("=")[1]


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import crm_eval_lib.cli, sys; print(*sorted({'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == ""


def notebooks(project):
    return sorted((project / "notebooks").rglob("*.ipynb"))


def test_notebooks_use_only_known_tags(project):
    for path in notebooks(project):
        for cell in nbformat.read(path, 4).cells:
            assert set(cell.metadata.get("tags", [])) <= ALLOWED_TAGS, path.name


@pytest.mark.parametrize("language", ["lang-en", "lang-zh-Hans"])
def test_notebooks_are_short_and_half_prose(project, language):
    other = {"lang-en": "lang-zh-Hans", "lang-zh-Hans": "lang-en"}[language]
    for path in notebooks(project):
        cells = [c for c in nbformat.read(path, 4).cells if other not in c.metadata.get("tags", [])]
        prose = [cell for cell in cells if cell.cell_type == "markdown"]
        assert len(cells) <= MAX_CELLS, path.name
        assert len(prose) >= 0.4 * len(cells), path.name


def test_notebook_code_cells_are_few_lines_without_definitions(project):
    for path in notebooks(project):
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type == "code":
                assert len(cell.source.splitlines()) <= MAX_LINES, (path.name, cell.source)
                assert not re.search(r"^\s*(def|class) ", cell.source, flags=re.M), path.name


def test_notebooks_are_committed_without_outputs(project):
    for path in notebooks(project):
        for cell in nbformat.read(path, 4).cells:
            kept = "keep_output" in cell.metadata.get("tags", [])
            assert kept or not cell.get("outputs"), path.name


def test_notebooks_say_the_same_in_both_languages(project):
    for path in notebooks(project):
        tags = [tag for c in nbformat.read(path, 4).cells for tag in c.metadata.get("tags", [])]
        assert tags.count("lang-en") == tags.count("lang-zh-Hans") > 0, path.name


def test_catalogues_have_equal_keys_and_slots():
    from crm_eval_lib.text import catalogue

    english, chinese = catalogue("en"), catalogue("zh-Hans")
    assert set(english) == set(chinese)
    slot = re.compile(r"\{(\w+)")
    for key, sentence in english.items():
        assert set(slot.findall(sentence)) == set(slot.findall(chinese[key])), key


def test_files_of_the_library_stay_under_300_lines(project):
    for path in (project / "crm_eval_lib").rglob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) < 300, path.name


def test_emphasis_in_prose_is_really_emphasis(project):
    for path in notebooks(project):
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type == "markdown":
                assert "**" not in mistune.html(cell.source), (path.name, cell.id)
