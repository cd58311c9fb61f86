"""Growth of a bloc's mutual exports, and how far it hangs on any one pair of members."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

from deadletter.errors import InputError
from deadletter.trade.bloc.flows import Flows, Total, mutual


@dataclass(frozen=True)
class Growth:
    """Growth between two years in per cent, as ``100·(I₁/I₀ − 1)``.

    percent: NaN if, and only if, ``missing`` names the cells without a figure.
    low, high: the range when each pair of members is left out in turn (not a confidence interval); NaN with two
    members.
    flows: directed flows summed; coverage: their share of all the members' mutual exports in the complete year nearest
    to the first (1.0 unless pairs are left out).
    """

    percent: float
    low: float
    high: float
    flows: int
    coverage: float
    missing: tuple[str, ...]


def mutual_growth(
    flows: Flows, members: Sequence[str], first: int, last: int, without: Collection[tuple[str, str]] = ()
) -> Growth:
    """Growth of the mutual exports of ``members`` between two years; ``without`` as in ``flows.mutual``."""
    flows.at(first, "first year"), flows.at(last, "last year")
    total = mutual(flows, members, without)
    gaps = tuple(cell for cell in total.missing if int(cell.split()[-1]) in (first, last))
    left_out = {frozenset(pair) for pair in without}
    rest = [pair for pair in combinations(members, 2) if frozenset(pair) not in left_out]
    ranged = (
        []
        if gaps or len(rest) < 2
        else [percent(mutual(flows, members, [*without, pair]), first, last) for pair in rest]
    )
    return Growth(
        percent=percent(total, first, last),
        low=min(ranged, default=float("nan")),
        high=max(ranged, default=float("nan")),
        flows=total.flows,
        coverage=_coverage(total, mutual(flows, members), first),
        missing=gaps,
    )


def percent(total: Total, first: int, last: int) -> float:
    """``100·(I₁/I₀ − 1)`` of a sum of flows; NaN where a figure is missing, InputError where the first year is zero."""
    if total.values[first] == 0:
        raise InputError("growth from zero is not defined", where="first year", found=first)
    return float(100 * (total.values[last] / total.values[first] - 1))


def _coverage(part: Total, whole: Total, year: int) -> float:
    """Share of ``part`` in ``whole`` in the complete year nearest to ``year`` (the earlier one of two)."""
    full = [y for y in whole.values.index if whole.values[y] > 0]
    if not full:
        return float("nan")
    nearest = min(full, key=lambda y: (abs(y - year), y))
    return float(part.values[nearest] / whole.values[nearest])
