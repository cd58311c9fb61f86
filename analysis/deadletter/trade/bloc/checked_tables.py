"""The checked tables of trade and macro figures, as the measures of statements read them."""

from __future__ import annotations

from deadletter.dataset.load import Dataset
from deadletter.trade.bloc.flows import read_flows
from deadletter.trade.statements.measured import Sources


def sources_of(dataset: Dataset) -> Sources:
    """The tables that statements are measured against."""
    return Sources(
        flows=read_flows(dataset["bilateral"]),
        macro=dataset["annual"],
        vintages=dataset["growth_vintages"],
        brent=dataset["brent"],
        tariffs=dataset["tariffs"],
        reported=dataset["reported_totals"],
    )
