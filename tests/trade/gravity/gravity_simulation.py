"""The error processes of Weidner & Zylkin (2021), section 4, and the Monte-Carlo summary of both estimators."""

from __future__ import annotations

import numpy as np
import pandas as pd

from deadletter.trade import correct_bias, fit_ppml

EFFECTS = ["exporter^year", "importer^year", "exporter^importer"]
PROCESSES = ("constant", "poisson", "proportional", "overdispersed")


def simulate(countries: int, years: int, process: str, rng: np.random.Generator) -> pd.DataFrame:
    """One panel with β = 1: effects N(0, 1/16), an autoregressive regressor that depends on them, and log-normal errors
    of mean one, variance by ``process`` and correlation 0.3^|s − t| within a pair (on the log scale)."""
    N, T = countries, years
    alpha, gamma = rng.normal(0, 0.25, (N, 1, T)), rng.normal(0, 0.25, (1, N, T))
    eta = rng.normal(0, 0.25, (N, N))
    x = np.empty((N, N, T))
    x[..., 0] = eta + alpha[..., 0] + gamma[..., 0] + rng.normal(0, 0.25, (N, N))
    for t in range(1, T):
        x[..., t] = x[..., t - 1] / 2 + alpha[..., t] + gamma[..., t] + rng.normal(0, 0.25, (N, N))
    mean = np.exp(x + alpha + gamma + eta[..., None])
    variance = {
        "constant": mean**-2,
        "poisson": mean**-1,
        "proportional": np.ones_like(mean),
        "overdispersed": 0.5 / mean + 0.5 * np.exp(2 * x),
    }[process]
    spread = np.sqrt(np.log1p(variance))
    lag = np.abs(np.subtract.outer(np.arange(T), np.arange(T)))
    normal = rng.normal(size=(N, N, T)) @ np.linalg.cholesky(0.3**lag).T
    flow = mean * np.exp(spread * normal - spread**2 / 2)
    i, j, t = np.nonzero(np.broadcast_to(~np.eye(N, dtype=bool)[..., None], flow.shape))
    return pd.DataFrame({"exporter": i, "importer": j, "year": t, "x": x[i, j, t], "trade": flow[i, j, t]})


def experiment(countries: int, years: int, process: str, replications: int, seed: int) -> pd.Series:
    """Monte-Carlo summary of the plain and the corrected estimator."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(replications):
        frame = simulate(countries, years, process, rng)
        fit = fit_ppml(frame, "trade ~ x", absorb=EFFECTS, cluster=["exporter^importer"])
        corrected = correct_bias(fit, time="year")
        rows.append((fit.coef["x"], fit.se["x"], corrected.coef["x"], corrected.se["x"]))
    plain, se, fixed, fixed_se = np.array(rows).T
    sd = plain.std(ddof=1)
    return pd.Series(
        {
            "bias / sd": (plain.mean() - 1) / sd,
            "corrected bias / sd": (fixed.mean() - 1) / sd,
            "simulation error": 1 / np.sqrt(replications),
            "se / sd": se.mean() / sd,
            "adjusted se / sd": fixed_se.mean() / fixed.std(ddof=1),
            "coverage": (np.abs(plain - 1) < 1.96 * se).mean(),
            "corrected coverage": (np.abs(fixed - 1) < 1.96 * fixed_se).mean(),
        },
        name=process,
    )
