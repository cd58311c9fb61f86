"""Allowed calls of gravity regressions that are easy to answer wrongly."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from deadletter.errors import InputError
from deadletter.trade import (
    bloc_dummy,
    correct_bias,
    effect,
    event_study,
    fit_ppml,
    leads_lags,
    leave_one_out,
    linear_sum,
    placebo_blocs,
    placebo_dates,
    specification_curve,
    wald_p,
)
from tests.trade.gravity.gravity_panels import BLOC, NAMES, PAIR, THREE_WAY, panel

__all__ = ["panel"]


def test_factors_are_coded_together_as_in_r(panel):
    means = np.log(panel.groupby(["r", "q"])["flow"].mean())
    for formula in ("flow ~ C(r) + C(q) + C(r):C(q)", "flow ~ C(r)*C(q)"):
        fit = fit_ppml(panel, formula, absorb=[], cluster=[])
        assert not fit.warnings
        both = means["b", "v"] - means["b", "u"] - means["a", "v"] + means["a", "u"]  # R: rb:qv of a saturated table
        assert fit.coef["C(r)[T.b]:C(q)[T.v]"] == pytest.approx(both, abs=1e-8)


def test_without_an_intercept_only_the_first_factor_is_whole(panel):
    fit = fit_ppml(panel, "flow ~ C(r) + C(q) - 1", absorb=[], cluster=[])
    assert list(fit.coef.index) == ["C(r)[a]", "C(r)[b]", "C(r)[c]", "C(q)[T.v]"]
    assert not fit.warnings
    whole = fit_ppml(panel, "flow ~ C(r) + C(q)", absorb=[], cluster=[])
    assert fit.coef["C(r)[b]"] == pytest.approx(whole.coef["Intercept"] + whole.coef["C(r)[T.b]"], abs=1e-8)


def test_effects_in_the_formula_are_refused(panel):
    with pytest.raises(InputError, match="absorb"):
        fit_ppml(panel, "flow ~ C(q) | exporter", absorb=[], cluster=[])


def test_an_index_with_duplicates_changes_nothing(panel):
    args = (BLOC, -2, 2)
    model = {"absorb": THREE_WAY, "cluster": PAIR}
    plain = event_study(panel, "flow", *args, **model).table
    doubled = event_study(panel.set_axis(np.zeros(len(panel), dtype=int)), "flow", *args, **model).table
    pd.testing.assert_frame_equal(plain, doubled)


def test_a_name_given_twice_counts_twice(panel):
    fit = fit_ppml(panel.assign(bloc=bloc_dummy(panel, BLOC)), "flow ~ bloc", absorb=THREE_WAY, cluster=PAIR)
    assert linear_sum(fit, ["bloc", "bloc"]).estimate == pytest.approx(2 * fit.coef["bloc"])
    assert linear_sum(fit, ["bloc", "bloc"]).se == pytest.approx(2 * fit.se["bloc"])
    with pytest.raises(InputError, match="no coefficient"):
        linear_sum(fit, [])
    for size in (1e-200, 1e200):  # whose squares are no numbers
        assert linear_sum(fit, {"bloc": size}).p == pytest.approx(linear_sum(fit, "bloc").p)


def test_an_exact_fit_has_no_bias_to_correct(panel):
    bloc = bloc_dummy(panel, BLOC)
    exact = fit_ppml(panel.assign(bloc=bloc, flow=np.exp(1 + bloc)), "flow ~ bloc", absorb=THREE_WAY, cluster=PAIR)
    assert exact.se.isna().all()
    with pytest.raises(InputError, match=r"without standard errors; found: .exact fit"):
        correct_bias(exact)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: pd.concat([f, f[f["year"] == 2001].head(1)], ignore_index=True), "two rows"),
        (lambda f: f.assign(flow=f["flow"].where((f["year"] != 2000) | (f["exporter"] != "C5"), -1.0)), "negative"),
        (lambda f: f.assign(exporter=f["exporter"].where(f.index != 3)), "no key"),
    ],
)
def test_placebos_refuse_what_the_fit_refuses(panel, spoil, said):
    """Also in windows of placebo dates that the fit of the real bloc never sees."""
    with pytest.raises(InputError, match=said):
        placebo_dates(spoil(panel), "flow", dict.fromkeys(BLOC, 2005), NAMES[2:], [2002, 2003], years=2, seed=1)


def test_a_placebo_panel_without_a_key_is_refused(panel):
    with pytest.raises(InputError, match="no key"):
        placebo_blocs(panel.assign(exporter=panel["exporter"].where(panel.index != 3)), "flow", BLOC, NAMES[2:])


def test_a_regressor_called_as_the_intercept_is_refused(panel):
    frame = panel.assign(Intercept=np.arange(len(panel)))
    with pytest.raises(InputError, match="name of the intercept"):
        fit_ppml(frame, "flow ~ Intercept", absorb=[], cluster=[])
    assert list(fit_ppml(frame, "flow ~ Intercept", absorb=["r"], cluster=[]).coef.index) == ["Intercept"]


def test_a_start_of_another_length_is_refused(panel):
    with pytest.raises(InputError, match="one value per row"):
        fit_ppml(panel, "flow ~ year", absorb=[], cluster=[], start=np.zeros(3))


def test_what_no_economy_can_estimate_is_an_error_and_no_table(panel):
    with pytest.raises(InputError, match="no such column"):
        leave_one_out(panel, "flow ~ blok", "blok", absorb=THREE_WAY, cluster=PAIR)


@pytest.mark.parametrize("away", [2e3, 1e6, 1e8])
def test_a_regressor_far_from_zero_beside_an_intercept(panel, away):
    """R's glm has the same slope wherever the zero of a regressor lies; dollars and dates lie far from theirs."""
    x = np.random.default_rng(2).normal(size=len(panel))
    near, far = (fit_ppml(panel.assign(x=x + shift), "flow ~ x", absorb=[], cluster=PAIR) for shift in (0.0, away))
    assert far.coef["x"] == pytest.approx(near.coef["x"], rel=1e-6)
    assert far.se["x"] == pytest.approx(near.se["x"], rel=1e-6)
    assert far.coef["Intercept"] == pytest.approx(near.coef["Intercept"] - away * near.coef["x"], rel=1e-6)


