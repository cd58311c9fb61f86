"""Parameter files near to valid ones: taken as they stand, or refused in one line that names the file."""

from __future__ import annotations

import math
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deadletter.coding import load_coding
from deadletter.coding.parameter_files import resolve
from deadletter.coding.settings import flatten, to_flat
from deadletter.coding.yaml_data import LARGEST, read_yaml
from deadletter.errors import InputError
from deadletter.multiverse.declaration import load_declaration
from deadletter.multiverse.factors import design_of, space_of
from tests.faults.scale import share
from tests.plain_yaml import dump_yaml

ROOT = Path(__file__).resolve().parents[2]
PARAMS = ROOT / "params"
FUZZ = settings(
    max_examples=share(120, 2_600),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
CODINGS = [resolve(PARAMS, path.stem) for path in sorted(PARAMS.glob("*.yaml")) if path.stem != "multiverse"]
OPTIONS = {"as_it_is": {"why": "x"}, "other": {"why": "y", "set": {"compliance": {"ambiguous": 0.0}}}}
EXITS = {"as_it_is": {"why": "x"}, "other": {"why": "y", "set": {"compliance": {"exits": "violated"}}}}
DECLARATION = {
    "title": "t",
    "why": "w",
    "base": "baseline",
    "universes": 4096,
    "limit": 100_000,
    "seed": 3,
    "branches": {
        "ambiguous": {"why": "open", "options": OPTIONS},
        "exits": {"why": "open", "options": EXITS},
        "line": {"why": "open", "key": "calibration.expectation.crossover", "uniform": [0.4, 0.6]},
        "top": {"why": "open", "key": "calibration.output.inclusion", "triangular": [0.7, 0.8, 0.9]},
    },
    "exclude": [{"why": "w", "when": {"ambiguous": "other", "exits": ["other"]}}],
}
SCRAPS = st.sampled_from(
    [None, True, False, 0, 1, -1, 0.5, 7, 2**31, 10**30, 1e-320, 1e308, math.inf, -math.inf, "", "x", "0.5", "met",
     "no", "1990/1999", "1999/1990", "2019-02-30", "2019-12-31", "../../etc/passwd", "a\0b", "baseline", "other", [],
     {}, [1], ["x"], [[1]], {"x": 1}, {"ambiguous": 0.5}, {"extends": "baseline"}, ["1990/1999", "2000/2009"],
     "{{ x }}", "__import__('os').system('id')", "é\u2028\u202e", [0.1, 0.2], [0.1, 0.2, 0.3]]
)  # fmt: skip
WORDS = st.sampled_from(
    ["extends", "why", "title", "set", "key", "uniform", "options", "ambiguous", "trade", "<<", "é"]
)


def places_of(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in nested values."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places_of(item, (*path, key))


@st.composite
def changed(draw: st.DrawFn, trees: list[dict[str, Any]]) -> dict[str, Any]:
    """A valid tree with one to three parts taken out, put for something else, renamed or added."""
    tree = read_yaml(dump_yaml(draw(st.sampled_from(trees))), "")
    for _ in range(draw(st.integers(1, 3))):
        places = list(places_of(tree))
        if not places:
            break
        *parents, last = draw(st.sampled_from(places))
        group = tree
        for key in parents:
            group = group[key]
        match draw(st.sampled_from(["put", "put", "take", "rename", "add"])):
            case "put":
                group[last] = deepcopy(draw(SCRAPS))
            case "take":
                del group[last]
            case "rename" if isinstance(group, dict):
                group[draw(WORDS | st.just(f"{last}s"))] = group.pop(last)
            case "add" if isinstance(group, dict):
                group[draw(WORDS)] = deepcopy(draw(SCRAPS))
    return tree


def assert_told(error: InputError, name: str) -> None:
    told = str(error)
    assert "\n" not in told
    assert told.startswith(name), told
    assert len(told) < 3_000


def as_given(tree: Any) -> dict[str, Any]:
    """Leaves by dotted key, lists as tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in flatten(tree).items()}


@pytest.fixture(scope="module")
def params(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("params")
    (folder / "baseline.yaml").write_bytes((PARAMS / "baseline.yaml").read_bytes())
    return folder


def fuzzed(tree: Any, params: Path, name: str) -> Path:
    path = params / f"{name}.yaml"
    path.write_text(dump_yaml(tree), encoding="utf-8")
    return path


@FUZZ
@given(changed(CODINGS))
def test_a_coding_is_taken_as_it_stands_or_refused(params: Path, tree: dict[str, Any]):
    fuzzed(tree, params, "fuzzed")
    try:
        coding = load_coding(params, "fuzzed")
    except InputError as error:
        assert_told(error, "params/fuzzed.yaml")
    else:
        # nothing that the file says was dropped or put for something else
        flat = to_flat(coding)
        given_ = {key: value for key, value in as_given(tree).items() if key != "extends"}
        assert {key: flat[key] for key in given_ if key in flat} == given_
        assert all(type(flat[key]) is type(value) or {type(flat[key]), type(value)} == {int, float}
                   for key, value in given_.items())  # fmt: skip


@FUZZ
@given(changed([DECLARATION]))
def test_a_declaration_is_taken_as_it_stands_or_refused(params: Path, tree: dict[str, Any]):
    path = fuzzed(tree, params, "multiverse")
    try:
        declaration, base = load_declaration(path, params)
    except InputError as error:
        assert_told(error, "params/")
        return
    dumped = as_given(declaration.model_dump())
    for key, value in as_given({k: v for k, v in tree.items() if k != "exclude"}).items():
        assert dumped[key] == value, key
    assert len(declaration.exclude) == len(tree.get("exclude", ()))
    try:
        design_of(space_of(declaration, base, path.name), None, path.name)
    except InputError as error:
        assert_told(error, "multiverse.yaml")


@FUZZ
@given(st.sampled_from(CODINGS), st.data())
def test_a_file_with_wild_characters_is_read_or_refused(params: Path, tree: dict[str, Any], data: st.DataObject):
    raw = dump_yaml(tree).encode()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        scrap = data.draw(st.binary(min_size=1, max_size=6) | st.sampled_from(WILD))
        raw = raw[:at] + scrap + raw[at + data.draw(st.integers(0, 4)) :]
    (params / "wild.yaml").write_bytes(raw)
    try:
        coding = load_coding(params, "wild")
    except InputError as error:
        assert_told(error, "params/wild.yaml")
    else:
        # what another reader of plain YAML sees, in the keys that are there
        assert {key.split(".")[0] for key in flatten(read_yaml(raw.decode(), ""))} <= set(type(coding).model_fields)


WILD = (b"\0", b"\xff", b"\xef\xbb\xbf", b"\r", b"\t", b": ", b"- ", b"!!python/name:os.system ", b"&a ", b"*a", b"{",
        b"[", b"%YAML 9.9\n", b"---\n", b"...\n", b"#", b"'", b'"', b"\n", b"|\n", b"? ",
        b"!", b"\xe2\x80\xa8", b"<<: ")  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 30_000,
        "a: " + "{a: " * 9_000,
        "- " * 20_000,
        "a: " + "9" * 6_000,
        "a: !!python/object/apply:os.system [id]",
        "a: !!binary aGVsbG8=",
        "a: &x [1]\nb: [*x, *x]",
        "? {a: 1}\n: 2",
        "<<: {title: x}",
        "a: 1\n---\na: 2",
        "x" * (LARGEST + 1),
    ],
)
def test_yaml_that_would_run_or_grow_is_refused(text: str):
    with pytest.raises(InputError) as error:
        read_yaml(text, "params/x.yaml")
    assert_told(error.value, "params/x.yaml")


@pytest.mark.parametrize(
    "text",
    ["010", "0o17", "0b11", "1_000", "1:30", "0x1F", "190:20:30.15", "1_0.5", "+.e3", "１２", "no", "NO", "yes", "on"],
)
def test_a_number_is_what_it_looks_like(text: str):
    """YAML 1.1 would read eight, three, ninety: to everybody else these are words, so no number is taken."""
    assert read_yaml(f"a: {text}", "") == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"), [("1e-3", 0.001), ("1.5e7", 1.5e7), ("-.inf", -math.inf), ("+3", 3), ("0", 0), ("True", True)]
)
def test_plain_numbers(text: str, value: float):
    assert read_yaml(f"a: {text}", "") == {"a": value}


NAMES = st.text(max_size=40) | st.sampled_from(
    ["../baseline", "/etc/passwd", "baseline/../baseline", "baseline.yaml", "Baseline", "baseline\n", "base\0line",
     ".", "..", "", "-", "a" * 300, "b" * 5_000, "con", "nul", "aux", "prn", "com1", "lpt9", "C:\\x", "baseline ",
     "ｂaseline", "multiverse", "compare", "~", "$HOME", "*", "%2e%2e", "base;line"]
)  # fmt: skip


@FUZZ
@given(NAMES)
def test_a_name_of_a_coding_is_one_of_the_folder(params: Path, name: str):
    """By the command line as by `extends`, no name leads elsewhere."""
    (params / "named.yaml").write_text(dump_yaml({"extends": name}), encoding="utf-8")
    for ask in (lambda: load_coding(params, name), lambda: load_coding(params, "named")):
        if name in ("baseline", "named", "fuzzed", "wild"):
            continue
        with pytest.raises(InputError) as error:
            ask()
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["con", "nul", "aux", "com1", "a" * 200])
def test_names_that_some_system_cannot_write_are_refused_everywhere(tmp_path: Path, name: str):
    (tmp_path / f"{name}.yaml").write_bytes((PARAMS / "baseline.yaml").read_bytes())
    with pytest.raises(InputError, match="is not a name that a coding may have"):
        load_coding(tmp_path, name)
