"""What is read off a gravity fit: per-cent effects, sums of coefficients, event studies, leave-one-out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from deadletter.errors import InputError
from deadletter.given import Lag, scalar
from deadletter.trade.gravity.bias import Correction
from deadletter.trade.gravity.design import factorised
from deadletter.trade.gravity.ppml import FitResult, fit_ppml
from deadletter.trade.gravity.treatment import DYAD, Keys, event_name, leads_lags, refuse_missing_keys

ROUNDING = 1e-14  # of the greatest variance that a sum can have: what rounding leaves where all cancels


@dataclass(frozen=True)
class Effect:
    """An effect in log points with its standard error, interval and p-value (normal), and in per cent,
    ``100 (e^β − 1)``; the interval in per cent is the transformed one, its standard error by the delta method."""

    estimate: float
    se: float
    low: float
    high: float
    p: float
    percent: float
    percent_se: float
    percent_low: float
    percent_high: float


def effect(estimate: float, se: float, level: float = 0.95) -> Effect:
    """An effect from an estimate and its standard error, both in log points.

    Raises InputError where the error is zero or negative, or the level is not between 0 and 1.
    """
    if se <= 0 or not 0 < level < 1:
        found = f"se {se}, level {level}"
        raise InputError("no interval can be made", where="effect", found=found, allowed="se > 0, 0 < level < 1")
    half = norm.ppf(0.5 + level / 2) * se
    low, high = estimate - half, estimate + half
    return Effect(
        estimate=estimate,
        se=se,
        low=low,
        high=high,
        p=float(2 * norm.sf(abs(estimate) / se)),
        percent=float(100 * np.expm1(estimate)),
        percent_se=float(100 * np.exp(estimate) * se),
        percent_low=float(100 * np.expm1(low)),
        percent_high=float(100 * np.expm1(high)),
    )


def linear_sum(
    fit: FitResult | Correction, weights: Mapping[str, float] | Sequence[str] | str, level: float = 0.95
) -> Effect:
    """``w'β`` with standard error ``√(w'Vw)`` (the delta method, exact for a sum); a list of names means weights of 1,
    and of 2 for a name that occurs twice.

    The sum of phase-in terms is the full effect; the difference of two terms takes weights 1 and −1.
    """
    named = (
        dict(weights) if isinstance(weights, Mapping) else Counter([weights] if isinstance(weights, str) else weights)
    )
    names = list(named)
    w = np.array([scalar(weight, f"linear_sum, weights, {name}") for name, weight in named.items()])
    if not w.any():
        raise InputError("names no coefficient to add up", where="linear_sum", found=dict(named))
    _require(fit, named)
    size = np.abs(w).max()  # whose square may be no number
    variance = (w / size) @ fit.vcov.loc[names, names].to_numpy() @ (w / size)
    if variance <= ROUNDING * (np.abs(w / size) @ fit.se[names].to_numpy()) ** 2:
        raise InputError("the variance of the sum is zero: too few clusters carry it", where="linear_sum", found=names)
    return effect(float(w @ fit.coef[names].to_numpy()), float(size * np.sqrt(variance)), level)


def wald_p(fit: FitResult | Correction, names: Sequence[str]) -> float:
    """p-value of the hypothesis that the named coefficients are all zero (χ²)."""
    names = list(dict.fromkeys(names))
    if not names:
        raise InputError("names no coefficient to test", where="wald_p", found=list(names))
    _require(fit, names)
    block = fit.vcov.loc[names, names].to_numpy()
    if np.isnan(block).any():
        raise InputError("the fit has no standard errors to test with", where="wald_p", found="; ".join(fit.warnings))
    sizes = np.sqrt(np.diag(block))  # coefficients in unlike units are not dependent
    rank = np.linalg.matrix_rank(block / np.outer(sizes, sizes), hermitian=True)
    if rank < len(names):
        problem = "the variance has too low a rank to test these coefficients jointly"
        raise InputError(problem, where="wald_p", found=f"{len(names)} coefficients, rank {rank}")
    beta = fit.coef[names].to_numpy()
    return float(chi2.sf(beta @ np.linalg.solve(block, beta), len(names)))


@dataclass(frozen=True)
class EventStudy:
    """``table``: one row per event time k (the reference −1 with estimate 0 and se 0): term, estimate, se, low, high;
    ``pretrend_p``: p-value that all leads are zero; ``fit``: the regression."""

    table: pd.DataFrame
    pretrend_p: float
    fit: FitResult


def event_study(
    frame: pd.DataFrame,
    flow: str,
    members: Mapping[str, int],
    first: Lag,
    last: Lag,
    *,
    absorb: Sequence[str],
    cluster: Sequence[str],
    controls: Sequence[str] = (),
    keys: Keys = DYAD,
    level: float = 0.95,
) -> EventStudy:
    """Leads and lags of a bloc around the year in which each pair of members is treated, k = −1 omitted, ends binned.

    Raises InputError where a lead or lag is not observed (``leads_lags``) or not identified once effects are absorbed.
    """
    if not 0 < level < 1:
        raise InputError("no interval can be made", where="level", found=level, allowed="0 < level < 1")
    dummies = leads_lags(frame, members, first, last, keys)
    names = dummies.columns.tolist()
    for name in sorted(set(names) & {*controls, flow}):
        raise InputError("a column has the name of a lead or lag", where="event_study", found=name)
    panel = frame.assign(**{name: dummies[name].to_numpy() for name in names})  # an index may have duplicates
    terms = [*names, *(f"`{name}`" if name in frame.columns else name for name in controls)]
    formula = f"`{flow}` ~ " + " + ".join(terms)
    fit = fit_ppml(panel, formula, absorb=absorb, cluster=cluster)
    _require(fit, names)
    half = norm.ppf(0.5 + level / 2)
    rows = []
    for k in range(first, last + 1):
        term = event_name("bloc", k)
        estimate, se = (0.0, 0.0) if k == -1 else (fit.coef[term], fit.se[term])
        rows.append((k, term, estimate, se, estimate - half * se, estimate + half * se))
    table = pd.DataFrame(rows, columns=["k", "term", "estimate", "se", "low", "high"]).set_index("k")
    leads = [event_name("bloc", k) for k in range(first, -1)]
    return EventStudy(table, wald_p(fit, leads), fit)


def leave_one_out(
    frame: pd.DataFrame, formula: str, term: str, *, absorb: Sequence[str], cluster: Sequence[str], keys: Keys = DYAD
) -> pd.DataFrame:
    """The coefficient of ``term`` with each economy left out in turn, as exporter and as importer.

    Returns one row per economy: estimate, se, nobs, note (named warnings, or why it cannot be estimated;
    estimate and se are then missing), sorted by economy. Raises InputError where none can be estimated, or a
    cell has no key.
    """
    rows = {}
    refuse_missing_keys(frame, keys)
    try:
        start = fit_ppml(frame, formula, absorb=absorb, cluster=cluster).start(len(frame))
    except InputError:
        start = np.full(len(frame), np.nan)
    codes, economies = factorised(pd.concat([frame[keys.exporter], frame[keys.importer]]), "economies")
    exporter, importer = codes[: len(frame)], codes[len(frame) :]
    if frame.empty:
        raise InputError("needs a data frame with rows", where="frame", found="0 rows")
    for code in sorted(range(len(economies)), key=lambda code: str(economies[code])):
        economy, rest = economies[code], (exporter != code) & (importer != code)
        try:
            fit = fit_ppml(frame[rest], formula, absorb=absorb, cluster=cluster, start=start[rest])
            _require(fit, [term])
            rows[economy] = (fit.coef[term], fit.se[term], fit.nobs, "; ".join(fit.warnings))
        except InputError as error:
            rows[economy] = (np.nan, np.nan, 0, str(error))
            last = error
    if not any(nobs for _, _, nobs, _ in rows.values()):
        raise last
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "se", "nobs", "note"])
    return table.rename_axis("left_out")


def _require(fit: FitResult | Correction, names: Iterable[str]) -> None:
    for name in names:
        if name not in fit.coef.index:
            problem = f"no such coefficient in the fit ({'; '.join(fit.warnings) or 'no warnings'})"
            raise InputError(problem, where="fit", found=name, allowed=list(map(str, fit.coef.index)))
