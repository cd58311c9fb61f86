"""Bias and coverage of three-way PPML before and after the correction, in designs after Weidner & Zylkin (2021).

Run: python tests/benchmarks/gravity_coverage.py [REPLICATIONS] [COUNTRIES] [YEARS]. Prints, for each error process,
bias relative to the standard deviation, the mean standard error relative to it, and coverage of 95 % intervals.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from tests.trade.gravity.gravity_simulation import PROCESSES, experiment  # noqa: E402

if __name__ == "__main__":
    replications, countries, years = (int(a) for a in (sys.argv[1:] + ["500", "20", "5"][len(sys.argv) - 1 :]))
    table = pd.DataFrame([experiment(countries, years, p, replications, seed=1) for p in PROCESSES])
    print(f"{replications} replications, {countries} countries, {years} years")
    print(table.round(3).to_string())
