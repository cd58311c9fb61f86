"""The share of a bloc's mutual trade in its total trade, and the exact reasons why it moves."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from deadletter.errors import InputError
from deadletter.trade.bloc.flows import Flows, among_outsiders, mutual, outside, turnover

Convention = Literal["twice", "once"]


def intra_share(flows: Flows, members: Sequence[str], convention: Convention) -> pd.Series:
    """Share (0–1) of mutual trade I in total trade by year; X is exports to plus imports from outsiders.

    convention: ``twice`` is ``2I/(2I+X)``: each mutual flow is one member's export and another's import, so the
    members' turnovers, added up, count it twice; ``once`` is ``I/(I+X)``. NaN in years in which a flow is missing.
    """
    return share(mutual(flows, members).values, outside(flows, members).values, convention)


def share(inside: pd.Series, outward: pd.Series, convention: Convention) -> pd.Series:
    """The share under a convention, from I and X (million USD)."""
    if convention not in get_args(Convention):
        raise InputError("no such convention", where="convention", found=convention, allowed=get_args(Convention))
    counted = inside * (2 if convention == "twice" else 1)
    return counted / (counted + outward)


@dataclass(frozen=True)
class ShareChange:
    """The identity ``Δlogit(share) = Δln I − Δln X`` between two years.

    Since ``share/(1−share)`` is ``c·I/X`` with c = 1 or 2, c cancels: the identity is exact and the same under both
    conventions. All in log points.
    """

    logit: float
    mutual: float
    outside: float


def share_change(flows: Flows, members: Sequence[str], first: int, last: int, convention: Convention) -> ShareChange:
    """Split the change of the share between two years; InputError where a flow of those years is missing or zero."""
    flows.at(first, "first year"), flows.at(last, "last year")
    inside, outward = mutual(flows, members), outside(flows, members)
    gaps = [cell for cell in (*inside.missing, *outward.missing) if int(cell.split()[-1]) in (first, last)]
    if gaps:
        raise InputError("the share cannot be split where flows are missing", where="flows", found=", ".join(gaps))
    years = [first, last]
    if not ((inside.values[years] > 0).all() and (outward.values[years] > 0).all()):
        raise InputError("the share cannot be split where trade is zero", where="flows", found=list(members))
    shares = share(inside.values, outward.values, convention)
    logit = np.log(shares / (1 - shares))
    moved = [float(np.log(series[last] / series[first])) for series in (inside.values, outward.values)]
    return ShareChange(float(logit[last] - logit[first]), *moved)


def partner_shares(flows: Flows, economy: str) -> pd.DataFrame:
    """Share (0–1) of each partner in an economy's exports plus imports: partners × years.

    A year in which any flow of the economy is missing is NaN throughout, since the total is unknown.
    """
    traded = turnover(flows, economy)
    total = traded.sum(axis=0, skipna=False)
    return traded / total.where(total > 0)


def partner_share(flows: Flows, economy: str, partners: Sequence[str]) -> pd.Series:
    """Joint share (0–1) of ``partners`` in an economy's exports plus imports, by year."""
    names = [flows.codes[place] for place in flows.places(partners, "partners")]
    if str(economy) in names:
        raise InputError("an economy cannot be its own partner", where="partners", found=economy)
    return partner_shares(flows, economy).loc[names].sum(axis=0, skipna=False)


SMALL_WORLD = "world trade lacks flows inside aggregates: read the direction, not the height"


@dataclass(frozen=True)
class Integration:
    """Measures by year (Series).

    share: S, intra-bloc share of the bloc's trade.
    intensity: ``S/(T_r/T_w)``; 1 where the bloc trades with itself in proportion to its weight.
    introversion: ``(HI−HE)/(HI+HE)`` in [−1, 1], with ``HI = S/V``, ``HE = (1−S)/(1−V)`` and ``V = T_or/T_o`` the
    bloc's share of outsiders' trade; 0 is geographic neutrality.
    missing: the cells without a figure; all three are NaN in their years, and in no others.
    """

    share: pd.Series
    intensity: pd.Series
    introversion: pd.Series
    missing: tuple[str, ...]
    warnings: tuple[str, ...]


def integration(
    flows: Flows, members: Sequence[str], convention: Convention, aggregates: Collection[str] = ()
) -> Integration:
    """Intra share, intensity and introversion under one convention of counting.

    ``twice`` adds up turnovers (each flow is someone's export and someone's import), ``once`` adds up flows; T_r, T_w
    and T_o follow the same convention as S.

    aggregates: codes of the data that cover several economies without the trade among them; they earn a warning.

    Raises InputError in a year without trade with outsiders or among them: V or S is then 0 or 1.
    """
    totals = [total(flows, members) for total in (mutual, outside, among_outsiders)]
    inside, outward, beyond = (total.values for total in totals)
    for name, series in (("with outsiders", outward), ("among outsiders", beyond)):
        if (series == 0).any():
            raise InputError(
                f"no trade {name}, so introversion is not defined", found=series.index.to_numpy()[series.argmin()]
            )
    s = share(inside, outward, convention)
    weight = 2 if convention == "twice" else 1
    bloc = weight * inside + outward
    outsiders = outward + weight * beyond
    world = weight * (inside + outward + beyond)
    v = outward / outsiders
    own, other = s / v, (1 - s) / (1 - v)
    return Integration(
        share=s,
        intensity=s / (bloc / world),
        introversion=(own - other) / (own + other),
        missing=tuple(cell for total in totals for cell in total.missing),
        warnings=(SMALL_WORLD,) if set(aggregates) & set(flows.codes) else (),
    )
