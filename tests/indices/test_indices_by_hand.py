"""Formalisation, expectation, compliance, output and functions of a made-up regime, computed by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from deadletter.coding.model import Compliance, Expectation, Formalisation, Functions, Intervals, Output
from deadletter.errors import InputError
from deadletter.indices.compliance import compliance, output
from deadletter.indices.expectation import expectation
from deadletter.indices.formalisation import legalisation
from deadletter.indices.functions import functions
from deadletter.indices.selection import Scope
from tests.indices.made_up import coding, ratings, units, world

FIRST, SECOND = Scope("R", 1990, 1999), Scope("R", 2000, 2009)
FEW = Intervals(minimum_rows=1, draws=199)
NORMS = units(
    "krasner component aspect valid_from valid_to",
    [
        "n1|principle|all|substance|1991|-",
        "n2|rule|goods|substance|1992|1999",
        "n3|rule|goods|procedure|2001|-",
        "n4|body|all|procedure|1990|-",
    ],
)
RATED = ratings(
    {
        "n1": "obligation=3, precision=0, delegation=0, implementation=not",
        "n2": "obligation=3, precision=3, delegation=3, implementation=implemented",
        "n3": "obligation=0, precision=3, delegation=3, implementation=partly",
        "n4": "obligation=3, precision=3, delegation=3, implementation=not reported",
    }
)


class TestLegalisation:
    dataset = world(norms=NORMS, ratings=RATED)

    def test_mean_over_dimensions_then_over_components_present(self):
        # 1990s: principle (1 + 0 + 0)/3, rule 1; bodies are left out
        assert legalisation(self.dataset, coding(intervals=FEW), FIRST).value == pytest.approx((1 / 3 + 1) / 2)
        # 2000s: the rule of 1992 has lapsed, that of 2001 is in force
        assert legalisation(self.dataset, coding(intervals=FEW), SECOND).value == pytest.approx((1 / 3 + 2 / 3) / 2)

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"dimension_exponent": -math.inf}, (0 + 1) / 2),
            ({"component_exponent": -math.inf}, 1 / 3),
            ({"component_exponent": 0.0}, math.sqrt(1 / 3)),
            ({"dimension_weights": {"obligation": 1.0, "precision": 0.0, "delegation": 0.0}}, 1.0),
            ({"component_weights": {"principle": 0.75, "norm": 0.0, "rule": 0.25, "procedure": 0.0}}, 0.5),
        ],
    )
    def test_exponents_and_weights(self, change: dict, expected: float):
        chosen = coding(intervals=FEW, formalisation=Formalisation.model_validate(change))
        assert legalisation(self.dataset, chosen, FIRST).value == pytest.approx(expected)

    def test_components_aspects_and_kinds_of_norm(self):
        goods = Scope("R", 2000, 2009, "goods")
        # the rule of 2001 is its own; the principle of the whole governs it too
        assert legalisation(self.dataset, coding(intervals=FEW), goods).value == pytest.approx((2 / 3 + 1 / 3) / 2)
        assert legalisation(self.dataset, coding(intervals=FEW), FIRST, "rule").value == 1
        procedure = coding(intervals=FEW, formalisation=Formalisation(aspect="procedure"))
        assert legalisation(self.dataset, procedure, FIRST).n == 0

    def test_few_rows_have_an_interval_and_no_value(self):
        index = legalisation(self.dataset, coding(), FIRST)
        assert (math.isnan(index.value), index.note, index.n) == (True, "insufficient", 2)
        assert index.low <= (1 / 3 + 1) / 2 <= index.high

    def test_an_unknown_rating_widens_the_bounds(self):
        missing = RATED[~((RATED["unit"] == "n2") & (RATED["variable"] == "obligation"))]
        index = legalisation(world(norms=NORMS, ratings=missing), coding(intervals=FEW), FIRST, "rule")
        assert (index.bound_low, index.value, index.bound_high) == pytest.approx((2 / 3, 1, 1))


class TestExpectation:
    outlook = units(
        "state component from to evidence",
        ["o1|A|all|1990|1999|e1;e2", "o2|A|all|1990|1999|e2", "o3|B|all|1990|1999|e2", "o4|B|goods|2000|2009|e2"],
    )
    rated = ratings(
        {"o1": "outlook=0", "o2": "outlook=3", "o3": "outlook=3", "o4": "outlook=1", "e1": "compliance=violated"}
    )
    events = units("date date_end actors type norm", ["e1|1995|-|A|refusal|-", "e2|1996|-|A|refusal|-"])
    dataset = world(outlook=outlook, events=events, ratings=rated)

    def test_level_is_the_mean_over_states_of_their_means(self):
        result = expectation(self.dataset, coding(intervals=FEW), FIRST)
        # A: (0 + 1)/2, B: 1; mean 3/4, standard deviation 1/4
        assert result.level.value == pytest.approx(0.75)
        assert result.convergence.value == pytest.approx(0.5)
        assert result.index.value == pytest.approx(0.75)
        product = coding(intervals=FEW, expectation=Expectation(aggregate="level_times_convergence"))
        assert expectation(self.dataset, product, FIRST).index.value == pytest.approx(0.375)

    def test_what_is_stated_counts_before_what_is_inferred(self):
        # A states 0 and acts as though at 1: the statement alone counts
        stated = self.outlook.assign(basis=["stated", "inferred", "inferred", "inferred"])
        dataset = world(outlook=stated, events=self.events, ratings=self.rated)
        assert expectation(dataset, coding(intervals=FEW), FIRST).index.value == pytest.approx((0 + 1) / 2)
        alike = coding(intervals=FEW, expectation=Expectation(stated="alike"))
        assert expectation(dataset, alike, FIRST).index.value == pytest.approx(0.75)

    def test_who_is_not_a_member_expects_nothing_and_half_of_the_members_is_too_few(self):
        late = units("state from to entry exit", ["m1|A|1990|-|founding|none", "m2|B|2000|-|accession|none"])
        dataset = world(outlook=self.outlook, events=self.events, ratings=self.rated, memberships=late)
        first = expectation(dataset, coding(intervals=FEW), FIRST)
        assert (first.index.value, first.index.n) == (pytest.approx(0.5), 2)
        three = pd.concat([late, units("state from to entry exit", ["m3|C|1990|-|founding|none"])])
        dataset = world(outlook=self.outlook, events=self.events, ratings=self.rated, memberships=three)
        half = expectation(dataset, coding(intervals=FEW), FIRST)
        assert (math.isnan(half.index.value), half.index.note) == (True, "insufficient")
        wider = coding(intervals=FEW, expectation=Expectation(coverage=0.49))
        assert expectation(dataset, wider, FIRST).index.value == pytest.approx(0.5)

    def test_overlap_is_the_share_of_evidence_that_also_feeds_compliance_or_output(self):
        # of four entries (e1, e2, e2, e2) only e1 is rated on compliance
        assert expectation(self.dataset, coding(intervals=FEW), FIRST).overlap.value == pytest.approx(0.25)
        without = coding(intervals=FEW, expectation=Expectation(aggregate="level", overlap="drop"))
        assert expectation(self.dataset, without, FIRST).index.value == pytest.approx(1.0)

    def test_dropped_states_and_components(self):
        assert (
            expectation(self.dataset, coding(intervals=FEW, drop_states=("BBB",)), FIRST).level.n == 3
        )  # an unknown state drops nothing
        goods = Scope("R", 2000, 2009, "goods")
        few = coding(intervals=FEW, expectation=Expectation(coverage=0.4))
        assert expectation(self.dataset, few, goods).level.value == pytest.approx(1 / 3)

    def test_experience_counts_earlier_norm_related_wishes_only(self):
        wishes = units("state from to", ["x1|A|1990|1995", "x2|A|1991|-", "x3|A|2001|-", "x4|A|1992|-", "x5|B|1993|-"])
        told = ratings(
            {
                "x1": "norm_related=yes, met=1",
                "x2": "norm_related=yes, met=0.5",
                "x3": "norm_related=yes, met=0",
                "x4": "norm_related=no, met=0",
                "x5": "norm_related=yes, met=unclear",
            }
        )
        chosen = coding(intervals=FEW, expectation=Expectation(definition="met", coverage=0.4))
        result = expectation(world(expectations=wishes, ratings=told), chosen, SECOND)
        # x3 began in the period itself, x4 is not norm-related, x5 is unclear: B has no known value
        assert (result.index.value, result.index.n) == (pytest.approx(0.75), 3)
        assert result.index.bound_low == pytest.approx((0.75 + 0) / 2)
        assert result.index.bound_high == pytest.approx((0.75 + 1) / 2)
        assert expectation(world(expectations=wishes, ratings=told), chosen, FIRST).index.n == 0

    def test_weights_of_states(self):
        macro = pd.DataFrame(
            {
                "economy": ["A", "B", "A", "B"],
                "year": [2000, 2000, 2005, 2005],
                "gdp_current_musd": [30.0, 10.0, 0.0, 90.0],
            }
        )
        dataset = world(outlook=self.outlook, events=self.events, ratings=self.rated, annual=macro)
        by_gdp = coding(intervals=FEW, expectation=Expectation(aggregate="level", state_weights="gdp"))
        # years before 2000 take the figures of 2000: A three quarters, B one quarter
        assert expectation(dataset, by_gdp, FIRST).index.value == pytest.approx(0.75 * 0.5 + 0.25 * 1)
        by_votes = coding(expectation=Expectation(state_weights="votes"))
        with pytest.raises(InputError, match="no votes of this state"):
            expectation(dataset, by_votes, FIRST)


class TestComplianceAndOutput:
    events = units(
        "date date_end actors type norm",
        [
            "e1|1995|-|A|refusal|n1",
            "e2|1996|-|A|decision|n2",
            "e3|1997|2003|B|decision|n2",
            "e4|1998|-|B|suspension|n1",
            "e5|-|-|B|decision|n1",
            "e6|1994|-|B|decision|n1",
            "e7|2002|-|A|decision|n2",
            "e8|1996|-|C|decision|n1",
        ],
    )
    rated = ratings(
        {
            "e1": "compliance=violated",
            "e2": "compliance=complied",
            "e3": "compliance=ambiguous",
            "e4": "compliance=ambiguous",
            "e5": "compliance=complied",
            "e6": "compliance=not applicable",
            # the norm had lapsed; the actor was not a member
            "e7": "compliance=violated",
            "e8": "compliance=violated",
        }
    )
    spells = units("state from to entry exit", ["m1|B|1990|1998|founding|suspension", "m2|A|1990|-|founding|none"])
    dataset = world(norms=NORMS, events=events, memberships=spells, ratings=pd.concat([RATED, rated]))

    @pytest.mark.parametrize(("ambiguous", "expected"), [(0.0, 1 / 3), (0.5, 0.5), (1.0, 2 / 3)])
    def test_dated_tests_of_norms_count_and_exits_do_not_by_default(self, ambiguous: float, expected: float):
        chosen = coding(intervals=FEW, compliance=Compliance(ambiguous=ambiguous))
        index = compliance(self.dataset, chosen, FIRST)
        assert (index.value, index.n) == (pytest.approx(expected), 3)
        assert (index.bound_low, index.bound_high) == pytest.approx((1 / 3, 2 / 3))

    def test_exits_count_once_and_as_the_coding_says(self):
        chosen = coding(intervals=FEW, compliance=Compliance(exits="violated"))
        index = compliance(self.dataset, chosen, FIRST)
        assert (index.value, index.n) == (pytest.approx(1.5 / 4), 4)

    def test_an_event_counts_where_it_begins_and_components_go_by_the_norm(self):
        assert compliance(self.dataset, coding(intervals=FEW), SECOND).n == 0
        touches = coding(intervals=FEW, compliance=Compliance(window="touches"))
        assert [compliance(self.dataset, touches, scope).n for scope in (FIRST, SECOND)] == [3, 1]
        goods = compliance(self.dataset, coding(intervals=FEW), Scope("R", 1990, 1999, "goods"))
        assert (goods.value, goods.n) == (pytest.approx(0.75), 2)

    def test_undated_conduct_counts_in_no_period_unless_asked_for(self):
        undated = self.events.assign(period_only=["yes", *[""] * (len(self.events) - 1)])
        dataset = world(norms=NORMS, events=undated, memberships=self.spells, ratings=pd.concat([RATED, self.rated]))
        assert compliance(dataset, coding(intervals=FEW), FIRST).n == 2
        touches = coding(intervals=FEW, compliance=Compliance(window="touches"))
        assert compliance(dataset, touches, FIRST).n == 3

    def test_the_agent_counts_and_not_who_is_affected(self):
        agents = self.events.assign(agent=["C", *[""] * (len(self.events) - 1)])
        dataset = world(norms=NORMS, events=agents, memberships=self.spells, ratings=pd.concat([RATED, self.rated]))
        assert compliance(dataset, coding(intervals=FEW), FIRST).n == 2

    def test_a_coder_who_named_the_norm_in_a_first_step_goes_by_that_norm(self):
        told = pd.DataFrame([("e1", "coder-1", ""), ("e2", "coder-1", "n1")], columns=["event", "coder", "norm"])
        ratings_ = pd.concat([RATED, self.rated])
        dataset = world(norms=NORMS, events=self.events, memberships=self.spells, ratings=ratings_, tested_norms=told)
        # e1 tests nothing any more; e2 tests a norm of the whole, not of goods
        assert compliance(dataset, coding(intervals=FEW), FIRST).n == 2
        assert compliance(dataset, coding(intervals=FEW), Scope("R", 1990, 1999, "goods")).n == 1

    def test_what_nobody_adopted_tests_nothing_and_is_not_carried_out(self):
        wanted = NORMS.assign(status=["proposed", "adopted", "adopted", "adopted"])
        dataset = world(
            norms=wanted, events=self.events, memberships=self.spells, ratings=pd.concat([RATED, self.rated])
        )
        assert compliance(dataset, coding(intervals=FEW), FIRST).n == 2
        assert output(dataset, coding(intervals=FEW), FIRST).value == pytest.approx(1)

    def test_what_is_not_yet_known_does_not_count(self):
        assert compliance(self.dataset, coding(intervals=FEW, as_of="1995-12-31"), Scope("R", 1990, 1995)).n == 1

    def test_output_counts_norms_and_bodies_whose_fate_is_told(self):
        index = output(self.dataset, coding(intervals=FEW), FIRST)
        assert (index.value, index.n) == (pytest.approx(0.5), 2)
        assert (index.bound_low, index.bound_high) == pytest.approx((1 / 3, 2 / 3))
        half = coding(intervals=FEW, output=Output(partly=0.25))
        assert output(self.dataset, half, SECOND).value == pytest.approx((0 + 0.25) / 2)
        assert output(self.dataset, half, SECOND, "procedure").value == pytest.approx(0.25)


def test_functions_split_mixed_ones():
    rows = units("component from to evidence", ["u1|all|1990|-|-", "u2|all|1990|1999|-", "u3|all|1995|-|-"])
    told = ratings(
        {
            "u1": "function_kind=communicative, strength=3",
            "u2": "function_kind=strategic, strength=2",
            "u3": "function_kind=both, strength=1",
        }
    )
    dataset = world(functions=rows, ratings=told)
    sums = functions(dataset, coding(intervals=FEW), FIRST)
    assert (sums.strategic.value, sums.communicative.value) == pytest.approx((2.5, 3.5))
    assert sums.position.value == pytest.approx(3.5 / 6)
    purist = functions(dataset, coding(intervals=FEW, functions=Functions(both=0.0)), SECOND)
    assert (purist.strategic.value, purist.communicative.value) == pytest.approx((1, 3))


def test_the_mean_of_coders_is_taken_over_those_who_gave_a_scale_point():
    second = ratings({"n2": "obligation=1, precision=3, delegation=3, implementation=not reported"}, "coder-2")
    dataset = world(norms=NORMS, ratings=pd.concat([RATED, second]))
    mean = coding(intervals=FEW, coder="mean")
    assert legalisation(dataset, mean, FIRST, "rule").value == pytest.approx((2 / 3 + 1 + 1) / 3)
    assert output(dataset, mean, FIRST).n == 2
    with pytest.raises(InputError, match="no ratings of this coder"):
        legalisation(dataset, coding(coder="coder-9"), FIRST)
