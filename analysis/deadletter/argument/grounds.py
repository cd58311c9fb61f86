"""What the test of a claim may read, and the rule that no sentence confirms itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset


@dataclass(frozen=True)
class Grounds:
    """Coded rows and tables of results under one coding, as seen by the test of one claim.

    ``own`` holds the ids of the units that are coded from the sentence of the claim under test (itself among them):
    they decide nothing about it.
    """

    dataset: Dataset
    coding: Coding
    indices: pd.DataFrame
    placement: pd.DataFrame
    trade: pd.DataFrame
    own: frozenset[str] = frozenset()

    def seen_by(self, claim: str) -> Grounds:
        """The same for the test of ``claim``: without the rows of its own sentence."""
        sentences = self.dataset.once("sentences", lambda: sentences_of(self.dataset["places"]))
        return replace(self, own=sentences.get(claim, frozenset({claim})))


def sentences_of(places: pd.DataFrame) -> dict[str, frozenset[str]]:
    """For each unit of a table of places (``unit``, ``section``, ``sentence``) the units of its sentence."""
    groups = places.groupby(["section", "sentence"])["unit"].agg(frozenset)
    return {unit: group for group in groups for unit in group}
