"""The kinds of measure that a quantitative statement can be tested with; bloc, states and years are arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import ConfigDict, ValidationError, validate_call

from deadletter.dataset.load import Dataset
from deadletter.errors import InputError
from deadletter.labels import vintage_in_words
from deadletter.trade.bloc import shares
from deadletter.trade.bloc.flows import Flows, Total, mutual, outside
from deadletter.trade.bloc.treated import flows_of

NAN = float("nan")


@dataclass(frozen=True)
class Sources:
    """The checked tables that measures read; frames with the columns of the tables of the same name in data/."""

    flows: Flows
    macro: pd.DataFrame
    vintages: pd.DataFrame
    brent: pd.DataFrame
    tariffs: pd.DataFrame
    reported: pd.DataFrame

    @classmethod
    def of(cls, dataset: Dataset) -> Sources:
        """The tables of a checked dataset."""
        others = ("annual", "growth_vintages", "brent", "tariffs", "reported_totals")
        return cls(flows_of(dataset), *(dataset[name] for name in others))


@dataclass(frozen=True)
class Measured:
    """What a measure found.

    estimate: in the statement's unit; low, high: the range that ``method`` names; n: figures behind the estimate.
    each: the values that an inequality must hold for, all of them (empty: the estimate alone).
    source: the tables read. detail: values for the reason. untestable: why no verdict is possible, empty where it is.
    """

    estimate: float
    n: int
    method: str
    source: str
    low: float = NAN
    high: float = NAN
    each: tuple[float, ...] = ()
    detail: str = ""
    untestable: str = ""


Measure = Callable[..., Measured]
MEASURES: dict[str, Measure] = {}


def measure(function: Measure) -> Measure:
    """Register a kind under the function's name; its keyword arguments are checked against their annotations."""
    MEASURES[function.__name__] = validate_call(config=ConfigDict(arbitrary_types_allowed=True, extra="forbid"))(
        function
    )
    return function


def apply(kind: str, sources: Sources, arguments: dict[str, object], where: str) -> Measured:
    """Run a registered kind; InputError on an unknown kind, or arguments that it does not take."""
    if kind not in MEASURES:
        raise InputError("no such measure", where=where, found=kind, allowed=sorted(MEASURES))
    try:
        return MEASURES[kind](sources, **arguments)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"])
        found = arguments.get(at, ", ".join(arguments))
        raise InputError(f"argument of {kind}: {first['msg']}", where=f"{where}, {at}", found=found) from None
    except InputError as error:
        raise InputError(f"{kind}: {error}", where=where) from None


@measure
def mutual_growth(
    sources: Sources, members: list[str], first: int, last: int, without: list[tuple[str, str]] | None = None
) -> Measured:
    """Growth of a bloc's mutual exports between two years, per cent; not testable where a flow is missing.

    The range is that of leaving out each pair of members in turn.
    """
    left_out = [frozenset(pair) for pair in without or []]
    total = mutual(sources.flows, members, without or [])
    found = _growth(total, first, last)
    rest = [pair for pair in combinations(members, 2) if frozenset(pair) not in left_out]
    ranged = [] if found.untestable or len(rest) < 2 else [
        _growth(mutual(sources.flows, members, [*(without or []), pair]), first, last).estimate for pair in rest
    ]  # fmt: skip
    pairs = ", ".join("–".join(pair) for pair in without or [])
    share = _coverage(total, mutual(sources.flows, members), first)
    return replace(
        found,
        low=min(ranged, default=NAN),
        high=max(ranged, default=NAN),
        method="growth of summed exports" + (f" without {pairs}" if pairs else "") + "; range: one pair left out",
        detail=f"on {100 * share:.0f}% of the mutual trade" if pairs else "",
    )


@measure
def outside_growth(sources: Sources, members: list[str], first: int, last: int) -> Measured:
    """Growth of a bloc's exports to and imports from outsiders, per cent."""
    return _growth(outside(sources.flows, members), first, last)


