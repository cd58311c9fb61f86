"""Measures of integration: intensity and introversion.

Iapadre, L. (2006). Regional integration agreements and the geography of world trade: statistical indicators and
empirical evidence. In De Lombaerde (ed.), Assessment and Measurement of Regional Integration, ch. 4.

Where the data hold no trade inside some aggregate (a rest of the world, a union taken as one), world trade is too
small: intensity is then too low and introversion off in level. Read their direction, not their height.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from deadletter.errors import InputError
from deadletter.trade.bloc.flows import Flows, among_outsiders, mutual, outside
from deadletter.trade.bloc.shares import Convention, share

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
