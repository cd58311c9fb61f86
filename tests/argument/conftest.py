"""The ledger of the shipped claims, decided once."""

from __future__ import annotations

import pandas as pd
import pytest

from deadletter.argument.grounds import Grounds
from deadletter.argument.ledger import Ledger, decide
from deadletter.argument.ledger_tables import claims_table
from deadletter.coding import Coding
from deadletter.dataset.load import Dataset
from deadletter.results import indices_table, placement_table
from deadletter.trade.questions.answers import judged_statements


@pytest.fixture(scope="session")
def grounds(dataset: Dataset, baseline: Coding) -> Grounds:
    indices = indices_table(dataset, baseline)
    placement = placement_table(dataset, baseline, indices)
    return Grounds(dataset, baseline, indices, placement, judged_statements(dataset, baseline))


@pytest.fixture(scope="session")
def ledger(grounds: Grounds) -> Ledger:
    return decide(grounds)


@pytest.fixture(scope="session")
def table(ledger: Ledger) -> pd.DataFrame:
    return claims_table(ledger)
