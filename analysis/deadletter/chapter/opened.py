"""What every view opens: tables of results as they were written, or computed by hand; and the whole argument, which the
notebook on it opens."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
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


# what a claim is as a node; also where there is none
NODES = [
    "id", "level", "regime", "section", "claim", "basis", "evidence", "verdict", "own_verdict", "supports_verdict",
    "disagree", "reason", "category", "read", "cells", "notebook", "cell", ACCOUNT, RECORD, AFTER,
]  # fmt: skip


def nodes_of(graph: Mapping[str, Any]) -> pd.DataFrame:
    """The nodes of an argument, a row each."""
    return pd.DataFrame(graph["nodes"], columns=NODES)


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
class View:
    """The data under one coding with its tables: read from the folder ``results`` or, without one, computed when they
    are first asked for."""

    dataset: Dataset
    coding: Coding
    results: Path | None

    @property
    def called(self) -> str:
        """The noun for what the study coded: the article, the treaty."""
        return read_study(find_project().root).called

    @cached_property
    def all_indices(self) -> pd.DataFrame:
        """The table of indices of every focal regime."""
        return read_table(self.results / "indices.csv") if self.results else indices_table(self.dataset, self.coding)

    @cached_property
    def all_placements(self) -> pd.DataFrame:
        """The table of placements of every focal regime, under every measure of formalisation."""
        if self.results:
            return read_table(self.results / "placement.csv")
        return placement_table(self.dataset, self.coding, self.all_indices)

    @cached_property
    def shares(self) -> pd.DataFrame | None:
        """Shares of the multiverse's universes by regime, basis and label; None where it was not evaluated."""
        return multiverse_shares(self.results)

    @cached_property
    def argument(self) -> tuple[pd.DataFrame, dict[str, Any]]:
        """The table of all claims, and the argument's graph: nodes and edges."""
        if self.results:
            claims = pd.read_csv(self.results / "claims.csv", dtype=str, keep_default_na=False)
            return claims, json.loads((self.results / "argument.json").read_text(encoding="utf-8"))
        from deadletter.argument.ledger_tables import argument_graph, claims_table  # the tests load slowly

        *_, ledger = decided(self.dataset, self.coding)
        return claims_table(ledger), argument_graph(ledger)

    @property
    def coding_in_words(self) -> str:
        """The coding's title and horizon, then the cells that it decides otherwise with its reasons, as Markdown."""
        known = f"the coding *{self.coding.title}*, known up to {day_in_words(self.coding.as_of)}."
        cells = "\n".join(f"- {text}" for text in self.coding.overrides)
        return f"{known}\n\nThis coding decides otherwise:\n\n{cells}" if cells else known


@dataclass(frozen=True)
class ArgumentView(View):
    """The whole argument under one coding."""

    @property
    def title(self) -> str:
        """The coding's title and horizon, as Markdown."""
        return f"Under {self.coding_in_words}"

    @property
    def regimes_in_words(self) -> str:
        """The regimes that claims are about with their names, in one line; nothing where there are none."""
        names = self.dataset["regimes"].set_index("id")["name"]
        found = "; ".join(f"{regime}: {name}" for regime, name in names.items() if regime in set(self.claims["regime"]))
        return found and f"{found}."

    @property
    def indices(self) -> pd.DataFrame:
        return self.all_indices

    @property
    def placement(self) -> pd.DataFrame:
        return self.all_placements

    @property
    def claims(self) -> pd.DataFrame:
        """The table of claims, with the verdict of each source."""
        return self.argument[0]

    @cached_property
    def nodes(self) -> pd.DataFrame:
        """The claims as nodes of the graph, a row each, with ``lineage``: that of its regime, empty for none."""
        nodes, lineage = nodes_of(self.argument[1]), self.dataset["regimes"].set_index("id")["lineage"]
        return nodes.assign(lineage=nodes["regime"].map(lambda regime: lineage.get(regime, "")))

    @property
    def edges(self) -> pd.DataFrame:
        """The supports, a row each: columns from, to and necessary."""
        return pd.DataFrame(self.argument[1]["edges"], columns=["from", "to", "necessary"])

    def placebo(self) -> pd.DataFrame:
        """How the tests of the account fare on shuffled ratings; without tables of results, computed in a minute."""
        if self.results:
            return read_table(self.results / "placebo.csv")
        return placebo(self.dataset, self.coding, self.all_indices, self.all_placements)

    @property
    def lineages(self) -> list[str]:
        """The lineages of the focal regimes, and the empty one of claims about none of them."""
        regimes = self.dataset["regimes"].set_index("id")
        return [*dict.fromkeys(regimes.loc[list(self.dataset.focal), "lineage"]), ""]


def open_argument(coding: str, settings: Iterable[str] = ()) -> ArgumentView:
    """Open the argument under a coding of params/, some settings of which may be changed (`key=value`).

    Raises InputError: unknown coding or key, or data that fail their checks. Claims that cannot be decided raise it
    when they are first asked for.
    """
    return ArgumentView(*opened("", coding, settings))
