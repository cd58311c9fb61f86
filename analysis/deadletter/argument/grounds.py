"""What the test of a claim may read, and the rule that no sentence confirms itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd

from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset
from deadletter.errors import InputError
from deadletter.frames import records

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
    # the tables of results as rows, shared by the grounds of all claims
    _rows: dict[str, tuple[pd.DataFrame, list[dict[str, Any]]]] = field(default_factory=dict, compare=False, repr=False)

    def seen_by(self, claim: str) -> Grounds:
        """The same for the test of ``claim``: without the rows of its own sentence."""
        shared = self.dataset.once("sentences", lambda: sentences_of(self.dataset["places"]))
        return replace(self, claim=claim, own=shared.get(claim, frozenset({claim})))

    def rows(self, table: Literal["indices", "placement"]) -> list[dict[str, Any]]:
        """The rows of a table of results, made into dictionaries once for all claims."""
        frame: pd.DataFrame = getattr(self, table)
        if table not in self._rows or self._rows[table][0] is not frame:
            self._rows[table] = (frame, records(frame))
        return self._rows[table][1]

    @property
    def sentences(self) -> Mapping[str, Sentence]:
        """The sentence of each coded unit, as section and number."""

        def sentences() -> dict[str, Sentence]:
            places = self.dataset["places"]
            return dict(zip(places["unit"], zip(places["section"], places["sentence"], strict=True), strict=True))

        return self.dataset.once("sentence of", sentences)


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
