"""The example study, by the package laid out as in its wheel, in a folder elsewhere: every command, and by hand."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

from tests.journeys.conftest import ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the wheel holds, by what pyproject.toml says of it; nothing of the checkout is around."""
    target = tmp_path_factory.mktemp("installed")
    shutil.copytree(
        ROOT / "analysis" / "deadletter", target / "deadletter", ignore=shutil.ignore_patterns("__pycache__")
    )
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    for source, name in wheel["force-include"].items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / source).is_dir() else shutil.copy)(ROOT / source, target / name)
    return target


def command(installed: Path, cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed), "NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=900
    )


@pytest.fixture(scope="module")
def study(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("elsewhere")
    assert command(installed, folder, "deadletter", "new", "x").returncode == 0
    done = command(installed, folder / "x", "deadletter", "run")
    assert done.returncode == 0, done.stderr
    assert "5 notebooks executed" in done.stdout
    return folder / "x"


def said(installed: Path, study: Path, *words: str) -> str:
    done = command(installed, study, "deadletter", *words)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def test_it_is_the_code_of_the_wheel_that_runs(installed: Path, study: Path):
    code = ["-c", "import deadletter; print(deadletter.__file__)"]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run([sys.executable, *code], cwd=study, env=environment, capture_output=True, text=True)
    assert done.stdout.startswith(str(installed))
    where = command(installed, installed, "deadletter", "run")
    assert (where.returncode, "`deadletter new DIR` writes one" in where.stderr) == (2, True)


def test_notebooks_of_an_executed_example_show_no_error_and_no_empty_chart(study: Path):
    for path in sorted((study / "executed").rglob("*.ipynb")):
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        outputs = [output for cell in cells for output in cell.outputs]
        assert outputs
        assert {output.output_type for output in outputs} == {"display_data"}
        assert '"values": []' not in json.dumps(outputs)


def test_check_says_what_is_not_computed_and_finds_nothing_wrong(installed: Path, study: Path):
    told = said(installed, study, "check")
    assert "not computed: trade shares, breaks and gravity: trade/bilateral.csv has no row" in told
    assert "\n0 problems\n" in told


def test_why_compare_and_multiverse(installed: Path, study: Path):
    assert "57% of the years from 2010 passed without the summit that was due (4 of 7)" in said(
        installed, study, "why", "c002"
    )
    said(installed, study, "compare", "baseline", "strict")
    said(installed, study, "multiverse")
    assert (study / "results" / "multiverse" / "meta.json").is_file()


def test_the_site_speaks_of_this_study_alone(installed: Path, study: Path):
    said(installed, study, "publish", "--allow-stale")
    pages = {path: path.read_text(encoding="utf-8") for path in (study / "site").rglob("*.html")}
    home = pages[study / "site" / "index.html"]
    assert "Is South Asian cooperation a dead letter?" in home
    assert "this is not a study of South Asia to be cited" in home
    # nor of a Makefile, which only a checkout has
    named = ("Troitskiy, E. (2020). Dead", "CSTO", "10.1080/13600826", "make run")
    assert [(path.name, name) for path, page in pages.items() for name in named if name in page] == []
    executed = {path: path.read_text(encoding="utf-8") for path in (study / "executed").rglob("*.ipynb")}
    assert [path.name for path, page in {**pages, **executed}.items() if "the article" in page.lower()] == []


def test_plain_papermill_from_the_folder_of_notebooks(installed: Path, study: Path):
    notebook = study / "notebooks" / "01_emergence.ipynb"
    out = study / "by_hand.ipynb"
    words = ["papermill", str(notebook), str(out), "-p", "regime", "SAARC", "-p", "coding", "strict", "-k", "python3"]
    done = command(installed, study / "notebooks", *words)
    assert done.returncode == 0, done.stderr
    assert "under the coding *Strict*" in out.read_text(encoding="utf-8")