@pytest.mark.parametrize("key", ["exporter", "importer", "year"])
@pytest.mark.parametrize("function", ["bloc_dummy", "leave_one_out"])
def test_a_cell_without_a_key_is_in_no_bloc(panel, function, key):
    """pandas codes what is missing as −1, which numpy takes for the last name."""
    frame = panel.assign(**{key: panel[key].where(panel.index != 3)})
    calls = {
        "bloc_dummy": lambda: bloc_dummy(frame, {"C5": 2003, "C6": 2003}),
        "leave_one_out": lambda: leave_one_out(frame, "flow ~ year", "year", absorb=["exporter"], cluster=PAIR),
    }
    with pytest.raises(InputError, match=f"{key}, row 3: a cell of the panel has no key"):
        calls[function]()


def test_economies_are_left_out_whatever_their_names(panel):
    frame = panel.assign(bloc=bloc_dummy(panel, BLOC)).replace({"C6": 6})
    assert list(leave_one_out(frame, "flow ~ bloc", "bloc", absorb=THREE_WAY, cluster=PAIR).index) == [6, *NAMES[:6]]


def test_a_level_in_per_cent_is_refused(panel):
    with pytest.raises(InputError, match="0 < level < 1"):
        event_study(panel, "flow", BLOC, -2, 2, absorb=THREE_WAY, cluster=PAIR, level=95)


def test_a_regressor_far_from_zero_without_an_intercept_is_refused_and_right_once_centred():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"x": rng.normal(size=200), "group": np.arange(200) % 3, "pair": np.arange(200) % 40})
    frame["flow"] = rng.poisson(np.exp(1 + 0.3 * frame["x"] + 0.2 * frame["group"]))
    far = frame.assign(x=frame["x"] + 1e6)
    with pytest.raises(InputError, match="fit_ppml, x: lies too far from zero"):
        fit_ppml(far, "flow ~ x + C(group) - 1", absorb=(), cluster=("pair",))
    # with an intercept it is centred, and means the same
    beside = fit_ppml(far, "flow ~ x + C(group)", absorb=(), cluster=("pair",)).coef["x"]
    alone = fit_ppml(frame, "flow ~ x + C(group) - 1", absorb=(), cluster=("pair",)).coef["x"]
    assert beside == pytest.approx(alone, rel=1e-6)


