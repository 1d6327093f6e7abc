"""What is installed: metadata, types, data files, and the same version everywhere."""

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import ana_sim
from ana_sim.paper import ITEMS

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path(ana_sim.__file__).resolve().parent


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_installed_version_is_that_of_pyproject(project):
    assert metadata.version("ana-sim") == project["version"]


def test_citation_and_changelog_tell_the_same_version(project):
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (\S+)$", citation, re.MULTILINE).group(1) == project["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[(\d\S*)\]", changelog, re.MULTILINE).group(1) == project["version"]


def test_metadata_names_python_licence_and_extras():
    about = metadata.metadata("ana-sim")
    assert about["Requires-Python"] == ">=3.11"
    assert about["License-Expression"] == "MIT"
    assert {"app", "cluster", "dev"} <= set(about.get_all("Provides-Extra"))


def test_script_is_the_main_of_the_command_line():
    (script,) = metadata.entry_points(group="console_scripts", name="ana-sim")
    assert script.value == "ana_sim.cli:main"
    assert callable(script.load())


def test_package_is_typed():
    assert (PACKAGE / "py.typed").is_file()


@pytest.mark.slow
def test_wheel_ships_every_file_of_the_package(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("ana_sim/")}
    expected = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "ana_sim").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    behind_figures = {f"ana_sim/data/experiments/{file}" for item in ITEMS.values() for file in item.files}
    assert {"ana_sim/py.typed"} | expected | behind_figures == shipped
    assert any(name.startswith("ana_sim/data/") for name in shipped)
