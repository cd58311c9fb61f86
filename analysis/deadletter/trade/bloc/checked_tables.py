"""The checked tables of trade and macro figures, as the measures of statements read them."""

from __future__ import annotations

from deadletter.dataset.load import Dataset
from deadletter.trade.bloc.treated import flows_of
from deadletter.trade.statements.measured import Sources


def sources_of(dataset: Dataset) -> Sources:
    """The tables that statements are measured against."""
    return Sources(
        flows=flows_of(dataset),
        macro=dataset["annual"],
        vintages=dataset["growth_vintages"],
        brent=dataset["brent"],
        tariffs=dataset["tariffs"],
        reported=dataset["reported_totals"],
    )
