"""What a caller gives, as type hints say that it is."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from typing_extensions import TypeAliasType

from deadletter.errors import InputError
from deadletter.given import UnfitError, finite, numbers, scalar, taken, together

# from Python 3.12 on, numpy's ArrayLike is one itself
ALIAS = TypeAliasType("ALIAS", ArrayLike)
reals = st.one_of(st.none(), st.integers(-(2**53), 2**53), st.fractions(), st.floats(), st.booleans())


@given(st.lists(reals))
def test_numbers_are_floats_and_what_is_missing_is_nan(values: list):
    found = numbers(values, "x")
    assert found.dtype == float
    wanted = [np.nan if value is None else float(value) for value in values]
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(numbers(pd.Series(values, dtype=object), "x"), wanted)


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([1, None], dtype="Int64"),
        pd.Series([1, pd.NA], dtype=object),
        np.ma.array([1, 7], mask=[0, 1]),
        [Decimal(1), Decimal("NaN")],
    ],
)
def test_missing_values_of_libraries_are_missing(values):
    np.testing.assert_array_equal(numbers(values, "x"), [1, np.nan])


@pytest.mark.parametrize(
    "values",
    [
        ["1", "2"],
        [1, "2"],
        [b"1"],
        [1, 2j],
        np.array([1j]),
        [[1], [1, 2]],
        [10**400],
        [pd.Timestamp("2001")],
        np.array(["2001-01-01"], dtype="M8[D]"),
        pd.Series(["a"], dtype="category"),
        [{}],
        pd.DataFrame({"a": ["x"]}),
        pd.DataFrame({"a": pd.to_datetime(["2001-01-01"])}),
        np.array([np.complex128(1)], dtype=object),
        None.__class__,
    ],
)
def test_what_holds_no_real_numbers_is_refused(values):
    with pytest.raises(InputError, match="x: not numbers"):
        numbers(values, "x")


def test_what_is_infinite_or_no_single_number_is_refused():
    with pytest.raises(InputError, match="x: a value is missing or infinite; found: 'position 1, 0'"):
        finite([[1, 2], [np.inf, 3]], "x")
    with pytest.raises(InputError, match="x: a value is missing or infinite; found: nan"):
        scalar(np.nan, "x")
    with pytest.raises(InputError, match="x: not a number"):
        scalar([1.0], "x")
    with pytest.raises(InputError, match=r"x, y: shapes do not fit together; found: '\(2,\), \(3,\)'"):
        together(x=[1, 2], y=[1, 2, 3])


@pytest.mark.parametrize(
    ("value", "hint", "wanted"),
    [
        (1e3, int, 1000),
        (np.int8(3), int, 3),
        (Decimal(2), int, 2),
        (Fraction(1, 2), float, 0.5),
        (True, float, 1.0),
        (np.array(0.5), float, 0.5),
        (np.bool_(True), bool, True),
        (0, bool, False),
        (0.55, Fraction, Fraction(11, 20)),
        (np.float32(0.55), Fraction, Fraction(11, 20)),
        ({"b", "a"}, Sequence[str], ["a", "b"]),
        ((one for one in "ab"), Sequence[str], ["a", "b"]),
        (pd.Index(["a"]), Sequence[str], ["a"]),
        (np.array([1, 2]), tuple[int, int], (1, 2)),
        ([2001.0, 2002], tuple[int, int], (2001, 2002)),
    ],
)
def test_values_come_in_as_their_hints_say(value, hint, wanted):
    found = taken(value, hint)
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (1.5, int),
        (True, int),
        (np.inf, int),
        (10**400, float),
        (1j, float),
        (np.complex128(1), float),
        (int, float),
        ("1", float),
        (np.str_("1"), float),
        ([1.0], float),
        (2, bool),
        ("yes", bool),
        (np.nan, bool),
        ("ab", Sequence[str]),
        ([None], Sequence[str]),
        (np.array("a"), Sequence[str]),
        (np.array([["a"]]), Sequence[str]),
        ((1, 2, 3), tuple[int, int]),
        ({None: 1}, dict[str, int]),
        (None, float),
    ],
)
def test_what_does_not_fit_its_hint_is_refused(value, hint):
    with pytest.raises(UnfitError):
        taken(value, hint)


def test_names_of_columns_that_cannot_be_told_apart_are_refused():
    with pytest.raises(InputError, match="two columns have the same name; found: 'a'"):
        taken(pd.DataFrame([[1, 2]], columns=["a", "a"]), pd.DataFrame)
    with pytest.raises(InputError, match="several levels"):
        taken(pd.concat({"a": pd.DataFrame({"b": [1]})}, axis=1), pd.DataFrame)


@pytest.mark.parametrize("hint", [ALIAS, ALIAS | None])
def test_an_alias_is_what_it_stands_for(hint):
    assert taken([1, 2], hint) == [1, 2]
    with pytest.raises(UnfitError):
        taken("text", hint)
