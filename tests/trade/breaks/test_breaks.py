"""Break tests: size, known breaks, brute force, invariance, bad input."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deadletter.errors import InputError
from deadletter.trade.breaks.dating import bai_perron, bridge_p_value, cusum
from deadletter.trade.breaks.interrupted import chow_power, interrupted, interrupted_power, sup_f_power
from deadletter.trade.breaks.sup_f import FEW_OBSERVATIONS, bootstrap_p, chow, f_path, sup_f, sup_f_p_value, trimmed


def test_trimming_is_not_at_the_mercy_of_the_last_bit():
    assert 0.29 * 100 < 29
    assert [trimmed(100, 1, 0.29), trimmed(21, 1, 0.15), trimmed(20, 1, 0.15)] == [29, 3, 3]


def test_one_f_by_hand():
    # means 2 and 5 against 3.2: SSR₀ = 14.8, SSR₁ = 2 + 2 − … = 4, n − 2k = 3
    y = np.array([1.0, 2.0, 3.0, 4.0, 6.0])
    found = chow(y, 2)
    assert found.statistic == pytest.approx((14.8 - 4) / (4 / 3))
    assert found.df == (1, 3)


def test_the_path_is_that_of_separate_regressions():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((30, 1)), rng.standard_normal(30)
    found = sup_f(y, x, trim=0.2)
    design = np.column_stack([np.ones(30), x])

    def ssr(part):
        return np.sum((y[part] - design[part] @ np.linalg.lstsq(design[part], y[part], rcond=None)[0]) ** 2)

    every = slice(None)
    by_hand = [
        (ssr(every) - ssr(slice(c)) - ssr(slice(c, None))) / ((ssr(slice(c)) + ssr(slice(c, None))) / 26)
        for c in range(6, 25)
    ]
    assert found.path == pytest.approx(by_hand)
    assert found.index == 6 + int(np.argmax(by_hand)) - 1
    assert found.warnings == (FEW_OBSERVATIONS,)


@settings(max_examples=50)
@given(st.integers(0, 10_000), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_statistic_ignores_origin_and_unit_and_turns_with_time(seed, shift, scale):
    y = np.random.default_rng(seed).standard_normal(40)
    plain, moved, reversed_ = sup_f(y), sup_f(shift + scale * y), sup_f(y[::-1])
    assert moved.statistic == pytest.approx(plain.statistic, rel=1e-6)
    assert moved.index == plain.index
    assert reversed_.statistic == pytest.approx(plain.statistic)
    assert reversed_.index == 38 - plain.index


@pytest.mark.parametrize("index", [20, 50, 70])
def test_a_large_shift_is_found_where_it_is(index):
    rng = np.random.default_rng(index)
    y = rng.standard_normal(100) + 5.0 * (np.arange(100) > index)
    found = sup_f(y)
    assert found.index == index
    assert found.p_value < 1e-10


def test_a_step_without_noise():
    found = sup_f(np.repeat([0.0, 1.0], 10))
    assert (found.statistic, found.p_value, found.index) == (np.inf, 0.0, 9)
    assert sup_f_p_value(0, 1, 0.15) == 1


def test_p_value_is_of_the_limit_and_not_of_its_approximation():
    """strucchange's seatbelt series, three coefficients, trim 0.1: sup.F = 19.333; R prints Hansen's (1997) 0.0067."""
    assert sup_f_p_value(19.333, 3, 0.1) == pytest.approx(0.0083, abs=5e-5)


@pytest.mark.parametrize("trim", [0.01, 0.15, 0.45])
@pytest.mark.parametrize("parameters", [1, 3, 10, 40])
def test_a_larger_statistic_never_has_a_larger_p_value(parameters, trim):
    statistics = np.sort(np.r_[np.geomspace(1e-6, 1e12, 60), np.linspace(1, 200, 60)])
    p = np.array([sup_f_p_value(statistic, parameters, trim) for statistic in statistics])
    assert p[0] == pytest.approx(1)
    assert (np.diff(p) <= 1e-12).all()
    assert ((p >= 0) & (p <= 1)).all()


@pytest.mark.parametrize("dimension", [1, 2, 5, 20])
def test_a_larger_l_never_has_a_larger_p_value(dimension):
    p = np.array([bridge_p_value(statistic, dimension) for statistic in np.geomspace(1e-3, 1e6, 40)])
    assert p[0] == pytest.approx(1)
    assert (np.diff(p) <= 1e-8).all()
    assert ((p >= 0) & (p <= 1)).all()


def test_a_break_next_to_an_exact_one_is_significant():
    noise = np.random.default_rng(0).normal(0, 1e-3, 50)
    found = sup_f(np.repeat([0.0, 1.0], 25) + noise)
    assert found.statistic > 1e6
    assert found.p_value < 1e-100


def test_size_of_the_asymptotic_test():
    rng = np.random.default_rng(3)
    path = f_path(rng.standard_normal((200, 2000)), np.ones((200, 1)), 30).max(axis=0)
    rejected = np.mean([sup_f_p_value(value, 1, 0.15) < 0.05 for value in path])
    # 200 steps instead of a continuum: below 5 per cent, never above by more than the Monte Carlo error of 0.5
    assert 0.02 < rejected < 0.06


@pytest.mark.slow
def test_size_of_the_bootstrap_in_twenty_years():
    rng = np.random.default_rng(4)
    p = [bootstrap_p(rng.standard_normal(20), draws=99, seed=s) for s in range(400)]
    # Monte Carlo error of the share 0.1 of 400 is 0.015
    assert np.mean(np.array(p) <= 0.10) == pytest.approx(0.10, abs=0.045)


def test_bootstrap_is_seeded_and_sees_a_break():
    y = np.random.default_rng(6).standard_normal(21) + 3.0 * (np.arange(21) > 10)
    assert bootstrap_p(y, seed=1) == bootstrap_p(y, seed=1)
    assert bootstrap_p(y, seed=1) != bootstrap_p(y + np.random.default_rng(7).standard_normal(21), seed=1)
    # plain normals in the place of residuals would reject too often: the late years, which make F, are the noisy ones
    noisy = y + np.random.default_rng(8).standard_normal(21) * np.linspace(1, 8, 21)
    drawn = f_path(np.random.default_rng(1).standard_normal((21, 999)), np.ones((21, 1)), 3).max(axis=0)
    assert bootstrap_p(noisy, seed=1) > (1 + np.sum(drawn >= sup_f(noisy).statistic)) / 1000


@pytest.mark.parametrize("with_regressor", [False, True])
def test_partitions_are_the_best_of_all(with_regressor):
    rng = np.random.default_rng(8)
    y, x = rng.standard_normal(18) + np.repeat([0, 2, -1], 6), rng.standard_normal((18, 1))
    design = np.column_stack([np.ones(18), x]) if with_regressor else np.ones((18, 1))
    found = bai_perron(y, x if with_regressor else None, trim=0.2, most=2)

    def total(cuts):
        edges = [0, *(c + 1 for c in cuts), 18]
        parts = [slice(a, b) for a, b in pairwise(edges)]
        if min(p.stop - p.start for p in parts) < 3:
            return np.inf
        fits = [np.linalg.lstsq(design[p], y[p], rcond=None)[0] for p in parts]
        return sum(np.sum((y[p] - design[p] @ b) ** 2) for p, b in zip(parts, fits, strict=True))

    for m in (0, 1, 2):
        best = min(combinations(range(18), m), key=total)
        assert found.partitions[m] == best
        assert found.ssr[m] == pytest.approx(total(best))


def test_bic_counts_breaks():
    rng = np.random.default_rng(9)
    level = np.repeat([0.0, 4.0, 1.0], 30)
    assert bai_perron(rng.standard_normal(90) + level).indices == (29, 59)
    assert bai_perron(rng.standard_normal(90)).indices == ()
    assert len(bai_perron(rng.standard_normal(90), trim=0.3).ssr) == 3  # three regimes of 27 fit into 90, four do not


def test_cusum_keeps_its_size_and_sees_a_shift():
    rng = np.random.default_rng(10)
    shares = [np.mean([cusum(rng.standard_normal(200) + step).p_value < 0.05 for _ in range(300)]) for step in
              (0, 1.0 * (np.arange(200) > 99))]  # fmt: skip
    assert shares[0] < 0.08
    assert shares[1] > 0.95


BAD = [
    (lambda: sup_f([1.0, np.nan, 2.0, 3.0]), "missing or infinite"),
    (lambda: sup_f(["a", "b", "c", "d"]), "not numbers"),
    (lambda: sup_f(np.ones(20)), "does not vary"),
    (lambda: sup_f(np.full(20, 0.1)), "does not vary"),
    (lambda: sup_f(np.zeros(20)), "does not vary"),
    (lambda: sup_f([1.0, 2.0]), "at least four"),
    (lambda: sup_f(np.arange(20.0), trim=0.5), "between 0 and one half"),
    (lambda: sup_f(np.arange(10.0), trim=0.05), "fewer observations than coefficients"),
    (lambda: sup_f(np.arange(20.0), np.ones(20)), "collinear"),
    (lambda: sup_f(np.random.default_rng(0).standard_normal(20), np.arange(20) > 14), "collinear within a regime"),
    (lambda: sup_f(np.arange(20.0), np.ones(19)), "do not fit"),
    (lambda: sup_f_p_value(9.0, 41, 0.15), "so many coefficients"),
    (lambda: chow(np.arange(20.0), 19), "too short"),
    (lambda: bai_perron(np.arange(20.0), most=0), "fewer than one break"),
    (lambda: chow_power(20, 19, 1.0), "before or after"),
    (lambda: sup_f_power(20, -1, 1.0, seed=0), "before or after"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_chow_power_is_the_share_of_rejections():
    rng, step = np.random.default_rng(11), 1.2 * (np.arange(20) > 9)
    rejected = np.mean([chow(rng.standard_normal(20) + step, 9).p_value < 0.05 for _ in range(2000)])
    assert chow_power(20, 9, 1.2).power == pytest.approx(rejected, abs=0.035)  # three Monte Carlo errors of 0.011
    assert chow_power(20, 9, 0.0).power == pytest.approx(0.05)


def test_sup_f_power_is_the_share_of_rejections():
    rng, step = np.random.default_rng(12), 1.5 * (np.arange(21) > 9)
    null = [sup_f(rng.standard_normal(21)).statistic for _ in range(400)]
    other = [sup_f(rng.standard_normal(21) + step).statistic for _ in range(400)]
    by_hand = np.mean(np.array(other) > np.quantile(null, 0.95))
    found = sup_f_power(21, 9, 1.5, seed=1)
    # errors: 0.025 and 0.011 of the shares, and about 0.04 from two simulated critical values
    assert found.power == pytest.approx(by_hand, abs=0.12)
    assert found.size == pytest.approx(0.05, abs=0.001)
    assert sup_f_power(21, 9, 0.0, seed=1).power == pytest.approx(0.05, abs=0.025)
    assert found.power < chow_power(21, 9, 1.5).power  # a known date is worth something
    assert sup_f_power(21, 9, 1.5, seed=1) == found
    # three observations before the break are as good as three after it
    early, late = sup_f_power(20, 2, 2.0, seed=2), sup_f_power(20, 16, 2.0, seed=2)
    assert early.power == pytest.approx(late.power, abs=4 * np.hypot(early.mc_se, late.mc_se))


def test_interrupted_power_is_that_of_a_known_normal_test():
    rng = np.random.default_rng(13)
    fit = interrupted(rng.standard_normal(300), range(300), {"step": 150}, slopes=False)
    bread = np.linalg.inv(fit.design.T @ fit.design)
    se = fit.sigma * np.sqrt(bread[2, 2])
    white = fit.__class__(**{**fit.__dict__, "rho": 0.0})
    found = interrupted_power(white, "step: level", 2.8 * se, seed=2)
    # z test: P(|Z + 2.8| > 1.96) = 0.80; HAC errors are a little small at n = 300, and the Monte Carlo error is 0.02
    assert found.power == pytest.approx(0.80, abs=0.06)
    assert found.size == pytest.approx(0.06, abs=0.03)


def test_size_of_newey_west_in_twenty_years_is_told():
    fit = interrupted(np.random.default_rng(14).standard_normal(21), range(2000, 2021), {"union": 2010})
    assert interrupted_power(fit, "union: level", 1.0, seed=3).size > 0.08
    with pytest.raises(InputError, match="did you mean: union: level"):
        interrupted_power(fit, "union: levl", 1.0, seed=3)


def test_a_bootstrap_without_draws_is_refused():
    with pytest.raises(InputError, match="at least one draw"):
        bootstrap_p(np.arange(20.0) % 3, draws=0, seed=1)
