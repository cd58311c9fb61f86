"""What comes from outside stays what it is: strings reach notebooks unchanged, nothing is evaluated or leads out."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadletter.coding import apply_settings, load_coding, to_settings
from deadletter.coding.settings import build
from deadletter.errors import InputError
from deadletter.files import write_atomically
from tests.faults.test_parameter_files import FUZZ
from tests.faults.tiny import command, refused, tiny_project
from tests.plain_yaml import dump_yaml

ROOT = Path(__file__).resolve().parents[2]
# none may run, end a string, or be read as anything but itself
HOSTILE = [
    "__import__('os').system('touch owned')",
    '"); __import__("os").system("touch owned"); ("',
    "'''\"\"\"",
    "\\",
    "\\\\n\\'",
    "a\nb\r\nc\td",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "${HOME} $(touch owned) `touch owned`",
    "%s %d %(x)s {0} {x!r}",
    "\u2028\u2029\u0085\u000b\u000c",
    "\u202e\u200b\ufeff\u00a0",
    "\x00\x01\x1b[31m\x7f",
    "😀 𝔘 é e\u0301 ж",
    "=cmd|' /C calc'!A0",
    "NaN",
    "None",
    "true",
    "0x10",
    "1e400",
    "!!python/object/apply:os.system [touch owned]",
    "&a *a <<",
    "# no comment",
    "---\n...\n",
    "key: value",
    " ",
    "",
    "../../../etc/passwd",
    "</script><script>alert(1)</script>",
    "x" * 5_000,
]
SHOWN = """\
import json
from deadletter.chapter import open_chapter

