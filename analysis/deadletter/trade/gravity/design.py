"""From a frame and a formula to the arrays of a regression, every input checked once."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from deadletter.errors import InputError
from deadletter.frames import differing

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
    columns = _columns(frame, terms, complete, reduced=intercept or bool(absorb_columns))
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


def parse_formula(formula: str) -> tuple[str, list[str], bool]:
    """Response and terms of ``"y ~ a + b"``, and whether it has an intercept, which ``- 1`` or ``+ 0`` takes out.

    Signs within parentheses or backticks do not split.

    Raises InputError: not a formula of this kind; a term other than the intercept taken out.
    """
    sides = re.split(r"~(?=(?:[^`]*`[^`]*`)*[^`]*$)", formula)
    bad = InputError("not a formula", where="formula", found=formula, allowed="response ~ term + term")
    if len(sides) != 2 or not all(side.strip() for side in sides):
        raise bad
    terms: list[tuple[str, str]] = []
    depth, quoted, start, right = 0, False, 0, sides[1].strip()
    before, right = (right[0], right[1:]) if right[0] in "+-" else ("+", right)
    for position, sign in enumerate(right + "+"):
        quoted ^= sign == "`"
        depth += (sign in "([") - (sign in ")]")
        if sign == "|" and depth == 0 and not quoted:
            raise InputError(
                "effects are not part of the formula", where="formula", found=formula, allowed="absorb=[…]"
            )
        if sign in "+-" and depth == 0 and not quoted:
            terms.append((before, right[start:position].strip()))
            start, before = position + 1, sign
    if any(not term for _, term in terms) or depth or quoted:
        raise bad
    for sign, term in terms:
        if sign == "-" and term not in ("0", "1"):
            raise InputError("only the intercept can be taken out", where="formula", found=f"- {term}", allowed="- 1")
    constants = [sign + term for sign, term in terms if term in ("0", "1")]
    intercept = not constants or constants[-1] in ("+1", "-0")
    return sides[0].strip().strip("`"), list(dict.fromkeys(t for _, t in terms if t not in ("0", "1"))), intercept


LARGEST = 1e150


def numeric_column(frame: pd.DataFrame, name: str) -> Array:
    """A column as float64; missing stays NaN.

    Raises InputError where the column is absent, appears twice, is not numeric, or holds an infinite value.
    """
    if name not in frame.columns:
        raise InputError("no such column", where="formula", found=name, allowed=[str(c) for c in frame.columns])
    column = frame[name]
    if isinstance(column, pd.DataFrame):
        raise InputError("two columns have the same name", where="frame", found=name)
    if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
        try:
            bad = column[pd.to_numeric(column, errors="coerce").isna() & column.notna()]
        except (TypeError, OverflowError):  # what pandas cannot even try
            bad = column[:0]
        raise InputError(
            "a column is not numeric", where=name, found=bad.iloc[0] if len(bad) else column.dtype, allowed="numbers"
        )
    if pd.api.types.is_complex_dtype(column):
        raise InputError("a column is not real", where=name, found=column.dtype, allowed="numbers")
    values = column.to_numpy(dtype=float, na_value=np.nan, copy=True)
    if (np.abs(values) > LARGEST).any() and np.isfinite(values[np.abs(values) > LARGEST]).all():
        raise InputError("a value is too large to be squared", where=name, found=values[np.nanargmax(np.abs(values))])
    if np.isinf(values).any():
        raise InputError("a value is infinite", where=f"{name}, row {int(np.flatnonzero(np.isinf(values))[0])}")
    return values


def flow_column(frame: pd.DataFrame, name: str) -> Array:
    """As :func:`numeric_column`, and InputError where a flow is negative."""
    flows = numeric_column(frame, name)
    for row in np.flatnonzero(flows < 0)[:1]:
        raise InputError("a flow is negative", where=f"{name}, row {row}", found=flows[row], allowed="≥ 0")
    return flows


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


def _columns(frame: pd.DataFrame, terms: Sequence[str], complete: Array, reduced: bool) -> dict[str, Array]:
    """The columns of all terms, by name; ``reduced`` leaves the first level of each factor out. Terms that are not
    columns are coded together, as R does: what an interaction needs depends on the main effects besides it. They are
    coded in the ``complete`` rows, so that no level without a row in the sample is the reference of others."""
    bare = [term[1:-1] if re.fullmatch(r"`[^`]+`", term) else term for term in terms]
    plain = {
        name: numeric_column(frame, name)
        for term, name in zip(terms, bare, strict=True)
        if name in frame.columns or re.fullmatch(r"`[^`]+`|\w+", term)
    }
    if len(plain) == len(terms):
        return plain
    if any(re.search(r"\blag\(", term) for term in terms):
        raise InputError(
            "a lag of rows is not a lag of years", where="formula", found="lag", allowed="a column of lags"
        )
    try:
        matrix = _coded(frame, terms, complete, reduced)
    except Exception as error:  # formulaic raises whatever the expression raises
        raise InputError(
            "a term cannot be computed", where="formula", found=" + ".join(terms), allowed=str(error).partition("\n")[0]
        ) from error
    columns = {str(name): numeric_column(matrix, name) for name in matrix.columns if name != "Intercept"}
    for name in sorted(set(plain) - set(columns)):
        raise InputError("a regressor has the name of the intercept", where="formula", found=name)
    return columns


def _coded(frame: pd.DataFrame, terms: Sequence[str], complete: Array, reduced: bool) -> pd.DataFrame:
    """The terms as columns, coded in the rows in which all that they need is there, and missing in the others."""
    from formulaic import model_matrix  # loads slowly, and most terms are columns

    formula, complete = " + ".join([str(int(reduced)), *terms]), complete.copy()
    while complete.any():
        held = frame[complete]
        for name in held.select_dtypes("category"):
            held[name] = held[name].cat.remove_unused_categories()
        with np.errstate(all="ignore"):  # whoever reads the columns refuses the logarithm of zero
            coded = model_matrix(formula, held, na_action="ignore")
        needed = [name for name in frame.columns if name in coded.model_spec.required_variables]
        gaps = held[needed].isna().any(axis=1).to_numpy()  # formulaic codes them as the first level of a factor
        if not gaps.any():
            gaps = np.isnan(np.asarray(coded)).any(axis=1)
        if not gaps.any():
            matrix = pd.DataFrame(np.nan, index=range(len(frame)), columns=list(coded.columns))
            matrix.iloc[complete] = np.asarray(coded)
            return matrix
        complete[complete] = ~gaps
    return pd.DataFrame(np.nan, index=range(len(frame)), columns=list(terms))


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
    if not converged:
        raise NotConvergedError(f"the projection on the effects did not converge in {iterations} iterations")
    return left
