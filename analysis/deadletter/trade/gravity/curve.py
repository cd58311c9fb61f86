"""Specification curves: every defensible combination of choices, the many linear ones through one Gram matrix.

Frisch–Waugh–Lovell: with outcomes, treatments and controls residualised on the effects once, each linear specification
is a solve in a few rows of their cross-products, and its cluster-robust variance one in the cross-products by cluster.
Simonsohn, Simmons & Nelson (2020), "Specification curve analysis", Nature Human Behaviour 4, 1208–1214.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy.stats import norm

from deadletter.errors import InputError
from deadletter.trade.gravity.design import build_design
from deadletter.trade.gravity.ppml import fit_ppml
from deadletter.trade.gravity.projection import NotConvergedError, demeaned

Array = np.ndarray
LIMIT = 1_000_000
"""Linear specifications of one sample and one set of effects; more are a mistake, not a curve."""
CHUNK = 2048
COLLINEAR = 1e-10
COLUMNS = ["model", "outcome", "treatment", "controls", "effects", "sample", "estimate", "se", "low", "high", "p"]


@dataclass(frozen=True)
class Gram:
    """Cross-products of residualised columns: ``total`` (P, P) and ``by_cluster`` (C, P, P), ``names`` of the P
    columns, ``nobs`` rows."""

    names: tuple[str, ...]
    total: Array
    by_cluster: Array
    nobs: int


def gram(frame: pd.DataFrame, columns: Sequence[str], absorb: Sequence[str], cluster: str) -> Gram:
    """Residualise columns on the absorbed effects (unweighted) in the rows where all are present, and multiply out.

    Raises
    ------
    InputError: a column is missing, not numeric or infinite; no effects; fewer than two clusters; a column without
        variation once the effects are absorbed.
    """
    if not absorb:
        raise InputError("needs absorbed effects", where="absorb", found=list(absorb))
    # The design checks a response for its sign: logs may be negative, so a column of ones stands in for it.
    names = tuple(dict.fromkeys(columns))
    stand_in = frame.assign(**{"any flow": 1.0})
    right = " + ".join(f"`{name}`" for name in names)
    design, _, _ = build_design(stand_in, f"`any flow` ~ {right}", absorb, [cluster])
    spread = design.regressors.std(axis=0)
    scaled = design.regressors / np.where(spread > 0, spread, 1.0)
    try:
        residuals = demeaned(scaled, design.absorb, np.ones(len(scaled)), 1e-9, 100_000) * spread
    except NotConvergedError as error:
        raise InputError(str(error), where="gram") from None
    still = (residuals**2).sum(axis=0) <= COLLINEAR * spread**2 * len(residuals)
    if still.any():
        raise InputError(
            "a column does not vary once the effects are absorbed",
            where="gram",
            found=", ".join(np.array(names)[still]),
        )
    codes = design.cluster[0]
    order = np.argsort(codes, kind="stable")
    bounds = np.flatnonzero(np.diff(codes[order], prepend=-1))
    by_cluster = np.stack([part.T @ part for part in np.split(residuals[order], bounds[1:])])
    return Gram(names, by_cluster.sum(axis=0), by_cluster, len(residuals))


def linear_curve(
    products: Gram, outcomes: Sequence[str], treatments: Sequence[str], controls: Sequence[str]
) -> pd.DataFrame:
    """Least squares of each outcome on each treatment with every subset of the controls.

    Returns one row each: outcome, treatment, controls (names joined by " + "), estimate and cluster-robust se of the
    treatment, nobs, note (``collinear`` where the subset is, and the estimate is missing).
    """
    total = len(outcomes) * len(treatments) * 2 ** len(controls)
    if total > LIMIT or total == 0:
        raise InputError("number of specifications", where="linear_curve", found=total, allowed=f"1 to {LIMIT}")
    position = {name: k for k, name in enumerate(products.names)}
    for name in (*outcomes, *treatments, *controls):
        if name not in position:
            raise InputError("no such column in the Gram matrix", where="curve", found=name, allowed=products.names)
    parts = []
    for size in range(len(controls) + 1):
        subsets = list(combinations(controls, size))
        labels = [" + ".join(subset) for subset in subsets]
        index = np.array([[position[name] for name in subset] for subset in subsets], dtype=int)
        index = index.reshape(len(subsets), size)
        for outcome, treatment in product(outcomes, treatments):
            columns = np.column_stack([np.full(len(index), position[treatment]), index])
            estimate, se = _solve(products, position[outcome], columns)
            parts.append(
                pd.DataFrame(
                    {"outcome": outcome, "treatment": treatment, "controls": labels, "estimate": estimate, "se": se}
                )
            )
    table = pd.concat(parts, ignore_index=True)
    return table.assign(nobs=products.nobs, note=np.where(table["estimate"].isna(), "collinear", ""))


def _solve(products: Gram, outcome: int, columns: Array) -> tuple[Array, Array]:
    """Estimates and standard errors of the first of ``columns`` (M, K) in M regressions."""
    count, width = products.total.shape[0], columns.shape[1]
    clusters = len(products.by_cluster)
    flat = products.by_cluster.reshape(clusters, -1).T
    estimate, se = np.full(len(columns), np.nan), np.full(len(columns), np.nan)
    scale = np.sqrt(np.diag(products.total))
    for start in range(0, len(columns), CHUNK):
        chosen = columns[start : start + CHUNK]
        matrix = products.total[chosen[:, :, None], chosen[:, None, :]]
        unit = matrix / scale[chosen][:, :, None] / scale[chosen][:, None, :]
        sound = np.linalg.det(unit) > COLLINEAR
        chosen, matrix = chosen[sound], matrix[sound]
        right = np.zeros((len(chosen), width, 2))
        right[:, :, 0] = products.total[chosen, outcome]
        right[:, 0, 1] = 1.0
        solved = np.linalg.solve(matrix, right)
        rows = np.arange(len(chosen))[:, None]
        errors, weights = np.zeros((len(chosen), count)), np.zeros((len(chosen), count))
        errors[rows, chosen] = -solved[:, :, 0]
        errors[:, outcome] += 1.0
        weights[rows, chosen] = solved[:, :, 1]
        influence = (weights[:, :, None] * errors[:, None, :]).reshape(len(chosen), count**2) @ flat
        at = start + np.flatnonzero(sound)
        estimate[at] = solved[:, 0, 0]
        se[at] = np.sqrt((influence**2).sum(axis=1) * clusters / (clusters - 1))
    return estimate, se


@dataclass(frozen=True)
class PpmlSpecification:
    """One PPML specification of the curve: each costs a fit, so they are listed one by one."""

    outcome: str
    treatment: str
    controls: tuple[str, ...]
    effects: str
    sample: str


def specification_curve(
    frame: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    treatments: Sequence[str],
    controls: Sequence[str],
    effects: Mapping[str, Sequence[str]],
    samples: Mapping[str, Array],
    cluster: str,
    ppml: Sequence[PpmlSpecification] = (),
) -> pd.DataFrame:
    """Every outcome × treatment × subset of controls × effects × sample by least squares, and the listed PPML models.

    Parameters
    ----------
    outcomes: columns, for least squares (logs; zero flows missing). effects: name → absorb list. samples: name → mask
    of the frame's rows. cluster: a column or interaction. ppml: specifications by the names in effects and samples.
    Within one effects × sample all least-squares models share the rows on which every column is present.

    Returns
    -------
    One row a specification with the columns of ``COLUMNS``, nobs and note; an estimate is missing only where ``note``
    says why.
    """
    tables = []
    for (label, absorb), (name, mask) in product(effects.items(), samples.items()):
        products = gram(_rows(frame, name, mask), [*outcomes, *treatments, *controls], absorb, cluster)
        table = linear_curve(products, outcomes, treatments, controls)
        tables.append(table.assign(model="least squares", effects=label, sample=name))
    rows = list(_ppml_rows(frame, ppml, effects, samples, cluster))
    if rows:
        tables.append(pd.DataFrame(rows).assign(model="PPML"))
    table = pd.concat(tables, ignore_index=True)
    half = norm.ppf(0.975) * table["se"]
    table["low"], table["high"] = table["estimate"] - half, table["estimate"] + half
    table["p"] = 2 * norm.sf((table["estimate"] / table["se"]).abs())
    return table[[*COLUMNS, "nobs", "note"]]


def _rows(frame: pd.DataFrame, name: str, mask: Array) -> pd.DataFrame:
    mask = np.asarray(mask)
    if mask.dtype != bool or mask.shape != (len(frame),) or not mask.any():
        raise InputError("a sample is a mask of the frame's rows with at least one row", where=name, found=mask.shape)
    return frame[mask]


def _ppml_rows(frame, specifications, effects, samples, cluster) -> Iterator[dict]:
    starts: dict[tuple[str, str, str], Array] = {}  # one fit of an outcome in a sample is near the next
    for chosen in specifications:
        for value, known in ((chosen.sample, samples), (chosen.effects, effects)):
            if value not in known:
                raise InputError("no such choice", where="ppml", found=value, allowed=list(known))
        rows = _rows(frame, chosen.sample, samples[chosen.sample])
        formula = f"`{chosen.outcome}` ~ " + " + ".join(f"`{name}`" for name in (chosen.treatment, *chosen.controls))
        row = {
            "outcome": chosen.outcome,
            "treatment": chosen.treatment,
            "controls": " + ".join(chosen.controls),
            "effects": chosen.effects,
            "sample": chosen.sample,
        }
        try:
            alike = chosen.outcome, chosen.effects, chosen.sample
            fit = fit_ppml(rows, formula, absorb=effects[chosen.effects], cluster=[cluster], start=starts.get(alike))
            starts[alike] = fit.start(len(rows))
            estimate, se = fit.coef.get(chosen.treatment, np.nan), fit.se.get(chosen.treatment, np.nan)
            yield {**row, "estimate": estimate, "se": se, "nobs": fit.nobs, "note": "; ".join(fit.warnings)}
        except InputError as error:
            yield {**row, "estimate": np.nan, "se": np.nan, "nobs": 0, "note": str(error)}
