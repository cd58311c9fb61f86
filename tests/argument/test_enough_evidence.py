"""When rows are enough to decide a test, and what is said of a declaration that is wrong or finds nothing."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest

from deadletter.argument.criterion import Criterion
from deadletter.argument.kinds import KINDS, read_test, run_test
from deadletter.errors import InputError
from deadletter.labels import CATEGORIES
from deadletter.tracing import recording
from tests.argument.claims_world import (
    DISPUTES,
    EVENTS,
    PLACES,
    RATINGS,
    coding,
    count,
    grounds,
    rows,
    run,
    wanted,
)


def test_no_sentence_confirms_or_refutes_itself():
    own = grounds("c1")  # e2 stands in the sentence of c1
    with pytest.raises(InputError, match="a row of the claim's own sentence cannot decide it"):
        run("meets", own, of=count("events", ids=["e2"]), criterion=wanted("=", 1))
    # two disputes with, one without the own sentence: at least one holds either way, at least two is left open
    assert run("meets", own, of=count("events", **DISPUTES), criterion=wanted(">=", 1)).score == 1
    left = run("meets", own, of=count("events", **DISPUTES), criterion=wanted(">=", 2))
    assert (math.isnan(left.score), left.category) == (True, "own sentence")
    assert left.reason.endswith("rows of the claim's own sentence would decide")
    kept = {"measure": "rating", "rows": rows("events", where={"type": ["dispute"]}), "variable": "compliance"}
    assert run("meets", own, of=kept, criterion=wanted(">", 0.5)).units == ("e3",)
    alone = {**kept, "rows": rows("events", where={"type": ["dispute"]}, years=[2000])}
    assert run("meets", own, of=alone, criterion=wanted(">", 0.5)).category == "own sentence"


def test_too_few_distinct_sentences_decide_nothing_unless_the_test_says_so():
    three = grounds(made=coding(argument={"least": 3}))
    assert run("meets", three, of=count("events"), criterion=wanted(">=", 3)).score == 1
    left = run("meets", three, of=count("events", **DISPUTES), criterion=wanted(">=", 2))
    assert (math.isnan(left.score), left.category) == (True, "insufficient")
    assert "has two sentences on events (type dispute; regime R); the test needs three" in left.reason
    assert run("meets", three, of={**count("events", **DISPUTES), "least": 2}, criterion=wanted(">=", 2)).score == 1


@pytest.mark.parametrize("measure", [{"measure": "share", "having": {"compliance": ["complied"]}},
                                     {"measure": "rating", "variable": "compliance"}])  # fmt: skip
@pytest.mark.parametrize(("least", "read"), [(9, False), (1, True)])
def test_where_too_few_rows_could_decide_no_rating_is_read(measure: dict, least: int, read: bool):
    """Shuffled ratings could not change such a test, so that a placebo leaves it out."""
    fresh = grounds()
    with recording() as seen:
        found = run("meets", fresh, of={**measure, "rows": rows("events"), "least": least}, criterion=wanted(">", 0.5))
    assert ("the test needs" in found.reason) is not read
    assert any(kind == "data" and "ratings" in name for kind, name, _ in seen) is read


def test_to_split_a_unit_of_one_sentence_changes_nothing():
    copy = EVENTS[EVENTS["id"] == "e3"].assign(id="e3b")
    split = grounds(
        events=pd.concat([EVENTS, copy]),
        ratings=pd.concat([RATINGS, RATINGS[RATINGS["unit"] == "e3"].assign(unit="e3b")]),
        places=pd.concat([PLACES, PLACES[PLACES["unit"] == "e3"].assign(unit="e3b")]),
    )
    share = {"measure": "share", "rows": rows("events"), "having": {"type": ["dispute"]}}
    kept = {"measure": "rating", "rows": rows("events"), "variable": "compliance"}
    for of in (count("events", **DISPUTES), share, kept):
        one, two = (run("meets", where, of=of, criterion=wanted(">=", 0.6)) for where in (grounds(), split))
        assert one.reason == two.reason
        assert one.score == two.score or math.isnan(one.score)


def test_a_value_within_the_margin_decides_in_part_on_either_side():
    half = Criterion(relation=">", value=0.5)
    assert [half.score(value, 0.05) for value in (0.56, 0.55, 0.5, 0.45, 0.44)] == [1, 0.5, 0.5, 0.5, 0]
    low = Criterion(relation="<=", value=0.25, partly=0.5)
    assert [low.score(value, 0.05) for value in (0.19, 0.25, 0.54, 0.56)] == [1, 0.5, 0.5, 0]
    # an end of the scale can only be met exactly
    assert [Criterion(relation="<=", value=0).score(value, 0.05) for value in (0.0, 0.04, 0.06)] == [1, 0.5, 0]
    assert [Criterion(relation=">=", value=1).score(value, 0.05) for value in (1.0, 0.96, 0.9)] == [1, 0.5, 0]


def test_an_ambiguous_row_never_confirms():
    kept = {"measure": "rating", "rows": rows("events"), "variable": "compliance"}
    # 0, ½ and 1: between ⅓ and ⅔
    left = run("meets", of=kept, criterion=wanted("<", 0.6))
    assert (math.isnan(left.score), left.category) == (True, "insufficient")
    assert "between 0.33 and 0.67" in left.reason
    assert run("meets", of=kept, criterion=wanted("<", 0.7)).score == 1
    # wholly at one end, in part at the other: in part
    assert run("meets", of=kept, criterion=wanted("<", 0.6, partly=0.7)).score == 0.5
    broken = {**count("events"), "having": {"compliance": ["violated"]}}
    assert run("meets", of=broken, criterion=wanted(">=", 1)).score == 1
    assert math.isnan(run("meets", of=broken, criterion=wanted(">=", 2)).score)  # e3 may be one
    assert run("meets", of=broken, criterion=wanted(">=", 3)).score == 0


def test_no_rows_are_no_proof_of_absence():
    peace = {**count("events"), "having": {"type": ["war"]}}
    left = run("meets", of=peace, criterion=wanted("<=", 0))
    assert (math.isnan(left.score), left.category) == (True, "insufficient")
    assert "does not prove that there were none" in left.reason
    assert run("meets", of=peace, criterion=wanted(">=", 1)).score == 0
    nowhere = count("events", where={"type": ["war"]})
    assert run("meets", of=nowhere, criterion=wanted(">=", 1)).category == "insufficient"


@pytest.mark.parametrize(
    ("kind", "arguments", "told"),
    [
        ("meet", "{}", "no such kind of test; found: 'meet'; did you mean: meets"),
        ("meets", "{", "is not JSON"),
        ("meets", "[]", "is not a JSON object"),
        ("meets", "{}", "meets: of: Field required"),
        ("statements", '{"ids": []}', "at least 1 item"),
        ("statements", '{"ids": ["up"], "more": 1}', "more: Extra inputs are not permitted"),
        ("meets", '{"of": {"measure": "sum"}, "criterion": {"relation": "=", "value": 1}}', "does not match any"),
    ],
)
def test_a_bad_declaration_is_told_with_its_place(kind, arguments, told):
    with pytest.raises(InputError, match="tests row 7 column") as error:
        read_test(kind, arguments, "tests row 7")
    assert told in str(error.value)


def test_what_a_test_does_not_find_is_told_with_its_place():
    for given, told in (
        ({"table": "event"}, "did you mean: events"),
        ({"table": "events", "ids": ["e99"]}, "no such row of events"),
        ({"table": "events", "where": {"kind": ["x"]}}, "no such column or variable"),
        ({"table": "figures", "years": [2000]}, "have no years"),
    ):
        arguments = {"of": {"measure": "count", "rows": given}, "criterion": wanted("=", 1)}
        test = read_test("meets", json.dumps(arguments), "tests row 7")
        with pytest.raises(InputError, match="tests row 7") as error:
            run_test(test, grounds(), "tests row 7")
        assert told in str(error.value)


def test_every_kind_and_category_is_described():
    assert all(kind.__doc__ for kind in KINDS.values())
    assert all(CATEGORIES.values())
