"""What the test of a claim may read, and the rule that no sentence confirms itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd

from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset, derived
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
        return replace(self, claim=claim, own=sharing_a_sentence(self.dataset).get(claim, frozenset({claim})))

    def rows(self, table: Literal["indices", "placement"]) -> list[dict[str, Any]]:
        """The rows of a table of results, made into dictionaries once for all claims."""
        frame: pd.DataFrame = getattr(self, table)
        if table not in self._rows or self._rows[table][0] is not frame:
            self._rows[table] = (frame, records(frame))
        return self._rows[table][1]


@derived
def sentences(dataset: Dataset) -> dict[str, Sentence]:
    """The sentence of each coded unit, as section and number."""
    places = dataset["places"]
    return dict(zip(places["unit"], zip(places["section"], places["sentence"], strict=True), strict=True))


@derived
def stated_figures(dataset: Dataset) -> dict[str, float]:
    """The value of each figure that the text states, by id."""
    figures = dataset["figures"]
    return dict(zip(figures["id"], figures["value"].astype(float), strict=True))


@derived
def sharing_a_sentence(dataset: Dataset) -> dict[str, frozenset[str]]:
    """For each coded unit the units of its sentence, itself among them."""
    groups = dataset["places"].groupby(["section", "sentence"])["unit"].agg(frozenset)
    return {unit: group for group in groups for unit in group}


def check_known(problem: str, found: str, known: Iterable[str]) -> None:
    """Refuse a name that is not among those known.

    Raises InputError: with the problem, what was found, and the names that would do.
    """
    allowed = list(dict.fromkeys(known))
    if found not in allowed:
        raise InputError(problem, found=found, allowed=allowed)
