"""Codification, completeness and density of a made-up regime by hand; anchors from cases; properties."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadletter.coding.model import Anchors, Calibration, Formalisation, Intervals
from deadletter.indices.codification import codification, completeness, density, level_on, reference_anchors
from deadletter.indices.selection import Scope
from tests.indices.made_up import coding, instruments, links, reference, units, world

FIRST, SECOND = Scope("R", 1990, 1999), Scope("R", 2000, 2009)
FEW = Intervals(minimum_rows=1, draws=99)
INSTRUMENTS = instruments(
    [
        "i1|R|treaty|yes|1990-05-01|1991-01-01|-|A;B",
        "i2|R|programme|no|1995|-|-|-",
        "i3|R|agreement|yes|1996|2001-03-01|-|-",
        "i4|R|protocol|yes|1997|-|-|-",
        "i5|R|treaty|yes|1990|1990|1994-12-31|-",
        "i6|R|agreement|yes|1990|1990|-|A",
    ]
)
NORMS = units(
    "krasner component aspect valid_from valid_to instrument status",
    [
        "n1|principle|all|substance|1991|-|i1|adopted",
        "n2|norm|all|substance|1995|-|i2|adopted",
        "n3|rule|goods|substance|1996|-|i3|adopted",
        "n4|procedure|all|procedure|1997|-|i4|adopted",
        "n5|norm|all|substance|1996|-|i2|proposed",
        "n6|body|all|procedure|1991|-|i1|adopted",
    ],
)
DATASET = world(norms=NORMS, instruments=INSTRUMENTS, links=links("n1 n3 rule", "n1 n4 procedure", "n2 n3 rule"))


@pytest.mark.parametrize(
    ("instrument", "day", "members", "level"),
    [
        ("i1", "1990-04-30", "AB", (0, 0)),  # not signed yet
        ("i1", "1990-12-31", "AB", (2, 2)),  # signed, not in force
        ("i1", "1991-01-01", "AB", (3, 3)),
        ("i1", "1991-01-01", "ABC", (2, 2)),  # C is not a party
        ("i2", "1995-12-31", "AB", (1, 1)),
        ("i4", "1999-12-31", "AB", (2, 3)),  # its entry into force was not seen
        ("i5", "1994-12-31", "AB", (3, 3)),
        ("i5", "1995-01-01", "AB", (0, 0)),  # ended
        ("i6", "1995-01-01", "AB", (2, 2)),
    ],
)
def test_the_level_of_an_instrument_on_a_day(instrument: str, day: str, members: str, level: tuple):
    row = INSTRUMENTS.set_index("id").loc[instrument]
    assert level_on(row, day, frozenset(members)) == level


def test_codification_is_the_mean_over_components_as_of_the_last_day():
    # 1999: principle 3, norm 1, rule 2 (signed), procedure 2 to 3 (force not seen); bodies and proposals are left out
    index = codification(DATASET, coding(intervals=FEW), FIRST)
    assert (index.value, index.n) == (pytest.approx((3 + 1 + 2 + 2) / 12), 4)
    assert (index.bound_low, index.bound_high) == pytest.approx((8 / 12, 9 / 12))
    # 2009: the agreement has come into force
    assert codification(DATASET, coding(intervals=FEW), SECOND).value == pytest.approx((3 + 1 + 3 + 2) / 12)
    assert codification(DATASET, coding(intervals=FEW), FIRST, conjunctive=True).value == pytest.approx(1 / 3)
    assert codification(DATASET, coding(intervals=FEW), FIRST, "rule").value == pytest.approx(2 / 3)


def test_a_component_without_a_norm_is_zero_or_left_out():
    two = world(norms=NORMS[NORMS["krasner"].isin(["principle", "norm"])], instruments=INSTRUMENTS)
    assert codification(two, coding(intervals=FEW), FIRST).value == pytest.approx((3 + 1) / 12)
    out = coding(intervals=FEW, formalisation=Formalisation(missing_component="leave_out"))
    assert codification(two, out, FIRST).value == pytest.approx((3 + 1) / 6)
    assert math.isnan(codification(world(), coding(intervals=FEW), FIRST).value)


def test_a_part_is_governed_by_the_whole_where_it_has_no_norm_of_its_own():
    goods = codification(DATASET, coding(intervals=FEW), Scope("R", 1990, 1999, "goods"))
    assert (goods.value, goods.n) == (pytest.approx(8 / 12), 4)
    assert codification(DATASET, coding(intervals=FEW), Scope("R", 1990, 1999, "labour")).n == 0


def test_completeness_asks_for_a_rule_and_a_procedure():
    # n1 has both, n2 a rule only; n5 is not adopted
    index = completeness(DATASET, coding(intervals=FEW), FIRST)
    assert (index.value, index.n) == (pytest.approx(1 / 2), 2)
    # in 1996 the procedure did not exist
    assert completeness(DATASET, coding(intervals=FEW), Scope("R", 1990, 1996)).value == 0


def test_density_counts_instruments_in_force_and_bounds_the_unseen():
    index = density(DATASET, coding(intervals=FEW), FIRST)
    # i1, i2, i6; i3 signed only, i5 ended; i4 may be in force
    assert (index.value, index.bound_low, index.bound_high) == (3, 3, 4)


def test_anchors_are_group_means_of_the_cases():
    cases = reference(A_out="1100", B_out="1111", C_middle="2222", D_in="3333", E_in="3330")
    dataset = world(reference=cases)
    anchors = reference_anchors(dataset, coding())
    assert (anchors.exclusion, anchors.crossover, anchors.inclusion) == pytest.approx((3 / 12, 8 / 12, 10.5 / 12))
    weakest = reference_anchors(dataset, coding(), conjunctive=True)
    # the weakest component: 0 and 1/3 out, 2/3 in the middle, 1 and 0 in: the means do not rise
    assert weakest is None
    stated = Anchors(exclusion=0.1, crossover=0.2, inclusion=0.3)
    chosen = coding(formalisation=Formalisation(grouping="stated"), calibration=Calibration(codification=stated))
    assert reference_anchors(dataset, chosen) == stated


def test_leaving_a_case_out_moves_its_anchor_alone():
    cases = reference(A_out="1100", B_out="1111", C_middle="2222", D_in="3333")
    cases["organisation"] = cases["organisation"] + "-2000"
    found = reference_anchors(world(reference=cases), coding(formalisation=Formalisation(leave_out="A-2000")))
    assert (found.exclusion, found.crossover, found.inclusion) == pytest.approx((4 / 12, 8 / 12, 1))


@given(st.lists(st.sampled_from(["announced", "proposed", "rejected", "practice"]), max_size=5))
def test_what_nobody_adopted_changes_nothing(statuses: list[str]):
    more = [f"n{9 + i}|rule|all|substance|1991|-|i1|{status}" for i, status in enumerate(statuses)]
    norms = pd.concat([NORMS, units("krasner component aspect valid_from valid_to instrument status", more)])
    dataset = world(norms=norms, instruments=INSTRUMENTS, links=DATASET["links"])
    for index in (codification, completeness):
        assert index(dataset, coding(intervals=FEW), FIRST) == index(DATASET, coding(intervals=FEW), FIRST)
