"""What is executed is what was asked for: one cell of parameters, nobody who sets them again, and equal bytes."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import nbformat
import pytest

from deadletter.errors import InputError
from deadletter.notebook_files import complete
from deadletter.pipeline.execution import Task, execute
from deadletter.pipeline.injected import assigned, check_parameters, not_as_asked
from deadletter.tracing import note_opened, recording
from tests.pipeline.made_notebooks import notebook

NAMES = ("regime", "coding", "settings")


def cells(*sources: str, tags: dict[int, str] | None = None) -> dict:
    tagged = tags or {1: "parameters"}
    made = [
        {"cell_type": "code", "source": source, "metadata": {"tags": [tagged[n]] if n in tagged else []}}
        for n, source in enumerate(sources, start=1)
    ]
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": made}


@pytest.mark.parametrize(
    ("sources", "tags", "told"),
    [
        (("coding = 'a'", "", "coding = 'b'"), {1: "parameters", 3: "parameters"}, "found: 'cells 1 and 3'"),
        (
            ("coding = 'a'", "1", "coding = 'b'"),
            None,
            "x.ipynb: cell 3 assigns coding, which the run sets after cell 1",
        ),
        (("coding = 'a'", "for regime in 'ab':\n    pass"), None, "cell 2 assigns regime"),
        (("coding = 'a'", "import json as settings"), None, "cell 2 assigns settings"),
        (("coding = 'a'", "%%time\nif (coding := 'b'):\n    !ls"), None, "cell 2 assigns coding"),
        (("coding = 'a'", "[coding := x for x in 'ab']"), None, "cell 2 assigns coding"),
        (("coding = 'a'", "coding = !ls"), None, "cell 2 assigns coding"),
        (("coding = 'a'", "files, n = %time 1\ncoding = 'b'"), None, "cell 2 assigns coding"),
        (("coding = 'a'", "%time coding = 'b'"), None, "cell 2 assigns coding"),
        (("coding = 'a'", "open_regime?\ncoding = 'b'"), None, "cell 2 assigns coding"),
        (("coding = 'a'", "%config \\\n  X\ncoding = 'b'"), None, "cell 2 assigns coding"),
        (("coding = 'a'", "%%capture coding\n1"), None, "cell 2 assigns coding"),
        (("coding = 'a'", "%%bash --out coding\nls"), None, "cell 2 assigns coding"),
        (("coding = 'a'", "%store -r coding"), None, "cell 2 assigns coding"),
        (("coding = 'a'", "def f():\n    global coding\n    coding = 'b'"), None, "cell 2 assigns coding"),
        (
            ("coding = 'a'", "coding = 'b'", "coding = 'c'"),
            {1: "parameters", 2: "injected-parameters", 3: "injected-parameters"},
            "cell 3 assigns coding",
        ),
        (("coding = 'b'", "coding = 'a'"), {1: "injected-parameters", 2: "parameters"}, "cell 2 assigns coding"),
    ],
)
def test_what_undoes_parameters_is_refused_by_the_cells(sources: tuple[str, ...], tags: dict | None, told: str):
    with pytest.raises(InputError) as error:
        check_parameters(cells(*sources, tags=tags), NAMES, "x.ipynb")
    assert told in str(error.value)


@pytest.mark.parametrize(
    "source",
    [
        "def f(coding):\n    coding = coding + 'x'\n    return coding",
        "[coding for coding in 'ab']",
        "{coding: 1 for coding in 'ab'}, {coding for coding in 'ab'}",
        "study.coding = 3; f(coding='x')",
        "coding == 'a'",
        "%%bash\ncoding='b'\nls",
        "SELECT coding",
        "%%html\ncoding = 1",
        "get_ipython().run_line_magic(coding, 'x')",
        "print(f'{1 =!r}', coding)",
    ],
)
def test_what_only_looks_like_it_is_taken(source: str):
    check_parameters(cells("coding = 'a'", source), NAMES, "x.ipynb")
    assert "coding" not in set(assigned(source))


def opened(*what: tuple[str, str, list[str]]) -> set:
    with recording() as seen:
        for one in what:
            note_opened(*one)
    return seen


def test_what_was_opened_is_compared_with_what_was_asked():
    asked = {"regime": "CSTO", "coding": "strict", "settings": ["a=1"]}
    assert not_as_asked(asked, opened()) == ""
    assert not_as_asked(asked, opened(("CSTO", "strict", ["a=1"]), ("CSTO", "baseline", []))) == ""
    assert not_as_asked(asked, opened(("", "strict", ["a=1"]))) == ""
    told = "it opened baseline, CSTO, and was asked for strict, CSTO"
    assert not_as_asked(asked, opened(("CSTO", "baseline", ["a=1"]))) == told
    told = "it opened strict, EEU, a=2, and was asked for strict, CSTO, a=1"
    assert not_as_asked(asked, opened(("EEU", "strict", ["a=2"]))) == told
    many = {**asked, "settings": [f"{letter}=1" for letter in "abcdefgh"]}
    assert not_as_asked(many, opened(("CSTO", "strict", []))).endswith("asked for strict, CSTO, a=1, b=1, c=1, …")
    assert not_as_asked({"coding": "strict", "settings": []}, opened(("", "strict", ["a=1"])))


@pytest.mark.parametrize("minor", [0, 4, 5])
def test_a_notebook_without_ids_gives_the_same_bytes_twice_and_no_warning(tmp_path: Path, minor: int):
    old = json.loads(notebook("print(word)", "1 + 1"))
    old["nbformat_minor"], old["metadata"] = minor, {}
    for cell in old["cells"]:
        del cell["id"]
    for name in ("project", "tables"):
        (tmp_path / name).mkdir()
    task = Task("made", json.dumps(old), {"word": "after"}, 60)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first, second = (execute(task, tmp_path / "project", tmp_path / "tables") for _ in range(2))
    assert (first.error, first.text) == ("", second.text)
    done = nbformat.reads(first.text, as_version=4)
    assert [cell.id for cell in done.cells] == ["cell-1", "added-1", "cell-2", "cell-3"]
    nbformat.validate(done)


def test_warnings_and_objects_give_the_same_bytes_twice(tmp_path: Path):
    """ipykernel names a cell by its process, and an object without a text of its own is named by its address."""
    cells = ("import warnings; warnings.warn('careful')", "object()", "print(lambda: 1, 'made at 0x12')")
    for name in ("project", "tables"):
        (tmp_path / name).mkdir()
    task = Task("made", notebook(*cells), {"word": "after"}, 60)
    first, second = (execute(task, tmp_path / "project", tmp_path / "tables") for _ in range(2))
    assert (first.error, first.text) == ("", second.text)
    assert "<cell>:1: UserWarning: careful" in first.text
    assert "made at 0x12" in first.text, "what a notebook says itself stays"


PRINTS = """\
import sys, time
from IPython.display import display
for number in range(3):
    print("err", number, file=sys.stderr)
    print("out", number)
    time.sleep(0.3)
