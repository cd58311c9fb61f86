"""A universe of the multiverse is a coding: the same values bit for bit, the same labels, by brute force."""

import itertools
from concurrent.futures import ProcessPoolExecutor
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import pytest

from deadletter.coding import load_coding
from deadletter.coding.settings import changed
from deadletter.files import write_atomically
from deadletter.indices.compliance import compliance, output
from deadletter.indices.expectation import expectation
from deadletter.indices.formalisation import anchors_of, measure_of_formalisation
from deadletter.indices.placement import LABELS, Axis, place
from deadletter.multiverse.declaration import load_declaration, settings_of
from deadletter.multiverse.evaluate import evaluate, tables_of
from deadletter.multiverse.factors import SLICES, design_of, space_of
from deadletter.multiverse.placements import BASES, INDICES, model_of
from deadletter.multiverse.tally import tally_slice
from deadletter.multiverse.tipping import changes_of, tipping_table
from deadletter.project import find_project

ROOT = find_project(start=Path(__file__))
SMALL = """
title: Small
why: a product that can be counted by hand
limit: 1000
branches:
  coder:
    why: two coders
    options:
      first: {why: reference, set: {}}
      second: {why: blind, set: {coder: coder-2}}
  ambiguous:
    why: open
    options:
      half: {why: neither, set: {}}
      breach: {why: strict, set: {compliance: {ambiguous: 0.0}}}
      kept: {why: lenient, set: {compliance: {ambiguous: 1.0}}}
  measure:
    why: open
    options:
      codification: {why: the variable of the typology, set: {}}
      conjunctive: {why: the weakest component, set: {formalisation: {measure: conjunctive}}}
      legalisation: {why: another concept, set: {formalisation: {measure: legalisation}}}
  states:
    why: open
    options:
      all: {why: every member, set: {}}
      without_russia: {why: the others, set: {drop_states: [RUS]}}
exclude:
  - {why: for the test, when: {coder: second, states: without_russia}}
"""


def prepared(dataset, path: Path, universes: int | None):
    declaration, base = load_declaration(path, ROOT.params)
    space = space_of(declaration, base, path.name)
    return space, design_of(space, universes, path.name), model_of(dataset, space)


@pytest.fixture(scope="module")
def shipped(dataset):
    return prepared(dataset, ROOT.params / "multiverse.yaml", 4096)


@pytest.fixture(scope="module")
def small(dataset, tmp_path_factory):
    path = tmp_path_factory.mktemp("small") / "small.yaml"
    write_atomically(path, SMALL)
    return prepared(dataset, path, None)


def coding_of(space, choices, number: int):
    settings = {}
    for name, branch in space.declaration.branches.items():
        if branch.key:
            settings[branch.key] = float(choices[name][number])
        else:
            settings |= settings_of(list(branch.options.values())[int(choices[name][number])])
    return changed(space.base, settings, "test")


def by_hand(dataset, coding, unit):
    """The four indices as a notebook computes them, and the label by each basis."""
    scope = unit.scope(dataset, coding)
    found = (
        measure_of_formalisation(coding.formalisation.measure, dataset, coding, scope),
        expectation(dataset, coding, scope).index,
        compliance(dataset, coding, scope),
        output(dataset, coding, scope),
    )
    anchors = [anchors_of(coding.formalisation.measure, dataset, coding)]
    anchors += [getattr(coding.calibration, basis) for basis in BASES]
    axes = [Axis(v.value, v.bound_low, v.bound_high, a) for v, a in zip(found, anchors, strict=True)]
    placed = [place(axes[0], axis, coding.calibration.log_odds) for axis in axes[1:]]
    return tuple(v.value for v in found), placed


@pytest.mark.slow
def test_bit_for_bit_the_values_of_the_notebooks(dataset, shipped):
    space, _, model = shipped
    few = changed(space.base, {"intervals.draws": 99}, "test").intervals
    points = np.random.default_rng(7).random((24, len(space.factors)))
    choices = space.draw(points)
    # the block that a universe is computed in must not matter
    padded = {name: np.concatenate([c, np.repeat(c[:1], 5000, axis=0)]) for name, c in choices.items()}
    placed = model.place(padded)
    for number in range(len(points)):
        coding = coding_of(space, choices, number).model_copy(update={"intervals": few})
        for position, unit in enumerate(model.units):
            values, places = by_hand(dataset, coding, unit)
            found = [model.calibrated[position][i].measure.values(padded)[number] for i in range(len(INDICES))]
            np.testing.assert_array_equal(found, values)
            for basis, one in enumerate(places):
                assert LABELS[placed[position].codes[basis][number]] == one.label
                four = placed[position].memberships[basis][:, number]
                np.testing.assert_array_equal(four, np.nan_to_num(list(one.memberships.values())))


