"""Calibration, cells, labels and tipping points."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadletter.coding import load_coding
from deadletter.coding.model import Anchors
from deadletter.errors import InputError
from deadletter.indices.formalisation import aggregate_as_coded
from deadletter.indices.placement import CELLS, Axis, calibrate, cells, label_of, place

ROOT = Path(__file__).resolve().parents[2]
unit = st.floats(0, 1)


@pytest.mark.parametrize(
    ("income", "membership"),
    # Ragin (2008), Redesigning Social Inquiry, table 5.2: national income per head, anchors 2,500, 5,000 and 20,000
    # dollars, log odds ±3, printed to two decimals
    [
        (40110, 1.00),
        (34400, 1.00),
        (25200, 0.98),
        (20060, 0.95),
        (17090, 0.92),
        (15320, 0.89),
        (13680, 0.85),
        (11720, 0.79),
    ]
    + [(11290, 0.78), (10940, 0.77), (9800, 0.72), (7470, 0.62), (4670, 0.40), (4100, 0.25), (4070, 0.25), (3740, 0.18)]
    + [(3690, 0.17), (3590, 0.16), (2980, 0.08), (1000, 0.01), (650, 0.01), (450, 0.00), (110, 0.00)],
)
def test_direct_method_as_printed_by_ragin(income: float, membership: float):
    # the book rounds deviations before it multiplies: one unit of the second decimal
    assert calibrate(income, 2500, 5000, 20000, 3.0) == pytest.approx(membership, abs=0.011)


def test_anchors_have_the_memberships_of_the_qca_package():
    values = calibrate(np.array([0.2, 0.5, 0.9]), 0.2, 0.5, 0.9, math.log(19))
    assert values == pytest.approx([0.05, 0.5, 0.95], abs=1e-12)


@given(unit, unit)
def test_cells(formal: float, expected: float):
    f = dict(zip(CELLS, cells(formal, expected), strict=True))
    assert f["dead_letter"] == min(formal, 1 - expected)
    assert f["full_blown"] == min(formal, expected)
    assert f["tacit"] == min(1 - formal, expected)
    assert f["none"] == min(1 - formal, 1 - expected)
    # at most one cell has more than one half
    assert sum(value > 0.5 for value in f.values()) <= 1


@pytest.mark.parametrize(
    ("formal", "expected", "label"),
    [(0.9, 0.1, "dead_letter"), (0.9, 0.8, "full_blown"), (0.2, 0.8, "tacit"), (0.1, 0.2, "none")]
    + [(0.5, 0.2, "undecided"), (0.8, 0.5, "undecided"), (math.nan, 0.2, "missing")],
)
def test_labels(formal: float, expected: float, label: str):
    assert label_of(cells(formal, expected)) == label


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_the_label_flips_where_the_crossover_meets_the_value(formal: float, basis: float):
    def placed(cross_formal: float, cross_basis: float):
        first, second = (Anchors(exclusion=0.0, crossover=c, inclusion=1.0) for c in (cross_formal, cross_basis))
        return place(Axis(formal, formal, formal, first), Axis(basis, basis, basis, second), math.log(19))

    first = placed(0.5, 0.5)
    assert (first.flips_at_formalisation, first.flips_at_basis) == (formal, basis)
    step = 0.01
    formal_names = {True: {"dead_letter", "full_blown"}, False: {"tacit", "none"}}
    basis_names = {True: {"full_blown", "tacit"}, False: {"dead_letter", "none"}}
    for above in (False, True):
        # a crossover below the value puts it into the set, one above puts it out
        cross = -step if above else step
        assert placed(formal + cross, 0.999 if basis < 0.999 else 0.5).label in formal_names[above]
        assert placed(0.999, basis + cross).label in basis_names[above]


ANCHORS = Anchors(exclusion=0.2, crossover=0.5, inclusion=0.8)


def test_no_crossover_flips_a_value_beyond_the_outer_anchors():
    placed = place(Axis(0.1, 0.1, 0.1, ANCHORS), Axis(0.9, 0.9, 0.9, ANCHORS), math.log(19))
    assert np.isnan([placed.flips_at_formalisation, placed.flips_at_basis]).all()


@pytest.mark.parametrize(
    ("formal", "basis", "label"),
    [
        ((0.9, 0.9, 0.9), (0.3, 0.1, 0.4), "dead_letter"),
        ((0.9, 0.9, 0.9), (0.3, 0.1, 0.6), "not_identified"),
        ((0.6, 0.4, 0.6), (0.3, 0.3, 0.3), "not_identified"),
        ((0.6, 0.5, 0.6), (0.3, 0.3, 0.5), "dead_letter"),
        ((math.nan, 0.1, 0.9), (0.3, 0.3, 0.3), "missing"),
    ],
)
def test_bounds_that_span_a_crossover_give_no_label(formal: tuple, basis: tuple, label: str):
    assert place(Axis(*formal, ANCHORS), Axis(*basis, ANCHORS), math.log(19)).label == label


def test_without_anchors_nothing_is_identified():
    assert place(Axis(0.9, 0.9, 0.9, None), Axis(0.1, 0.1, 0.1, ANCHORS), 3.0).label == "not_identified"


@given(unit, unit, unit, unit)
def test_wider_bounds_never_identify_more(value: float, low: float, high: float, wider: float):
    low, high = min(value, low), max(value, high)
    narrow = place(Axis(value, low, high, ANCHORS), Axis(0.1, 0.1, 0.1, ANCHORS), 3.0).label
    wide = place(Axis(value, min(low, wider), max(high, wider), ANCHORS), Axis(0.1, 0.1, 0.1, ANCHORS), 3.0).label
    assert wide == narrow or wide == "not_identified"


def test_a_falling_set_as_in_the_qca_package():
    # R's QCA: calibrate(c(160, 195), thresholds = "e=195, c=175, i=165")
    assert calibrate([160, 195], 195, 175, 165, math.log(19)) == pytest.approx([0.9881, 0.0500], abs=5e-5)


@pytest.mark.parametrize("anchors", [(0.5, 0.5, 0.9), (0.2, 0.9, 0.9), (0.5, 0.2, 0.9)])
def test_anchors_out_of_order_are_refused(anchors: tuple):
    with pytest.raises(InputError, match="anchors are not in order"):
        calibrate(0.3, *anchors, 3.0)


@pytest.mark.parametrize("log_odds", [0, -2.94, math.inf, math.nan])
def test_log_odds_that_turn_a_set_round_are_refused(log_odds: float):
    with pytest.raises(InputError, match="log odds"):
        calibrate(0.3, 0.2, 0.5, 0.8, log_odds)


def test_the_anchors_of_legalisation_are_the_cases_that_the_baseline_argues():
    baseline = load_coding(ROOT / "params", "baseline")
    cases = {"exclusion": (1, 1, 0), "crossover": (3, 1.5, 0), "inclusion": (3, 3, 2)}
    for anchor, rating in cases.items():
        base = np.full((4, 3), np.nan)
        base[1] = np.array(rating) / 3
        value = aggregate_as_coded(base, baseline)
        assert getattr(baseline.calibration.legalisation, anchor) == pytest.approx(float(value))


@pytest.mark.filterwarnings("error")
def test_far_from_a_set_the_membership_is_nought_or_one():
    assert calibrate([-1e6, 1e6], 0, 0.5, 1, math.log(19)).tolist() == [0, 1]


@given(st.integers(-1000, 1000), unit)
def test_membership_does_not_depend_on_the_unit(power: int, share: float):
    """The product of two distances vanishes or overflows where the distances do not."""
    values = np.ldexp([share, 0.25, 0.5, 1.0], power)
    assert calibrate(*values, 3.0) == pytest.approx(calibrate(share, 0.25, 0.5, 1.0, 3.0), abs=1e-12)


def test_bounds_the_wrong_way_round_are_refused():
    anchors = Anchors(exclusion=0.2, crossover=0.5, inclusion=0.9)
    right, wrong = Axis(0.8, 0.7, 0.9, anchors), Axis(0.8, 0.9, 0.4, anchors)
    with pytest.raises(InputError, match=r"basis: the lower bound is above the upper one; found: '0\.9, 0\.4'"):
        place(right, wrong, 3.0)
    with pytest.raises(
        InputError, match=r"formalisation: the value lies outside its bounds; found: 0\.8; allowed: 0\.1 "
    ):
        place(Axis(0.8, 0.1, 0.2, anchors), right, 3.0)
