"""Kinds of test that read what is outside the article, on made-up tables and worked out by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from deadletter.errors import InputError
from deadletter.labels import RECORD
from tests.argument.claims_world import (
    BEARINGS,
    PROVISIONS,
    RANKS,
    RECORD_FACTS,
    SURVEYS,
    coding,
    grounds,
    run,
    wanted,
)

COURT = {"regime": "R", "feature": "court"}
PACTS = {"regime": "R", "measure": "form", "group": "defence pacts"}


def test_records_decide_where_a_verified_one_speaks_and_none_of_equal_weight_against():
    # c8: two verified for, an unverified one against
    held = run("records", claim="c8")
    assert (held.score, held.basis, held.units) == (1, RECORD, ("f2", "f3", "f4"))
    assert "no troops sent (2002; f2)" in held.reason
    # c7: one on either side; c5: unverified alone
    equal, unseen = run("records", claim="c7"), run("records", claim="c5")
    assert (math.isnan(equal.score), equal.category) == (True, "insufficient")
    assert (math.isnan(unseen.score), unseen.category) == (True, "record")
    assert "records on it that were not verified: 1" in unseen.reason
    # a fact that supports a part decides in part at most; one that contradicts refutes
    assert run("records", claim="c9").score == 0.5
    against = BEARINGS.assign(sign=BEARINGS["sign"].replace("for", "against"))
    # what contradicts a part alone leaves the rest open; with a record for the whole it holds in part
    assert math.isnan(run("records", grounds(bearings=against), claim="c9").score)
    mixed = pd.concat([against, against[against["claim"] == "c9"].assign(bearing="supports", sign="", record="f2")])
    assert run("records", grounds(bearings=mixed), claim="c9").score == 0.5
    assert run("records", grounds("c7"), ids=["f1"]).score == 0
    verified = grounds(record_facts=RECORD_FACTS.replace({"verified": {"no": "yes"}}))
    assert run("records", verified, claim="c8").score == 1  # two outrank one
    # crises are records as well
    assert "a border: a declaration (1999; k1)" in run("records", claim="c4").reason
    # two reports of one source are one record
    one = RECORD_FACTS.assign(source="paper", verified="yes")
    assert math.isnan(run("records", grounds(record_facts=one), claim="c8").score)


def test_a_provision_is_read_where_its_text_was_verified():
    assert run("provision", **COURT, treaty="Charter", answers=["yes"]).score == 1
    assert run("provision", **COURT, answers=["yes"]).score == 0.5  # one treaty of two
    assert run("provision", **COURT, treaty="Treaty", answers=["yes"]).score == 0
    assert run("provision", **COURT, treaty="Treaty", answers=["yes"], partly=["no"]).score == 0.5
    unseen = run("provision", regime="R", feature="votes", answers=["no"])
    assert (math.isnan(unseen.score), unseen.category) == (True, "record")
    numbers = grounds(provisions=PROVISIONS.assign(value="3"))
    assert run("provision", numbers, **COURT, criterion=wanted(">=", 3)).score == 1


def test_a_rank_meets_a_criterion_by_the_margin():
    assert run("rank", **PACTS, criterion=wanted(">=", 0.75)).score == 1
    near = grounds(made=coding(argument={"margin": 0.05}))
    assert run("rank", near, **PACTS, criterion=wanted(">=", 0.75)).score == 0.5
    assert run("rank", **PACTS, of="value", criterion=wanted("=", 4)).score == 1
    unread = run("rank", grounds(ranks=RANKS.assign(verified="no")), **PACTS, criterion=wanted(">", 0))
    assert (math.isnan(unread.score), unread.category) == (True, "record")
    assert run("rank", grounds(ranks=RANKS.assign(percentile=0.4)), **PACTS, criterion=wanted(">=", 0.75)).score == 0
    assert "is at percentile 0.77 of defence pacts (n = 90)" in run("rank", **PACTS, criterion=wanted(">=", 0.5)).reason


def approve(country: str, statistic: str = "mean", **more: object) -> dict[str, object]:
    return {"table": "surveys", "where": {"country": [country], **more}, "column": "approve", "statistic": statistic}


def test_figures_of_a_table_are_compared():
    assert run("figures", of=approve("A"), criterion=wanted("=", 50)).score == 1  # 60 and 40
    assert run("figures", of=approve("A"), against=approve("B"), by=10).score == 1  # 20 more
    assert run("figures", of=approve("A"), against=approve("B"), by=25).score == 0.5
    assert run("figures", of=approve("B"), against=approve("A")).score == 0
    only = approve("A", "only", year=["2015"])
    assert run("figures", of=only, against=approve("B"), ratio=True, criterion=wanted("=", 2)).score == 1
    assert run("figures", of=only, criterion=wanted(">", 58), margin=3).score == 0.5
    assert run("figures", of=approve("A", "distinct"), criterion=wanted("=", 2)).score == 1
    one = grounds(surveys=SURVEYS.assign(verified=["yes", "no", "yes"]))
    assert (
        run("figures", one, of=approve("A"), criterion=wanted("=", 60)).score == 1
    )  # what was not verified is left out
    assert run("figures", of=approve("Z"), criterion=wanted(">", 0)).category == "insufficient"


@pytest.mark.parametrize(
    ("kind", "arguments", "told"),
    [
        ("records", {"claim": "c99"}, "no such claim; found: 'c99'"),
        ("records", {"claim": "c8", "ids": ["f9"]}, "no such record on c8; found: 'f9'"),
        ("provision", {"regime": "R", "feature": "courts", "answers": ["yes"]}, "did you mean: court"),
        ("rank", {**PACTS, "group": "pacts", "criterion": wanted(">", 0)}, "no such group among the ranks"),
        ("figures", {"of": approve("A", "only"), "criterion": wanted(">", 0)}, "2 rows of surveys meet the conditions"),
        ("figures", {"of": {"table": "survey", "column": "x"}, "criterion": wanted(">", 0)}, "did you mean: surveys"),
        ("figures", {"of": {"table": "surveys", "column": "aprove"}, "criterion": wanted(">", 0)}, "mean: approve"),
        ("figures", {"of": {"table": "events", "statistic": "count"}, "criterion": wanted(">", 0)}, "to the account"),
        ("provision", COURT, "a provision needs either answers or a criterion"),
        ("figures", {"of": approve("A")}, "figures need a criterion, or others"),
    ],
)
def test_what_is_unknown_is_refused_with_the_nearest_name(kind, arguments, told):
    with pytest.raises(InputError) as error:
        run(kind, **arguments)
    assert told in str(error.value)


def test_a_data_set_outranks_single_facts_where_it_decides():
    facts = {"kind": "records", "claim": "c8"}  # holds
    figure = {"kind": "figures", "of": approve("A"), "criterion": wanted(">", 55)}  # 50: fails
    nothing = {**figure, "of": approve("Z")}
    found = run("first_of", tests=[figure, facts])
    assert (found.score, found.computed) == (0, 50)
    assert "Outranked: For it" in found.reason
    assert found.units == ("o1", "o2", "f2", "f3", "f4")
    found = run("first_of", tests=[nothing, facts])
    assert (found.score, "which decides nothing" in found.reason) == (1, True)
    assert math.isnan(run("first_of", tests=[nothing, nothing]).score)


def test_a_condition_that_no_row_meets_leaves_the_next_ones_their_columns():
    of = {"table": "surveys", "where": {"country": ["Z"], "year": ["2015"]}, "statistic": "count"}
    assert run("figures", of=of, criterion=wanted(">=", 1)).score == 0