opened = open_chapter(regime, coding, settings).coding
print(json.dumps([opened.title, opened.why]))"""


@FUZZ
@given(st.text(min_size=1, max_size=100), st.text(min_size=1, max_size=40))
def test_any_text_comes_back_from_settings(text: str, other: str):
    base = {"title": "T", "why": "W", "periods": {"line": ("1990/1999",)}}
    try:
        coding = build({**base, "title": text, "why": other}, "made up")
        text.encode(), other.encode()
    except (InputError, UnicodeEncodeError):
        return
    assert apply_settings(build(base, "base"), to_settings(coding)) == coding


@pytest.mark.parametrize("text", [text for text in HOSTILE if 0 < len(text) <= 120], ids=repr)
def test_hostile_text_comes_through_a_file_and_settings(tmp_path: Path, text: str):
    tree = {"title": text, "why": text, "periods": {"line": ["1990/1999"]}}
    (tmp_path / "x.yaml").write_text(dump_yaml(tree), encoding="utf-8")
    coding = load_coding(tmp_path, "x")
    assert (coding.title, coding.why) == (text, text)
    assert apply_settings(coding, to_settings(coding)) == coding


def test_half_a_character_is_refused(tmp_path: Path):
    (tmp_path / "x.yaml").write_text('title: "\\ud800"\nwhy: w\nperiods: {line: [1990/1999]}\n')
    with pytest.raises(InputError, match=r"params/x\.yaml line 1: contains half of a character"):
        load_coding(tmp_path, "x")


def test_strings_reach_a_notebook_through_the_command_line(tmp_path: Path, tell: Callable[[str], None]):
    project = tiny_project(tmp_path / "project", SHOWN)
    title, why = "".join(HOSTILE[:4])[:120], "".join(HOSTILE[4:-1])[:600]
    tree = {"extends": "baseline", "title": title, "why": why}
    (project / "params" / "mine.yaml").write_text(dump_yaml(tree), encoding="utf-8")
    with command("run", "mine", "--jobs", "1", cwd=project) as running:
        _, told = running.communicate(timeout=300)
    assert running.returncode == 0, told
    done = nbformat.read(project / "executed" / "mine" / "RIVER" / "01_tiny.ipynb", as_version=4)
    printed = next(output.text for cell in done.cells for output in cell.get("outputs", []))
    assert json.loads(printed) == [title, why]
    assert not list(tmp_path.rglob("owned"))
    tell(f"hostile strings through a notebook: {len(HOSTILE)}, each the same string on the other side")


# functions that would turn text into code, or read objects from bytes
RUNS = {"eval", "exec", "compile", "__import__", "system", "popen", "query", "loads_pickle", "unsafe_load", "full_load"}
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
# said in so many words, with a literal argument of our own
ALLOWED = {("compile", "re"), ("system", "platform")}
# tasks travel to our own workers as multiprocessing sends them; what data or parameters say stays a value in them
SENDERS = {"analysis/deadletter/workers/cluster.py"}


def test_nothing_evaluates_text():
    """No call of `eval` and its kin, no `pandas.query`, no unpickling; `re.compile` is another thing."""
    found = []
    for path in sorted((ROOT / "analysis").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                function = node.func
                name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
                owner = getattr(getattr(function, "value", None), "id", "")
                if name in RUNS and (name, owner) not in ALLOWED:
                    found.append((path.name, node.lineno, name))
                found += [
                    (path.name, node.lineno, f"{word.arg}=True")
                    for word in node.keywords
                    if word.arg in ("shell", "allow_pickle") and getattr(word.value, "value", None) is not False
                ]
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if path.relative_to(ROOT).as_posix() not in SENDERS:
                found += [(path.name, node.lineno, name) for name in names if name.split(".")[0] in FORBIDDEN_MODULES]
    assert found == []


def test_a_link_in_place_of_an_output_is_replaced_not_followed(tmp_path: Path):
    outside, link = tmp_path / "outside.txt", tmp_path / "results" / "indices.csv"
    outside.write_text("mine")
    link.parent.mkdir()
    link.symlink_to(outside)
    write_atomically(link, "new")
    assert (outside.read_text(), link.read_text(), link.is_symlink()) == ("mine", "new", False)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "../params/baseline"], "unknown coding"),
        (["run", "/etc/passwd"], "unknown coding"),
        (["run", "x" * 4_000], "unknown coding"),
        (["run", "con"], "unknown coding"),
        (["run", "baseline\n"], "unknown coding"),
        (["publish", "base\nline"], "unknown coding"),
        (["read", "base\nline"], "unknown coding"),
        (["read", ""], "is followed by an empty word"),
        (["read", ".."], "unknown coding"),
        (["read", "/tmp"], "unknown coding"),
        (["read", "../executed/baseline"], "unknown coding"),
        (["run", "--timeout", "9" * 16], "less than or equal to 1000000"),
        (["run", "--regime", "../../RIVER"], "unknown regime"),
        (["run", "--regime", "x" * 4_000], "unknown regime"),
        (["run", "--set", "title=!!python/name:os.system"], "YAML tags are not allowed"),
        (["compare", "baseline", "../baseline"], "unknown coding"),
        (["why", "c901", "--coding", "../baseline"], "unknown coding"),
        (["multiverse", "../nowhere.yaml"], "cannot be read"),
        (["multiverse", "x" * 4_000], "cannot be read"),
        (["multiverse", "no\nwhere.yaml"], "cannot be read"),
        (["check", "--article", "x" * 4_000], "cannot be read"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_no_argument_leads_out(tmp_path: Path, arguments, told):
    project = tiny_project(tmp_path / "project")
    before = sorted(path for path in tmp_path.rglob("*") if ".cache" not in path.parts)
    code, error = refused(*arguments, cwd=project)
    assert (code, told in error, "Traceback" in error) == (2, True, False), error
    assert re.fullmatch(r"error: [^\n]+\n", error), error
    after = sorted(path for path in tmp_path.rglob("*") if ".cache" not in path.parts and path.name != "results")
    assert after == before


@pytest.mark.parametrize("name", ["../RIVER", "RIV/ER", "..", "RIV ER", "RIVER\u202e", "R" * 300, "Con", "LPT1"])
def test_the_name_of_a_regime_cannot_lead_out(tmp_path: Path, name: str):
    """Regimes are data, and name folders of executed notebooks."""
    project = tiny_project(tmp_path / "project")
    for path in (project / "data").rglob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8").replace("RIVER", name), encoding="utf-8")
    code, error = refused("run", cwd=project)
    assert (code, "Traceback" in error) == (2, False)
    assert "account/" in error
