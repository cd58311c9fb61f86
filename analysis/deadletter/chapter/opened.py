"""What every view opens: tables of results as they were written, or computed by hand; and the whole argument, which the
notebook on it opens."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from deadletter.coding import Coding, apply_settings, load_coding
from deadletter.dataset.load import Dataset, load_dataset
from deadletter.errors import InputError
from deadletter.indices.recoded import recoded
from deadletter.labels import ACCOUNT, AFTER, RECORD, day_in_words
from deadletter.project import TABLES, find_project
from deadletter.results import indices_table, placebo, placement_table
from deadletter.study import read_study
from deadletter.tracing import note_opened

if TYPE_CHECKING:
    from deadletter.argument.ledger import Ledger

MULTIVERSE = Path("multiverse") / "shares.csv"


def opened(regime: str, coding: str, settings: Iterable[str]) -> tuple[Dataset, Coding, Path | None]:
    """The data under a coding of params/ with some settings changed, and the folder of its tables, if they are there.

    ``regime``: the focal one that is opened; empty for the whole argument.
    """
    project, tables, changed = find_project(), os.environ.get(TABLES), tuple(settings)
    dataset = load_dataset(project.data)
    if regime and regime not in dataset.focal:
        raise InputError("unknown regime", found=regime, allowed=dataset.focal)
    chosen = apply_settings(load_coding(project.params, coding), changed)
    note_opened(regime, coding, changed)
    return recoded(dataset, chosen), chosen, Path(tables) if tables else None


def called_here() -> str:
    """The noun for what the study coded: the article, the treaty."""
    return read_study(find_project().root).called


def overrides_in_words(coding: Coding) -> str:
    """The cells that a coding decides otherwise, with its reasons, as Markdown; empty for most codings."""
    if not coding.overrides:
        return ""
    return "\n\nThis coding decides otherwise:\n\n" + "\n".join(f"- {text}" for text in coding.overrides)


# what a claim is as a node; also where there is none
NODES = [
    "id", "level", "regime", "section", "claim", "basis", "evidence", "verdict", "own_verdict", "supports_verdict",
    "disagree", "reason", "category", "read", "cells", "notebook", "cell", ACCOUNT, RECORD, AFTER,
]  # fmt: skip


def nodes_of(graph: Mapping[str, Any]) -> pd.DataFrame:
    """The nodes of an argument, a row each."""
    return pd.DataFrame(graph["nodes"], columns=NODES)


def argument_of(dataset: Dataset, coding: Coding, results: Path | None) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The table of claims and the argument's graph: read, or computed by hand."""
    if results:
        claims = pd.read_csv(results / "claims.csv", dtype=str, keep_default_na=False)
        return claims, json.loads((results / "argument.json").read_text(encoding="utf-8"))
    from deadletter.argument.ledger_tables import argument_graph, claims_table  # the tests load slowly

    *_, ledger = decided(dataset, coding)
    return claims_table(ledger), argument_graph(ledger)


def decided(dataset: Dataset, coding: Coding) -> tuple[pd.DataFrame, pd.DataFrame, Ledger]:
    """The tables of indices and placements of a coding, and its ledger: every claim, decided on these tables.

    Raises InputError: a declaration that cannot be read or run, or circular support.
    """
    # loaded here: a notebook of a run depends on the tables that it reads, not on what computes them
    from deadletter.argument.grounds import Grounds
    from deadletter.argument.ledger import decide
    from deadletter.trade.questions.answers import judged_statements

    dataset = recoded(dataset, coding)
    indices = indices_table(dataset, coding)
    placement = placement_table(dataset, coding, indices)
    trade = judged_statements(dataset, coding)
    return indices, placement, decide(Grounds(dataset, coding, indices, placement, trade))


def multiverse_shares(results: Path | None) -> pd.DataFrame | None:
    """Shares of universes by regime, component, basis and label, where the multiverse was evaluated."""
    folder = results.parent if results else find_project().results
    try:
        return read_table(folder / MULTIVERSE)
    except FileNotFoundError:
        return None


def read_table(path: Path) -> pd.DataFrame:
    """A table of results; only empty cells are missing."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


@dataclass(frozen=True)
class ArgumentView:
    """The whole argument under one coding.

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

    @property
    def called(self) -> str:
        """The noun for what the study coded."""
        return called_here()

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
    nodes = nodes_of(graph)
    nodes = nodes.assign(lineage=nodes["regime"].map(lambda regime: lineage.get(regime, "")))
    edges = pd.DataFrame(graph["edges"], columns=["from", "to", "necessary"])
    return ArgumentView(dataset, chosen, claims, nodes, edges, indices, placement, results)
