"""A declaration that cannot be evaluated is refused before any work: one message that says where and what."""

import copy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadletter.errors import InputError
from deadletter.multiverse.declaration import load_declaration
from deadletter.multiverse.evaluate import prepare
from deadletter.multiverse.factors import design_of, space_of
from deadletter.project import find_project
from tests.plain_yaml import dump_yaml

PARAMS = find_project(start=Path(__file__)).params
OPEN = {"why": "open", "options": {"a": {"why": "x"}, "b": {"why": "y", "set": {"compliance": {"ambiguous": 0.0}}}}}
EXITS = {"why": "open", "options": {"a": {"why": "x"}, "b": {"why": "y", "set": {"compliance": {"exits": "violated"}}}}}
CROSSOVER = {"why": "open", "key": "calibration.expectation.crossover", "uniform": [0.4, 0.6]}


def option(**settings):
    return {"why": "open", "options": {"a": {"why": "x"}, "b": {"why": "y", "set": settings}}}


def declare(tmp_path: Path, text: str, universes: int | None = None):
    path = tmp_path / "multiverse.yaml"
    path.write_text(text, encoding="utf-8")
    declaration, base = load_declaration(path, PARAMS)
    return design_of(space_of(declaration, base, path.name), universes, path.name)


def tree(branches=None, **more):
    return dump_yaml({"title": "t", "why": "w", "branches": branches or {"ambiguous": OPEN}, **more})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("- 1\n", "is not a mapping"),
        ("title: t\ntitle: u\n", "duplicate key"),
        ("title: !!python/object:os.system x\n", "YAML tags are not allowed"),
        ("title: t\nbranches: {a: {why: w, key: compliance.ambiguous, uniform: [.nan, 1]}}\n", "NaN is not a value"),
        (tree(brunches={}), "did you mean: branches"),
        (tree({"a": {"why": "w", "opshuns": {}}}), "did you mean: branches.a.options"),
        (tree({"a": {"why": "w"}}), "either options, or a key"),
        (tree({"a": {"why": "w", "options": {"one": {"why": "x"}}}}), "two options or more"),
        (tree({"a": {**CROSSOVER, "triangular": [0.4, 0.5, 0.6]}}), "either options, or a key"),
        (tree({"a": {**CROSSOVER, "uniform": [0.6, 0.4]}}), "must rise"),
        (tree({"a": {**CROSSOVER, "uniform": [0.6, 0.7]}}), "the base is not an option of this branch"),
        (tree({"a": {**CROSSOVER, "uniform": [0.1, 0.6]}}), "anchors must rise"),
        (tree({"a": {**CROSSOVER, "key": "calibration.output.crosover"}}), "calibration.output.crossover"),
        (tree({"a": {**CROSSOVER, "key": "output.partly", "uniform": [0, 1]}}), "cannot vary continuously"),
        (tree({"a": option(complianse={"ambiguous": 0.0})}), "did you mean: compliance.ambiguous"),
        (tree({"a": option(intervals={"seed": 3})}), "affects no placement"),
        (tree({"a": option(compliance={"ambiguous": 2.0})}), "option b key compliance.ambiguous"),
        (tree({"a": option(compliance={"ambiguous": "half"})}), "option b key compliance.ambiguous"),
        (tree({"a": option(formalisation={"dimension_weights": {"delegation": 0.0}})}), "weights must sum to 1"),
        (tree({"a": option(periods={"economy": ["2000/2010", "2005/2019"]})}), "periods.economy contradict"),
        (tree({"a": OPEN, "b": copy.deepcopy(OPEN)}), "two branches set one key"),
        (tree(base="baselin"), "did you mean: baseline"),
        (tree(exclude=[{"why": "w", "when": {"ambigous": "a", "x": "b"}}]), "did you mean: ambiguous"),
        (tree({"ambiguous": OPEN, "exits": EXITS}, exclude=[{"why": "w", "when": {"ambiguous": "c", "exits": "b"}}]),
         "unknown option"),
        (tree({"ambiguous": OPEN, "exits": EXITS},
              exclude=[{"why": "w", "when": {"ambiguous": ["a", "b"], "exits": ["a", "b"]}}]), "leave no universe"),
        (tree({"ambiguous": OPEN, "exits": EXITS},
              exclude=[{"why": "w", "when": {"ambiguous": "b", "exits": ["a", "b"]}}]), "leave this option nowhere"),
        (tree({"ambiguous": OPEN, "exits": EXITS}, exclude=[{"why": "w", "when": {"ambiguous": "a", "exits": "a"}}]),
         "the base is excluded"),
        (tree({"ambiguous": OPEN, "exits": EXITS}, limit=3), "too many universes to enumerate; give --universes"),
    ],
)  # fmt: skip
def test_refused(tmp_path, text, message):
    with pytest.raises(InputError) as caught:
        declare(tmp_path, text)
    assert message in str(caught.value)


def test_an_option_that_the_data_do_not_know(tmp_path, dataset):
    path = tmp_path / "multiverse.yaml"
    path.write_text(tree({"states": option(drop_states=["RSU"])}))
    with pytest.raises(InputError, match="option b key drop_states: unknown state; found: 'RSU'; did you mean: RUS"):
        prepare(dataset, path, PARAMS, None)


def test_too_few_universes_for_a_sample(tmp_path):
    with pytest.raises(InputError, match="too few universes to distinguish the factors"):
        declare(tmp_path, tree({"a": CROSSOVER}), 10)


def test_a_large_product_is_sampled_when_asked(tmp_path):
    design = declare(tmp_path, tree({"ambiguous": OPEN, "exits": EXITS}, limit=3), 1000)
    assert not design.full
    assert design.universes == 1000


words = st.text(max_size=12) | st.sampled_from(["why", "set", "options", "key", "uniform", "coder", "ambiguous"])
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words
trees = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3))


@given(st.dictionaries(st.sampled_from(["title", "why", "branches", "exclude", "base", "limit"]), trees, max_size=6))
def test_any_declaration_is_read_or_refused(tmp_path_factory, wild):
    folder = tmp_path_factory.getbasetemp()
    try:
        declare(folder, dump_yaml({"title": "t", "why": "w", "branches": {"ambiguous": OPEN}, **wild}))
    except InputError as error:
        assert str(error)
