"""The ledger of a coding from the evidence alone, for whoever has no tables of results at hand."""

from __future__ import annotations

from analysis.argument.grounds import Grounds
from analysis.argument.ledger import Ledger, decide
from analysis.coding.model import Coding
from analysis.evidence.load import Evidence
from analysis.tables import indices_table, placement_table
from analysis.trade.results import judged_statements


def ledger_of(evidence: Evidence, coding: Coding) -> Ledger:
    """Compute the tables that tests read, and decide every claim.

    Raises
    ------
    InputError: a declaration that cannot be read or run, or circular support.
    """
    indices = indices_table(evidence, coding)
    placement = placement_table(evidence, coding, indices)
    return decide(Grounds(evidence, coding, indices, placement, judged_statements(evidence, coding)))
