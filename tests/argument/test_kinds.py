"""Each kind of test and each measure against values worked out by hand; each turns with the evidence."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from deadletter.argument.criterion import Criterion
from deadletter.argument.measured import count_interval, difference
from deadletter.errors import InputError
from deadletter.indices.intervals import wilson
from deadletter.labels import ACCOUNT, RECORD
from tests.argument.claims_world import (
    DISPUTES,
    EVENTS,
    INDICES,
    OUTPUT,
    PLACEMENT,
    PRECISE,
    RATINGS,
    TRADE,
    VOTES,
    coding,
    count,
    grounds,
    rows,
    run,
    wanted,
)


def test_criteria_by_hand():
    strict = [Criterion(relation=relation, value=2).score(2.0) for relation in ("=", "<", ">", "<=", ">=")]
    assert strict == [1, 0, 0, 1, 1]
    assert [Criterion(relation=relation, value=2, tolerance=1).score(2.0) for relation in ("<", ">")] == [1, 1]
    at_least = Criterion(relation=">=", value=3, partly=1)
    assert [at_least.score(v) for v in (3, 2.9, 1, 0.9)] == [1, 0.5, 0.5, 0]
    assert Criterion(relation="=", value=2, tolerance=0.5).score(2.6) == 0
    assert math.isnan(at_least.score(math.nan))
    assert at_least.short == "at least 3 (in part from 1)"
    assert at_least.words("rows") == "at least three"
    assert Criterion(relation=">", value=0.5).words("share") == "more than half"
    for wrong in (
        {"relation": ">=", "partly": 2},
        {"relation": "=", "partly": 0.5},
        {"relation": "=", "tolerance": -1},
    ):
        with pytest.raises(ValidationError):
            Criterion(value=1, **wrong)


def test_count_turns_with_a_row():
    found = run("meets", of=count("events", **DISPUTES), criterion=wanted("=", 2))
    assert (found.score, found.computed, found.article, found.units) == (1, 2, 2, ("e2", "e3"))
    assert found.basis == ACCOUNT
    assert found.reason == "Events (type dispute; regime R): two in the account; the claim requires two"
    fewer = grounds(events=EVENTS[EVENTS["id"] != "e2"])
    assert run("meets", fewer, of=count("events", **DISPUTES), criterion=wanted("=", 2)).score == 0


def test_count_of_different_entries_of_a_column():
    found = run("matches", of=count("events", distinct="actors", **DISPUTES), figure="f1")
    assert (found.score, found.computed, found.article) == (1, 2, 2)  # A and B
    gone = grounds(made=coding(drop_states=("AAA",)), events=EVENTS.replace({"actors": {"A;B": "A"}}))
    assert run("matches", gone, of=count("events", distinct="actors", **DISPUTES), figure="f1").score == 0
    with pytest.raises(InputError, match="no such figure"):
        run("matches", of=count("events"), figure="f9")


def test_years_take_rows_whose_span_meets_them_and_started_only_those_that_begin():
    def number(**more: object) -> float | str:
        return run("meets", of=count("events", where={"regime": ["R"]}, **more), criterion=wanted(">=", 0)).computed

    assert [number(years=[2002]), number(years=[2001], started=True), number(years=[2000, 2005])] == [1, 1, 3]
    assert math.isnan(number(years=[2002], started=True))  # e3 lasts, but none begins
    assert number(years=[1999, 2001], started=True) == 3


def test_rows_after_the_horizon_are_unknown():
    early = grounds(made=coding(as_of="2004-12-31"))
    kept = {"measure": "rating", "rows": rows("events"), "variable": "compliance"}
    assert run("meets", early, of=kept, criterion=wanted("<", 0.5)).units == ("e2", "e3")
    assert run("meets", of=kept, criterion=wanted("<", 0.5)).units == ("e2", "e3", "e4")
    # a count that what comes later would turn is left open
    left = run("meets", early, of=count("events"), criterion=wanted("=", 3))
    assert (math.isnan(left.score), left.category) == (True, "insufficient")
    assert left.reason.endswith("rows after the horizon would decide")
    assert run("meets", early, of=count("events"), criterion=wanted(">=", 3)).score == 1
    assert run("meets", of=count("events"), criterion=wanted("=", 6)).score == 0


def test_share_and_its_interval():
    share = {"measure": "share", "rows": rows("events", where={"regime": ["R"]}), "having": {"type": ["dispute"]}}
    found = run("meets", of=share, criterion=wanted(">=", 0.6, partly=0.5))
    assert (found.score, found.computed) == (0.5, 0.5)  # e2 and e3 of four
    assert found.reason == ("50% of events (regime R) have type dispute (2 of 4); the claim requires at least 60%")
    more = grounds(events=EVENTS.replace({"type": {"refusal": "dispute"}}))
    assert run("meets", more, of=share, criterion=wanted(">=", 0.6)).score == 1
    none = {**share, "rows": rows("events", where={"regime": ["Z"]})}
    assert run("meets", of=none, criterion=wanted(">=", 0)).category == "insufficient"


def test_rating_is_the_mean_rank_and_turns_with_a_rating():
    found = run("meets", of=PRECISE, criterion=wanted("=", 0.5))
    assert (found.score, found.computed) == (1, 0.5)  # 3 and 0 of 3
    lower = grounds(ratings=RATINGS.replace({"value": {"3": "0"}}))
    assert run("meets", lower, of=PRECISE, criterion=wanted("=", 0.5)).score == 0
    with pytest.raises(InputError, match="no ranked variable of norms"):
        run("meets", of={**PRECISE, "variable": "kind"}, criterion=wanted("=", 0.5))


def test_ambiguous_events_are_worth_what_the_coding_says():
    kept = {"measure": "rating", "rows": rows("events"), "variable": "compliance"}
    assert run("meets", of=kept, criterion=wanted("<", 0.7)).computed == 0.5  # 0, ½ and 1
    strict = grounds(made=coding(compliance={"ambiguous": 0.0}))
    assert run("meets", strict, of=kept, criterion=wanted("<", 0.7)).computed == pytest.approx(1 / 3)
    other = grounds(made=coding(coder="coder-2"))
    assert run("meets", other, of=kept, criterion=wanted("=", 1)).score == 1


def test_index_above_a_value_with_its_interval():
    found = run("meets", of=OUTPUT, criterion=wanted("<", 0.5))
    assert (found.score, found.computed, found.cells) == (1, 0.25, ("indices.csv R/all/all/2000/2009/output",))
    assert "Output of the R is 0.25 in 2000/2009; the claim requires below 0.50" in found.reason
    assert run("meets", grounds(indices=INDICES.assign(value=0.75)), of=OUTPUT, criterion=wanted("<", 0.5)).score == 0
    scarce = run("meets", of={**OUTPUT, "index": "compliance"}, criterion=wanted("<", 0.5))
    assert (math.isnan(scarce.score), scarce.category) == (True, "insufficient")
    with pytest.raises(InputError, match="no such index among the indices; found: 'outputs'; did you mean: output"):
        run("meets", of={**OUTPUT, "index": "outputs"}, criterion=wanted("<", 0.5))


def test_periods_of_another_coding_are_found_by_their_years():
    assert run("meets", of={**OUTPUT, "period": "1998/2004"}, criterion=wanted("<", 0.5)).computed == 0.25
    assert run("meets", of={**OUTPUT, "period": "1995/2001"}, criterion=wanted("<", 0.5)).computed == 0.75
    assert run("meets", of={**OUTPUT, "period": "1900/1909"}, criterion=wanted("<", 0.5)).category == "insufficient"


def test_a_coding_may_leave_no_row_of_a_kind_that_is_known():
    assert run("meets", of={**OUTPUT, "krasner": "rule"}, criterion=wanted("<", 1)).category == "insufficient"
    with pytest.raises(InputError, match="no such krasner among the indices; found: 'rules'; did you mean: rule"):
        run("meets", of={**OUTPUT, "krasner": "rules"}, criterion=wanted("<", 1))


def test_exceeds_needs_an_interval_of_the_difference_that_excludes_zero():
    trend = {"larger": {**OUTPUT, "period": "1990/1999"}, "smaller": OUTPUT}
    # 0.5 less √(0.25² + 0.25²) is 0.146 > 0 (Zou & Donner 2008)
    found = run("exceeds", **trend)
    assert (found.score, found.computed) == (1, 0.5)
    assert "The difference is +0.50 (interval +0.15 to +0.71)" in found.reason
    assert (run("exceeds", **trend, by=0.6).score, run("exceeds", **trend, by=0.4).score) == (0.5, 1)
    assert run("exceeds", larger=OUTPUT, smaller=trend["larger"]).score == 0
    same = run("exceeds", larger=OUTPUT, smaller=OUTPUT)
    assert (math.isnan(same.score), same.category) == (True, "no change")
    assert same.reason.endswith("no discernible difference")
    wide = grounds(indices=INDICES.assign(high=1.0))
    assert run("exceeds", wide, **trend).category == "no change"
    # a lead within the margin holds in part at most
    near = grounds(made=coding(argument={"margin": 0.5}))
    assert run("exceeds", near, **trend).score == 0.5


def test_the_interval_of_a_difference_by_hand():
    # Newcombe (1998), table II, row (a), method 10: 56/70 less 48/80 is 0.2000, 0.0524 to 0.3339
    shares = [(hits / n, *wilson(hits, n, 0.95)) for hits, n in ((56, 70), (48, 80))]
    found = difference(*shares)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    # Garwood (1936): no count has 0 to 3.689, ten 4.795 to 18.390
    assert count_interval(0, 0.95) == pytest.approx((0, 3.689), abs=5e-4)
    assert count_interval(10, 0.95) == pytest.approx((4.795, 18.390), abs=5e-4)


def test_membership_in_a_cell():
    cell = {"measure": "membership", "regime": "R", "basis": "output", "period": "2000/2009", "cell": "dead_letter"}
    assert run("meets", of=cell, criterion=wanted(">=", 0.5)).score == 1
    failed = run("meets", of={**cell, "cell": "tacit"}, criterion=wanted(">=", 0.5))
    assert (failed.score, failed.anchored) == (0, True)  # another cell, but only at these anchors
    blurred = grounds(placement=PLACEMENT.assign(label="not_identified"))
    left = run("meets", blurred, of=cell, criterion=wanted(">=", 0.5))
    assert (math.isnan(left.score), left.category) == (True, "insufficient")
    assert "R is not identified in 2000/2009" in left.reason


def test_outvotable_counts_voters_without_whom_the_quota_is_met():
    # 5 votes, 4 are needed: without A 2 remain, without B or C 4
    found = run("meets", of={"measure": "outvotable", "norm": "n1"}, criterion=wanted("=", 2 / 3))
    assert (found.score, found.computed) == (1, pytest.approx(2 / 3))
    equal = grounds(votes=VOTES.assign(votes=1))
    # 3 votes, 2 are needed: anyone can be outvoted
    assert run("meets", equal, of={"measure": "outvotable", "norm": "n1"}, criterion=wanted("=", 1)).score == 1


def test_earlier_compares_first_days():
    first, then = rows("events", ids=["e1"]), rows("events", ids=["e2"])
    assert run("earlier", first=first, then=then).score == 1
    assert run("earlier", first=then, then=first).score == 0
    assert (
        run("earlier", first=first, then=first).score,
        run("earlier", first=first, then=first, same=True).score,
    ) == (0, 1)
    undated = grounds(events=EVENTS.assign(date="", date_end=""))
    assert run("earlier", undated, first=first, then=then).category == "insufficient"


def test_statements_agree_all_some_or_none():
    one = run("statements", ids=["up"])
    assert (one.score, one.basis, one.computed, one.article, one.tolerance) == (1, RECORD, 5, 4, 2)
    assert run("statements", ids=["up", "down"]).score == 0.5
    assert run("statements", ids=["down"]).score == 0
    assert run("statements", grounds(trade=TRADE.replace({"agrees": "differs"})), ids=["up"]).score == 0
    # what cannot be tested holds a claim back, but does not refute it
    assert run("statements", ids=["up", "gap"]).score == 0.5
    assert run("statements", ids=["gap"]).category == "insufficient"
    with pytest.raises(InputError, match="did you mean: down"):
        run("statements", ids=["dow"])


def test_estimates_meet_a_criterion():
    assert run("estimates", ids=["up", "down"], criterion=wanted(">", 0)).score == 1
    assert run("estimates", ids=["up", "down"], criterion=wanted(">", 4)).score == 0.5
    assert run("estimates", ids=["up", "down"], criterion=wanted("<", 0)).score == 0


def test_all_of_holds_wholly_in_part_or_not():
    yes = {"kind": "meets", "of": count("events"), "criterion": wanted(">=", 1)}
    no = {"kind": "meets", "of": count("events"), "criterion": wanted("<", 1)}
    open_ = {"kind": "statements", "ids": ["gap"]}
    outside = {"kind": "statements", "ids": ["up"]}
    scores = [
        run("all_of", tests=tests).score for tests in ([yes, yes], [yes, no], [no, no], [yes, open_], [no, open_])
    ]
    assert scores == [1, 0.5, 0, 0.5, 0]
    assert [run("all_of", tests=tests, each=True).score for tests in ([yes, yes], [yes, no])] == [1, 0]
    assert run("all_of", tests=[outside, outside]).basis == RECORD
    assert math.isnan(run("all_of", tests=[open_, open_]).score)
