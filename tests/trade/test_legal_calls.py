"""Calls that the documentation allows and that are easy to answer wrongly: the right value, or one clear message."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from deadletter.errors import InputError
from deadletter.trade import (
    bai_perron,
    bloc_dummy,
    chow,
    correct_bias,
    event_study,
    fit_ppml,
    interrupted,
    leave_one_out,
    linear_sum,
    mutual_exports,
    placebo_blocs,
    placebo_dates,
    read_flows,
)

PAIR, THREE_WAY = ["exporter^importer"], ["exporter^year", "importer^year", "exporter^importer"]
NAMES = [f"C{k}" for k in range(7)]
BLOC = {"C0": 2003, "C1": 2003}


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    cells = [(i, j, t) for i in NAMES for j in NAMES if i != j for t in range(2000, 2007)]
    frame = pd.DataFrame(cells, columns=["exporter", "importer", "year"])
    kinds = {"r": rng.choice(list("abc"), len(frame)), "q": rng.choice(list("uv"), len(frame))}
    return frame.assign(flow=rng.gamma(2.0, 1.0, len(frame)), **kinds)


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


def test_an_exact_fit_has_no_bias_to_correct(panel):
    bloc = bloc_dummy(panel, BLOC)
    exact = fit_ppml(panel.assign(bloc=bloc, flow=np.exp(1 + bloc)), "flow ~ bloc", absorb=THREE_WAY, cluster=PAIR)
    assert exact.se.isna().all()
    with pytest.raises(InputError, match="reproduces every observation"):
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


@pytest.mark.parametrize("year", [2003.5, "2003", (2001, 2003), float("nan")])
def test_a_bloc_starts_in_a_whole_year(panel, year):
    with pytest.raises(InputError, match="whole numbers"):
        bloc_dummy(panel, {"C0": year, "C1": 2003})


@pytest.mark.parametrize("name", [None, "", " A", "A\N{NO-BREAK SPACE}"])
def test_a_flow_from_nobody_is_refused(name):
    flows = pd.DataFrame({"exporter": ["A", name], "importer": ["B", "A"], "year": 1, "exports_musd": 1.0})
    with pytest.raises(InputError, match=r"row 1, exporter.*no name"):
        read_flows(flows)


def test_rounding_error_is_not_a_break():
    assert bai_perron(np.repeat([0.0, 1.0], 10)).indices == (9,)
    assert bai_perron(np.repeat([0.1, 0.7, 0.3], 10)).indices == (9, 19)


def test_a_break_is_dated_by_a_whole_number():
    with pytest.raises(InputError, match="index"):
        chow(np.arange(20.0) ** 2, 10.5)


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


def test_dates_are_neither_years_nor_numbers():
    dates = pd.to_datetime(["2001-01-01"] * 2)
    flows = pd.DataFrame({"exporter": ["A", "B"], "importer": ["B", "A"], "year": dates, "exports_musd": 1.0})
    with pytest.raises(InputError, match="a year is not a whole number"):
        read_flows(flows)
    with pytest.raises(InputError, match="time: not numbers"):
        interrupted(np.arange(20.0) ** 2, pd.date_range("2000", periods=20), {"union": 5})
    with pytest.raises(InputError, match="union: not numbers"):
        interrupted(np.arange(20.0) ** 2, range(20), {"union": "ten"})


@pytest.mark.parametrize("name", ["trend", "intercept", "union: level"])
def test_a_covariate_takes_no_terms_place(name):
    y = np.random.default_rng(0).normal(size=30)
    with pytest.raises(InputError, match="a covariate has the name of a term"):
        interrupted(y, range(30), {"union": 9}, {name: y**2})


@pytest.mark.parametrize("name", ["series", "time"])
def test_a_covariate_may_be_called_as_an_argument(name):
    rng = np.random.default_rng(0)
    y, x = rng.normal(size=30), rng.normal(size=30)
    found, same = (interrupted(y, range(30), {"union": 9}, {label: x}).table for label in (name, "x"))
    np.testing.assert_array_equal(found, same)


def test_an_exact_interrupted_series_has_no_standard_errors():
    found = interrupted(3.0 + np.arange(30), range(30), {"union": 9})
    assert found.table["estimate"].tolist() == pytest.approx([3, 1, 0, 0], abs=1e-9)
    assert found.table.drop(columns="estimate").isna().all(axis=None)
    assert any("exact fit" in warning for warning in found.warnings)


def test_a_macro_figure_that_is_there_twice_is_refused():
    flows = read_flows(
        pd.DataFrame(
            [(a, b, t, 1.0 + t - 2000) for a, b in ("AB", "BA") for t in (2000, 2001)],
            columns=["exporter", "importer", "year", "exports_musd"],
        )
    )
    macro = pd.DataFrame(
        [(e, t, 1.0, 1.0, 1.0) for e in "AB" for t in (2000, 2001, 2001)],
        columns=["economy", "year", "real_gdp_growth_pct", "gdp_current_musd", "lcu_per_usd"],
    )
    with pytest.raises(InputError, match="A 2001: a macro figure occurs twice"):
        mutual_exports(flows, macro, ["A", "B"], 2000, 2001)


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
