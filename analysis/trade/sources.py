"""The checked tables of trade and macro figures, as the measures of statements read them."""

from __future__ import annotations

from analysis.evidence.load import Evidence
from analysis.trade.flows import read_flows
from analysis.trade.statement_measures import Sources


def sources_of(evidence: Evidence) -> Sources:
    """The tables that statements are measured against."""
    return Sources(
        flows=read_flows(evidence["bilateral"]),
        macro=evidence["annual"],
        vintages=evidence["growth_vintages"],
        brent=evidence["brent"],
        tariffs=evidence["tariffs"],
        reported=evidence["reported_totals"],
    )