def test_a_row_without_the_level_of_a_factor_is_left_out(panel):
    """As R does; coding it as the first level would add it to the reference."""
    gap = panel.index % 9 == 4
    fit = fit_ppml(panel.assign(r=panel["r"].where(~gap)), "flow ~ C(r)", absorb=[], cluster=[])
    means = panel[~gap].groupby("r")["flow"].mean()
    assert fit.warnings == (f"missing: {gap.sum()} rows with a missing value left out",)
    assert fit.coef["C(r)[T.b]"] == pytest.approx(np.log(means["b"] / means["a"]), abs=1e-8)


@pytest.mark.parametrize("spoil", ["flow", "cluster", "effect", "regressor", "logarithm", "category"])
def test_a_level_without_a_complete_row_is_no_reference(panel, spoil):
    """As in R's lm, which drops unused levels: C(r)[T.b] means b less a, and never b less c."""
    first, x = panel["r"] == "a", np.random.default_rng(8).normal(size=len(panel))
    frame = panel.assign(x=x, z=np.exp(x**2), g=panel["importer"], h=panel["exporter"])
    model = {"formula": "flow ~ C(r)*x + C(year) + log(z)", "absorb": ["g"], "cluster": ["h"]}
    rest = fit_ppml(frame[~first], **model)
    if spoil == "category":
        spoilt = frame[~first].assign(r=pd.Categorical(frame["r"][~first], categories=list("abcd")))
    elif spoil == "logarithm":
        spoilt = frame.assign(z=frame["z"].where(~first, -1.0))
    else:
        column = {"flow": "flow", "cluster": "h", "effect": "g", "regressor": "x"}[spoil]
        spoilt = frame.assign(**{column: frame[column].where(~first)})
    fit = fit_ppml(spoilt, **model)
    assert list(fit.coef.index) == list(rest.coef.index)
    assert "C(r)[T.c]" in fit.coef.index
    assert fit.coef.to_numpy() == pytest.approx(rest.coef.to_numpy(), abs=1e-9)
    assert fit.se.to_numpy() == pytest.approx(rest.se.to_numpy(), abs=1e-9)
    assert not any("collinear" in note for note in fit.warnings)


def test_zeros_that_a_regressor_alone_separates_are_left_out(panel):
    """Correia, Guimarães & Zylkin (2019): the others are estimated as without them, whatever the regressor's unit."""
    rng = np.random.default_rng(6)
    frame = panel.assign(x=rng.normal(size=len(panel)), flow=rng.poisson(1.0, len(panel)))
    zeros = frame.index[frame["flow"] == 0][:5]
    alone = fit_ppml(frame.drop(index=zeros), "flow ~ x", absorb=["exporter"], cluster=PAIR)
    for unit in (1e-6, 1.0, 1e6):
        s = pd.Series(0.0, frame.index).where(~frame.index.isin(zeros), unit * rng.uniform(1, 2, len(frame)))
        fit = fit_ppml(frame.assign(s=s), "flow ~ x + s", absorb=["exporter"], cluster=PAIR)
        assert fit.nobs == alone.nobs
        assert fit.coef["x"] == pytest.approx(alone.coef["x"], abs=1e-10)
        assert fit.se["x"] == pytest.approx(alone.se["x"], abs=1e-10)
        assert any("5 observations that the model predicts to be zero" in note for note in fit.warnings)


def test_an_infinite_start_is_refused(panel):
    start = np.where(np.arange(len(panel)) == 3, np.inf, 0.0)
    with pytest.raises(InputError, match="start: a value is infinite; found: 'position 3'"):
        fit_ppml(panel, "flow ~ year", absorb=[], cluster=[], start=start)


def test_no_column_of_the_panel_is_replaced(panel):
    frame = panel.assign(x=np.random.default_rng(7).normal(size=len(panel)))
    frame["bloc"] = bloc_dummy(frame, BLOC)
    model = {"absorb": THREE_WAY, "cluster": PAIR[0]}
    names = {"x": "ln exports"}
    found = specification_curve(frame.rename(columns=names), "flow", ["bloc"], ["ln exports"], **model)
    same = specification_curve(frame, "flow", ["bloc"], ["x"], **model)
    pd.testing.assert_frame_equal(found.drop(columns="controls"), same.drop(columns="controls"))
    with pytest.raises(InputError, match="name of a lead or lag; found: 'bloc_p0'"):
        event_study(
            frame.assign(bloc_p0=1.0), "flow", BLOC, -2, 2, absorb=THREE_WAY, cluster=PAIR, controls=["bloc_p0"]
        )
    with pytest.raises(InputError, match="name of a bloc's dummy"):
        placebo_blocs(frame.rename(columns={"x": "real bloc"}), "flow", BLOC, NAMES[2:], controls=["real bloc"])


