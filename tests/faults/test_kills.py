"""`kill -9` at random moments: outputs are whole, old or new; the next run does the rest and gives the same bytes."""

from __future__ import annotations

import os
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from deadletter.files import write_atomically
from tests.faults.killed import (
    FOLDERS,
    assert_whole,
    finished,
    kept_copy,
    kill_after,
    outputs,
    parts,
    put_back,
    written,
)
from tests.faults.scale import SEED, share
from tests.faults.tiny import SOURCE, write_notebook

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads processes from /proc")
LONG = f"{SOURCE}\nprint(list(range(20_000)))"
CHAIN = 4
# seconds, at most, between the file that is waited for and the blow
PAUSE = 0.3
MULTIVERSE = """title: Tiny
why: w
universes: 4096
branches:
  ambiguous:
    why: open
    options:
      as_it_is: {why: x}
      breach: {why: y, set: {compliance: {ambiguous: 0.0}}}
  compliance_crossover:
    why: open
    key: calibration.compliance.crossover
    uniform: [0.45, 0.55]
  crossover:
    why: open
    key: calibration.expectation.crossover
    uniform: [0.45, 0.55]
"""


def changed(project: Path) -> None:
    """Change what every output depends on: a judgement, the notebooks, the declaration."""
    ratings = project / "data" / "account" / "ratings.csv"
    text = ratings.read_text(encoding="utf-8")
    ratings.write_text(text.replace("n901,coder-1,obligation,2", "n901,coder-1,obligation,3"), encoding="utf-8")
    for number in (1, 2):
        write_notebook(project, f"{LONG}\nprint('changed')", name=f"0{number}_tiny")
    declared = project / "params" / "multiverse.yaml"
    declared.write_text(declared.read_text().replace("[0.45, 0.55]", "[0.44, 0.56]"), encoding="utf-8")


@pytest.fixture
def project(tiny_run: Path, tmp_path: Path) -> Path:
    root = shutil.copytree(tiny_run, tmp_path / "project")
    (root / "params" / "multiverse.yaml").write_text(MULTIVERSE, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("words", "kills"),
    [
        (("run", "--jobs", "2"), share(2, 32)),
        (("multiverse", "--jobs", "1"), share(1, 20)),
        (("publish",), share(0, 8)),
    ],
    ids=["run", "multiverse", "publish"],
)
def test_killed(project: Path, tmp_path: Path, tell: Callable[[str], None], words: tuple[str, ...], kills: int):
    if not kills:
        pytest.skip("only with DEADLETTER_FAULTS=all")
    # a run has ended there; a site shows what was run
    if words[0] != "run":
        finished(project, *words)
    old, kept = outputs(project), tmp_path / "kept"
    kept_copy(project, kept)
    changed(project)
    if words[0] == "publish":
        finished(project, "run", "--jobs", "1")
    earlier = written(project)
    finished(project, *words)
    new, files = outputs(project), len(written(project) - earlier)
    anew = [
        name for name in new if name.endswith(("meta.json",) if words[0] == "multiverse" else ("indices.csv", ".ipynb"))
    ]
    assert anew
    assert all(new[name] != old.get(name) for name in anew)
    rng = random.Random(SEED)
    folders = ("site",) if words[0] == "publish" else FOLDERS
    left = taken = 0
    for number in range(kills):
        if number % CHAIN == 0:
            put_back(project, kept, folders)
        while not kill_after(project, rng.randint(1, files), rng.uniform(0, PAUSE), *words):
            put_back(project, kept, folders)  # it had ended, or had less to write than a first one
        left += len(parts(project))
        assert_whole(project)
        now = outputs(project)
        for name, raw in now.items():
            assert raw in (old.get(name), new.get(name)), f"{name} is neither old nor new"
        assert_of_one_piece(
            *({n: raw for n, raw in found.items() if n.startswith("site/")} for found in (now, old, new))
        )
        if number % CHAIN == CHAIN - 1 or number == kills - 1:
            taken += assert_ends_the_same(project, words, new, kept)
    tell(
        f"killed {' '.join(words)}: {kills} times at work, after 1 to {files} files; every file whole; "
        f"{left} parts left and cleared; {taken} finished pieces not done again; the last run gave the same bytes"
    )


def of_site(found: dict[str, bytes]) -> dict[str, bytes]:
    return {name: raw for name, raw in found.items() if name.startswith("site/")}


def assert_of_one_piece(now: dict[str, bytes], old: dict[str, bytes], new: dict[str, bytes]) -> None:
    """A site is never a mixture: the old one, the new one, or none in the instant between two renamings."""
    assert now in ({}, old, new)


def assert_ends_the_same(project: Path, words: tuple[str, ...], new: dict[str, bytes], kept: Path) -> int:
    """The next run ends with the bytes of an undisturbed one, redoing nothing that was recorded; says how much."""
    records = project / "results" / ".cache" / "records"
    # only a run makes records, and says what it does not do again
    done = [
        path.relative_to(records).with_suffix("")
        for path in (records.rglob("*.json") if words[0] == "run" else ())
        if not (before := kept / "results" / ".cache" / "records" / path.relative_to(records)).is_file()
        or before.read_bytes() != path.read_bytes()
    ]
    said = finished(project, *words, *(("--explain",) if words[0] == "run" else ()))
    assert outputs(project) == new
    assert parts(project) == []
    for name in done:
        told = "/".join(name.parts[1:])
        assert re.search(
            rf"(?m)^(tables )?{re.escape(told)}: up to date$|^tables of {name.parts[1]}: up to date$", said
        ), f"{told} was done already: {said}"
    return len(done)


def test_parts_of_the_living_are_left_alone(tmp_path: Path):
    """A folder that two processes write at once: only what the dead left is cleared away."""
    living, dead = tmp_path / f".a.csv.{os.getppid()}-x.part", tmp_path / ".a.csv.4194400-x.part"
    other = tmp_path / ".hidden"
    for path in (living, dead, other):
        path.write_text("half")
    write_atomically(tmp_path / "b.csv", "b")
    assert sorted(tmp_path.iterdir()) == sorted([living, other, tmp_path / "b.csv"])
