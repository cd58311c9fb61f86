"""Simulated panels for the tests of gravity."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

THREE_WAY = ["exporter^year", "importer^year", "exporter^importer"]
PAIR = ["exporter^importer"]
NAMES = [f"C{k}" for k in range(7)]
BLOC = {"C0": 2003, "C1": 2003}


def trade_panel(countries, years, seed, effect=0.3, noise=0.5, zeros=0.1, own=False) -> pd.DataFrame:
    """Flows with exporter-year, importer-year and pair effects, an agreement in force from a random year for each pair,
    and multiplicative errors of mean one."""
    rng = np.random.default_rng(seed)
    i, j, t = (axis.ravel() for axis in np.meshgrid(*map(np.arange, (countries, countries, years)), indexing="ij"))
    start = rng.integers(1, years + 2, (countries, countries))
    agreement = (t >= np.minimum(start, start.T)[i, j]).astype(float)
    level = rng.normal(size=(countries, years))[i, t] + rng.normal(size=(countries, years))[j, t]
    mean = np.exp(effect * agreement + level + rng.normal(size=(countries, countries))[i, j])
    errors = rng.lognormal(-(noise**2) / 2, noise, len(t)) * (rng.random(len(t)) >= zeros) / (1 - zeros)
    frame = pd.DataFrame(
        {
            "exporter": [f"C{k:02d}" for k in i],
            "importer": [f"C{k:02d}" for k in j],
            "year": 2000 + t,
            "agreement": agreement,
            "other": rng.normal(size=len(t)),
            "trade": mean * errors,
        }
    )
    return frame if own else frame[i != j].reset_index(drop=True)


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    """Flows of all pairs of NAMES in seven years, with two factors."""
    rng = np.random.default_rng(1)
    cells = [(i, j, t) for i in NAMES for j in NAMES if i != j for t in range(2000, 2007)]
    frame = pd.DataFrame(cells, columns=["exporter", "importer", "year"])
    kinds = {"r": rng.choice(list("abc"), len(frame)), "q": rng.choice(list("uv"), len(frame))}
    return frame.assign(flow=rng.gamma(2.0, 1.0, len(frame)), **kinds)