def test_leads_and_lags_count_whole_years(panel):
    with pytest.raises(InputError, match=r"whole years; found: 'year 2001\.5'"):
        leads_lags(panel.assign(year=panel["year"] + 0.5), BLOC, -2, 2)


def test_a_hypothesis_named_twice_is_one_and_an_exact_fit_tests_none(panel):
    frame = panel.assign(bloc=bloc_dummy(panel, BLOC), x=panel["flow"] ** 0.1)
    fit = fit_ppml(frame, "flow ~ bloc + x", absorb=THREE_WAY, cluster=PAIR)
    assert wald_p(fit, ["bloc", "bloc"]) == wald_p(fit, ["bloc"])
    exact = fit_ppml(frame.assign(flow=np.exp(9 * frame["bloc"])), "flow ~ bloc", absorb=THREE_WAY, cluster=PAIR)
    with pytest.raises(InputError, match="no standard errors to test with"):
        wald_p(exact, ["bloc"])


@pytest.mark.parametrize("number", [Fraction(1, 2), "half", True])
def test_numbers_are_what_they_mean(number):
    """Half-precision arithmetic of a truth value would put e at 2.71875."""
    if number == "half":
        with pytest.raises(InputError, match="estimate: has the wrong type"):
            effect(number, 0.1)
    else:
        assert effect(number, 0.1) == effect(float(number), 0.1)


def test_controls_that_are_alike_are_not_collinear(panel):
    """Their correlation matrix has a determinant of 1e-20 and a smallest eigenvalue of 0.002."""
    rng = np.random.default_rng(9)
    common, names = rng.normal(size=len(panel)), [f"x{k}" for k in range(9)]
    frame = panel.assign(**{name: common + 0.05 * rng.normal(size=len(panel)) for name in names})
    found = specification_curve(frame, "flow", ["x0"], names[1:], absorb=["exporter"], cluster=PAIR[0]).iloc[-1]
    design = np.column_stack([frame[names], pd.get_dummies(frame["exporter"], dtype=float)])
    assert found["controls"] == " + ".join(names[1:])
    assert found["estimate"] == pytest.approx(
        np.linalg.lstsq(design, np.log(frame["flow"]), rcond=None)[0][0], rel=1e-8
    )


@pytest.mark.parametrize("away", [1e6, -1e8])
def test_placebos_do_not_depend_on_the_zero_of_a_control(panel, away):
    near = panel.assign(x=np.random.default_rng(12).normal(size=len(panel)))
    found, same = (
        placebo_blocs(frame, "flow", BLOC, NAMES[2:], controls=["x"])
        for frame in (near.assign(x=near["x"] + away), near)
    )
    assert found.observed == pytest.approx(same.observed, rel=1e-6)
    np.testing.assert_allclose(found.placebos[["estimate", "score"]], same.placebos[["estimate", "score"]], rtol=1e-6)


@pytest.mark.parametrize("unit", [1e-12, 1e12])
def test_no_estimate_depends_on_the_unit_of_a_regressor(panel, unit):
    """Also where coefficients are tested jointly, whose variances then differ by 24 digits."""
    frame = panel.assign(x=np.random.default_rng(10).normal(size=len(panel)), bloc=bloc_dummy(panel, BLOC))
    found, same = (
        fit_ppml(frame.assign(x=frame["x"] * size), "flow ~ bloc + x", absorb=THREE_WAY, cluster=PAIR)
        for size in (unit, 1.0)
    )
    for named in ("coef", "se"):
        assert getattr(found, named)["x"] * unit == pytest.approx(getattr(same, named)["x"], rel=1e-6)
        assert getattr(found, named)["bloc"] == pytest.approx(getattr(same, named)["bloc"], rel=1e-6)
    assert wald_p(found, ["bloc", "x"]) == pytest.approx(wald_p(same, ["bloc", "x"]), rel=1e-6)
