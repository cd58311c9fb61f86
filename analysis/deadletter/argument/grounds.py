"""What the test of a claim may read, and the rule that no sentence confirms itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset

Sentence = tuple[str, int]


@dataclass(frozen=True)
class Grounds:
    """Tables of the dataset and of results under one coding, as seen by the test of one claim.

    ``own`` holds the ids of the units that are coded from the sentence of the claim under test (itself among them):
    they decide nothing about it.
    """

    dataset: Dataset
    coding: Coding
    indices: pd.DataFrame
    placement: pd.DataFrame
    trade: pd.DataFrame
    claim: str = ""
    own: frozenset[str] = frozenset()

    def seen_by(self, claim: str) -> Grounds:
        """The same for the test of ``claim``: without the rows of its own sentence."""
        shared = self.dataset.once("sentences", lambda: sentences_of(self.dataset["places"]))
        return replace(self, claim=claim, own=shared.get(claim, frozenset({claim})))

    @property
    def sentences(self) -> Mapping[str, Sentence]:
        """The sentence of each coded unit, as section and number."""
        return self.dataset.once("sentence of", lambda: sentence_of(self.dataset["places"]))


def sentence_of(places: pd.DataFrame) -> dict[str, Sentence]:
    """Section and number of the sentence of each unit of a table of places (``unit``, ``section``, ``sentence``)."""
    return dict(zip(places["unit"], zip(places["section"], places["sentence"], strict=True), strict=True))


def sentences_of(places: pd.DataFrame) -> dict[str, frozenset[str]]:
    """For each unit of a table of places the units of its sentence."""
    groups = places.groupby(["section", "sentence"])["unit"].agg(frozenset)
    return {unit: group for group in groups for unit in group}