@measure
def relative_growth(sources: Sources, members: list[str], first: int, last: int) -> Measured:
    """Change of the logit of the intra share, ``Δln I − Δln X``, in hundredths of a log point."""
    moved = shares.share_change(sources.flows, members, first, last, "twice")
    return Measured(
        estimate=100 * moved.logit,
        n=2,
        method="Δlogit(share) = Δln I − Δln X, times 100",
        source="bilateral",
        detail=f"mutual trade moved by {100 * moved.mutual:.1f} log points, outside trade by {100 * moved.outside:.1f}",
    )


@measure
def intra_share(sources: Sources, members: list[str], year: int, convention: shares.Convention) -> Measured:
    """Share of mutual trade in a bloc's trade in one year, per cent, by convention of counting."""
    sources.flows.at(year, "year")
    value = float(shares.intra_share(sources.flows, members, convention)[year])
    return Measured(
        estimate=100 * value,
        n=1,
        method="2I/(2I+X)" if convention == "twice" else "I/(I+X)",
        source="bilateral",
        untestable="" if np.isfinite(value) else f"a flow of {year} is missing",
    )


@measure
def partner_share(sources: Sources, economy: str, partners: list[str], years: list[int]) -> Measured:
    """Joint share of partners in an economy's turnover, per cent: mean and range over years."""
    for year in years:
        sources.flows.at(year, "years")
    values = 100 * shares.partner_share(sources.flows, economy, partners)[years]
    return _over(values, "turnover share, mean over years; range: over years", "bilateral")


@measure
def gdp_growth(sources: Sources, economy: str, year: int, vintage: str) -> Measured:
    """Real GDP growth in one vintage, per cent; the range is that of all vintages."""
    economies = set(sources.vintages["economy"])
    if economy not in economies:
        raise InputError("no such economy in the vintages", found=economy, allowed=sorted(economies))
    own = sources.vintages[sources.vintages["economy"] == economy]
    found = own[own["year"] == year].set_index("vintage")["real_gdp_growth_pct"].sort_index()
    if found.empty:
        span = f"{own['year'].min()} to {own['year'].max()}"
        raise InputError("the vintages do not reach this year", where=economy, found=year, allowed=span)
    if vintage not in found.index:
        raise InputError("no such vintage", where="vintage", found=vintage, allowed=list(found.index))
    named = found.rename(index=vintage_in_words)
    ranged = _over(named, f"vintage {vintage_in_words(vintage)}; range: all vintages", "growth_vintages")
    return replace(ranged, estimate=float(found[vintage]), each=(), detail=f"vintages: {ranged.detail}")


@measure
def gdp_growth_each(sources: Sources, economy: str, first: int, last: int) -> Measured:
    """Real GDP growth in every year of a span, per cent: mean and range over years."""
    values = _by_year(sources.macro, "real_gdp_growth_pct", economy, range(first, last + 1))
    return _over(values, "mean over years; range: over years", "annual")


@measure
def depreciation(sources: Sources, economies: list[str], first: int, last: int) -> Measured:
    """Rise of local currency per dollar between two years, per cent: median and range over economies."""
    rates = {e: _by_year(sources.macro, "lcu_per_usd", e, (first, last)) for e in economies}
    values = pd.Series({e: 100 * (rate[last] / rate[first] - 1) for e, rate in rates.items()})
    found = _over(values, "rise of currency per dollar, median; range: over economies", "annual")
    return replace(found, estimate=float(values.median()))


@measure
def oil_price_growth(sources: Sources, first: int, last: int) -> Measured:
    """Growth of the annual mean price of Brent, per cent."""
    price = sources.brent.set_index("year")["brent_usd_bbl"]
    for year in (first, last):
        if year not in price.index:
            raise InputError(
                "no oil price in this year", found=year, allowed=f"{price.index.min()} to {price.index.max()}"
            )
    return Measured(100 * float(price[last] / price[first] - 1), 2, "growth of annual means", "brent")


@measure
def tariff_level(sources: Sources, economy: str, year: int, concept: Literal["applied", "bound_or_mfn"]) -> Measured:
    """Weighted mean tariff in one year, per cent; another concept than the table's is shown, never judged."""
    value = float(_by_year(sources.tariffs, "applied_weighted_mean_pct", economy, (year,))[year])
    named = "bound or MFN" if concept == "bound_or_mfn" else concept
    other = f"the statement is about {named} tariffs, the table holds applied means ({value:.2f}% in {year})"
    return Measured(
        value, 1, "applied weighted mean, all products", "tariffs", untestable="" if concept == "applied" else other
    )


