"""How verdicts travel: by hand for each rule, and for any graph by properties."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadletter.argument.propagation import Premises, Standing, lower, propagate, supported
from deadletter.argument.verdicts import standing, strongest, word
from deadletter.coding.model import Argument
from deadletter.errors import InputError
from deadletter.labels import ACCOUNT, AFTER, BASES, NONE, RECORD, VERDICT_WORDS

YES, HALF, NO, OPEN = Standing(1.0), Standing(0.5), Standing(0.0), Standing()
AT_ANCHOR = Standing(0.0, anchored=True)


def test_words_of_verdicts_by_source():
    assert [word(s, RECORD) for s in (1.0, 0.5, 0.0)] == ["supported", "partly supported", "not supported"]
    assert word(1.0, AFTER) == "supported"
    assert word(0.5, ACCOUNT) == "in tension with"
    assert word(0.0, ACCOUNT) == "contradicted by the account"
    assert word(0.0, ACCOUNT, anchored=True) == "not borne out at these anchors"
    assert word(1.0, ACCOUNT, anchored=True) == "consistent with"
    assert word(math.nan, ACCOUNT) == word(1.0, NONE) == "not tested"
    assert strongest([ACCOUNT, RECORD, AFTER]) == RECORD
    assert strongest([]) == NONE
    assert set(BASES) == {ACCOUNT, RECORD, AFTER, NONE}
    assert [standing(w) for w in VERDICT_WORDS] == [
        *["stands firm", "is qualified", "is contradicted"] * 2, "is contradicted", "not tested"]  # fmt: skip


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


def test_what_fails_only_at_an_anchor_is_marked_until_something_else_fails():
    assert lower([YES, AT_ANCHOR]) == AT_ANCHOR
    assert lower([NO, AT_ANCHOR]) == NO
    assert supported([], [AT_ANCHOR, AT_ANCHOR], Argument()).anchored
    assert not supported([], [AT_ANCHOR, NO], Argument()).anchored
    assert not supported([], [YES, AT_ANCHOR], Argument()).anchored  # in part: nothing fails


def test_own_test_and_supports_meet_and_their_disagreement_is_shown():
    premises = {"a": Premises(), "b": Premises(), "t": Premises((), ("a", "b"))}
    made = propagate(premises, {"a": YES, "b": YES, "t": NO}, Argument())["t"]
    assert (made.own, made.supports, made.both, made.disagree, made.counted) == (NO, YES, NO, True, 2)
    assert propagate(premises, {"a": YES, "b": YES}, Argument())["t"].both == YES
    alone = propagate(premises, {"a": YES, "b": YES}, Argument(), frozenset({"t"}))["t"]
    assert (alone.both.decided, alone.supports) == (False, YES)


def test_circles_and_unknown_supports_are_refused():
    with pytest.raises(InputError, match=r"support runs in a circle; found: '(a → b → a|b → a → b)'"):
        propagate({"a": Premises((), ("b",)), "b": Premises(("a",), ())}, {}, Argument())
    with pytest.raises(InputError, match="a: is supported by no such claim"):
        propagate({"a": Premises((), ("z",))}, {}, Argument())


scores = st.sampled_from([1.0, 0.5, 0.0, math.nan])
standings = st.builds(lambda score, anchored: Standing(score, anchored and score == 0), scores, st.booleans())
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
        assert decision.both.score in (0.0, 0.5, 1.0) or not decision.both.decided
        assert decision.both.score == 0 or not decision.both.anchored
        below = [made[name].both for name in premises[claim].all if made[name].both.decided]
        if decision.supports.decided:
            lowest, highest = min(s.score for s in below), max(s.score for s in below)
            assert lowest <= decision.supports.score <= highest
            scores, firm = [s.score for s in below], [made[name].both for name in premises[claim].necessary]
            mean = sum(scores) / len(scores)
            match argument.rule:
                case "weakest":
                    assert decision.supports.score == lowest
                case "share":
                    assert decision.supports.score == ((mean >= argument.holds) + (mean >= argument.partly)) / 2
                case "necessary":
                    assert decision.supports.score <= min([s.score for s in firm if s.decided], default=1)
            assert any(s.anchored for s in below) or not decision.supports.anchored
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
    after = propagate(premises, {**own, changed: Standing(0.0)}, argument)
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
