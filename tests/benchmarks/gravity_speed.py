"""Speed and memory of the gravity estimators beside bare ``pyfixest.fepois``.

Run: python tests/benchmarks/gravity_speed.py [large]. Prints seconds of processor time, ratios and peak memory;
``large`` is the panel of 200 countries and 30 years alone. Set OPENBLAS_NUM_THREADS as the package runs. The placebo
study is timed on a simulated panel of the size of the bundled one (21 economies, 21 years).
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np
import pyfixest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from deadletter.trade import correct_bias, fit_ppml  # noqa: E402
from deadletter.trade.gravity.curve import linear_curve  # noqa: E402
from deadletter.trade.gravity.placebo_blocs import placebo_blocs, placebo_dates  # noqa: E402
from tests.trade.gravity.gravity_panels import PAIR, THREE_WAY, trade_panel  # noqa: E402


def seconds(function, *arguments, repeat=1, **named):
    """Least processor time of ``repeat`` runs, which other work on the machine hardly touches, and the last result."""
    best = np.inf
    for _ in range(repeat):
        start = time.process_time()
        result = function(*arguments, **named)
        best = min(best, time.process_time() - start)
    return best, result


def peak() -> float:
    """Peak resident memory of this process so far, GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def estimators(countries: int, years: int, repeat: int) -> None:
    frame = trade_panel(countries, years, seed=0)
    formula = "trade ~ agreement | " + " + ".join(THREE_WAY)
    ours, fit = seconds(fit_ppml, frame, "trade ~ agreement", absorb=THREE_WAY, cluster=PAIR, repeat=repeat)
    fix = seconds(correct_bias, fit, repeat=repeat)[0]
    high = peak()  # before the bare fit, whose own peak is higher
    bare = seconds(pyfixest.fepois, formula, frame, vcov="hetero", iwls_maxiter=200, repeat=repeat)[0]
    print(
        f"{countries} × {years}: fepois {bare:.2f} s, fit_ppml {ours:.2f} s, correct_bias {fix:.2f} s, "
        f"(fit + correction) / fepois = {(ours + fix) / bare:.2f}, peak of fit and correction {high:.2f} GiB"
    )


def placebos() -> None:
    frame = trade_panel(21, 21, seed=0, effect=0.0)
    names = sorted(frame.exporter.unique())
    members, candidates = dict.fromkeys(names[:3], 2010), names[4:]
    took, found = seconds(placebo_blocs, frame, "trade", members, candidates)
    print(f"all placebo blocs: {took:.1f} s; {found}")
    took, found = seconds(placebo_dates, frame, "trade", members, candidates, range(2003, 2009), years=2, seed=1)
    print(f"999 draws over bloc × date: {took:.1f} s; {found}")


def curve() -> None:
    frame = trade_panel(21, 21, seed=0)
    rng = np.random.default_rng(0)
    controls = [f"c{k}" for k in range(13)]
    frame = frame.assign(
        log=np.log(frame.trade.where(frame.trade > 0)), **{c: rng.normal(size=len(frame)) for c in controls}
    )
    took, table = seconds(linear_curve, frame, "log", ["agreement"], controls, THREE_WAY, PAIR[0], repeat=3)
    print(f"linear specifications: {len(table)} in {took:.2f} s, {len(table) / took:.0f} a second, errors clustered")


if __name__ == "__main__":
    if "large" in sys.argv:
        estimators(200, 30, 1)  # alone in its process, so that the peak is its own
        sys.exit()
    estimators(10, 5, 1)  # loads and compiles what the first call needs
    estimators(21, 21, 5)
    estimators(60, 21, 3)
    estimators(100, 20, 1)
    curve()
    placebos()