display(4)
print("end")"""


def test_what_is_printed_is_cut_where_it_is_interrupted_alone(tmp_path: Path):
    """A kernel sends what was printed five times a second: how many pieces, and which first, is a matter of time."""
    for name in ("project", "tables"):
        (tmp_path / name).mkdir()
    done = execute(Task("made", notebook(PRINTS), {"word": "after"}, 60), tmp_path / "project", tmp_path / "tables")
    outputs = nbformat.reads(done.text, as_version=4).cells[-1].outputs
    assert [output.get("name", output.output_type) for output in outputs] == [
        "stdout", "stderr", "display_data", "stdout"
    ]  # fmt: skip
    assert outputs[0].text == "out 0\nout 1\nout 2\n"


def test_what_python_starts_with_for_a_user_has_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "start.py").write_text("word = 'of the user'; raise SystemExit(4)", encoding="utf-8")
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "start.py"))
    for name in ("project", "tables"):
        (tmp_path / name).mkdir()
    task = Task("made", notebook("print(word)"), {"word": "of the run"}, 60)
    done = execute(task, tmp_path / "project", tmp_path / "tables")
    assert (done.error, "of the run" in done.text) == ("", True)


@pytest.mark.parametrize("fork", [True, False])
@pytest.mark.parametrize(
    ("cell", "changed"),
    [
        ("exec(\"word = 'mine'\")", {"word"}),
        ("globals().update(word=lambda: 1)", {"word"}),
        ("get_ipython().user_ns['words'] = 3", {"words"}),
        ("import __main__; __main__.words = ['a', 'b']", {"words"}),
        ("words.append('b')", {"words"}),
        ("%reset -f", {"word", "words"}),
        ("mine = word + str(words)", set()),
    ],
)
def test_parameters_that_are_changed_by_any_means_are_told(tmp_path: Path, cell: str, changed: set[str], fork: bool):
    for name in ("project", "tables"):
        (tmp_path / name).mkdir()
    asked = {"word": "after", "words": ["a"]}
    task = Task("made", notebook(cell, "1 + 1"), asked, 60, fork)
    done = execute(task, tmp_path / "project", tmp_path / "tables")
    assert done.error == ""
    told = f"a cell changes {', '.join(sorted(changed))}, which the run sets: use another name" if changed else ""
    assert not_as_asked({"coding": "strict", "settings": []}, done.reads) == told


def test_ids_that_stand_twice_are_set_apart():
    made = complete({**cells("1", "2", "3"), "cells": [{"id": i} for i in ("cell-2", "cell-2", "odd id")]})
    assert [cell["id"] for cell in made["cells"]] == ["cell-2", "cell-2x", "cell-3"]
