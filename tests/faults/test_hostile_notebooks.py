"""Files that are no notebooks, or notebooks that ask for what there is not: a clear error before anything is done."""

from __future__ import annotations

import copy
import json
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from deadletter.errors import InputError
from deadletter.notebook_files import complete, read_source
from deadletter.pipeline.plan import notebook_digest, notebooks
from deadletter.project import Project
from tests.commands import called
from tests.faults.scale import SEED, share
from tests.faults.tiny import command, refused, tiny_project

NAME = "01_tiny.ipynb"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_project(tmp_path_factory.mktemp("hostile") / "project")


@pytest.fixture(scope="module")
def sound(project: Path) -> dict[str, Any]:
    return json.loads((project / "notebooks" / NAME).read_text(encoding="utf-8"))


def notebooks_of(project: Path) -> dict[str, str]:
    return notebooks(Project(project, project))


def changed(sound: dict[str, Any], *keys: Any, to: Any) -> bytes:
    """The notebook with one value put for another; `...` takes it out."""
    notebook = copy.deepcopy(sound)
    *parents, last = keys
    group = notebook
    for key in parents:
        group = group[key]
    if to is ...:
        del group[last]
    else:
        group[last] = to
    return json.dumps(notebook).encode()


RAW = {
    "nothing": b"",
    "zeros": b"\0" * 4096,
    "no JSON": b"{'cells': []}",
    "cut off": b'{"cells": [{"cell_type": "code", "source": "pri',
    "a list": b"[]",
    "a number": b"3",
    "a constant": b'{"cells": [], "metadata": {"x": NaN}, "nbformat": 4}',
    "latin-1": '{"cells": [], "x": "é"}'.encode("latin-1"),
    "utf-16": '{"cells": []}'.encode("utf-16"),
    "nested too deeply": b'{"cells": [], "nbformat": 4, "metadata": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001,
    "ten megabytes": b'{"cells": [], "nbformat": 4, "metadata": {"x": "' + b"x" * 10_000_000 + b'"}}',
    "a program": b"\x7fELF\x02\x01\x01\x00",
}
# the keys that lead to a value, what is put there, and what is told
CHANGES = [
    (("nbformat",), 3, "version 4"),
    (("nbformat",), "4", "version 4"),
    (("nbformat",), ..., "version 4"),
    (("metadata",), None, "metadata and a list of cells"),
    (("metadata",), [], "metadata and a list of cells"),
    (("metadata",), ..., "metadata and a list of cells"),
    (("cells",), ..., "metadata and a list of cells"),
    (("cells",), {}, "metadata and a list of cells"),
    (("cells",), [], "no cell tagged parameters"),
    (("cells", 1), 3, "cell 2"),
    (("cells", 1), None, "cell 2"),
    (("cells", 1, "cell_type"), "heading", "cell 2"),
    (("cells", 1, "cell_type"), ..., "cell 2"),
    (("cells", 1, "source"), ..., "cell 2"),
    (("cells", 1, "source"), 3, "cell 2"),
    (("cells", 1, "source"), [1, 2], "cell 2"),
    (("cells", 1, "source"), "print('\ud800')", "surrogates not allowed"),
    (("cells", 1, "metadata"), "x", "cell 2"),
    (("cells", 1, "metadata"), ..., "cell 2"),
    (("cells", 1, "outputs"), 3, "cell 2"),
    (("cells", 0, "metadata", "tags"), "parameters", "cell 1"),
    (("cells", 0, "metadata", "tags"), [["parameters"]], "cell 1"),
    (("cells", 0, "metadata", "tags"), {"parameters": 1}, "cell 1"),
    (("cells", 0, "metadata", "tags"), [], "no cell tagged parameters"),
    (("metadata", "deadletter"), "coding", "metadata deadletter: is not a mapping"),
    (("metadata", "deadletter"), [], "metadata deadletter: is not a mapping"),
    (("metadata", "deadletter", "per"), "regme", "did you mean: regime"),
    (("metadata", "deadletter", "per"), ["regime"], "deadletter.per: is not allowed"),
    (("metadata", "deadletter", "per"), None, "deadletter.per: is not allowed"),
    (("metadata", "deadletter", "per"), "x" * 100_000, "deadletter.per: is not allowed"),
    (("metadata", "kernelspec"), [], "metadata kernelspec: is not a mapping"),
    (("metadata", "kernelspec", "language"), "bash", "has another language; found: 'bash'"),
    (("metadata", "language_info"), {"name": "R"}, "has another language; found: 'R'"),
]


def test_files_that_are_no_notebooks(project: Path, sound: dict[str, Any], tell: Callable[[str], None]):
    path = project / "notebooks" / NAME
    cases = [(raw, "") for raw in RAW.values()] + [(changed(sound, *keys, to=to), told) for keys, to, told in CHANGES]
    for raw, told in cases:
        path.write_bytes(raw)
        # what a notebook asks for is told when notebooks are listed, all else also when one is hashed
        asks = notebooks_of if "per" in told or "regime" in told else lambda folder: notebook_digest(path)
        for read in (notebooks_of, asks):
            with pytest.raises(InputError, match=rf"notebooks/{NAME}") as error:
                read(project)
            assert told in str(error.value)
            assert "\n" not in str(error.value)
            assert len(str(error.value)) < 1_000
    tell(f"hostile notebooks by hand: {len(cases)}, each refused in one line that names the file")


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW.keys())
def test_the_command_line_refuses_them(project: Path, raw: bytes):
    (project / "notebooks" / NAME).write_bytes(raw)
    code, error = refused("run", cwd=project)
    assert code == 2
    assert re.fullmatch(rf"error: notebooks/{NAME}: [^\n]+\n", error), error
    assert not (project / "executed").exists()
    assert not (project / "results" / "baseline").exists()


