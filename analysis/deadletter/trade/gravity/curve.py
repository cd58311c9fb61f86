"""Specification curves: every defensible combination of choices, the many linear ones through one Gram matrix.

Frisch–Waugh–Lovell: with outcomes, treatments and controls residualised on the effects once, each linear specification
is a solve in a few rows of their cross-products, and its cluster-robust variance one in the cross-products by cluster.
Simonsohn, Simmons & Nelson (2020), "Specification curve analysis", Nature Human Behaviour 4, 1208–1214.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy.stats import norm

from deadletter.errors import InputError
from deadletter.trade.gravity.design import (
    Array,
    NotConvergedError,
    build_design,
    demeaned,
)
from deadletter.trade.gravity.formula import flow_column, numeric_column
from deadletter.trade.gravity.ppml import fit_ppml

LIMIT = 1_000_000  # linear specifications of one sample and one set of effects; more are a mistake, not a curve
CHUNK = 2048  # specifications solved together
COLLINEAR = 1e-10
EXACT = 1e-14  # of its greatest value, which leaves nothing of a sum of squares but rounding
COLUMNS = ("model", "treatment", "controls", "estimate", "se", "low", "high", "p")
LOG = "ln exports"


def linear_curve(
    frame: pd.DataFrame,
    outcome: str,
    treatments: Sequence[str],
    controls: Sequence[str],
    absorb: Sequence[str],
    cluster: str,
) -> pd.DataFrame:
    """Least squares of an outcome on each treatment with every subset of the controls and the effects ``absorb``, in
    the rows in which every column is present.

    Returns one row each: treatment, controls (names joined by " + "), estimate and cluster-robust se of the
    treatment, nobs, note (``collinear`` where the subset is, and the estimate is missing; ``no variance`` where the
    outcome is reproduced or its errors cancel in every cluster, and the se is missing).

    Raises InputError: a column is missing, not numeric or infinite; no effects; fewer than two clusters; a column
    without variation once the effects are absorbed; no specification, or more than ``LIMIT``.
    """
    total = len(treatments) * 2 ** len(controls)
    if total > LIMIT or total == 0:
        raise InputError("number of specifications", where="linear_curve", found=total, allowed=f"1 to {LIMIT}")
    if not absorb:
        raise InputError("needs absorbed effects", where="absorb", found=list(absorb))
    names = list(dict.fromkeys([outcome, *treatments, *controls]))
    for name in names:
        numeric_column(frame, name)
    nobs, products = _products(frame, names, absorb, cluster)
    parts = []
    for size in range(len(controls) + 1):
        subsets = list(combinations(controls, size))
        for treatment in treatments:
            columns = np.array([[names.index(name) for name in (treatment, *subset)] for subset in subsets])
            estimate, se = _solve(products, names.index(outcome), columns)
            found = {"controls": [" + ".join(map(str, subset)) for subset in subsets], "estimate": estimate, "se": se}
            parts.append(pd.DataFrame({"treatment": treatment, **found}))
    table = pd.concat(parts, ignore_index=True)
    notes = np.select([table["estimate"].isna(), table["se"].isna()], ["collinear", "no variance"], "")
    return table.assign(nobs=nobs, note=notes)


def _products(frame: pd.DataFrame, names: Sequence[str], absorb: Sequence[str], cluster: str) -> tuple[int, Array]:
    """Complete rows, and by cluster the cross-products (C, P, P) of columns residualised on the effects, unweighted."""
    # The design checks a response for its sign: logs may be negative, so a column of ones replaces it.
    right = " + ".join(f"`{name}`" for name in names)
    ones = _free("any flow", frame)
    design, _, _ = build_design(frame.assign(**{ones: 1.0}), f"`{ones}` ~ {right}", absorb, [cluster])
    spread = design.regressors.std(axis=0)
    scaled = design.regressors / np.where(spread > 0, spread, 1.0)
    try:
        residuals = demeaned(scaled, design.absorb, np.ones(len(scaled)), 1e-9, 100_000) * spread
    except NotConvergedError as error:
        raise InputError(str(error), where="linear_curve") from None
    still = (residuals**2).sum(axis=0) <= COLLINEAR * spread**2 * len(residuals)
    if still.any():
        found = ", ".join(np.array(names)[still])
        raise InputError("a column does not vary once the effects are absorbed", where="linear_curve", found=found)
    order = np.argsort(design.cluster[0], kind="stable")
    bounds = np.flatnonzero(np.diff(design.cluster[0][order]))
    return len(residuals), np.stack([part.T @ part for part in np.split(residuals[order], bounds + 1)])


def _free(name: str, frame: pd.DataFrame) -> str:
    """A name that no column has, so that none is replaced."""
    while name in frame.columns:
        name += "_"
    return name


def _solve(products: Array, outcome: int, columns: Array) -> tuple[Array, Array]:
    """Estimates and standard errors of the first of ``columns`` (M, K) in M regressions; NaN where collinear, and the
    latter where the residuals, or what they sum up to in each cluster, are rounding."""
    clusters, total = len(products), products.sum(axis=0)
    flat, scale = products.reshape(clusters, -1).T, np.sqrt(np.diag(total))
    unit = total / scale / scale[:, None]
    estimate, se = np.full((2, len(columns)), np.nan)
    for at in np.array_split(np.arange(len(columns)), len(columns) // CHUNK + 1):
        blocks = unit[columns[at][:, :, None], columns[at][:, None, :]]
        apart = np.linalg.det(blocks) > COLLINEAR
        # many correlated columns have a small determinant without being collinear: eigenvalues, where it is small
        apart[~apart] = np.linalg.eigvalsh(blocks[~apart])[:, 0] > COLLINEAR
        at = at[apart]
        chosen, rows = columns[at], np.arange(len(at))[:, None]
        right = np.zeros((*chosen.shape, 2))
        right[:, :, 0], right[:, 0, 1] = total[chosen, outcome], 1.0
        solved = np.linalg.solve(total[chosen[:, :, None], chosen[:, None, :]], right)
        errors, weights = np.zeros((2, len(at), len(total)))
        errors[rows, chosen], errors[:, outcome] = -solved[:, :, 0], 1.0
        weights[rows, chosen] = solved[:, :, 1]
        influence = (weights[:, :, None] * errors[:, None]).reshape(len(at), len(flat)) @ flat
        estimate[at] = solved[:, 0, 0]
        left, moved = (((one @ total) * one).sum(axis=1) for one in (errors, weights))
        summed = (influence**2).sum(axis=1)
        varies = (left > EXACT * total[outcome, outcome]) & (summed > EXACT * left * moved)
        se[at[varies]] = np.sqrt(summed[varies] * clusters / (clusters - 1))
    return estimate, se


def specification_curve(
    frame: pd.DataFrame,
    flow: str,
    treatments: Sequence[str],
    controls: Sequence[str],
    *,
    absorb: Sequence[str],
    cluster: str,
    ppml: Sequence[Sequence[str]] = (),
) -> pd.DataFrame:
    """Each treatment with every subset of the controls by least squares of ``ln(flow)``, zero flows left out, and with
    each set of controls in ``ppml`` by PPML; ``absorb`` and ``cluster`` (one way) as in ``fit_ppml``.

    All least-squares models share the rows on which every column is present. Their errors are clustered with G/(G − 1)
    alone, as those of PPML are; fixest also corrects for the number of coefficients.

    Returns
    -------
    One row a specification with the columns of ``COLUMNS``, nobs and note; an estimate or a standard error is missing
    only where ``note`` says why.

    Raises InputError as ``linear_curve``, and where a flow is negative.
    """
    flows = flow_column(frame, flow)
    if flow in (*treatments, *controls):
        raise InputError("the response is among the regressors", where="specification_curve", found=flow)
    outcome = _free(LOG, frame)
    logs = frame.assign(**{outcome: np.log(np.where(flows > 0, flows, np.nan))})
    least = linear_curve(logs, outcome, treatments, controls, absorb, cluster).assign(model="least squares")
    rows = list(_ppml_rows(frame, flow, product(treatments, ppml), absorb, cluster))
    table = pd.concat([least, *([pd.DataFrame(rows).assign(model="PPML")] if rows else [])], ignore_index=True)
    half = norm.ppf(0.975) * table["se"]
    table["low"], table["high"] = table["estimate"] - half, table["estimate"] + half
    table["p"] = 2 * norm.sf((table["estimate"] / table["se"]).abs())
    return table[[*COLUMNS, "nobs", "note"]]


def _ppml_rows(
    frame: pd.DataFrame,
    flow: str,
    specifications: Iterable[tuple[str, Sequence[str]]],
    absorb: Sequence[str],
    cluster: str,
) -> Iterator[dict[str, object]]:
    start: Array | None = None  # one fit is near the next
    for treatment, controls in specifications:
        formula = f"`{flow}` ~ " + " + ".join(f"`{name}`" for name in (treatment, *controls))
        row = {"treatment": treatment, "controls": " + ".join(map(str, controls))}
        try:
            fit = fit_ppml(frame, formula, absorb=absorb, cluster=[cluster], start=start)
            start = fit.start(len(frame))
            estimate, se = fit.coef.get(treatment, np.nan), fit.se.get(treatment, np.nan)
            yield {**row, "estimate": estimate, "se": se, "nobs": fit.nobs, "note": "; ".join(fit.warnings)}
        except InputError as error:
            yield {**row, "estimate": np.nan, "se": np.nan, "nobs": 0, "note": str(error)}
