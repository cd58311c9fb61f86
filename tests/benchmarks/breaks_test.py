"""Break tests against published output and against their own limit process.

Nile: annual flow at Aswan 1871–1970 (statsmodels' copy of R's ``Nile``). R 4 with strucchange 1.5:
``sctest(Fstats(Nile ~ 1, from = 0.15))`` prints sup.F = 75.93, p < 2.2e-16; ``summary(breakpoints(Nile ~ 1))`` prints
the RSS and BIC below and the break 28 (1898) (Zeileis, Kleiber, Krämer & Hornik 2003, Computational Statistics & Data
Analysis 44, 109–123).
"""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import brentq
from scipy.signal import lfilter
from scipy.special import hyp1f1

from deadletter.trade.breaks.dating import bai_perron, bridge_p_value, hansen
from deadletter.trade.breaks.sup_f import _spectrum, _tail, bootstrap_p, chow, sup_f, sup_f_p_value


@pytest.fixture(scope="module")
def nile():
    return sm.datasets.nile.load_pandas().data["volume"].to_numpy(dtype=float)


def test_nile_breaks_in_1898(nile):
    found = sup_f(nile, trim=0.15)
    assert found.statistic == pytest.approx(75.93, abs=0.005)  # printed to two decimals
    assert 1871 + found.index == 1898
    assert found.p_value < 2.2e-16 * 2
    assert (len(found.path), found.first) == (71, 14)
    assert found.path[27 - 14] == found.statistic
    assert found.warnings == ()
    assert bootstrap_p(nile, seed=0) == 1 / 1000


def test_nile_partitions(nile):
    found = bai_perron(nile, trim=0.15)
    rss = [2835157, 1597457, 1552924, 1538097, 1507888, 1659994]
    bic = [1318, 1270, 1276, 1285, 1292, 1311]
    assert found.ssr == pytest.approx(rss, abs=0.6)  # printed as whole numbers
    assert found.bic == pytest.approx(bic, abs=0.55)
    assert found.indices == (27,)
    assert [tuple(i + 1 for i in p) for p in found.partitions[1:4]] == [(28,), (28, 83), (28, 68, 83)]


# Andrews (2003, Econometrica 71, 395–397), corrected Table I at π₀ = 0.15, as printed per restriction by Stock & Watson
# (Introduction to Econometrics, table of QLR critical values): m → 10, 5, 1 per cent
ANDREWS = {
    1: (7.12, 8.68, 12.16),
    2: (5.00, 5.86, 7.78),
    3: (4.09, 4.71, 6.02),
    4: (3.59, 4.09, 5.12),
    5: (3.26, 3.66, 4.53),
    6: (3.02, 3.37, 4.12),
    7: (2.84, 3.15, 3.82),
    8: (2.69, 2.98, 3.57),
    9: (2.58, 2.84, 3.38),
    10: (2.48, 2.71, 3.23),
}


@pytest.mark.parametrize("m", ANDREWS)
def test_critical_values_lie_just_above_the_simulated_table(m):
    # the table comes from paths of 3600 steps, whose supremum is 1–2.5 per cent below that of the limit; two decimals
    for level, printed in zip((0.10, 0.05, 0.01), ANDREWS[m], strict=True):
        ours = brentq(lambda value, p=level: sup_f_p_value(m * value, m, 0.15) - p, 1, 40, xtol=1e-8)
        assert 0.995 * printed < ours < 1.03 * printed
        assert sup_f_p_value(m * ours, m, 0.15) == pytest.approx(level, rel=1e-5)


def test_a_path_of_3600_steps_gives_the_printed_value():
    """Andrews' own way: partial sums of 3600 normals; 5 per cent of the suprema lie above his 8.68."""
    rng, n, above = np.random.default_rng(2), 3600, []
    kept = np.arange(540, 3061)
    for _ in range(10):
        walk = np.cumsum(rng.standard_normal((1000, n), dtype=np.float32), axis=1, dtype=float)
        share = kept / n
        bridge = walk[:, kept - 1] - share * walk[:, -1:]
        above.append(((bridge**2 / (n * share * (1 - share))).max(axis=1) > 8.68).mean())
    # Monte Carlo error 0.0022 of the share of 10,000; the table's own error is of the same size
    assert np.mean(above) == pytest.approx(0.05, abs=0.007)