@measure
def tariff_change(sources: Sources, economy: str, first: int, last: int) -> Measured:
    """Change of the applied weighted mean tariff, percentage points."""
    values = _by_year(sources.tariffs, "applied_weighted_mean_pct", economy, (first, last))
    detail = f"applied means: {values[first]:.2f}% in {first}, {values[last]:.2f}% in {last}"
    return Measured(float(values[last] - values[first]), 2, "difference of applied means", "tariffs", detail=detail)


@measure
def reported(sources: Sources, id: str) -> Measured:
    """A figure as somebody stated it."""
    row = _reported(sources.reported, id)
    return Measured(float(row["value"]), 1, f"as stated by {row['stated_by']}", "reported_totals")


@measure
def reported_growth(sources: Sources, first: str, last: str) -> Measured:
    """Growth between two stated totals, per cent."""
    start, end = _reported(sources.reported, first), _reported(sources.reported, last)
    by = " and ".join(dict.fromkeys((start["stated_by"], end["stated_by"])))
    detail = f"from {start['value']:g} to {end['value']:g}"
    return Measured(
        100 * (end["value"] / start["value"] - 1), 2, f"totals stated by {by}", "reported_totals", detail=detail
    )


@measure
def none(sources: Sources, needs: str) -> Measured:
    """A statement that the tables cannot test: ``needs`` names the data that would."""
    return Measured(NAN, 0, "none", "none", untestable=f"needs {needs}, which the tables do not hold")


def _growth(total: Total, first: int, last: int) -> Measured:
    """Growth of a sum of flows, ``100·(I₁/I₀ − 1)``; InputError outside the sample or where the first year is zero."""
    for year in (first, last):
        if year not in total.values.index:
            span = f"{total.values.index.min()} to {total.values.index.max()}"
            raise InputError("the flows do not reach this year", found=year, allowed=span)
    if total.values[first] == 0:
        raise InputError("growth from zero is not defined", where="first year", found=first)
    gaps = [cell for cell in total.missing if int(cell.split()[-1]) in (first, last)]
    return Measured(
        estimate=float(100 * (total.values[last] / total.values[first] - 1)),
        n=total.flows,
        method="growth of summed exports and imports",
        source="bilateral",
        untestable=f"no figure for {', '.join(gaps)}" if gaps else "",
    )


def _coverage(part: Total, whole: Total, year: int) -> float:
    """Share of ``part`` in ``whole`` in the complete year nearest to ``year`` (the earlier one of two)."""
    full = [y for y in whole.values.index if whole.values[y] > 0]
    nearest = min(full, key=lambda y: (abs(y - year), y), default=None)
    return NAN if nearest is None else float(part.values[nearest] / whole.values[nearest])


def _over(values: pd.Series, method: str, source: str) -> Measured:
    """Mean and range of several values, each of which an inequality must hold for."""
    gaps = [str(name) for name in values.index[values.isna()]]
    return Measured(
        estimate=float(values.mean(skipna=False)),
        low=float(values.min(skipna=False)),
        high=float(values.max(skipna=False)),
        n=len(values),
        method=method,
        source=source,
        each=tuple(values),
        detail=", ".join(f"{name} {value:.2f}" for name, value in values.items()),
        untestable=f"no figure for {', '.join(gaps)}" if gaps else "",
    )


def _by_year(table: pd.DataFrame, column: str, economy: str, years: range | tuple[int, ...]) -> pd.Series:
    """One column of one economy in the years asked for; InputError where a year has no figure."""
    own = table.loc[table["economy"] == economy].set_index("year")[column].dropna()
    for year in years:
        if year not in own.index:
            raise InputError(f"no {column} of {economy}", found=year, allowed=[str(y) for y in own.index])
    return own[list(years)]


def _reported(table: pd.DataFrame, id: str) -> pd.Series:
    """One row of the stated figures."""
    rows = table[table["id"] == id]
    if rows.empty:
        raise InputError("no such stated figure", where="id", found=id, allowed=list(table["id"]))
    return rows.iloc[0]
