"""What the test of a claim may read, and the rule that no sentence confirms itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset
from deadletter.errors import InputError

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
        places = self.dataset["places"]
        return self.dataset.once(
            "sentence of",
            lambda: dict(zip(places["unit"], zip(places["section"], places["sentence"], strict=True), strict=True)),
        )


def sentences_of(places: pd.DataFrame) -> dict[str, frozenset[str]]:
    """For each unit of a table of places the units of its sentence."""
    groups = places.groupby(["section", "sentence"])["unit"].agg(frozenset)
    return {unit: group for group in groups for unit in group}


def check_known(problem: str, found: str, known: Iterable[str]) -> None:
    """Refuse a name that is not among those known.

    Raises InputError: with the problem, what was found, and the names that would do.
    """
    allowed = list(dict.fromkeys(known))
    if found not in allowed:
        raise InputError(problem, found=found, allowed=allowed)
