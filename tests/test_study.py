"""The study's own words stand in study.yaml, checked key by key; the package names no study."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import pytest

from deadletter.errors import InputError
from deadletter.study import read_study

ROOT = Path(__file__).resolve().parents[1]


def written(folder: Path, text: str) -> Path:
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_first_study_says_what_it_is_about():
    study = read_study(ROOT)
    assert study.source is not None
    assert (study.source.cite, study.called, study.coders) == ("Troitskiy (2020)", "the article", "machine")
    assert set(study.chapters) == {path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")}


def test_a_folder_without_the_file_is_named_for_itself(tmp_path: Path):
    assert read_study(tmp_path).title == tmp_path.name
    assert read_study(tmp_path).called == "the text"
    assert read_study(Path("/")).title == "Study"
    assert read_study(tmp_path / "of\nmine\udcff").title == "of\ufffdmine\ufffd"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("question: Why?\n", "study.yaml key title: key is missing"),
        ("title: A\nauthor: [B]\n", "study.yaml: unknown key; found: 'author'; did you mean: authors"),
        ("title: A\nsource: {cite: B}\n", "study.yaml key source.citation: key is missing"),
        ("title: A\ncoders: humans\n", "study.yaml key coders: is not allowed; found: 'humans'; did you mean: human"),
        ("title: A\nsource: {cite: B, citation: C, page: x}\n", "study.yaml key source.page"),
        ("title: [A]\n", "study.yaml key title"),
        ("- A\n", "study.yaml: is not a mapping"),
    ],
)
def test_a_key_that_will_not_do_is_named(tmp_path: Path, text: str, told: str):
    with pytest.raises(InputError, match=f"^{re.escape(told)}"):
        read_study(written(tmp_path, text))


def own_names() -> list[str]:
    """Regimes, states and authors of this study, and the anchors of claims as they are named in commands."""
    with (ROOT / "data" / "account" / "regimes.csv").open(encoding="utf-8", newline="") as file:
        regimes = [cell for row in csv.DictReader(file) for cell in (row["id"], row["name"])]
    with (ROOT / "data" / "account" / "states.csv").open(encoding="utf-8", newline="") as file:
        states = [row["name"] for row in csv.DictReader(file)]
    return [*regimes, *states, "Troitskiy", "troitskiy2020", "Eurasia", "post-Soviet", "10.1080/13600826"]


# a font
ALSO_WORDS = {"appendix.html": {"Georgia"}}


def test_no_code_names_the_study():
    pattern = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in own_names()))
    found = []
    for path in sorted((ROOT / "analysis").rglob("*")):
        if path.suffix not in (".py", ".md", ".html", ".js", ".css", ".svg"):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            named = set(pattern.findall(line)) - ALSO_WORDS.get(path.name, set())
            found += [f"{path.relative_to(ROOT)}:{number}: {name}" for name in sorted(named)]
    assert found == []


@pytest.mark.parametrize(
    "path",
    [
        *sorted((ROOT / "analysis").rglob("*.html")),
        *sorted((ROOT / "analysis").rglob("*.md")),
        *sorted((ROOT / "analysis").rglob("*.js")),
        *sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")),
    ],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_no_page_and_no_notebook_says_what_kind_of_source_a_study_has(path: Path):
    """The noun comes from `source.called` of study.yaml; comments of scripts speak of the words of a page."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(r"(?i)\b(?:the|our|its) (?:text|article)\b(?!-)", text) == []


def _sentences(path: Path) -> list[str]:
    """The strings of a module that are not docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef)
    told = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, holders) and ast.get_docstring(node)}
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in told
            and isinstance(node.value, str)]  # fmt: skip


def test_no_sentence_of_the_code_says_what_kind_of_source_a_study_has():
    found = {
        f"{path.stem}: {text}"
        for path in sorted((ROOT / "analysis").rglob("*.py"))
        for text in _sentences(path)
        if re.search(r"(?i)\bthe (text|article)\b|\barticle's", text)
    }
    # the default of the noun itself; what is typed into a cell of a spreadsheet; a provision's wording
    assert {text.partition(":")[0] for text in found} <= {"study", "why", "filled", "record_facts", "opened"}, found
