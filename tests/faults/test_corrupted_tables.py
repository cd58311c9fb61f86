"""Damaged tables: refused with the place, or loaded as what the file says and given away by the recorded hash."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from deadletter.chapter.opened import decided
from deadletter.coding import Coding, apply_settings
from deadletter.dataset.codebook import altered, describe_data, described
from deadletter.dataset.load import Dataset, load_dataset
from deadletter.dataset.problems import raise_first
from deadletter.dataset.record_rules import check_record
from deadletter.dataset.rules import check_rules
from deadletter.dataset.schema_check import validate
from deadletter.dataset.tables import as_strings, read_descriptor, read_files, typed
from deadletter.errors import InputError
from tests.commands import copy_project, deadletter
from tests.faults.corrupted_rows import KINDS
from tests.faults.corruption import Kind
from tests.faults.scale import ALL, SEED, share
from tests.faults.tiny import errors

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = read_descriptor(ROOT / "data" / "datapackage.json")
FILES = read_files(ROOT / "data", PACKAGE)
RESOURCES = {resource["name"]: resource for resource in PACKAGE["resources"]}
PARTS = share(1, 4)
ROUNDS = share(1, 56)
SCRAPS = (
    None,
    True,
    -1,
    3.5,
    "",
    "x",
    "../../etc/passwd",
    "/etc/passwd",
    "a\0b",
    [],
    {},
    [[]],
    ["x"],
    {"x": 1},
    "integer",
    "object",
)
# how precise verdicts are has no part in whether they are computed
DRAWS = ("argument.placebo_draws", "trade.placebo_draws", "intervals.vote_draws")
EDITABLE = [kind for kind in KINDS if not kind.refused]


@cache
def sound() -> Mapping[str, pd.DataFrame]:
    return {name: as_strings(FILES[name], resource) for name, resource in RESOURCES.items()}


@cache
def beside(name: str) -> Mapping[str, Any]:
    """The package cut to a table, the tables that refer to it, and all that these refer to: the rest is untouched."""
    targets = {
        n: {key["reference"]["resource"] for key in r["schema"].get("foreignKeys", ())} for n, r in RESOURCES.items()
    }
    kept = {name} | {other for other in RESOURCES if name in targets[other]}
    while not (more := set().union(*(targets[one] for one in kept))) <= kept:
        kept |= more
    return {**PACKAGE, "resources": [r for n, r in RESOURCES.items() if n in kept]}


@dataclass(frozen=True)
class Damaged:
    kind: Kind
    table: str
    raw: bytes

    @property
    def path(self) -> str:
        return RESOURCES[self.table]["path"]

    def __str__(self) -> str:
        return f"{self.kind.name} of {self.path}"


def damaged(kinds: list[Kind], rounds: int, seed: int) -> list[Damaged]:
    """Each kind of damage ``rounds`` times, over all tables in turn."""
    rng, made = random.Random(seed), []
    for kind in kinds:
        names, left = rng.sample(list(RESOURCES), len(RESOURCES)), rounds
        while left and names:
            name = names.pop(0)
            raw = kind.damage(rng, FILES[name], RESOURCES[name])
            if raw is None:  # no occasion in this table
                continue
            names.append(name)
            if raw != FILES[name]:
                made.append(Damaged(kind, name, raw))
            left -= 1
    return made


def loaded(case: Damaged) -> pd.DataFrame:
    """The table as `load_dataset` takes it, the other tables being sound."""
    frame = as_strings(case.raw, RESOURCES[case.table])
    strings = {**sound(), case.table: frame}
    raise_first(validate(beside(case.table), strings) or [*check_rules(strings), *check_record(strings)])
    assert_is_what_the_file_says(case, frame)
    return frame


def assert_is_what_the_file_says(case: Damaged, frame: pd.DataFrame) -> None:
    """The cells are those of another reader; each number is the number that the cell spells, and none is lost."""
    read = list(csv.reader(io.StringIO(case.raw.decode(), newline="")))
    assert read == [list(frame.columns), *frame.to_numpy().tolist()], str(case)
    values = typed(frame, RESOURCES[case.table])
    for field in RESOURCES[case.table]["schema"]["fields"]:
        if field["type"] in ("number", "integer"):
            told = [float(cell) if cell else np.nan for cell in frame[field["name"]]]
            np.testing.assert_array_equal(values[field["name"]].to_numpy(float), told, str(case))
            assert not np.isinf(told).any(), str(case)


def outcome(case: Damaged) -> str:
    try:
        frame = loaded(case)
    except InputError as error:
        told = str(error)
        # what is missing in one table is told where another refers to it
        paths = [r["path"] for r in RESOURCES.values() if told.startswith(r["path"])]
        assert paths == [case.path] or re.match(r"\S+\.csv row \d+", told), f"{case}: {told}"
        assert "\n" not in told
        assert len(told) < 2_000
        return "refused in the file itself" if paths == [case.path] else "refused where another file refers to it"
    return "equal" if frame.equals(sound()[case.table]) else "edited"


@pytest.mark.parametrize("part", range(PARTS))
def test_no_damage_passes_in_silence(part: int, tmp_path: Path, tell: Callable[[str], None]):
    data = shutil.copytree(ROOT / "data", tmp_path / "data")
    describe_data(data)
    cases = damaged(KINDS[part::PARTS], ROUNDS, SEED + part)
    found: Counter[str] = Counter()
    for case in cases:
        how = outcome(case)
        assert how.startswith("refused") or not case.kind.refused, f"{case} passed"
        (data / case.path).write_bytes(case.raw)
        assert altered(data) == [case.path]
        (data / case.path).write_bytes(FILES[case.table])
        found[how] += 1
    told = ", ".join(f"{count} {how}" for how, count in sorted(found.items()))
    tell(f"damaged tables, part {part + 1}/{PARTS}: {len(cases)} of {len(KINDS[part::PARTS])} kinds; {told}; "
         f"the recorded hash gives away {len(cases)}")  # fmt: skip
    assert not ALL or len(cases) >= 500


def test_edits_that_pass_are_computed_or_refused(baseline: Coding, tell: Callable[[str], None]):
    """What no schema can refuse goes on through indices and claims without a traceback."""
    found: Counter[str] = Counter()
    quick = apply_settings(baseline, [f"{key}=19" for key in DRAWS])
    for case in damaged(EDITABLE, share(1, 12), SEED)[: share(14, 10_000)]:
        try:
            frames = {**sound(), case.table: loaded(case)}
        except InputError:
            continue
        tables = {name: typed(frames[name], resource) for name, resource in RESOURCES.items()}
        try:
            decided(Dataset(MappingProxyType(tables), MappingProxyType(PACKAGE), ""), quick)
            found["computed"] += 1
        except InputError as error:
            assert str(error)
            found["refused"] += 1
        if not ALL and sum(found.values()) == 1:
            break
    tell(f"well-formed edits of tables taken through indices and claims: {dict(found)}, no traceback")
    assert sum(found.values()) >= share(1, 40)


@pytest.mark.parametrize("number", range(share(1, 16)))
def test_the_command_line_refuses(number: int, tmp_path: Path):
    case = random.Random(SEED + number).choice(damaged([k for k in KINDS if k.refused], 1, SEED + number))
    project = copy_project(tmp_path / "project")
    describe_data(project / "data")
    (project / "data" / case.path).write_bytes(case.raw)
    with pytest.raises(InputError) as error:
        load_dataset(project / "data")
    try:
        describe_data(project / "data")  # with the hash brought up to date, nothing else may depend on it
    except InputError:
        assert altered(project / "data") == [case.path]
    done = deadletter("run", cwd=project)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), f"{case}: {done.stderr}"
    assert errors(done.stderr).strip() == f"error: {error.value}"
    assert not (project / "executed").exists()
    assert not list((project / "results").glob("[!.]*"))


def places_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value, by the keys and positions that lead there."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places_of(item, (*path, key))


def altered_descriptor(rng: random.Random) -> dict[str, Any]:
    """The descriptor with one part taken out or put for something else."""
    package = json.loads(json.dumps(PACKAGE))
    # as many changes high up, where they do most harm, as deep down
    depth = rng.choice([1, 2, 3, 4, 5, 6])
    *parents, last = rng.choice([path for path in places_of(package) if len(path) == depth])
    group = package
    for key in parents:
        group = group[key]
    if rng.random() < 0.4:
        del group[last]
    else:
        group[last] = rng.choice(SCRAPS)
    return package


def test_a_damaged_descriptor(tmp_path: Path, tell: Callable[[str], None]):
    """An error that names the descriptor or the table that no longer fits it, or the very tables."""
    data, rng = shutil.copytree(ROOT / "data", tmp_path / "data"), random.Random(SEED)
    original, found = load_dataset(ROOT / "data"), Counter()
    for _ in range(share(2, 60)):
        package = altered_descriptor(rng)
        (data / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
        try:
            dataset = load_dataset(data)
            found["loaded"] += 1
            listed = {resource["name"] for resource in package["resources"]}
            for name in dataset.names:
                # a table that is not listed is one that a study does without
                expected = original[name] if name in listed else original[name].iloc[:0]
                # a number may be read as text once its type is gone, never another number
                assert_frame_equal(dataset[name].astype(str), expected.astype(str))
        except InputError as error:
            assert re.match(r"data/datapackage\.json|\S+\.csv", str(error)), str(error)
            found["refused"] += 1
        try:
            described(data)
        except InputError as error:
            assert str(error)
    tell(f"damaged descriptors: {sum(found.values())}: {dict(sorted(found.items()))}, no traceback")