def test_the_full_product_by_brute_force(dataset, small):
    space, design, model = small
    assert design.full
    assert design.universes == 3 * 3 * 3  # coder and states are tied: three of their four combinations
    told = tables_of(model, design, evaluate_all(model, design))
    branches = space.declaration.branches
    counts: dict[tuple, int] = {}
    for combination in itertools.product(*(range(len(b.options)) for b in branches.values())):
        choices = {name: np.array([n]) for name, n in zip(branches, combination, strict=True)}
        if not space.allowed(choices)[0]:
            continue
        for unit in model.units:
            _, places = by_hand(dataset, coding_of(space, choices, 0), unit)
            for basis, one in zip(BASES, places, strict=True):
                key = (unit.focal, unit.component, basis, one.label)
                counts[key] = counts.get(key, 0) + 1
    shares = told["shares"][told["shares"]["basis"] != "all"]
    found = {tuple(r[:4]): r[4] for r in shares.itertuples(index=False) if r[4]}
    assert found == counts


def evaluate_all(model, design):
    return [tally_slice(model, design, number) for number in range(SLICES)]


def test_exact_indices_of_the_small_product(dataset, small):
    """The membership by compliance over the product of what bears on it, by definition."""
    space, design, model = small
    sobol = tables_of(model, design, evaluate_all(model, design))["sobol"]
    unit = model.units[model.whole[0]]
    wanted = (sobol["regime"] == unit.focal) & (sobol["basis"] == "compliance") & (sobol["output"] == "membership")
    rows = sobol[wanted & (sobol["cell"] == "dead_letter")].set_index("factor")
    levels = [range(factor.levels) for factor in space.factors]
    values = {}
    for level in itertools.product(*levels):
        choices = space.at([np.array([n]) for n in level])
        _, places = by_hand(dataset, coding_of(space, choices, 0), unit)
        values[level] = np.nan_to_num(places[1].memberships["dead_letter"])
    total = np.var(list(values.values()))
    for position, factor in enumerate(space.factors):
        means = [np.mean([v for k, v in values.items() if k[position] == n]) for n in levels[position]]
        assert rows.loc[factor.name, "first"] == pytest.approx(np.var(means) / total, abs=1e-12)


def test_jobs_blocks_and_broken_runs_change_nothing(shipped, tmp_path):
    _, design, model = shipped
    alone = evaluate(model, design, tmp_path / "a", None, print)
    with ProcessPoolExecutor(2) as pool:
        shared = evaluate(model, design, tmp_path / "b", pool, print)
    for number in (0, 7, 31):
        (tmp_path / "a" / f"{number:02d}.npz").unlink()
    resumed = evaluate(model, design, tmp_path / "a", None, print)
    for other in (shared, resumed):
        for ours, theirs in zip(alone, other, strict=True):
            for name, array in vars(ours).items():
                np.testing.assert_array_equal(array, getattr(theirs, name))
    assert int(reduce(add, alone).universes[0]) == 4096


def test_every_single_change_that_tips_by_brute_force(dataset, small):
    space, _, model = small
    table = tipping_table(model, space)
    base = [by_hand(dataset, space.base, model.units[u])[1] for u in model.whole]
    expected = set()
    for change in changes_of(space):
        choices = space.baseline()
        choices[change.branch][0] = change.value
        if not space.allowed(choices)[0]:
            continue
        for unit, before in zip(model.whole, base, strict=True):
            after = by_hand(dataset, coding_of(space, choices, 0), model.units[unit])[1]
            expected |= {
                (model.units[unit].focal, basis, b.label, a.label, change.branch, change.name)
                for basis, b, a in zip(BASES, before, after, strict=True)
                if a.label != b.label
            }
    alone = table[table["changes"] == 1]
    columns = ["regime", "basis", "base", "becomes", "first", "first_to"]
    assert set(alone[columns].itertuples(index=False, name=None)) == expected
    assert expected


def test_a_crossover_tips_at_the_raw_value(dataset, shipped):
    """The label by a basis changes where the crossover anchor reaches a bound of the index."""
    space, _, model = shipped
    table = tipping_table(model, space)
    alone = table[(table["changes"] == 1) & (table["first"] == "compliance_crossover")]
    assert len(alone)
    for row in alone.itertuples():
        unit = next(u for u in model.units if (u.focal, u.component) == (row.regime, "all"))
        index = compliance(dataset, space.base, unit.scope(dataset, space.base))
        ends = {"full_blown": index.bound_low, "dead_letter": index.bound_high}
        assert float(row.first_to) == pytest.approx(ends[row.base], abs=1e-6)


def test_universes_asked_for_are_universes_evaluated(shipped):
    _, design, _ = shipped
    factors = len(design.space.factors)
    assert design.base * (factors + 2) + design.rest == 4096
    assert design.base * 2 * (factors + 2) > 4096  # the largest power of two that fits


def test_the_base_is_the_named_coding():
    declaration, base = load_declaration(ROOT.params / "multiverse.yaml", ROOT.params)
    assert base == load_coding(ROOT.params, declaration.base)
