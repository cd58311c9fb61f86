"""The whole argument under one coding: what the notebook on the argument opens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from deadletter.chapter.opened import argument_of, multiverse_shares, opened, overrides_in_words, read_table
from deadletter.coding import Coding
from deadletter.dataset.load import Dataset
from deadletter.labels import day_in_words
from deadletter.results import indices_table, placebo, placement_table


@dataclass(frozen=True)
class ArgumentView:
    """The article's whole argument under one coding.

    ``claims``: the table of claims. ``nodes`` and ``edges``: the graph, one row a claim with ``lineage`` (that of its
    regime, empty for none), one a support with ``necessary``.
    """

    dataset: Dataset
    coding: Coding
    claims: pd.DataFrame
    nodes: pd.DataFrame
    edges: pd.DataFrame
    indices: pd.DataFrame
    placement: pd.DataFrame
    results: Path | None = None

    @property
    def title(self) -> str:
        """The coding's title and horizon, as Markdown."""
        title = f"Under the coding *{self.coding.title}*, known up to {day_in_words(self.coding.as_of)}."
        return title + overrides_in_words(self.coding)

    def placebo(self) -> pd.DataFrame:
        """How the tests of the account fare on shuffled ratings; without tables of results, computed in a minute."""
        if self.results:
            return pd.read_csv(self.results / "placebo.csv", keep_default_na=False, na_values=[""])
        return placebo(self.dataset, self.coding, self.indices, self.placement)

    @property
    def shares(self) -> pd.DataFrame | None:
        """Shares of the multiverse's universes; None where it was not evaluated."""
        return multiverse_shares(self.results)

    @property
    def lineages(self) -> list[str]:
        """The lineages of the focal regimes, and the empty one of claims about none of them."""
        regimes = self.dataset["regimes"].set_index("id")
        return [*dict.fromkeys(regimes.loc[list(self.dataset.focal), "lineage"]), ""]


def open_argument(coding: str, settings: Iterable[str] = ()) -> ArgumentView:
    """Open the argument under a coding of params/, some settings of which may be changed (`key=value`).

    Raises InputError: unknown coding or key, data that fail their checks, or claims that cannot be decided.
    """
    dataset, chosen, results = opened("", coding, settings)
    if results:
        indices, placement = read_table(results / "indices.csv"), read_table(results / "placement.csv")
    else:
        indices = indices_table(dataset, chosen)
        placement = placement_table(dataset, chosen, indices)
    claims, graph = argument_of(dataset, chosen, results)
    lineage = dataset["regimes"].set_index("id")["lineage"]
    nodes = pd.DataFrame(graph["nodes"])
    nodes = nodes.assign(lineage=nodes["regime"].map(lineage).fillna(""))
    edges = pd.DataFrame(graph["edges"], columns=["from", "to", "necessary"])
    return ArgumentView(dataset, chosen, claims, nodes, edges, indices, placement, results)
