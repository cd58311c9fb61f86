"""Names of economies and of columns that are legal and odd: the same answer as for plain ones, or one clear message."""

import numpy as np
import pandas as pd
import pytest

from deadletter import trade
from deadletter.errors import InputError
from tests.test_odd_calls import BLOC, CALLS, MACRO, MODEL, NAMES, PAIR, PANEL

NUMBERED = PANEL.rename(columns={"flow": "exports_musd"}).replace({name: str(k + 4) for k, name in enumerate(NAMES)})
NUMBERED = NUMBERED.astype({"exporter": int, "importer": int})


@pytest.mark.parametrize("kinds", [(int, int), (float, int), ("Float64", "int8"), ("double[pyarrow]", str)])
def test_numbers_of_economies_are_the_same_in_every_type(kinds):
    """A column with gaps makes 4.0 of 4; as text they would be two economies."""
    frame = NUMBERED.astype(dict(zip(("exporter", "importer"), kinds, strict=True)))
    flows, named = trade.read_flows(frame), CALLS[trade.intra_share]["flows"]
    assert flows.codes == ("4", "5", "6", "7", "8")
    for ours, theirs in (([4, 5], NAMES[:2]), (["4", "5"], NAMES[:2])):
        pd.testing.assert_series_equal(
            trade.intra_share(flows, ours, "once"), trade.intra_share(named, theirs, "once"), check_exact=True
        )
        pd.testing.assert_series_equal(
            trade.partner_share(flows, str(ours[0]), ours[1:]), trade.partner_share(named, theirs[0], theirs[1:])
        )
        macro = MACRO.assign(economy=MACRO["economy"].map(dict(zip(NAMES, [4.0, 5.0, 6.0, 7.0, 8.0], strict=True))))
        found = trade.mutual_exports(flows, macro, ours, 2000, 2004)
        assert found.change == trade.mutual_exports(named, MACRO, theirs, 2000, 2004).change


def test_sides_named_in_two_ways_are_refused():
    """Each economy would be left out as an exporter alone."""
    frame = NUMBERED.astype({"exporter": str})
    for call in (
        lambda: trade.leave_one_out(frame, "exports_musd ~ x", "x", **MODEL),
        lambda: trade.bloc_dummy(frame, {"4": 2003, "5": 2003}),
    ):
        with pytest.raises(InputError, match="exporter, importer: one side is named by numbers, the other by text"):
            call()


@pytest.mark.parametrize(("name", "term"), [("log", "log(year)"), ("C", "C(exporter)"), ("np", "np.log(year)")])
def test_a_column_that_hides_a_function_is_named(name, term):
    with pytest.raises(InputError, match=f"a column has the name of a function; found: '{name}'"):
        trade.fit_ppml(PANEL.assign(**{name: PANEL["x"]}), f"flow ~ {term}", absorb=[], cluster=[])
    fit = trade.fit_ppml(PANEL.rename(columns={"x": name}), f"flow ~ {name}", absorb=[], cluster=[])
    assert list(fit.coef.index) == ["Intercept", name]


@pytest.mark.parametrize("name", ["gdp (USD", "a)b", "(x)"])
def test_brackets_in_a_name_are_part_of_it(name):
    frame, one = PANEL.rename(columns={"x": name}), {"absorb": ["exporter"], "cluster": PAIR}
    found, same = (
        trade.fit_ppml(frame, f"flow ~ (I(`{name}`**2) + bloc)", **one),
        trade.fit_ppml(PANEL, "flow ~ I(x**2) + bloc", **one),
    )
    assert found.coef.tolist() == same.coef.tolist()


def test_effects_and_clusters_may_be_named_by_numbers_and_text():
    frame = PANEL.rename(columns={"exporter": 5})
    found = trade.fit_ppml(frame, "flow ~ bloc", absorb=[5], cluster=["importer"])
    same = trade.fit_ppml(PANEL, "flow ~ bloc", absorb=["exporter"], cluster=["importer"])
    assert found.coef["bloc"] == same.coef["bloc"]


def test_a_column_named_by_a_number_is_told_of():
    with pytest.raises(InputError, match="the name of a column is not text; found: '5'"):
        trade.fit_ppml(PANEL.rename(columns={"x": 5}), "flow ~ `5`", absorb=[], cluster=[])


@pytest.mark.parametrize(
    "name", ["a b", "ä", "x+y", "a~b", "a|b", "a^b", "a:b", " x", "lambda", "None", "{x}", "'q'", "1"]
)
def test_a_column_may_have_any_name(name):
    plain = trade.fit_ppml(PANEL, "flow ~ bloc + x", **MODEL).coef
    found = trade.fit_ppml(PANEL.rename(columns={"x": name}), f"flow ~ bloc + `{name}`", **MODEL).coef
    assert list(found.index) == ["bloc", name]
    np.testing.assert_array_equal(found, plain)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.iloc[::-1], r"same economies in the same order; found: \['b', 'a'\]"),
        (lambda t: t.rename(index={"b": "c"}), "same economies in the same order; found: 'b'$"),
        (lambda t: t[["q", "p"]], "same factors in the same order"),
        (lambda t: t.set_axis(pd.MultiIndex.from_tuples([(1, "a"), (1, "b")])), "same economies"),
    ],
)
def test_what_differs_between_two_tables_of_factors_is_named(change, told):
    table = CALLS[trade.lmdi]["first"]
    with pytest.raises(InputError, match=told):
        trade.lmdi(table, change(table))


def test_a_curve_does_not_explain_a_flow_by_itself():
    with pytest.raises(InputError, match="the response is among the regressors; found: 'flow'"):
        trade.specification_curve(PANEL, "flow", ["bloc"], ["flow"], absorb=MODEL["absorb"], cluster=PAIR[0])


@pytest.mark.parametrize("name", ["x-1", "x + bloc", "0", "log gdp", "C(year)"])
def test_a_control_of_an_event_study_is_the_column_of_its_name(name):
    rest = {**MODEL, "members": BLOC, "first": -2, "last": 1}
    plain = trade.event_study(PANEL, "flow", controls=["x"], **rest)
    frame = PANEL.assign(**{name: PANEL["x"], "x": np.cos(PANEL["x"])})
    found = trade.event_study(frame, "flow", controls=[name], **rest)
    assert found.fit.coef[name] == plain.fit.coef["x"]
    pd.testing.assert_frame_equal(found.table, plain.table)
