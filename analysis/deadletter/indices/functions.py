"""Functions: sums of strategic (S) and communicative (K) strength, and the position of a regime between them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset
from deadletter.indices.intervals import IndexValue, from_statistic
from deadletter.indices.means import Floats
from deadletter.indices.selection import Scope, ranked, rated, rows_of_lineage, scale_points, select, without_states

HIGHEST_STRENGTH = 3.0


@dataclass(frozen=True)
class FunctionSums:
    """S and K in points of strength; position = K / (S + K) in [0, 1], missing where both are zero."""

    strategic: IndexValue
    communicative: IndexValue
    position: IndexValue


def function_rows(dataset: Dataset, coding: Coding, scope: Scope) -> pd.DataFrame:
    """Functions at work in a scope: ``kind``, ``strength`` (0–3), its ``strategic`` and ``communicative`` parts."""
    frame = select(dataset, "functions", scope, "from", "to")
    kind = rated(dataset, frame, "function_kind", coding)
    points = {value: HIGHEST_STRENGTH * share for value, share in scale_points(dataset, "strength").items()}
    strength = ranked(dataset, frame, "strength", coding, points)
    share = kind.map({"communicative": 1.0, "strategic": 0.0, "both": coding.functions.both}).astype(float)
    return frame.assign(kind=kind, strength=strength, communicative=strength * share, strategic=strength * (1 - share))


def functions(dataset: Dataset, coding: Coding, scope: Scope) -> FunctionSums:
    """S, K and position of a scope, with bootstrap intervals over functions."""
    rows = function_rows(dataset, coding, scope)
    k, s = (rows[name].fillna(0.0).to_numpy(dtype=float) for name in ("communicative", "strategic"))

    def total(strengths: Floats, w: Floats) -> Floats:
        return w @ strengths

    def position(strengths: Floats, w: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            return (w @ k) / (w @ k + w @ s)

    given = ((total, s), (total, k), (position, k))
    return FunctionSums(*(from_statistic(statistic, values, coding.intervals) for statistic, values in given))


def role_rows(dataset: Dataset, coding: Coding, focal: str) -> pd.DataFrame:
    """Roles that states play in a lineage or in bilateral relations outside it, with ``role`` and ``act``."""
    frame = without_states(rows_of_lineage(dataset, "roles", focal), coding)
    return frame.assign(role=rated(dataset, frame, "role", coding), act=rated(dataset, frame, "act", coding))
