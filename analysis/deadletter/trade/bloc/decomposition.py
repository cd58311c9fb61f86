"""Exact decomposition of the change of trade into openness, output, prices and the exchange rate (LMDI).

Ang, B. W. (2005). The LMDI approach to decomposition analysis: a practical guide. Energy Policy 33(7), 867–871, eq.
(5): ``ΔV_P = Σ_i L(V_i1, V_i0)·ln(P_i1/P_i0)`` with the logarithmic mean ``L(a, b) = (a − b)/(ln a − ln b)``.

There are no trade prices or volumes here: ``price`` is the GDP deflator implied by nominal GDP in dollars, the exchange
rate and real growth, so that ``nominal GDP in USD = real GDP · deflator / FX`` holds by construction.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from deadletter.errors import InputError
from deadletter.given import numbers
from deadletter.trade.bloc.flows import Flows, as_names

FACTORS = ("trade_to_gdp", "real_gdp", "deflator", "exchange_rate")
MACRO = ("economy", "year", "real_gdp_growth_pct", "gdp_current_musd", "lcu_per_usd")


@dataclass(frozen=True)
class Decomposition:
    """Contributions to the change of a sum over economies, in its unit.

    effects: economies × factors, each cell the contribution; the sum over all cells is ``change``.
    change: V₁ − V₀ of the sum.
    """

    effects: pd.DataFrame
    change: float


def log_mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Logarithmic mean ``(a − b)/ln(a/b)`` of positive arrays, a where they are equal.

    Where a and b are close, log1p of the relative difference keeps the digits that a quotient would lose.
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    gap = (a - b) / b
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(np.abs(gap) < 0.5, np.log1p(gap), np.log(a / b))
        return np.where(gap == 0, a, (a - b) / logs)


def lmdi(first: pd.DataFrame, last: pd.DataFrame) -> Decomposition:
    """Additive LMDI-I of ``V = Σ_i Π_k x_ik`` between two points in time.

    Parameters
    ----------
    first, last: tables of the factors at either time, economies × factors, same labels; every cell positive.

    Raises
    ------
    InputError: labels differ, or a cell is missing, zero, negative or infinite (the logarithm needs positive factors).
    """
    for axis, labels, others in (("economies", first.index, last.index), ("factors", first.columns, last.columns)):
        if not labels.equals(others):
            differ = [one for one in [*labels, *others] if one not in labels or one not in others]
            problem = f"the two tables do not have the same {axis} in the same order"
            raise InputError(problem, where="lmdi", found=differ[0] if differ else list(others))
    for name, table in (("first", first), ("last", last)):
        values = numbers(table, f"{name} table")
        for i, k in np.argwhere(~((values > 0) & np.isfinite(values)))[:1]:
            where = f"{name} table, {table.index[i]}, {table.columns[k]}"
            raise InputError("a factor is not a positive number", where=where, found=table.iloc[i, k])
    first, last = first.astype(float), last.astype(float)
    with np.errstate(all="ignore"):
        v0, v1, ratio = first.prod(axis=1), last.prod(axis=1), last / first
        sizes = np.column_stack([v0, v1, v1 / v0, ratio])
    for row in np.flatnonzero(~((sizes > 0) & np.isfinite(sizes)).all(axis=1))[:1]:
        problem = "the product of the factors or a change is beyond what numbers can hold"
        raise InputError(problem, where="lmdi", found=first.index[row])
    weights = log_mean(v1.to_numpy(), v0.to_numpy())
    effects = ratio.map(np.log).mul(weights, axis=0)
    return Decomposition(effects, float(v1.sum() - v0.sum()))


def mutual_exports(flows: Flows, macro: pd.DataFrame, members: Sequence[str], first: int, last: int) -> Decomposition:
    """Decompose the change of the members' exports to each other, by exporter, between two years (million USD).

    macro: columns economy, year, real_gdp_growth_pct (per cent on the year before), gdp_current_musd (million USD) and
        lcu_per_usd (annual mean), with every year from ``first`` to ``last``.
    The exchange-rate effect is that of 1/FX: negative where the currency lost value against the dollar.
    """
    if first >= last:
        raise InputError("the first year is not before the last", where="years", found=f"{first}, {last}")
    places = flows.places(members, "members")
    exports = {}
    for year in (first, last):
        block = flows.values[places[:, None], places, flows.at(year, "year")]
        if np.isnan(block).any():
            i, j = np.argwhere(np.isnan(block))[0]
            raise InputError("a flow is missing", where=f"{members[i]}→{members[j]} {year}", found=float("nan"))
        exports[year] = dict(zip(members, block.sum(axis=1), strict=True))
    tables = {member: _macro_of(macro, member, first, last) for member in members}
    factors = [
        pd.DataFrame({m: _factors(tables[m], exports[year][m], first, year) for m in members}, index=FACTORS).T
        for year in (first, last)
    ]
    return lmdi(*factors)


def _macro_of(macro: pd.DataFrame, economy: str, first: int, last: int) -> pd.DataFrame:
    """The rows of one economy by year, first to last, complete."""
    for column in MACRO:
        if column not in macro.columns:
            raise InputError("a column is missing from the macro table", found=column, allowed=list(macro.columns))
    numbers(macro["year"], "macro, year")
    own = macro.loc[(as_names(macro["economy"]) == str(economy)).to_numpy()].set_index("year")
    own = own.assign(**{column: numbers(own[column], f"{economy}, {column}") for column in MACRO[2:]})
    for year in own.index[own.index.duplicated()][:1]:
        raise InputError("a macro figure occurs twice", where=f"{economy} {year}")
    for year in range(first, last + 1):
        if year not in own.index or own.loc[year, list(MACRO[2:])].isna().any():
            raise InputError("a macro figure is missing", where=f"{economy} {year}", found="nothing")
    return own


def _factors(own: pd.DataFrame, exports: float, base: int, year: int) -> dict[str, float]:
    """The four factors of one economy's exports in one year; real GDP is an index, 1 in ``base``."""
    growth = own["real_gdp_growth_pct"].reindex(range(base + 1, year + 1)).to_numpy(dtype=float)
    gdp, fx = own[["gdp_current_musd", "lcu_per_usd"]].astype(float).loc[year].to_numpy()
    real = float(np.prod(1 + growth / 100))
    return dict(zip(FACTORS, (exports / gdp, real, gdp * fx / real, 1 / fx), strict=True))