def test_a_folder_and_a_link_to_nowhere_are_no_notebooks(tmp_path: Path):
    project = tiny_project(tmp_path / "project")
    path = project / "notebooks" / "09_odd.ipynb"
    for make in (path.mkdir, lambda: path.symlink_to(tmp_path / "nowhere")):
        make()
        code, error = refused("run", cwd=project)
        assert (code, "notebooks/09_odd.ipynb: is not a notebook" in error) == (2, True), error
        path.rmdir() if path.is_dir() else path.unlink()


def test_what_only_the_schema_refuses_fails_by_name(tiny_run: Path, tmp_path: Path, sound: dict[str, Any]):
    """Outputs of no kind: the notebook fails; the other one, which names no language, is executed."""
    project = shutil.copytree(tiny_run, tmp_path / "project")
    (project / "notebooks" / "02_fine.ipynb").write_bytes(changed(sound, "metadata", "kernelspec", to=...))
    odd = changed(sound, "cells", 1, "outputs", to=["x"])
    (project / "notebooks" / NAME).write_bytes(odd)
    with command("run", "--jobs", "1", "--force-notebooks", cwd=project) as running:
        said, told = running.communicate(timeout=300)
    assert running.returncode == 1
    assert "Traceback" not in told
    assert "baseline/RIVER/01_tiny failed: it could not be executed: ValidationError" in told
    assert "baseline/RIVER/02_fine: done" in said


@pytest.mark.parametrize("named", [..., {}, {"display_name": "Mine"}, {"name": "python3", "display_name": "Mine"}])
def test_a_notebook_that_names_no_language_is_in_python(project: Path, sound: dict[str, Any], named: object):
    path = project / "notebooks" / NAME
    path.write_bytes(changed(sound, "metadata", "kernelspec", to=named))
    made = complete(read_source(path))
    nbformat.validate(nbformat.from_dict(made))
    assert made["metadata"]["kernelspec"]["language"] == "python"


def test_what_editors_of_windows_write_is_executed(project: Path, sound: dict[str, Any]):
    """A byte-order mark and CRLF; the executed notebook is that of the plain file."""
    path = project / "notebooks" / NAME
    executed = []
    for mark, end in [(b"", b"\n"), (b"\xef\xbb\xbf", b"\r\n")]:
        path.write_bytes(mark + json.dumps(sound, indent=1).encode().replace(b"\n", end))
        done = called("run", "--force-notebooks", cwd=project)
        assert done.returncode == 0, done.stderr
        executed.append((project / "executed" / "baseline" / "RIVER" / NAME).read_bytes())
    assert executed[0] == executed[1]


def test_a_source_in_one_piece_is_the_same_as_in_lines(project: Path, sound: dict[str, Any]):
    path = project / "notebooks" / NAME
    digests = set()
    for made in (lambda source: source, "".join, lambda source: list("".join(source))):
        path.write_bytes(changed(sound, "cells", 1, "source", to=made(sound["cells"][1]["source"])))
        digests.add(notebook_digest(path))
    assert len(digests) == 1


def test_names_that_differ_in_case_alone_are_refused(project: Path, sound: dict[str, Any]):
    for name in (NAME, "01_Tiny.ipynb"):
        (project / "notebooks" / name).write_text(json.dumps(sound), encoding="utf-8")
    code, told = refused("run", cwd=project)
    assert (
        code,
        "01_tiny.ipynb: has the name of another notebook but for its case; found: '01_Tiny.ipynb'" in told,
    ) == (
        2,
        True,
    ), told
    (project / "notebooks" / "01_Tiny.ipynb").unlink()


SCRAPS = (None, True, 0, -1, 3.5, "", "x", "parameters", [], {}, [[]], ["x"], {"x": 1}, "code", "\0", "é\u2028")


def test_notebooks_changed_at_random(project: Path, sound: dict[str, Any], tell: Callable[[str], None]):
    """Refused in one line; or taken and hashed: what only the format's own schema refuses is told when executed."""
    rng, path = random.Random(SEED), project / "notebooks" / NAME
    counts = {"refused": 0, "taken": 0}
    for _ in range(share(200, 3_000)):
        notebook = copy.deepcopy(sound)
        for _ in range(rng.randint(1, 3)):
            places = [place for place in walk(notebook)]
            if places:
                group, key = rng.choice(places)
                if rng.random() < 0.3:
                    del group[key]
                else:
                    group[key] = copy.deepcopy(rng.choice(SCRAPS))
        path.write_text(json.dumps(notebook), encoding="utf-8")
        try:
            read_source(path)
            notebooks_of(project)
        except InputError as error:
            assert str(error).startswith(f"notebooks/{NAME}")
            counts["refused"] += 1
        else:
            assert re.fullmatch("[0-9a-f]{64}", notebook_digest(path))
            counts["taken"] += 1
    tell(f"notebooks changed at random: {sum(counts.values())}: {counts}, no traceback")


def walk(value: Any):
    """Every place in a JSON value, as the group that holds it and its key there."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from walk(value[key])