@pytest.mark.parametrize(("m", "c"), [(1, 8.86), (3, 14.3)])
def test_p_values_against_simulated_ornstein_uhlenbeck_paths(m, c):
    """On a grid of step h the supremum falls short by 0.5826·√h (Siegmund 1985): compare at the shifted barrier."""
    step, length, draws = 0.002, 2 * np.log(0.85 / 0.15), 4000
    rng, n = np.random.default_rng(m), round(length / step)
    rho = np.exp(-step / 2)
    total = np.zeros((draws, n))
    for _ in range(m):
        noise = rng.standard_normal((draws, n)) * np.sqrt(1 - rho**2)
        noise[:, 0] /= np.sqrt(1 - rho**2)
        total += lfilter([1.0], [1.0, -rho], noise, axis=1) ** 2
    simulated = np.mean(total.max(axis=1) > c)
    shifted = (np.sqrt(c) + 0.5826 * np.sqrt(step)) ** 2
    assert simulated == pytest.approx(sup_f_p_value(shifted, m, 0.15), abs=3.5 * np.sqrt(0.05 * 0.95 / draws))


def test_decay_rates_are_zeros_of_kummers_function():
    """DeLong (1981): the rates solve M(−μ, m/2, c/2) = 0."""
    for m, c in ((1, 8.68), (2, 11.0), (5, 18.0)):
        rates = _spectrum(c, m)[1][:4]
        for rate in rates:
            slope = (hyp1f1(-rate * 1.001, m / 2, c / 2) - hyp1f1(-rate, m / 2, c / 2)) / (0.001 * rate)
            assert abs(hyp1f1(-rate, m / 2, c / 2) / slope) < 1e-8 * rate


@pytest.mark.parametrize("m", [1, 2, 5, 10, 20, 40])
def test_the_far_tail_joins_the_spectrum(m):
    length = 2 * np.log(0.85 / 0.15)
    c = next(c for c in np.arange(2.0 * m + 10, 200.0) if _tail(c, m, length) < 1e-7)
    assert _tail(c, m, length) == pytest.approx(sup_f_p_value(c, m, 0.15), rel=0.02)
    grid = [sup_f_p_value(x, m, 0.15) for x in np.linspace(0.1, 3 * c, 200)]
    assert (np.diff(grid) <= 0).all()
    assert grid[-1] > 0


def test_hansens_limit_against_printed_critical_values():
    # Anderson & Darling (1952), Table 1 of the Cramér–von Mises limit (m = 1): five decimals
    for value, level in ((0.46136, 0.05), (0.74346, 0.01), (1.16786, 0.001)):
        assert bridge_p_value(value, 1) == pytest.approx(level, rel=2e-5)
    # Hansen (1992), Table 1, 5 per cent by number of parameters: simulated, two or three digits
    for m, value in ((1, 0.470), (2, 0.749), (3, 1.01), (4, 1.24), (5, 1.47), (6, 1.68), (7, 1.90)):
        assert bridge_p_value(value, m) == pytest.approx(0.05, abs=0.003)
    assert bridge_p_value(1e-4, 3) == pytest.approx(1, abs=1e-7)


def test_hansens_statistic_by_hand(nile):
    # L = Σ_t S_t' V⁻¹ S_t / n with the scores of the mean and of the variance
    scores = np.column_stack([nile - nile.mean(), (nile - nile.mean()) ** 2 - nile.var()])
    sums = np.cumsum(scores, axis=0)
    by_hand = np.trace(np.linalg.inv(scores.T @ scores) @ (sums.T @ sums)) / len(nile)
    found = hansen(nile)
    assert found.statistic == pytest.approx(by_hand)
    assert found.p_value == pytest.approx(bridge_p_value(by_hand, 2))


def test_chow_equals_statsmodels(nile):
    rng = np.random.default_rng(5)
    x = rng.standard_normal((100, 2))
    late = (np.arange(100) > 40)[:, None]
    small = sm.OLS(nile, sm.add_constant(x)).fit()
    large = sm.OLS(nile, np.column_stack([sm.add_constant(x), late, late * x])).fit()
    f, p, df = large.compare_f_test(small)
    found = chow(nile, 40, x)
    assert (found.statistic, found.p_value, found.df) == (pytest.approx(f), pytest.approx(p), (df, 94))
