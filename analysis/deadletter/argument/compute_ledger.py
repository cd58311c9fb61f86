"""The ledger of a coding from the evidence alone, for whoever has no tables of results at hand."""

from __future__ import annotations

from deadletter.argument.grounds import Grounds
from deadletter.argument.ledger import Ledger, decide
from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset
from deadletter.indices.recoded import recoded
from deadletter.results import indices_table, placement_table
from deadletter.trade.questions.answers import judged_statements


def ledger_of(dataset: Dataset, coding: Coding) -> Ledger:
    """Compute the tables that tests read, and decide every claim.

    Raises
    ------
    InputError: a declaration that cannot be read or run, or circular support.
    """
    dataset = recoded(dataset, coding)
    indices = indices_table(dataset, coding)
    placement = placement_table(dataset, coding, indices)
    return decide(Grounds(dataset, coding, indices, placement, judged_statements(dataset, coding)))
