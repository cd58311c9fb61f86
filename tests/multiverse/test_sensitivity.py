"""Sobol indices against SALib, Ishigami's analytic values and hand computation."""

import numpy as np
import pytest
from SALib.analyze import sobol
from SALib.sample import sobol as sampler
from SALib.test_functions import Ishigami

from deadletter.multiverse.sensitivity import estimated_indices, exact_indices

PROBLEM = {"num_vars": 3, "names": ["x1", "x2", "x3"], "bounds": [[-np.pi, np.pi]] * 3}


def sums_of(y: np.ndarray, factors: int) -> tuple[np.ndarray, np.ndarray]:
    """The sums that a tally keeps, from outputs in SALib's order: A, A with one factor from B, B."""
    rows = y.reshape(-1, factors + 2)
    a, mixed, b = rows[:, 0], rows[:, 1:-1], rows[:, -1]
    change = mixed - a[:, None]
    moments = np.array([len(a), a.sum(), (a * a).sum(), b.sum(), (b * b).sum()])
    effects = np.stack([(b[:, None] * change).sum(0), change.sum(0), (change**2).sum(0)], axis=-1)
    return moments, effects


class TestIshigami:
    sample = sampler.sample(PROBLEM, 4096, calc_second_order=False, scramble=True, seed=1)
    outputs = Ishigami.evaluate(sample)

    def test_equals_salib(self):
        first, total = estimated_indices(*sums_of(self.outputs, 3))
        theirs = sobol.analyze(PROBLEM, self.outputs, calc_second_order=False, num_resamples=2, seed=1)
        # SALib centres B on the mean over all rows, the tally on the mean of A and B: they differ by that much
        np.testing.assert_allclose(first, theirs["S1"], atol=2e-3)
        np.testing.assert_allclose(total, theirs["ST"], rtol=1e-9)

    def test_near_the_analytic_values(self):
        """Ishigami & Homma (1990) with a = 7, b = 0.1: Saltelli and others 2008, p. 179; 4096 rows are good to 0.02."""
        first, total = estimated_indices(*sums_of(self.outputs, 3))
        np.testing.assert_allclose(first, [0.3139, 0.4424, 0.0], atol=0.02)
        np.testing.assert_allclose(total, [0.5576, 0.4424, 0.2437], atol=0.02)


class TestExact:
    def test_additive(self):
        """y = a + 2b for a, b in {0, 1}: variances 1/4 and 1, so one fifth and four fifths, first order and total."""
        y = np.add.outer([0.0, 1.0], [0.0, 2.0])
        first, total = exact_indices(y)
        np.testing.assert_allclose(first, [0.2, 0.8], rtol=1e-12)
        np.testing.assert_allclose(total, [0.2, 0.8], rtol=1e-12)

    def test_pure_interaction(self):
        """y = ab for a, b in {−1, 1}: neither matters alone, both matter together."""
        y = np.multiply.outer([-1.0, 1.0], [-1.0, 1.0])
        first, total = exact_indices(y)
        np.testing.assert_allclose(first, 0, atol=1e-15)
        np.testing.assert_allclose(total, 1, rtol=1e-12)

    def test_unequal_numbers_of_levels(self):
        """y = [a = 2] for three levels of a and four of b: all the variance is a's."""
        y = np.repeat(np.array([0.0, 0.0, 1.0])[:, None], 4, axis=1)
        first, total = exact_indices(y)
        np.testing.assert_allclose([first, total], [[1, 0], [1, 0]], atol=1e-15)

    def test_a_constant_has_none(self):
        assert np.isnan(exact_indices(np.full((2, 3), 0.4))).all()


def test_a_constant_sample_has_none():
    assert np.isnan(estimated_indices(*sums_of(np.full(40, 0.3), 3))).all()


@pytest.mark.parametrize("shift", [0.0, 100.0])
def test_a_constant_added_changes_nothing(shift: float):
    rng = np.random.default_rng(3)
    y = rng.random(5 * 256)
    plain, moved = (estimated_indices(*sums_of(v, 3)) for v in (y, y + shift))
    np.testing.assert_allclose(moved, plain, atol=1e-9)
