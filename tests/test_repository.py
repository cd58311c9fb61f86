"""Promises of the repository as a whole: thin notebooks, no names in code, files that cannot drift apart."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import yaml
from typer.main import get_command

from deadletter.charts.plane import overview_svg
from deadletter.cli.app import app
from deadletter.coding import coding_names, load_coding
from deadletter.coding.settings import reference_page
from deadletter.dataset.codebook import stale_descriptions
from deadletter.dataset.load import load_dataset
from deadletter.labels import CELL_NAMES
from deadletter.results import indices_table, placement_table

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MODULES = sorted((ROOT / "analysis").rglob("*.py"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_thin(path: Path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell for cell in code if cell.outputs or cell.execution_count] == []
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in code) == 1
    assert all(len(cell.metadata.tags) == 1 for cell in code)
    for cell in code:
        assert len(cell.source.splitlines()) <= 12
        kinds = (ast.FunctionDef, ast.ClassDef, ast.Lambda)
        assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, kinds)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_code_names_no_regime_and_no_state(path: Path):
    text = path.read_text(encoding="utf-8")
    regimes = set(pd.read_csv(ROOT / "data/account/regimes.csv")["id"])
    states = set(pd.read_csv(ROOT / "data/account/states.csv")["iso3"])
    words = set(re.findall(r"[A-Z][A-Za-z]*(?:-\d+)?", text))
    assert words & (regimes | states) == set()
    assert len(text.splitlines()) <= 320


def test_environment_and_pyproject_list_the_same():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    wanted = {*PYPROJECT["project"]["dependencies"], *PYPROJECT["project"]["optional-dependencies"]["lab"]}
    wanted |= {"python" + PYPROJECT["project"]["requires-python"], "pip"}
    assert {line for line in conda if isinstance(line, str)} == wanted


def test_each_dependency_says_why_it_is_there():
    text = (ROOT / "pyproject.toml").read_text().split("[project.scripts]")[0]
    lines = re.findall(r'^    "[a-zA-Z0-9-]+[><=].*$', text, flags=re.M)
    assert len(lines) > 20
    assert [line for line in lines if not re.search(r"# [\w-]+,? \w+", line)] == []


# import names that differ from the names of their packages
PACKAGES = {
    "SALib": "salib",
    "yaml": "pyyaml",
    "vl_convert": "vl-convert-python",
    "markdown_it": "markdown-it-py",
    "IPython": "ipython",
    "pydantic_core": "pydantic",
}


def test_every_library_that_is_imported_is_declared():
    extra = PYPROJECT["project"]["optional-dependencies"]["cluster"]
    declared = {re.match(r"[a-z0-9-]+", line.lower())[0] for line in PYPROJECT["project"]["dependencies"] + extra}
    imported = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            imported |= {name.split(".")[0] for name in names}
    outside = imported - sys.stdlib_module_names - {"deadletter"}
    assert {PACKAGES.get(name, name.replace("_", "-")) for name in outside} - declared == set()


def test_lock_pins_every_dependency_by_hash_and_names_no_address():
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    pinned = {re.match(r"[a-z0-9.-]+", entry)[0] for entry in entries}
    groups = [PYPROJECT["project"]["dependencies"], *PYPROJECT["project"]["optional-dependencies"].values()]
    declared = {re.match(r"[a-z0-9-]+", line.lower())[0] for group in groups for line in group}
    assert declared - pinned == set()


def test_descriptor_and_codebook_are_current():
    assert list(stale_descriptions(ROOT / "data")) == []


def test_the_page_of_parameters_is_what_the_model_gives():
    assert (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8") == reference_page()


def test_every_shipped_coding_loads_and_gives_its_reason():
    for name in coding_names(ROOT / "params"):
        coding = load_coding(ROOT / "params", name)
        assert len(coding.why.split()) > 10, name
        assert name == "baseline" or f"`{name}`" in (ROOT / "docs" / "codings.md").read_text(encoding="utf-8")


def test_the_picture_of_the_readme_is_the_one_that_the_data_give():
    dataset = load_dataset(ROOT / "data")
    baseline = load_coding(ROOT / "params", "baseline")
    indices = indices_table(dataset, baseline)
    placement = placement_table(dataset, baseline, indices)
    drawn = (ROOT / "docs" / "overview.svg").read_text(encoding="utf-8")
    assert drawn == overview_svg(indices, placement, baseline), "cp results/baseline/overview.svg docs/"
    # the README's sentences on the finding are those that the placements give
    whole = placement[(placement["component"] == "all") & (placement["basis"] == "expectation")]
    last = whole.sort_values("period").groupby(["regime", "measure"])["label"].last()
    said = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    for regime in dataset.focal:
        names = {measure: CELL_NAMES[last[regime, measure]] for measure in ("codification", "legalisation")}
        assert f"| {regime} | {names['codification']} | {names['legalisation']} |" in said


# these two speak of the files of the reader's own study
OWN_STUDY = ("tutorial.md", "study.md")
DOCS = [path for path in sorted((ROOT / "docs").glob("*.md")) if path.name not in OWN_STUDY]
PROSE = [*NOTEBOOKS, *DOCS, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.name)
def test_a_file_that_prose_names_is_linked_and_every_link_leads_to_a_file(path: Path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = nbformat.read(path, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    text = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    named = re.findall(r"(?<!\[)`([\w.-]+/[\w./-]+\.\w+)`", text)
    assert [name for name in named if (ROOT / name).is_file() and not name.startswith(("results/", "executed/"))] == []
    links = re.findall(r"\]\((?!https?:|#|attachment:)([^)#\s]+)", text)
    assert [target for target in links if not (path.parent / target).exists()] == []


def test_the_readme_names_commands_that_exist():
    told = set(re.findall(r"`deadletter ([a-z]+)", (ROOT / "README.md").read_text()))
    assert told <= set(get_command(app).commands)
