"""Parameter files: what is read, what is refused and how, and that nothing else ever comes out."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from deadletter.argument import kinds
from deadletter.argument.forecast_rules import Rule
from deadletter.coding import Coding, apply_settings, digest, load_coding, to_settings
from deadletter.coding.settings import build, flatten, reference
from deadletter.coding.yaml_data import read_yaml
from deadletter.dataset.load import Dataset
from deadletter.errors import InputError
from deadletter.multiverse.declaration import Declaration
from deadletter.patterns import words_of
from deadletter.results import indices_table
from deadletter.study import Study

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = int(os.environ.get("DEADLETTER_EXAMPLES", "300"))
BASE = "title: T\nwhy: W\nperiods: {line: [1990/1999]}\n"


@pytest.fixture
def params(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_text(BASE)
    return tmp_path


def test_extends_merges_key_by_key(params: Path):
    (params / "mid.yaml").write_text("extends: base\nwhy: other\ncompliance: {ambiguous: 1, exits: violated}\n")
    (params / "top.yaml").write_text("extends: mid\ncompliance: {ambiguous: 0}\n")
    coding = load_coding(params, "top")
    assert (coding.title, coding.why, coding.compliance.ambiguous, coding.compliance.exits) == (
        "T",
        "other",
        0,
        "violated",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "params/x.yaml: is empty"),
        ("- a\n- b\n", "params/x.yaml: is not a mapping"),
        ("extends: base\nextends: base\n", "params/x.yaml line 2: duplicate key; found: 'extends'"),
        ("extends: base\ncompliance: {ambiguous: .nan}\n", "NaN is not a value"),
        ("extends: base\ntitle: !!python/name:os.system\n", "YAML tags are not allowed"),
        ("extends: base\ntitle: !!str 3\n", "YAML tags are not allowed"),
        ("extends: &a base\ntitle: *a\n", "aliases and anchors are not allowed"),
        ("extends: base\n1: 2\n", "params/x.yaml line 2: key is not a string; found: '1'"),
        ("extends: base\ntitle:\n", "params/x.yaml key title: input should be a valid string; found: 'null'"),
        ("extends: [base\n", "is not YAML"),
        ("extends: base\ntitle: " + "x" * 70_000, "is too long"),
        ("extends: bsae\n", "unknown coding; found: 'bsae'; did you mean: base"),
        ("extends: ../base\n", "unknown coding; found: '../base'"),
        ("extends: 3\n", "is not the name of a coding"),
        ("extends: x\n", "codings extend each other in a circle; found: 'x → x'"),
        ("extends: base\ncomplaince: {ambiguous: 0}\n", "unknown key; found: 'complaince'; did you mean: compliance"),
        (
            "extends: base\ncompliance: {ambigous: 0}\n",
            "found: 'compliance.ambigous'; did you mean: compliance.ambiguous",
        ),
        ("extends: base\ncompliance: {ambiguous: '0'}\n", "key compliance.ambiguous: input should be a valid number"),
        ("extends: base\ncompliance: {ambiguous: true}\n", "key compliance.ambiguous: input should be a valid number"),
        ("extends: base\ncompliance: {ambiguous: 1.5}\n", "less than or equal to 1; found: 1.5"),
        ("extends: base\nintervals: {draws: 1.5}\n", "key intervals.draws: input should be a valid integer"),
        ("extends: base\nexpectation: {definition: hope}\n", "is not allowed; found: 'hope'; allowed: outlook, met"),
        ("extends: base\nas_of: 2019-13-01\n", "as_of is not a day of the calendar"),
        ("extends: base\nperiods: {line: [1990/1999, 1995/2000]}\n", "must follow one another without overlap"),
        ("extends: base\nperiods: {line: []}\n", "periods.line lists no period"),
        ("extends: base\nformalisation: {dimension_weights: {obligation: 1}}\n", "weights must sum to 1"),
        ("extends: base\nformalisation: {dimension_exponent: .inf}\n", "must be a number from -inf to 10"),
        ("extends: base\ncalibration: {output: {exclusion: 0.6, crossover: 0.5, inclusion: 1}}\n", "anchors must rise"),
        ("title: T\nwhy: W\n", "params/x.yaml key periods: key is missing"),
        (
            "extends: base\ncompliance: 3\n",
            "key compliance: must be a mapping; found: 3; allowed: compliance.ambig",
        ),
        (
            "extends: base\ncompliance: null\n",
            "params/x.yaml key compliance: must be a mapping; allowed: compliance.",
        ),
        ("extends: base\nperiods: {line: [1999/1990]}\n", "periods.line contradict"),
        ("extends: base\nperiods: {line: 1990/1999}\n", "params/x.yaml key periods.line: "),
        ("# nothing but a remark\n", "params/x.yaml: is empty"),
    ],
)
def test_each_refusal(params: Path, text: str, told: str):
    (params / "x.yaml").write_text(text)
    with pytest.raises(InputError) as error:
        load_coding(params, "x")
    assert told in str(error.value)


def test_an_equals_sign_is_text_and_a_key_is_set_once(baseline: Coding):
    assert apply_settings(baseline, ["title=="]).title == "="
    with pytest.raises(InputError, match="setting 'why=b': the key is set twice; allowed: one value"):
        apply_settings(baseline, ["why=a", "title=c", "why=b"])


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (
            "coder=coder-9",
            "the coding key coder: no ratings of this coder; found: 'coder-9'; did you mean:",
        ),
        ("drop_states=[RSU]", "key drop_states: unknown state; found: 'RSU'; did you mean: RUS"),
        ("as_of='1980-01-01'", "key as_of: leaves no period; found: '1980-01-01'; allowed: 1992 or later, where the"),
    ],
)
def test_names_that_the_data_do_not_know(dataset: Dataset, baseline: Coding, setting: str, told: str):
    with pytest.raises(InputError) as error:
        indices_table(dataset, apply_settings(baseline, [setting]))
    assert told in str(error.value)


def test_a_line_that_the_data_do_not_know(dataset: Dataset, params: Path):
    shutil.copy(ROOT / "params" / "baseline.yaml", params)
    (params / "x.yaml").write_text("extends: baseline\nperiods: {securty: [1992/2019]}\n")
    with pytest.raises(InputError, match="unknown lineage; found: 'securty'; did you mean: security"):
        indices_table(dataset, load_coding(params, "x"))


def test_a_longer_circle(params: Path):
    (params / "a.yaml").write_text("extends: b\n")
    (params / "b.yaml").write_text("extends: a\n")
    with pytest.raises(InputError, match="circle; found: 'a → b → a'"):
        load_coding(params, "a")


def test_minus_infinity_is_the_weakest_link(params: Path):
    (params / "x.yaml").write_text("extends: base\nformalisation: {dimension_exponent: -.inf}\n")
    assert load_coding(params, "x").formalisation.dimension_exponent == -math.inf


unit = st.floats(0, 1)
triples = st.lists(unit, min_size=3, max_size=3, unique=True).map(sorted)


@st.composite
def codings(draw: st.DrawFn) -> Coding:
    """Any valid coding."""
    first, second, third = draw(triples)
    share = draw(unit)
    tree = {
        "title": draw(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30)),
        "why": "because",
        "periods": {"line": ("1990/1999", "2000/2009")},
        "drop_states": tuple(draw(st.lists(st.sampled_from(["AAA", "BBB", "CCC"]), max_size=2))),
        "compliance": {"ambiguous": draw(unit), "exits": draw(st.sampled_from(["ignore", "ambiguous", "violated"]))},
        "formalisation": {
            "dimension_exponent": draw(st.floats(-20, 10) | st.just(-math.inf)),
            "dimension_weights": {"obligation": share, "precision": 1 - share, "delegation": 0.0},
        },
        "calibration": {"output": {"exclusion": first, "crossover": second, "inclusion": third}},
        "intervals": {"seed": draw(st.integers(0, 2**32 - 1))},
    }
    return build(tree, "made up")


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(codings())
def test_settings_read_back_to_an_equal_coding(coding: Coding):
    base = build({"title": "T", "why": "W", "periods": {"line": ("1990/1999",)}}, "base")
    assert apply_settings(base, to_settings(coding)) == coding


def test_the_digest_knows_every_setting_and_neither_title_nor_reason(baseline: Coding):
    renamed = apply_settings(baseline, ["title=Other", "why=Other"])
    assert digest(renamed) == digest(baseline)
    assert digest(apply_settings(baseline, ["compliance.ambiguous=0.4"])) != digest(baseline)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str):
    try:
        value = read_yaml(text, "fuzz")
        build(value, "fuzz")
    except InputError as error:
        assert "\n" not in str(error)


KEYS = sorted(flatten(load_coding(ROOT / "params", "baseline").model_dump()))
SCRAPS = st.sampled_from(
    ["0", "1", "-.inf", ".nan", "[]", "{}", "null", "yes", "'x'", "[1990/1999]", "1e400", "2019-01-01"]
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.sampled_from(KEYS), SCRAPS | st.text(max_size=12))
def test_any_value_of_any_key_is_taken_or_refused(key: str, text: str):
    base = load_coding(ROOT / "params", "baseline")
    try:
        changed = apply_settings(base, [f"{key}={text}"])
    except InputError as error:
        assert "\n" not in str(error)
    else:
        # never a silent default: what differs from the base is the key that was set, or nothing
        before, after = (flatten(coding.model_dump()) for coding in (base, changed))
        assert {name for name in after if after[name] != before.get(name)} <= {key}


def test_the_reference_tells_every_key(baseline: Coding):
    told = {row[0]: row for row in reference()}
    lines = {key.split(".")[0] for key in flatten(baseline.model_dump())}
    assert {key.split(".")[0] for key in told} == lines
    assert told["compliance.ambiguous"][1:3] == ("0.5", "number ≥ 0 and ≤ 1")
    assert told["expectation.definition"][2] == "outlook, met"
    # a default that the group sets, not its model
    assert told["calibration.legalisation.inclusion"][1] == "0.8889"
    assert told["intervals.seed"][2] == "whole number ≥ 0 and ≤ 4294967295"
    assert all(row[3] for row in told.values())


def patterns_in(schema: object) -> Iterator[str]:
    """Every regular expression of a JSON schema, of keys and of values."""
    items = schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
    for key, value in items:
        if key == "pattern":
            yield value
        elif key == "patternProperties":
            yield from value
        yield from patterns_in(value)


@pytest.mark.parametrize("model", [Coding, Study, Declaration, Rule, kinds.Test])
def test_every_pattern_is_told_in_words(model: object):
    found = set(patterns_in(TypeAdapter(model).json_schema()))
    assert found
    assert [pattern for pattern in found if "form" in words_of(pattern)] == []


def test_no_message_and_no_reference_shows_a_regular_expression(baseline: Coding):
    assert not [row for row in reference() if "^" in row[2]]
    for setting in (
        "as_of='2019'",
        "coder=me",
        "drop_states=[Ru]",
        "formalisation.leave_out=me",
        "periods.economy=['1']",
    ):
        with pytest.raises(InputError, match=r"is not allowed; found: .*; allowed: ") as refused:
            apply_settings(baseline, [setting])
        assert "^" not in str(refused.value)
