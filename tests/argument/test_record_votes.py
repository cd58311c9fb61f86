"""Kinds of test that compute from votes, on made-up roll-calls and worked out by hand."""

from __future__ import annotations

import math

import pytest

from deadletter.errors import InputError
from deadletter.labels import RECORD
from tests.argument.claims_world import ROLLCALLS, coding, grounds, run, wanted

YEARS = {"before": [2010], "after": [2015]}
MOVE = {"group": "pact", "anchor": "AAA", "vote_set": "whole", **YEARS}


def mean(unit: str, *years: int, **more: object) -> dict[str, object]:
    return {"vote_set": "whole", "units": [unit], "anchor": "AAA", "measure": "agreement", "years": [*years], **more}


def test_a_mean_meets_a_criterion_and_is_told_down_to_the_year():
    found = run("alignment", of=mean("BBB", 2010, 2015), criterion=wanted(">", 0.7))  # 0.9 and 0.6
    assert (found.score, found.basis) == (1, RECORD)
    assert found.computed == pytest.approx(0.75)
    assert found.reason.startswith("Agreement of Bland with Aland (votes on whole texts, 2010–2015): 0.75")
    # Wilson for 180 and 120 of 200
    assert found.trace[0] == "alignment.csv whole/BBB/2010/agreement: 0.900 (0.851 to 0.934; n = 200)"
    assert found.trace[-1] == "votes/rollcalls.csv: 400 roll-calls of the set whole, 2010–2015"
    near = grounds(made=coding(argument={"margin": 0.05}))
    assert run("alignment", near, of=mean("BBB", 2010, 2015), criterion=wanted(">", 0.72)).score == 0.5
    # a group's agreement is the mean of its members: 0.9 and 0.7
    assert run("alignment", of=mean("pact", 2010), criterion=wanted("=", 0.8)).score == 1


def test_of_few_roll_calls_each_vote_is_told():
    found = run("alignment", of=mean("BBB", 2015, vote_set="few"), criterion=wanted("=", 1))
    assert found.trace[-1] == "2015-0-0 of votes/rollcalls.csv: R/0, 2015-10-01: Aland for, Bland for"


def test_two_means_differ_only_where_the_interval_excludes_zero():
    fall = {"of": mean("BBB", 2010), "against": mean("BBB", 2015)}  # 0.9 less 0.6
    found = run("alignment", **fall)
    assert (found.score, found.computed) == (1, pytest.approx(0.3))
    assert [run("alignment", **fall, by=by).score for by in (0.25, 0.31)] == [1, 0.5]
    assert run("alignment", of=fall["against"], against=fall["of"]).score == 0
    same = run("alignment", of=mean("DDD", 2010), against=mean("EEE", 2010))
    assert (math.isnan(same.score), same.category) == (True, "no change")
    # that two are much the same is a criterion on their difference
    alike = {"of": mean("DDD", 2010), "against": mean("EEE", 2010), "criterion": wanted("<=", 0.02)}
    assert run("alignment", **alike).score == 1
    assert run("alignment", grounds(made=coding(argument={"margin": 0.05})), **alike).score == 0.5


def test_a_move_is_set_against_that_of_all_others():
    # the pact falls from 0.8 to 0.55; the others from 0.6 to 17/30
    found = run("realignment", **MOVE, moved="away", by=0.2)
    assert (found.score, found.computed) == (1, pytest.approx(0.25 - 0.1 / 3))
    assert run("realignment", **MOVE, moved="away", by=0.22).score == 0.5
    assert run("realignment", **MOVE, moved="towards").score == 0
    assert "from 0.80 (2010) to 0.55 (2015), that of 3 other voters from 0.60 to 0.57" in found.reason


def test_a_move_that_roll_calls_or_states_might_have_made_decides_nothing():
    # BBB falls, CCC rises: drawn anew, the two states might as well have risen
    turned = ROLLCALLS.assign(votes=[
        text[:2] + ("Y" if day.startswith("2015") else text[2]) + text[3:]
        for day, text in zip(ROLLCALLS["date"], ROLLCALLS["votes"], strict=True)
    ])  # fmt: skip
    found = run("realignment", grounds(rollcalls=turned), **MOVE, moved="towards")
    assert (math.isnan(found.score), found.category) == (True, "no change")


def test_votes_after_the_horizon_or_of_states_left_out_decide_nothing():
    early = grounds(made=coding(as_of="2014-12-31"))
    for kind, arguments in (("alignment", {"of": mean("BBB", 2010, 2015), "criterion": wanted(">", 0)}),
                            ("realignment", {**MOVE, "moved": "away"})):  # fmt: skip
        assert run(kind, early, **arguments).category == "insufficient"
    without = grounds(made=coding(drop_states=("BBB",)))
    assert run("alignment", without, of=mean("BBB", 2010), criterion=wanted(">", 0)).category == "insufficient"
    assert run("alignment", without, of=mean("pact", 2010), criterion=wanted("=", 0.7)).score == 1


def test_a_flipped_vote_changes_agreement_and_verdict():
    claim = {"of": mean("BBB", 2015, vote_set="few"), "criterion": wanted(">=", 1)}
    flipped = ROLLCALLS.assign(votes=ROLLCALLS["votes"].mask(ROLLCALLS["topics"] == "few", "YNNNNN"))
    assert [run("alignment", where, **claim).score for where in (grounds(), grounds(rollcalls=flipped))] == [1, 0]


@pytest.mark.parametrize(
    ("kind", "arguments", "told"),
    [
        ("alignment", {"of": mean("BBB", 2010, vote_set="hole"), "criterion": wanted(">", 0)}, "did you mean: whole"),
        ("alignment", {"of": mean("BBC", 2010), "criterion": wanted(">", 0)}, "did you mean: BBB"),
        ("alignment", {"of": mean("BBB", 2010)}, "votes need a criterion, or others"),
        ("realignment", {**MOVE, "group": "pac", "moved": "away"}, "no such group; found: 'pac'; did you mean: pact"),
        ("realignment", {**MOVE, "anchor": "BBB", "moved": "away"}, "no such anchor"),
        ("realignment", {**MOVE, "moved": "up"}, "Input should be 'towards' or 'away'"),
    ],
)
def test_what_is_unknown_is_refused(kind, arguments, told):
    with pytest.raises(InputError) as error:
        run(kind, **arguments)
    assert told in str(error.value)
