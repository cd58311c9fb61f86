"""From a frame and a formula to the arrays of a regression, every input checked once."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from deadletter.errors import InputError
from deadletter.frames import differing
from deadletter.trade.gravity.formula import columns_of, flow_column, parse_formula

Array = np.ndarray
Columns = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class Design:
    """Arrays of one regression: ``response`` (n,), ``regressors`` (n, K) with ``names``, and one integer vector (n,)
    for each absorbed effect and each way of clustering; ``…_columns`` say of which columns of the frame they are."""

    response: Array
    regressors: Array
    names: tuple[str, ...]
    absorb: tuple[Array, ...]
    cluster: tuple[Array, ...]
    intercept: bool
    absorb_columns: Columns = ()
    cluster_columns: Columns = ()


def build_design(
    frame: pd.DataFrame, formula: str, absorb: Sequence[str], cluster: Sequence[str]
) -> tuple[Design, list[str], Array]:
    """The design, the named warnings, and the positions in ``frame`` of the complete rows; see ``fit_ppml``."""
    if frame.empty:
        raise InputError("needs a data frame with rows", where="frame", found=f"{len(frame)} rows")
    response_name, terms, intercept = parse_formula(formula)
    absorb_columns = _interactions(frame, absorb, "absorb")
    cluster_columns = _interactions(frame, cluster, "cluster")
    if len(cluster_columns) > 2:
        raise InputError("too many ways of clustering", where="cluster", found=list(cluster), allowed="at most two")
    response = flow_column(frame, response_name)
    complete = np.isfinite(response)
    for name in {name for group in absorb_columns + cluster_columns for name in group}:
        complete &= frame[name].notna().to_numpy()
    columns = columns_of(frame, terms, complete, reduced=intercept or bool(absorb_columns))
    if response_name in columns:
        raise InputError("the response is among the regressors", where=formula, found=response_name)
    if not columns:
        raise InputError("no regressor to estimate", where=formula)
    if intercept and not absorb_columns and "Intercept" in columns:
        raise InputError("a regressor has the name of the intercept", where=formula, found="Intercept")
    regressors = np.column_stack(list(columns.values()))
    complete &= np.isfinite(regressors).all(axis=1)
    rows = np.flatnonzero(complete)
    notes = [] if complete.all() else [f"missing: {(~complete).sum()} rows with a missing value left out"]
    if not (response[rows] > 0).any():
        raise InputError("no positive flow in the complete rows", where=response_name)
    used = {name for group in absorb_columns + cluster_columns for name in group}
    codes = {name: factorised(frame[name].iloc[rows], name)[0] for name in used}
    _refuse_duplicates(frame.iloc[rows], codes, absorb_columns)
    design = Design(
        response=response[rows],
        regressors=regressors[rows],
        names=tuple((["Intercept"] if intercept and not absorb_columns else []) + list(columns)),
        absorb=combine(codes, absorb_columns),
        cluster=combine(codes, cluster_columns),
        intercept=intercept and not absorb_columns,
        absorb_columns=absorb_columns,
        cluster_columns=cluster_columns,
    )
    for way, label in zip(design.cluster, cluster, strict=True):
        if way.max() == 0:
            raise InputError("needs at least two clusters", where=f"cluster {label}", found="1 cluster")
    return design, notes, rows


def factorised(column: pd.Series, name: str) -> tuple[Array, pd.Index]:
    """Codes and levels of a column, in the order in which they occur; InputError on what cannot name a level."""
    try:
        codes, levels = pd.factorize(column, sort=False)
    except TypeError:  # a list cannot be hashed
        found = column.map(type).iloc[0].__name__
        raise InputError("a key is not a name or a number", where=name, found=found) from None
    return codes, levels


def combine(codes: Mapping[str, Array], groups: Columns) -> tuple[Array, ...]:
    """One integer vector for each interaction of integer-coded columns."""
    combined = []
    for group in groups:
        code = codes[group[0]].astype(np.int64)
        for name in group[1:]:
            code = code * (int(codes[name].max()) + 1) + codes[name]
            code = pd.factorize(code)[0]
        combined.append(code)
    return tuple(combined)


def _interactions(frame: pd.DataFrame, entries: Sequence[str], where: str) -> Columns:
    groups = []
    for entry in entries:
        group = (entry,) if entry in frame.columns else tuple(part.strip().strip("`") for part in str(entry).split("^"))
        for name in group:
            if name not in frame.columns:
                raise InputError("no such column", where=where, found=name, allowed=[str(c) for c in frame.columns])
        groups.append(group)
    return tuple(groups)


def _refuse_duplicates(frame: pd.DataFrame, codes: Mapping[str, Array], absorb: Columns) -> None:
    """Effects such as exporter-year and importer-year describe a panel of dyads: one row for each dyad and year."""
    doubles = [frozenset(group) for group in absorb if len(set(group)) == 2]
    dyads = [a | b for a, b in combinations(doubles, 2) if len(a | b) == 3]
    if not dyads or any(not set(group) <= dyads[0] for group in absorb):
        return
    names = sorted(dyads[0])
    cell = combine(codes, (tuple(names),))[0]
    counts = np.bincount(cell)
    if counts.max() > 1:
        first, second = map(int, np.flatnonzero(cell == counts.argmax())[:2])
        problem = f"{(counts > 1).sum()} cells of {' × '.join(names)} have more than one row"
        raise InputError(
            problem + differing(frame, first, second),
            where=f"row {second} of the complete rows",
            allowed="one row for each dyad and year",
        )


FEW = 500  # observations of which the projection is solved exactly where alternating projections do not converge


class NotConvergedError(Exception):
    """The projections on the effects did not converge."""


def demeaned(
    columns: Array, effects: Sequence[Array], weights: Array, tolerance: float = 1e-8, iterations: int = 10_000
) -> Array:
    """Residuals of ``columns`` (n, K) on the effects (integer vectors), weighted; the columns where there is none."""
    from pyfixest.core.demean import demean  # here, since importing it takes longer than everything else in this module

    if not effects:
        return columns
    left, converged = demean(columns, np.column_stack(effects), weights, tolerance, iterations)
    if not converged and len(columns) <= FEW:
        dummies = np.concatenate([np.equal.outer(np.unique(codes), codes) for codes in effects]).T
        root = np.sqrt(weights)[:, None]
        with suppress(np.linalg.LinAlgError):
            return columns - dummies @ np.linalg.lstsq(root * dummies, root * columns, rcond=None)[0]
    if not converged:
        raise NotConvergedError(f"the projection on the effects did not converge in {iterations} iterations")
    return left
