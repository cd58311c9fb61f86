"""What every view opens: tables of results as they were written, or the argument computed by hand."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from deadletter.coding import Coding, apply_settings, load_coding
from deadletter.dataset.load import Dataset, load_dataset
from deadletter.errors import InputError
from deadletter.indices.recoded import recoded
from deadletter.project import TABLES, find_project
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


def overrides_in_words(coding: Coding) -> str:
    """The cells that a coding decides otherwise, with its reasons, as Markdown; empty for most codings."""
    if not coding.overrides:
        return ""
    return "\n\nThis coding decides otherwise:\n\n" + "\n".join(f"- {text}" for text in coding.overrides)


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
    from deadletter.results import indices_table, placement_table
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
