"""How verdicts travel: by hand for each rule, and for any graph by properties."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadletter.argument.propagation import Premises, Standing, lower, propagate, supported
from deadletter.argument.verdicts import AFTER, BASES, INDEPENDENT, INTERNAL, NONE, WORDS, standing, weakest, word
from deadletter.coding.model import Argument
from deadletter.errors import InputError

YES, HALF, NO, OPEN = Standing(1.0, INTERNAL), Standing(0.5, INTERNAL), Standing(0.0, INTERNAL), Standing()
OUTSIDE = Standing(0.0, INDEPENDENT)


def test_words_of_verdicts_by_basis():
    assert [word(s, INDEPENDENT) for s in (1.0, 0.5, 0.0)] == ["supported", "partly supported", "not supported"]
    assert word(1.0, AFTER) == "supported"
    assert word(0.5, INTERNAL) == "in tension with"
    assert word(math.nan, INTERNAL) == word(1.0, NONE) == "not tested"
    assert weakest([INDEPENDENT, NONE, INTERNAL, AFTER]) == INTERNAL
    assert weakest([NONE]) == NONE
    assert [standing(w) for w in ("supported", "in tension with", "not supported", "not tested")] == [
        "stands firm", "is qualified", "is contradicted", "not tested"]  # fmt: skip


def test_rules_by_hand():
    joint = [YES, YES, NO]  # share 2/3
    assert supported([], joint, Argument()).score == 1
    assert supported([], [YES, NO, NO], Argument()).score == 0.5
    assert supported([], [NO, NO], Argument()).score == 0
    assert supported([HALF], joint, Argument()).score == 0.5
    assert supported([NO], [YES, YES], Argument()).score == 0
    assert supported([], joint, Argument(rule="weakest")).score == 0
    assert supported([NO], [YES, YES], Argument(rule="share")).score == 1
    assert supported([], joint, Argument(holds=0.7)).score == 0.5


def test_what_is_undecided_does_not_count_but_too_much_of_it_leaves_the_claim_open():
    assert supported([], [YES, OPEN], Argument()).score == 1
    assert not supported([], [YES, OPEN], Argument(coverage=0.6)).decided
    assert not supported([OPEN], [YES], Argument()).decided
    assert supported([OPEN], [NO], Argument()).score == 0
    assert not supported([], [], Argument()).decided


def test_a_verdict_carries_the_weakest_basis_that_it_rests_on():
    assert lower([YES, Standing(1.0, INDEPENDENT)]) == YES
    assert lower([YES, OUTSIDE]) == OUTSIDE
    assert supported([], [YES, Standing(1.0, INDEPENDENT)], Argument()).basis == INTERNAL


def test_own_test_and_supports_meet_and_their_disagreement_is_shown():
    premises = {"a": Premises(), "b": Premises(), "t": Premises((), ("a", "b"))}
    made = propagate(premises, {"a": YES, "b": YES, "t": OUTSIDE}, Argument())["t"]
    assert (made.own, made.supports, made.both, made.disagree, made.counted) == (OUTSIDE, YES, OUTSIDE, True, 2)
    assert made.both.verdict == "not supported"
    assert propagate(premises, {"a": YES, "b": YES}, Argument())["t"].both == YES
    alone = propagate(premises, {"a": YES, "b": YES}, Argument(), frozenset({"t"}))["t"]
    assert (alone.both.decided, alone.supports) == (False, YES)


def test_circles_and_unknown_supports_are_refused():
    with pytest.raises(InputError, match=r"support runs in a circle; found: '(a → b → a|b → a → b)'"):
        propagate({"a": Premises((), ("b",)), "b": Premises(("a",), ())}, {}, Argument())
    with pytest.raises(InputError, match="a: is supported by no such claim"):
        propagate({"a": Premises((), ("z",))}, {}, Argument())


scores = st.sampled_from([1.0, 0.5, 0.0, math.nan])
standings = st.builds(lambda s, b: Standing() if math.isnan(s) else Standing(s, b), scores, st.sampled_from(BASES[:3]))
rules = st.builds(Argument, rule=st.sampled_from(["necessary", "weakest", "share"]))


@st.composite
def graphs(draw):
    """Claims 0 … n−1, each supported by some of those before it, and a finding for each."""
    size = draw(st.integers(1, 8))
    premises = {}
    for claim in range(size):
        chosen = draw(st.lists(st.integers(0, claim - 1), unique=True)) if claim else []
        cut = draw(st.integers(0, len(chosen)))
        premises[str(claim)] = Premises(tuple(map(str, chosen[:cut])), tuple(map(str, chosen[cut:])))
    return premises, {claim: draw(standings) for claim in premises}


@given(graphs(), rules)
def test_every_claim_is_decided_once_within_the_range_of_its_grounds(graph, argument):
    premises, own = graph
    made = propagate(premises, own, argument)
    assert made.keys() == premises.keys()
    for claim, decision in made.items():
        assert decision.both.verdict in WORDS
        below = [made[name].both for name in premises[claim].all if made[name].both.decided]
        if decision.supports.decided:
            lowest, highest = min(s.score for s in below), max(s.score for s in below)
            assert lowest <= decision.supports.score <= highest
            assert decision.supports.score == lowest or argument.rule != "weakest"
            assert decision.supports.basis in {s.basis for s in below}
        if decision.own.decided:
            assert decision.both.score <= decision.own.score


@given(graphs(), rules, st.data())
def test_to_lower_a_finding_raises_no_verdict(graph, argument, data):
    premises, own = graph
    decided = [claim for claim, found in own.items() if found.decided]
    if not decided:
        return
    changed = data.draw(st.sampled_from(decided))
    before = propagate(premises, own, argument)
    after = propagate(premises, {**own, changed: Standing(0.0, own[changed].basis)}, argument)
    for claim in premises:
        if before[claim].both.decided:
            assert after[claim].both.score <= before[claim].both.score


@given(graphs(), rules)
def test_the_order_of_claims_does_not_matter(graph, argument):
    premises, own = graph
    turned = dict(reversed(list(premises.items())))
    assert str(sorted(propagate(turned, own, argument).items())) == str(
        sorted(propagate(premises, own, argument).items())
    )
