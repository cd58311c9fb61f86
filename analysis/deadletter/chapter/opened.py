"""What every view opens: tables of results as they were written, or the argument computed by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from deadletter.coding import Coding
from deadletter.dataset.load import Dataset
from deadletter.project import find_project
from deadletter.results import decided

MULTIVERSE = Path("multiverse") / "shares.csv"


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
